package cfn_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// plain writes a value of the model on one line, without places and without
// what is zero: a Value as what it holds or what is missing, a Node as JSON.
func plain(v any) string { return plainly(reflect.ValueOf(v)) }

func plainly(v reflect.Value) string {
	if v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() == reflect.Struct && v.NumField() == 1 && v.Field(0).Type() == reflect.TypeFor[cloud.Gap]() {
		v = v.Field(0) // a sum's case for what is open
	}
	switch x := v.Interface().(type) {
	case source.Node:
		return shortNode(x)
	case cloud.Gap:
		return "?" + x.Because
	case fmt.Stringer:
		return x.String()
	}
	if get := v.MethodByName("Gap"); get.IsValid() {
		if out := get.Call(nil); out[1].Bool() {
			return plainly(out[0])
		}
		return plainly(v.MethodByName("Get").Call(nil)[0])
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return plainly(v.Elem())
	case reflect.Struct:
		return plainStruct(v)
	case reflect.Slice:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, plainly(v.Index(i)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		var parts []string
		for _, k := range slices.SortedFunc(maps.Keys(mapOf(v)), strings.Compare) {
			parts = append(parts, k+": "+mapOf(v)[k])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v.Interface())
}

func mapOf(v reflect.Value) map[string]string {
	out := map[string]string{}
	for _, k := range v.MapKeys() {
		out[fmt.Sprint(k.Interface())] = plainly(v.MapIndex(k))
	}
	return out
}

func plainStruct(v reflect.Value) string {
	var parts []string
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || f.Type == reflect.TypeFor[source.Span]() || f.Type == reflect.TypeFor[cloud.Meta]() || v.Field(i).IsZero() {
			continue
		}
		if text := plainly(v.Field(i)); text != "" && text != "[]" {
			parts = append(parts, f.Name+"="+text)
		}
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func shortNode(n source.Node) string {
	switch n.Kind {
	case source.Null:
		return ""
	case source.Unknown:
		return "?" + n.Text
	}
	return fmt.Sprint(n.Plain())
}

// describeServices writes what stands around the network.
func describeServices(b *strings.Builder, s cloud.Spec) {
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && i >= fieldIndex("APIs") && i < fieldIndex("Catalogue") {
			for j := range f.Len() {
				m := f.Index(j).FieldByName("Meta").Interface().(cloud.Meta)
				fmt.Fprintf(b, "%s %s: %s\n", strings.TrimPrefix(m.Type, "AWS::"), m.Name, plain(f.Index(j).Interface()))
			}
		}
	}
}

func fieldIndex(name string) int {
	f, _ := reflect.TypeFor[cloud.Spec]().FieldByName(name)
	return f.Index[0]
}
