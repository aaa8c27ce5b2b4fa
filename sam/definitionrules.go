package sam

import (
	"slices"

	"bailey/source"
)

// notMethods are the fields of a path item that are no methods.
var notMethods = []string{"summary", "description", "parameters"}

// pathItems holds the path items of a definition against OpenAPI: maps, or
// Fn::If of maps.
func (t *transformer) pathItems(id string, body source.Node) bool {
	before := t.mistakes()
	for _, e := range get(body, "paths").Entries {
		if choice, ok := e.Value.Get("Fn::If"); ok && choice.Kind != source.List {
			t.errorf(choice.At, id, "the Fn::If at the path %s is a list", e.Key)
			continue
		}
		for _, item := range alternatives(&e.Value) {
			if item.Kind != source.Map {
				t.errorf(e.KeyAt, id, "the path %s of the definition is a map", e.Key)
			}
		}
	}
	return t.mistakes() == before
}

// methodItems holds the methods of every path against OpenAPI: maps.
func (t *transformer) methodItems(id string, body *source.Node) bool {
	before := t.mistakes()
	for _, path := range paths(body) {
		for _, item := range items(body, path) {
			for i := range item.Entries {
				if !slices.Contains(notMethods, item.Entries[i].Key) {
					t.methodItem(id, path, &item.Entries[i])
				}
			}
		}
	}
	return t.mistakes() == before
}

func (t *transformer) methodItem(id, path string, e *source.Entry) {
	for _, m := range alternatives(&e.Value) {
		if m.Kind != source.Map {
			t.errorf(e.KeyAt, id, "the method %s of the path %s is a map", e.Key, path)
		}
	}
}

// optionsItem holds what OpenAPI 3 has changed in against a method OPTIONS, and
// returns its response headers.
func (t *transformer) optionsItem(id, path string, options *source.Node) *source.Node {
	at := *options
	for _, key := range []string{"responses", "200", "headers"} {
		if at.Kind != source.Map {
			break
		}
		v, ok := at.Get(key)
		if !ok || v.Kind == source.Null {
			return nil
		}
		at = v
	}
	if at.Kind != source.Map {
		t.errorf(options.At, id, "the method options of the path %s, its responses and their headers are maps", path)
		return nil
	}
	return child(child(child(options, "responses"), "200"), "headers")
}
