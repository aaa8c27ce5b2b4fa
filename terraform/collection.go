package terraform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"bailey/source"
)

// identity gives back what it is given: there are no secrets to hide here.
var identity = function.New(&function.Spec{Params: []function.Parameter{*anything},
	Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0], nil }})

// dynamic is a function whose result has whatever type it has. Where an
// argument is not known, neither is the result.
func dynamic(n int, call func([]cty.Value) (cty.Value, error)) function.Function {
	p := function.Parameter{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true}
	spec := &function.Spec{Type: func(args []cty.Value) (cty.Type, error) {
		for _, a := range args {
			if !a.IsWhollyKnown() {
				return cty.DynamicPseudoType, nil
			}
		}
		v, err := call(args)
		if err != nil {
			return cty.NilType, err
		}
		return v.Type(), nil
	}, Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return call(args) }}
	for range n {
		spec.Params = append(spec.Params, p)
	}
	if n == 0 {
		spec.VarParam = &p
	}
	return function.New(spec)
}

// coalesce is Terraform's, which passes over empty text too.
// https://developer.hashicorp.com/terraform/language/functions/coalesce
var coalesce = function.New(&function.Spec{VarParam: anything,
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, a := range args {
			types[i] = a.Type()
		}
		typ, _ := convert.UnifyUnsafe(types)
		if typ == cty.NilType {
			return cty.NilType, errors.New("all arguments must have the same type")
		}
		return typ, nil
	},
	Impl: func(args []cty.Value, typ cty.Type) (cty.Value, error) {
		for _, a := range args {
			a, err := convert.Convert(a, typ)
			if err != nil {
				return cty.NilVal, err
			}
			bare, marks := a.Unmark()
			if !bare.IsKnown() {
				return cty.UnknownVal(typ).WithMarks(marks), nil
			}
			if bare.IsNull() || bare.Type() == cty.String && bare.AsString() == "" {
				continue
			}
			return a, nil
		}
		return cty.NilVal, errors.New("no non-null, non-empty-string arguments")
	}})

// lookup takes two arguments or three; cty's takes three.
var lookup = function.New(&function.Spec{
	Params:   []function.Parameter{{Name: "map", Type: cty.DynamicPseudoType, AllowMarked: true, AllowUnknown: true, AllowDynamicType: true}, {Name: "key", Type: cty.String}},
	VarParam: anything,
	Type:     func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		m, marks := args[0].Unmark()
		key := args[1].AsString()
		switch {
		case !m.IsKnown():
			return cty.DynamicVal.WithMarks(marks), nil
		case m.Type().IsObjectType() && m.Type().HasAttribute(key):
			return m.GetAttr(key).WithMarks(marks), nil
		case m.Type().IsMapType() && m.HasIndex(args[1]).True():
			return m.Index(args[1]).WithMarks(marks), nil
		case len(args) > 2 && m.Type().IsMapType():
			return convert.Convert(args[2], m.Type().ElementType())
		case len(args) > 2:
			return args[2], nil
		}
		return cty.NilVal, fmt.Errorf("lookup failed to find key %q", key)
	}})

// length counts elements, and the characters of a text that has no token.
func (e *evaluator) length() function.Function {
	return function.New(&function.Spec{Params: []function.Parameter{*anything}, Type: function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, marks := args[0].Unmark()
			unknown := cty.UnknownVal(cty.Number).WithMarks(marks)
			switch typ := v.Type(); {
			case v.IsKnown() && v.IsNull():
				return cty.NilVal, errors.New("argument must not be null")
			case typ.IsTupleType():
				return cty.NumberIntVal(int64(typ.Length())).WithMarks(marks), nil
			case !v.IsKnown():
				return unknown, nil
			case typ == cty.String && hasToken(v.AsString()):
				return cty.UnknownVal(cty.Number).Mark(e.later(tokenForm.FindString(v.AsString()), source.Span{})), nil
			case typ == cty.String:
				n, err := stdlib.Strlen(v)
				return n.WithMarks(marks), err
			case v.CanIterateElements():
				if n := v.Length(); n.IsKnown() {
					return n.WithMarks(marks), nil
				}
				return unknown, nil
			}
			return cty.NilVal, errors.New("argument must be a string, a collection type, or a structural type")
		}})
}

var one = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true}},
	Type: func(args []cty.Value) (cty.Type, error) {
		switch typ := args[0].Type(); {
		case typ.IsTupleType() && typ.Length() == 1:
			return typ.TupleElementType(0), nil
		case typ.IsListType() || typ.IsSetType():
			return typ.ElementType(), nil
		case typ.IsTupleType() && typ.Length() > 1:
			return cty.NilType, errors.New("must be a list, set, or tuple value with either zero or one elements")
		}
		return cty.DynamicPseudoType, nil
	},
	Impl: func(args []cty.Value, typ cty.Type) (cty.Value, error) {
		if !args[0].IsKnown() || !args[0].Length().IsKnown() {
			return cty.UnknownVal(typ), nil
		}
		switch args[0].LengthInt() {
		case 0:
			return cty.NullVal(typ), nil
		case 1:
			for _, item := range args[0].Elements() {
				return item, nil
			}
		}
		return cty.NilVal, errors.New("must be a list, set, or tuple value with either zero or one elements")
	}})

var index = dynamic(2, func(args []cty.Value) (cty.Value, error) {
	if args[0].IsNull() || !args[0].CanIterateElements() {
		return cty.NilVal, errors.New("argument must be a list or tuple")
	}
	for i, item := range args[0].Elements() {
		if eq := item.Equals(args[1]); eq.IsKnown() && eq.True() {
			return i, nil
		}
	}
	return cty.NilVal, errors.New("item not found")
})

var listOf = dynamic(0, func(args []cty.Value) (cty.Value, error) { return cty.TupleVal(args), nil })

var mapOf = dynamic(0, func(args []cty.Value) (cty.Value, error) {
	out := map[string]cty.Value{}
	for i := 0; i+1 < len(args); i += 2 {
		if !isText(args[i]) {
			return cty.NilVal, errors.New("keys must be strings")
		}
		out[args[i].AsString()] = args[i+1]
	}
	return cty.ObjectVal(out), nil
})

var matchkeys = dynamic(3, func(args []cty.Value) (cty.Value, error) {
	for _, a := range args {
		if a.IsNull() || !a.CanIterateElements() {
			return cty.NilVal, errors.New("all arguments must be lists")
		}
	}
	values, names, wanted := args[0].AsValueSlice(), args[1].AsValueSlice(), args[2].AsValueSlice()
	if len(values) != len(names) {
		return cty.NilVal, errors.New("length of keys and values should be equal")
	}
	var out []cty.Value
	for i, name := range names {
		for _, w := range wanted {
			if eq := name.Equals(w); eq.IsKnown() && eq.True() {
				out = append(out, values[i])
				break
			}
		}
	}
	return cty.TupleVal(out), nil
})

var transpose = dynamic(1, func(args []cty.Value) (cty.Value, error) {
	if args[0].IsNull() || !args[0].Type().IsMapType() && !args[0].Type().IsObjectType() {
		return cty.NilVal, errors.New("argument must be a map of lists of strings")
	}
	lists := map[string][]cty.Value{}
	for _, key := range sortedKeys(args[0]) {
		list := args[0]
		if list.Type().IsObjectType() {
			list = list.GetAttr(key)
		} else {
			list = list.Index(cty.StringVal(key))
		}
		if list.IsNull() || !list.CanIterateElements() {
			return cty.NilVal, errors.New("argument must be a map of lists of strings")
		}
		for _, item := range list.Elements() {
			if !isText(item) {
				return cty.NilVal, errors.New("argument must be a map of lists of strings")
			}
			lists[item.AsString()] = append(lists[item.AsString()], cty.StringVal(key))
		}
	}
	out := map[string]cty.Value{}
	for key, list := range lists {
		out[key] = cty.ListVal(list)
	}
	if len(out) == 0 {
		return cty.MapValEmpty(cty.List(cty.String)), nil
	}
	return cty.MapVal(out), nil
})

var sum = dynamic(1, func(args []cty.Value) (cty.Value, error) {
	if args[0].IsNull() || !args[0].CanIterateElements() || args[0].LengthInt() == 0 {
		return cty.NilVal, errors.New("cannot sum an empty list")
	}
	total := cty.Zero
	for _, item := range args[0].Elements() {
		n, err := convert.Convert(item, cty.Number)
		if err != nil || n.IsNull() {
			return cty.NilVal, errors.New("argument must be list, set, or tuple of number values")
		}
		total = total.Add(n)
	}
	return total, nil
})

var allTrue, anyTrue = truth(true), truth(false)

// truth is whether all elements are true, or one is.
func truth(all bool) function.Function {
	return dynamic(1, func(args []cty.Value) (cty.Value, error) {
		if args[0].IsNull() || !args[0].CanIterateElements() {
			return cty.NilVal, errors.New("argument must be a list of bool values")
		}
		for _, item := range args[0].Elements() {
			b, err := convert.Convert(item, cty.Bool)
			if err != nil {
				return cty.NilVal, err
			}
			if is := !b.IsNull() && b.True(); is != all {
				return cty.BoolVal(!all), nil
			}
		}
		return cty.BoolVal(all), nil
	})
}

// setproduct is cty's, within a bound.
var setproduct = bounding(stdlib.SetProductFunc, func(args []cty.Value) error {
	n := 1
	for _, a := range args {
		if bare, _ := a.Unmark(); bare.IsKnown() && !bare.IsNull() && bare.CanIterateElements() {
			n *= bare.LengthInt()
		}
		if n > maxValues/10 {
			return fmt.Errorf("the product has more than %d elements", maxValues/10)
		}
	}
	return nil
})

// bounding refuses arguments of which too much would be made.
func bounding(f function.Function, check func([]cty.Value) error) function.Function {
	spec := &function.Spec{VarParam: f.VarParam(), Params: f.Params()}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		if err := check(args); err != nil {
			return cty.NilType, err
		}
		return f.ReturnTypeForValues(args)
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f.Call(args) }
	return function.New(spec)
}

// split parts a text. What tokens stand for, IDs, ARNs and names of hosts, has
// no space, comma, semicolon or bar in it, so at those a text with tokens is
// parted as it will be.
func (e *evaluator) split() function.Function {
	inner := e.opaque("split", stdlib.SplitFunc)
	return function.New(&function.Spec{Params: []function.Parameter{{Name: "separator", Type: cty.String}, {Name: "str", Type: cty.String}},
		Type: func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if strings.Trim(args[0].AsString(), " ,;|\n\t") == "" && args[0].AsString() != "" {
				return stdlib.Split(args[0], args[1])
			}
			return inner.Call(args)
		}})
}

// replace is Terraform's: a pattern between slashes is a regular expression.
// https://developer.hashicorp.com/terraform/language/functions/replace
func (e *evaluator) replace() function.Function {
	return e.opaque("replace", function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "substr", Type: cty.String}, {Name: "replace", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if p := args[1].AsString(); len(p) > 1 && p[0] == '/' && p[len(p)-1] == '/' {
				return stdlib.RegexReplace(args[0], cty.StringVal(p[1:len(p)-1]), args[2])
			}
			return stdlib.Replace(args[0], args[1], args[2])
		}}))
}

// affix is startswith or endswith: known where no token is at that end.
func (e *evaluator) affix(name string) function.Function {
	return e.opaque(name, function.New(&function.Spec{Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "affix", Type: cty.String}},
		Type: function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if name == "startswith" {
				return cty.BoolVal(strings.HasPrefix(args[0].AsString(), args[1].AsString())), nil
			}
			return cty.BoolVal(strings.HasSuffix(args[0].AsString(), args[1].AsString())), nil
		}}))
}
