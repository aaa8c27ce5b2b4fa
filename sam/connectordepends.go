package sam

import (
	"slices"

	"bailey/source"
)

// mappings are the event source mappings from a resource to a function.
func (t *transformer) mappings(from, to string) []string {
	var out []string
	for _, e := range get(t.doc, "Resources").Entries {
		if get(e.Value, "Type").Text != "AWS::Lambda::EventSourceMapping" {
			continue
		}
		target, _ := referred(get(e.Value, "Properties", "FunctionName"))
		origin, _ := referred(get(e.Value, "Properties", "EventSourceArn"))
		if target == to && origin == from {
			out = append(out, e.Key)
		}
	}
	return out
}

// dependOn has one resource of the outcome made after another.
func (t *transformer) dependOn(id, on string) {
	e := t.entry(id)
	if e == nil {
		return
	}
	depends := get(e.Value, "DependsOn")
	set(&e.Value, "DependsOn", insertUnique(depends, place(e.KeyAt).str(on)))
}

// insertUnique is a list of what old has and of what it does not have yet.
func insertUnique(old source.Node, more ...source.Node) source.Node {
	out := source.Node{Kind: source.List, At: old.At}
	if old.Kind == source.Null {
		out.At = more[0].At
	} else {
		out.Items = slices.Collect(old.Each())
	}
	for _, n := range more {
		if !contains(out.Items, n) {
			out.Items = append(out.Items, n)
		}
	}
	return out
}

// replaceDepends puts what a connector has become in its place in every
// DependsOn.
func (t *transformer) replaceDepends(id string, made source.Node) {
	resources := child(&t.doc, "Resources")
	for i := range resources.Entries {
		depends := child(&resources.Entries[i].Value, "DependsOn")
		if depends == nil || !slices.ContainsFunc(slices.Collect(depends.Each()), func(n source.Node) bool { return isText(n, id) }) {
			continue
		}
		rest := slices.DeleteFunc(slices.Collect(depends.Each()), func(n source.Node) bool { return isText(n, id) })
		*depends = insertUnique(place(depends.At).list(rest...), made.Items...)
	}
}

// embeddedConnectors makes connectors of the Connectors attributes of resources.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/managing-permissions-connectors.html
func (t *transformer) embeddedConnectors() {
	for _, e := range slices.Clone(get(t.doc, "Resources").Entries) {
		all, ok := e.Value.Get("Connectors")
		if !ok {
			continue
		}
		del(&t.entry(e.Key).Value, "Connectors")
		if all.Kind != source.Map {
			t.errorf(all.At, e.Key, "Connectors is a map")
			continue
		}
		for _, c := range all.Entries {
			t.embeddedConnector(e.Key, c)
		}
	}
}

func (t *transformer) embeddedConnector(from string, c source.Entry) {
	id, p := from+c.Key, place(c.KeyAt)
	props := get(c.Value, "Properties")
	reference := get(props, "SourceReference")
	switch {
	case c.Value.Kind != source.Map || props.Kind != source.Map:
		t.errorf(c.KeyAt, id, "a connector is a map that has Properties")
		return
	case has(props, "SourceReference") && reference.Kind != source.Map:
		t.errorf(reference.At, id, "SourceReference is a map")
		return
	case has(reference, "Id"):
		t.errorf(reference.At, id, "the SourceReference of %s cannot have an Id: the source is %s", c.Key, from)
		return
	case t.entry(id) != nil:
		t.diags.Errorf("SAM_DUPLICATE_ID", c.KeyAt, "%s: the template has a resource %s", from, id)
		return
	}
	origin := p.obj(kv{"Id", p.str(from)})
	for _, e := range reference.Entries {
		set(&origin, e.Key, e.Value)
	}
	n := clone(c.Value)
	set(&n, "Type", p.str(connectorKind))
	own := child(&n, "Properties")
	del(own, "SourceReference")
	set(own, "Source", origin)
	t.put(id, c.KeyAt, n)
}
