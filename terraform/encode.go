package terraform

import (
	"encoding/json"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"bailey/source"
)

// jsonencode writes JSON; what is not known in it becomes a token, so that the
// rest of a policy is known.
// https://developer.hashicorp.com/terraform/language/functions/jsonencode
func (e *evaluator) jsonencode() function.Function {
	return function.New(&function.Spec{Params: []function.Parameter{*anything}, Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if bare, _ := args[0].Unmark(); !bare.IsKnown() {
				return cty.UnknownVal(cty.String).Mark(gapOf(args[0], source.Span{})), nil
			}
			var b strings.Builder
			e.writeJSON(&b, args[0])
			return cty.StringVal(b.String()), nil
		}})
}

func (e *evaluator) writeJSON(b *strings.Builder, v cty.Value) {
	bare, _ := v.Unmark()
	text, scalar := scalarText(bare)
	switch {
	case !bare.IsKnown():
		quote(b, e.token(promise{gap: gapOf(v, source.Span{})}))
	case bare.IsNull():
		b.WriteString("null")
	case scalar && bare.Type() == cty.String:
		quote(b, text)
	case scalar:
		b.WriteString(text)
	case bare.Type().IsMapType() || bare.Type().IsObjectType():
		b.WriteByte('{')
		first := true
		for k, item := range bare.Elements() { // in the order of their keys
			if !first {
				b.WriteByte(',')
			}
			first = false
			k, _ = k.Unmark()
			quote(b, k.AsString())
			b.WriteByte(':')
			e.writeJSON(b, item)
		}
		b.WriteByte('}')
	default:
		b.WriteByte('[')
		first := true
		for _, item := range bare.Elements() {
			if !first {
				b.WriteByte(',')
			}
			first = false
			e.writeJSON(b, item)
		}
		b.WriteByte(']')
	}
}

// quote writes text as JSON does.
func quote(b *strings.Builder, s string) {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string is always written
	}
	b.Write(data)
}
