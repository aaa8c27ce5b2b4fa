package terraform

import (
	"maps"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// notArguments are what Terraform reads of a resource, and not its provider.
// https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
var notArguments = map[string]bool{"count": true, "for_each": true, "provider": true, "depends_on": true, "lifecycle": true,
	"provisioner": true, "connection": true}

// body evaluates a block. Without the provider's schema each argument is what
// it is written as, and a nested block is a list of blocks.
func (s *scope) body(b hcl.Body, it iteration, outermost bool) body {
	native, ok := b.(*hclsyntax.Body)
	if !ok {
		out := body{attrs: map[string]field{}}
		s.jsonBody(b, it, &out)
		return out
	}
	out := body{at: span(native.SrcRange), attrs: make(map[string]field, len(native.Attributes))}
	for _, name := range keys(native.Attributes) {
		if a := native.Attributes[name]; !outermost || !notArguments[name] {
			out.attrs[name] = field{s.eval(a.Expr, it), span(a.NameRange)}
		}
	}
	for _, x := range native.Blocks {
		switch {
		case outermost && notArguments[x.Type]:
		case x.Type == "dynamic" && len(x.Labels) == 1:
			s.dynamic(x, it, &out)
		default:
			out.add(x.Type, s.body(x.Body, it, false))
		}
	}
	return out
}

// add adds a nested block.
func (b *body) add(typ string, x body) {
	if b.blocks == nil {
		b.blocks = map[string][]body{}
	}
	b.blocks[typ] = append(b.blocks[typ], x)
}

// dynamic writes out a dynamic block.
// https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
func (s *scope) dynamic(x *hclsyntax.Block, it iteration, out *body) {
	typ, at := x.Labels[0], span(x.Range())
	each, iterator := x.Body.Attributes["for_each"], typ
	if a := x.Body.Attributes["iterator"]; a != nil {
		iterator = hcl.ExprAsKeyword(a.Expr)
	}
	i := slices.IndexFunc(x.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "content" })
	if each == nil || i < 0 || iterator == "" {
		s.fail("TF_BAD_DYNAMIC", at, "", "dynamic %q needs for_each and content", typ)
		return
	}
	content := x.Body.Blocks[i].Body
	s.over(s.eval(each.Expr, it), span(each.Expr.Range()), func(k, v cty.Value) {
		inner := it.with(iterator, cty.ObjectVal(map[string]cty.Value{"key": k, "value": v}))
		made := s.body(content, inner, false)
		made.at = at
		out.add(typ, made)
	})
}

// over yields the elements of what a dynamic block goes through; where that is
// open, one of which nothing is known.
func (s *scope) over(v cty.Value, at source.Span, yield func(k, v cty.Value)) {
	bare, marks := v.Unmark()
	switch {
	case !bare.IsKnown():
		g := gapOf(v, at)
		yield(g.unknown(), g.unknown())
	case bare.IsNull():
	case !bare.CanIterateElements():
		s.fail("TF_BAD_FOR_EACH", at, "", "for_each of a dynamic block is not a collection")
	default:
		for k, item := range bare.Elements() {
			if s.work += workOfBlock; s.work > maxWork {
				s.tooMuchWork(at)
				return
			}
			if bare.Type().IsSetType() {
				k = item
			}
			yield(k, item.WithMarks(marks))
		}
	}
}

// jsonBody evaluates a block of a file in JSON, where blocks are written as
// arguments are.
// https://developer.hashicorp.com/terraform/language/syntax/json
func (s *scope) jsonBody(b hcl.Body, it iteration, out *body) {
	attrs, diags := b.JustAttributes()
	s.syntax(diags, "")
	for _, name := range slices.Sorted(maps.Keys(attrs)) {
		a := attrs[name]
		switch {
		case notArguments[name]:
		case name == "dynamic":
			s.jsonDynamic(a.Expr, it, out)
		default:
			out.attrs[name] = field{s.eval(a.Expr, it), span(a.NameRange)}
		}
	}
	out.at = span(b.MissingItemRange())
}

// jsonDynamic writes out the dynamic blocks of a file in JSON.
func (s *scope) jsonDynamic(x hcl.Expression, it iteration, out *body) {
	types, _ := hcl.ExprMap(x)
	for _, t := range types {
		typ, diags := t.Key.Value(nil)
		if diags.HasErrors() || !isText(typ) {
			continue
		}
		alternatives, diags := hcl.ExprList(t.Value)
		if diags.HasErrors() {
			alternatives = []hcl.Expression{t.Value}
		}
		for _, one := range alternatives {
			s.jsonBlocks(typ.AsString(), one, it, out)
		}
	}
}

func (s *scope) jsonBlocks(typ string, x hcl.Expression, it iteration, out *body) {
	parts, _ := hcl.ExprMap(x)
	var each, content hcl.Expression
	iterator := typ
	for _, p := range parts {
		switch key, _ := p.Key.Value(nil); {
		case !isText(key):
		case key.AsString() == "for_each":
			each = p.Value
		case key.AsString() == "content":
			content = p.Value
		case key.AsString() == "iterator":
			if v, diags := p.Value.Value(nil); !diags.HasErrors() && isText(v) {
				iterator = v.AsString()
			}
		}
	}
	if each == nil || content == nil {
		s.fail("TF_BAD_DYNAMIC", span(x.Range()), "", "dynamic %q needs for_each and content", typ)
		return
	}
	s.over(s.eval(each, it), span(each.Range()), func(k, v cty.Value) {
		made := s.eval(content, it.with(iterator, cty.ObjectVal(map[string]cty.Value{"key": k, "value": v})))
		out.add(typ, bodyOf(made, span(content.Range())))
	})
}

// bodyOf gives an object as a block.
func bodyOf(v cty.Value, at source.Span) body {
	out := body{at: at, attrs: map[string]field{}}
	bare, marks := v.Unmark()
	if bare.IsKnown() && !bare.IsNull() && (bare.Type().IsObjectType() || bare.Type().IsMapType()) {
		for k, item := range bare.Elements() {
			k, _ = k.Unmark()
			out.attrs[k.AsString()] = field{item.WithMarks(marks), at}
		}
	} else if !bare.IsKnown() {
		out.attrs[""] = field{v, at} // nothing is known of it
	}
	return out
}

// children gives a nested block, written as blocks, as a list of objects, or as
// one.
func (b body) children(name string) []body {
	if list, ok := b.blocks[name]; ok {
		return list
	}
	f, ok := b.attrs[name]
	if !ok {
		if u, open := b.attrs[""]; open {
			return []body{bodyOf(u.value, u.at)}
		}
		return nil
	}
	bare, marks := f.value.Unmark()
	switch {
	case !bare.IsKnown():
		return []body{bodyOf(f.value, f.at)}
	case bare.IsNull():
		return nil
	case bare.Type().IsObjectType() || bare.Type().IsMapType():
		return []body{bodyOf(f.value, f.at)}
	case bare.CanIterateElements():
		var out []body
		for _, item := range bare.Elements() {
			out = append(out, bodyOf(item.WithMarks(marks), f.at))
		}
		return out
	}
	return nil
}

// get gives an argument that is stated and neither null nor an empty text or
// list, which the provider takes for not stated.
func (b body) get(name string) (field, bool) {
	f, ok := b.attrs[name]
	if !ok {
		u, open := b.attrs[""]
		return u, open
	}
	bare, _ := f.value.Unmark()
	if bare.IsKnown() && (bare.IsNull() || bare.Type() == cty.String && bare.AsString() == "" || isEmpty(bare)) {
		return field{}, false
	}
	return f, true
}

// isEmpty reports an empty list, set or map.
func isEmpty(v cty.Value) bool {
	return v.CanIterateElements() && v.LengthInt() == 0
}

// text gives an argument that is a text or number that is known.
func (b body) text(name string) (string, bool) {
	f, ok := b.get(name)
	if !ok {
		return "", false
	}
	return scalarText(f.value)
}

// scalarText gives a known scalar as text.
func scalarText(v cty.Value) (string, bool) {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
	case v.Type() == cty.String:
		return v.AsString(), true
	case v.Type() == cty.Number:
		return numberText(v.AsBigFloat()), true
	case v.Type() == cty.Bool && v.True():
		return "true", true
	case v.Type() == cty.Bool:
		return "false", true
	}
	return "", false
}

// numberText writes a number without an exponent, as Terraform does; most are
// small and whole, which is quicker to write.
func numberText(f *big.Float) string {
	if n, exact := f.Int64(); exact == big.Exact {
		return strconv.FormatInt(n, 10)
	}
	return f.Text('f', -1)
}

// flag gives an argument that is true or false, absent where it is not stated
// or open.
func (b body) flag(name string, absent bool) bool {
	switch text, _ := b.text(name); text {
	case "true":
		return true
	case "false":
		return false
	}
	return absent
}

// object gives a block as expressions see it.
func (b body) object() cty.Value {
	out := map[string]cty.Value{}
	for name, f := range b.attrs {
		if name != "" {
			out[name] = f.value
		}
	}
	for name, list := range b.blocks {
		var all []cty.Value
		for _, x := range list {
			all = append(all, x.object())
		}
		out[name] = cty.TupleVal(all)
	}
	return cty.ObjectVal(out)
}
