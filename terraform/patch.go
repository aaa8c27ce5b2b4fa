package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/cloud"
	"bailey/source"
)

// A change is what one resource adds to another.
type change struct {
	by       *instance
	typ      string // of the target
	target   field
	property string
	to       func(source.Node) source.Node
	of       *instance // the target itself, where that is known
	part     string    // of the target; "": the whole
}

// patch has a property of the resource that target names changed, once all are
// written.
func (t *translator) patch(by *instance, typ string, target field, property string, to func(source.Node) source.Node) {
	t.changes = append(t.changes, change{by: by, typ: typ, target: target, property: property, to: to})
}

// appending is a resource that adds what an argument names to a list of
// another's.
//
// target is the other's type and the argument that names it.
func appending(target, property, argument string) func(*translator, *instance) {
	typ, named, _ := strings.Cut(target, ".")
	return func(t *translator, i *instance) {
		f, ok := i.body.get(named)
		v, ok2 := i.body.get(argument)
		if !ok || !ok2 {
			return
		}
		item := t.node(v.value, v.at)
		t.patch(i, typ, f, property, func(n source.Node) source.Node {
			if n.Kind == source.Unknown {
				return n
			}
			n.Kind, n.At = source.List, f.at
			n.Items = append(slices.Clip(n.Items), slices.Collect(item.Each())...)
			return n
		})
	}
}

// replacing is a resource that states an argument of another.
func replacing(target, property, argument string) func(*translator, *instance) {
	typ, named, _ := strings.Cut(target, ".")
	return func(t *translator, i *instance) {
		f, ok := i.body.get(named)
		v, ok2 := i.body.get(argument)
		if !ok || !ok2 {
			return
		}
		n := t.node(v.value, v.at)
		if property == "PolicyDocument" {
			n = t.fromJSON(v, n)
		}
		t.patch(i, typ, f, property, func(source.Node) source.Node { return n })
	}
}

// patches makes the changes. One whose target is not here is said.
func (t *translator) patches() {
	for _, c := range t.changes {
		at, written := t.written(c)
		if !written {
			t.warn("TF_TARGET_UNKNOWN", c.by.at, "declare it in the configuration", "%s changes something that nothing here describes: it has no effect on the answers", c.by.addr)
			t.absent = append(t.absent, cloud.Meta{Name: c.by.addr, Type: c.by.b.typ, At: c.by.at})
			continue
		}
		properties := &t.entries[at].Value.Entries[1].Value
		k := slices.IndexFunc(properties.Entries, func(e source.Entry) bool { return e.Key == c.property })
		if k < 0 {
			k = len(properties.Entries)
			properties.Entries = append(properties.Entries, entry(c.property, source.Node{At: c.by.at}))
		}
		was := properties.Entries[k].Value
		if c.by.doubt != nil {
			properties.Entries[k].Value = c.by.doubt.node()
			continue
		}
		properties.Entries[k].Value = c.to(was)
	}
}

// written gives the entry that a change is for.
func (t *translator) written(c change) (int, bool) {
	i, ok := c.of, c.of != nil
	if !ok {
		i, ok = t.target(c.typ, c.target.value)
	}
	if !ok {
		return 0, false
	}
	id := i.logical
	if c.part != "" {
		id += "p" + c.part
	}
	at, ok := t.at[id]
	return at, ok
}

// target finds the resource of a type that a value names.
func (t *translator) target(typ string, v cty.Value) (*instance, bool) {
	if i, ok := t.instanceOf(v); ok {
		return i, true
	}
	s, ok := scalarText(v)
	if !ok || s == "" {
		return nil, false
	}
	if t.byText == nil {
		t.byText = map[string]*instance{}
		for _, i := range t.instances {
			for _, name := range nameArguments {
				if has, ok := i.body.text(name); ok && !i.b.data {
					t.byText[i.b.typ+"/"+has] = i
				}
			}
		}
	}
	i, ok := t.byText[typ+"/"+s]
	return i, ok
}

// nameArguments are those by which resources are referred to.
var nameArguments = []string{"name", "bucket", "identifier", "cluster_identifier", "function_name", "stage_name", "user_pool_id"}
