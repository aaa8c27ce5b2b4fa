package terraform

import (
	"regexp"
	"strconv"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"bailey/source"
)

// plain are the functions of Terraform's that cty has and that do not look
// into the texts which they are given, so that tokens pass through them.
// https://developer.hashicorp.com/terraform/language/functions
var plain = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "can": tryfunc.CanFunc, "ceil": stdlib.CeilFunc, "chunklist": stdlib.ChunklistFunc, "coalesce": coalesce,
	"coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
	"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "floor": stdlib.FloorFunc,
	"formatlist": stdlib.FormatListFunc, "int": stdlib.IntFunc, "join": stdlib.JoinFunc, "keys": stdlib.KeysFunc, "log": stdlib.LogFunc,
	"lookup": lookup, "max": stdlib.MaxFunc, "merge": stdlib.MergeFunc, "min": stdlib.MinFunc, "pow": stdlib.PowFunc, "range": stdlib.RangeFunc,
	"reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc, "setsubtract": stdlib.SetSubtractFunc,
	"setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "try": tryfunc.TryFunc,
	"values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
	"tobool": stdlib.MakeToFunc(cty.Bool), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
	"tonumber": stdlib.MakeToFunc(cty.Number), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)), "tostring": stdlib.MakeToFunc(cty.String),
}

// looking are those that look into texts: of a token they are not known.
var looking = map[string]function.Function{
	"chomp": stdlib.ChompFunc, "csvdecode": stdlib.CSVDecodeFunc, "formatdate": stdlib.FormatDateFunc, "indent": stdlib.IndentFunc, "jsondecode": stdlib.JSONDecodeFunc,
	"lower": stdlib.LowerFunc, "parseint": stdlib.ParseIntFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "strrev": stdlib.ReverseFunc,
	"substr": stdlib.SubstrFunc, "timeadd": stdlib.TimeAddFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc,
	"trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc,
}

// functions gives all functions by their names; every module has the same.
func (e *evaluator) functions() map[string]function.Function {
	if e.shared != nil {
		return e.shared
	}
	e.shared = map[string]function.Function{}
	for name, f := range plain {
		e.shared[name] = f
	}
	for _, group := range []map[string]function.Function{looking, own, digests, addresses} {
		for name, f := range group {
			e.shared[name] = e.opaque(name, f)
		}
	}
	for _, group := range []map[string]function.Function{e.ownPlain(), e.fileFunctions(e.shared)} {
		for name, f := range group {
			e.shared[name] = f
		}
	}
	for _, name := range keys(e.shared) {
		e.shared["core::"+name] = e.shared[name]
	}
	return e.shared
}

// opaque wraps a function that looks into texts: what it makes of a token is
// not known until AWS has decided it.
func (e *evaluator) opaque(name string, f function.Function) function.Function {
	spec := &function.Spec{VarParam: f.VarParam(), Params: f.Params()}
	spec.Type = func(args []cty.Value) (cty.Type, error) {
		for _, a := range args {
			if _, ok := firstToken(a); ok {
				return cty.DynamicPseudoType, nil
			}
		}
		return f.ReturnTypeForValues(args)
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for _, a := range args {
			if token, ok := firstToken(a); ok {
				g := e.later(token, source.Span{})
				g.because = name + "() of it: " + g.because
				return g.unknown(), nil
			}
		}
		return f.Call(args)
	}
	return function.New(spec)
}

// ownPlain are functions that cty has not, or has otherwise, and that tokens
// pass through.
func (e *evaluator) ownPlain() map[string]function.Function {
	return map[string]function.Function{
		"format": narrow(stdlib.FormatFunc), "length": e.length(), "one": one, "index": index, "list": listOf, "map": mapOf,
		"matchkeys": matchkeys, "transpose": transpose, "sum": sum, "alltrue": allTrue, "anytrue": anyTrue,
		"sensitive": identity, "nonsensitive": identity, "ephemeralasnull": identity, "issensitive": constant(cty.False), "type": identity,
		"setproduct": setproduct, "split": e.split(), "replace": e.replace(), "startswith": e.affix("startswith"), "endswith": e.affix("endswith"),
		"jsonencode": e.jsonencode(), "timestamp": open("timestamp"), "plantimestamp": open("plantimestamp"), "uuid": open("uuid"), "bcrypt": openOf("bcrypt"), "rsadecrypt": openOf("rsadecrypt"),
	}
}

// maxWidth bounds the widths that format takes.
const maxWidth = 4096

var width = regexp.MustCompile(`%[^a-zA-Z%]*?([0-9]{4,})`)

// narrow refuses formats that would make very long texts.
func narrow(f function.Function) function.Function {
	spec := &function.Spec{VarParam: f.VarParam(), Params: f.Params(), Type: f.ReturnTypeForValues}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for _, m := range width.FindAllStringSubmatch(args[0].AsString(), -1) {
			if n, err := strconv.Atoi(m[1]); err != nil || n > maxWidth {
				return cty.NilVal, function.NewArgErrorf(0, "the width %s is larger than %d", m[1], maxWidth)
			}
		}
		return f.Call(args)
	}
	return function.New(spec)
}

// constant gives a value whatever it is asked.
func constant(v cty.Value) function.Function {
	return function.New(&function.Spec{VarParam: anything, Type: function.StaticReturnType(v.Type()),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return v, nil }})
}

// open is a function whose value is made during apply.
func open(name string) function.Function {
	return function.New(&function.Spec{Type: function.StaticReturnType(cty.String), Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
		return cty.UnknownVal(cty.String).Mark(gap{because: name + "() is known during apply"}), nil
	}})
}

func openOf(name string) function.Function {
	return function.New(&function.Spec{VarParam: anything, Type: function.StaticReturnType(cty.String), Impl: func([]cty.Value, cty.Type) (cty.Value, error) {
		return cty.UnknownVal(cty.String).Mark(gap{because: name + "() is known during apply"}), nil
	}})
}

// anything is a parameter that takes whatever is given.
var anything = &function.Parameter{Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true}
