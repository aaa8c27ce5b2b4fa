package terraform

import (
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"bailey/cloud"
)

// made gives the attributes that the provider random makes up, which names are
// made of: they are made up here too, the same for the same address. A password
// stays unknown.
// https://registry.terraform.io/providers/hashicorp/random/latest/docs
func (i *instance) made() map[string]cty.Value {
	length := 8
	if text, ok := i.body.text("length"); ok && i.b.typ == "random_string" {
		if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 256 {
			length = n
		}
	}
	text := cty.StringVal(cloud.MadeID("0123456789abcdef", length, "random", i.addr))
	switch i.b.typ {
	case "random_id":
		return map[string]cty.Value{"id": text, "hex": text, "b64_url": text}
	case "random_pet":
		return map[string]cty.Value{"id": text}
	case "random_string":
		return map[string]cty.Value{"id": text, "result": text}
	case "random_integer":
		if f, ok := i.body.get("min"); ok {
			return map[string]cty.Value{"result": f.value, "id": f.value}
		}
	}
	return nil
}
