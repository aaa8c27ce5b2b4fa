package snapshot

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// names gives every item the name by which people and other formats know it. Of
// several that would have the same, each has its ID in brackets behind it: names
// are unique in a kind, and together among all that have network interfaces.
func (r *reader) names() {
	type claim struct{ name, group string }
	count := map[claim]int{}
	of := map[string]claim{}
	for _, k := range append(slices.Clone(kinds), instances) {
		group := k.key
		if k.owner {
			group = ""
		}
		for _, it := range r.named(k) {
			id := k.identity(it)
			c := claim{nameIn(k, it), group}
			of[k.key+" "+id] = c
			count[c]++
		}
	}
	for id, c := range of {
		_, own, _ := strings.Cut(id, " ")
		r.called[id] = c.name
		if count[c] > 1 && c.name != own {
			r.called[id] = c.name + " (" + own + ")"
		}
	}
}

// named are the items of a kind that have names: of reservations the instances.
func (r *reader) named(k kind) []item {
	switch {
	case k.key == instances.key:
		var out []item
		for _, res := range r.list("Reservations") {
			out = append(out, res.items("Instances")...)
		}
		return out
	case k.key == "Reservations", k.of != "", k.single, k.id == "":
		return nil
	}
	return r.list(k.key)
}

// instances are listed within reservations.
var instances = kind{key: "Instances", id: "InstanceId", typ: "AWS::EC2::Instance", owner: true}

// nameIn is what an item calls itself: its own name, the tag Name, what
// CloudFormation called it, else its ID.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
func nameIn(k kind, it item) string {
	if v, ok := it.get(k.name); ok && k.name != "" && !k.tagged && v.IsScalar() {
		return v.Text
	}
	tags := it.tags()
	for _, tag := range []string{"Name", "aws:cloudformation:logical-id"} {
		if v := tags[tag]; v != "" {
			return v
		}
	}
	if v, ok := it.get(k.name); ok && k.name != "" && v.IsScalar() && v.Text != "default" {
		return v.Text
	}
	return k.identity(it)
}

// tags are an item's tags, in either of the shapes in which AWS lists them.
func (i item) tags() map[string]string {
	out := map[string]string{}
	for _, key := range []string{"Tags", "TagSet", "tags"} {
		v, _ := i.get(key)
		for _, t := range v.Items {
			k, _ := t.Get("Key")
			val, _ := t.Get("Value")
			out[k.Text] = val.Text
		}
		for _, e := range v.Entries {
			out[e.Key] = e.Value.Text
		}
	}
	return out
}

// meta names an item of a kind and says where it stands.
func (r *reader) meta(key string, it item) cloud.Meta {
	k := kindOf[key]
	if key == instances.key {
		k = instances
	}
	id := k.identity(it)
	m := cloud.Meta{Name: id, Type: k.typ, At: it.at()}
	if name, ok := r.called[key+" "+id]; ok {
		m.Name = name
	}
	return m
}
