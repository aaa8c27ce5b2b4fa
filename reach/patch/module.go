package patch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// moduleOf gives the module that an address is in, as it begins there, and
// whether it is one of a resource of the configuration at all.
// https://developer.hashicorp.com/terraform/cli/state/resource-addressing
func moduleOf(address string) (string, bool) {
	if !strings.Contains(address, ".") || strings.Contains(address, " ") {
		return "", false
	}
	end := 0
	for strings.HasPrefix(address[end:], "module.") {
		next := stepsPast(address[end:])
		if next < 0 {
			return "", false
		}
		end += next
	}
	return address[:end], true
}

// stepsPast is the length of module.NAME or module.NAME[KEY] with the dot after
// it, negative where there is none. A key may have dots in it.
func stepsPast(address string) int {
	quoted, dots := false, 0
	for i := range len(address) {
		switch c := address[i]; {
		case c == '"' && address[i-1] != '\\':
			quoted = !quoted
		case c == '.' && !quoted:
			if dots++; dots == 2 {
				return i + 1
			}
		}
	}
	return -1
}

// module is the one module whose resources a patch speaks of, empty where that
// is the root or there are several: a module's resources have their names within
// it only.
func (p Patch) module() string {
	all := p.modules()
	if len(all) == 1 {
		return all[0]
	}
	return ""
}

// modules are those whose resources new ones refer to, the root as "".
func (p Patch) modules() []string {
	added, out := map[string]bool{}, map[string]bool{}
	for _, e := range p {
		if a, ok := e.(Add); ok {
			added[a.Name] = true
		}
	}
	for _, e := range p {
		a, ok := e.(Add)
		if !ok {
			continue
		}
		for _, r := range append(referred(a.Properties), a.After...) {
			if made, is := madeWith(r); is {
				r = made.Resource
			}
			if m, is := moduleOf(r.Name); is && !added[r.Name] {
				out[m] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// referred are the resources that a value refers to.
func referred(v Value) []Resource {
	var out []Resource
	switch v := v.(type) {
	case Ref:
		return []Resource{v.Resource}
	case Attr:
		return []Resource{v.Resource}
	case Sub:
		return v.In
	case List:
		for _, item := range v {
			out = append(out, referred(item)...)
		}
	case Map:
		for _, p := range v {
			out = append(out, referred(p.Value)...)
		}
	}
	return out
}

// heading says into which module a patch goes, or which modules have to give
// out what they keep to themselves.
// https://developer.hashicorp.com/terraform/language/values/outputs
func (w tfWriter) heading(p Patch) string {
	if w.module != "" {
		return fmt.Sprintf("# within %s:\n", strings.TrimSuffix(w.module, "."))
	}
	var b strings.Builder
	for _, m := range p.modules() {
		if m != "" {
			fmt.Fprintf(&b, "# what begins with %s lies within that module: refer to it by an output\n", strings.TrimSuffix(m, "."))
		}
	}
	return b.String()
}

// madeWith gives what the provider calls the resources that AWS makes with a
// VPC: attributes of it.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc
func madeWith(r Resource) (Attr, bool) {
	for suffix, attribute := range map[string]string{" main route table": "main_route_table_id", " default security group": "default_security_group_id", " default network ACL": "default_network_acl_id"} {
		vpc, ok := strings.CutSuffix(r.Name, suffix)
		if _, address := moduleOf(vpc); ok && address {
			return Attr{Resource: Resource{Name: vpc, Type: "AWS::EC2::VPC"}, Name: attribute}, true
		}
	}
	return Attr{}, false
}
