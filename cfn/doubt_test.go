package cfn_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

// loadNode evaluates a template that has been read.
func loadNode(root source.Node) (cloud.Spec, source.Diags) {
	return cfn.Load(cfn.Input{File: "template.yaml", Root: root,
		Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "app"}})
}

// word, mapping and having write nodes.
func word(text string) source.Node { return source.Node{Kind: source.String, Text: text} }

func mapping(key string, v source.Node) source.Node {
	return source.Node{Kind: source.Map, Entries: []source.Entry{{Key: key, Value: v}}}
}

// having is n with one entry replaced or added.
func having(n source.Node, key string, v source.Node) source.Node {
	n.Kind = source.Map
	n.Entries = slices.DeleteFunc(slices.Clone(n.Entries), func(e source.Entry) bool { return e.Key == key })
	n.Entries = append(n.Entries, source.Entry{Key: key, Value: v})
	return n
}

// inDoubt is a template in which it is open whether one resource is there.
func inDoubt(root source.Node, logical string) source.Node {
	section := func(name, key string, v source.Node) {
		old, _ := root.Get(name)
		root = having(root, name, having(old, key, v))
	}
	section("Parameters", "Doubt", mapping("Type", word("String")))
	section("Conditions", "Doubtful", mapping("Fn::Equals", source.Node{Kind: source.List, Items: []source.Node{mapping("Ref", word("Doubt")), word("on")}}))
	r, _ := root.Path("Resources", logical)
	section("Resources", logical, having(r, "Condition", word("Doubtful")))
	return root
}

// mentions reports whether a Gap or an open Node in v says the words.
func mentions(v reflect.Value, words string) bool {
	switch v.Kind() {
	case reflect.String:
		return false
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && mentions(v.Elem(), words)
	case reflect.Slice:
		for i := range v.Len() {
			if mentions(v.Index(i), words) {
				return true
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			if mentions(v.MapIndex(k), words) {
				return true
			}
		}
	case reflect.Struct:
		switch v.Type() {
		case reflect.TypeFor[cloud.Gap]():
			return strings.Contains(v.FieldByName("Because").String(), words)
		case reflect.TypeFor[source.Node]():
			if v.FieldByName("Kind").Uint() == uint64(source.Unknown) && strings.Contains(v.FieldByName("Text").String(), words) {
				return true
			}
		}
		for i := range v.NumField() {
			if mentions(v.Field(i), words) {
				return true
			}
		}
	}
	return false
}

// TestEveryTypeMayBeInDoubt opens the condition of one resource of the corpus
// at a time.
func TestEveryTypeMayBeInDoubt(t *testing.T) {
	bad := map[string]string{}
	for _, w := range corpus(t) {
		root, diags := document.Read("template.yaml", []byte(w.template))
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		if _, diags := loadNode(root); diags.HasErrors() {
			continue
		}
		resources, _ := root.Get("Resources")
		for _, e := range resources.Entries {
			if _, conditional := e.Value.Get("Condition"); conditional {
				continue
			}
			typ, _ := e.Value.Get("Type")
			spec, diags := loadNode(inDoubt(root, e.Key))
			if diags.HasErrors() {
				bad[typ.Text] += fmt.Sprintf("ERR %s %s: %v;", w.file, e.Key, errorsOf(diags))
			} else if !mentions(reflect.ValueOf(spec), "whether "+e.Key+" exists is open") {
				bad[typ.Text] += fmt.Sprintf("SILENT %s %s;", w.file, e.Key)
			}
		}
	}
	for k, v := range bad {
		t.Errorf("%s: %s", k, v)
	}
}
