package conform

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// described tells the resources of a Spec without their names and places, one
// a line, in an order of its own: two Specs that differ in nothing else give
// the same lines.
//
// A resource is known by what it says. Where it names another one, that one's
// description stands, made of theirs in turn; after some rounds no two
// resources that differ in anything have the same.
func described(s cloud.Spec) []string {
	all := resources(s)
	for range 6 {
		next := make([]string, len(all))
		for i, r := range all {
			sum := sha256.Sum256([]byte(r.kind + r.says(all)))
			next[i] = fmt.Sprintf("<%s %x>", r.kind, sum[:4])
		}
		for i := range all {
			all[i].label = next[i]
		}
	}
	var out []string
	for _, r := range all {
		out = append(out, r.label+" "+r.says(all))
	}
	slices.Sort(out)
	return out
}

// A described resource.
type known struct {
	kind  string
	text  string   // as it is told, with the IDs of others in it
	ids   []string // its own
	label string   // what stands for its IDs
}

// says is the text with the labels of resources in place of their IDs.
func (r known) says(all []known) string {
	type pair struct{ id, label string }
	var pairs []pair
	for _, o := range all {
		for _, id := range o.ids {
			pairs = append(pairs, pair{id, o.label})
		}
	}
	for _, id := range r.ids {
		pairs = append(pairs, pair{id, "<itself>"})
	}
	// The longest first, since an ARN has a name in it; of equals its own.
	slices.Reverse(pairs)
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(len(b.id), len(a.id)) })
	var args []string
	for _, p := range pairs {
		args = append(args, p.id, p.label)
	}
	return strings.NewReplacer(args...).Replace(r.text)
}

// resources are the elements of every list of a Spec.
func resources(s cloud.Spec) []known {
	var out []known
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		list := v.Field(i)
		if list.Kind() != reflect.Slice {
			continue
		}
		for k := range list.Len() {
			e := list.Index(k)
			r := known{kind: e.Type().Name(), text: tell(e)}
			r.label = "<" + r.kind + ">"
			if e.Kind() == reflect.Struct {
				r.ids = identifiers(e)
			}
			out = append(out, r)
		}
	}
	return out
}

// identifiers are what a resource is known by: IDs, ARNs and physical names.
func identifiers(v reflect.Value) []string {
	var out []string
	for i := range v.NumField() {
		name, f := v.Type().Field(i).Name, v.Field(i)
		arn, isARN := f.Interface().(cloud.ARN)
		switch {
		case isARN && arn != (cloud.ARN{}):
			out = append(out, arn.String())
		case f.Kind() == reflect.String && f.Len() > 0 && (name == "ID" || strings.HasSuffix(name, "Name")):
			out = append(out, f.String())
		}
	}
	return out
}

// tell gives any part of a Spec as text, without places and the names that
// only people use.
func tell(v reflect.Value) string {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			return "none"
		}
		return v.Elem().Type().Name() + tell(v.Elem())
	}
	if get := v.MethodByName("Get"); get.IsValid() && get.Type().NumIn() == 0 && get.Type().NumOut() == 2 { // a cloud.Value
		if got := get.Call(nil); got[1].Bool() {
			return tell(got[0])
		}
		return "unknown"
	}
	switch x := v.Interface().(type) {
	case source.Span:
		return ""
	case cloud.Meta:
		return x.Type
	case source.Node:
		return policyText(x)
	case cloud.Policy:
		return policyText(x.Doc)
	case fmt.Stringer:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return "none"
		}
		return tell(v.Elem())
	case reflect.Slice:
		var out []string
		for i := range v.Len() {
			out = append(out, tell(v.Index(i)))
		}
		return "[" + strings.Join(out, ", ") + "]"
	case reflect.Struct:
		var out []string
		for i := range v.NumField() {
			if text := tell(v.Field(i)); text != "" {
				out = append(out, v.Type().Field(i).Name+": "+text)
			}
		}
		return "{" + strings.Join(out, ", ") + "}"
	}
	return fmt.Sprint(v.Interface())
}

// policyText gives a policy as JSON; a list of one says the same as its element.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func policyText(n source.Node) string {
	var alone func(any) any
	alone = func(v any) any {
		switch x := v.(type) {
		case []any:
			for i := range x {
				x[i] = alone(x[i])
			}
			if len(x) == 1 {
				return x[0]
			}
		case map[string]any:
			for k := range x {
				x[k] = alone(x[k])
			}
		}
		return v
	}
	data, err := json.Marshal(alone(n.Plain()))
	if err != nil {
		panic(err)
	}
	return string(data)
}
