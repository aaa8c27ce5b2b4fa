package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"bailey/source"
)

// A variable is one that a module declares.
// https://developer.hashicorp.com/terraform/language/values/variables
type variable struct {
	name     string
	at       source.Span
	typ      cty.Type
	defaults *typeexpr.Defaults
	value    hcl.Expression // the default; nil: none
	nullable bool
}

// variableArguments are those of a variable that are read.
var variableArguments = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "type"}, {Name: "default"}, {Name: "nullable"}}}

// variable reads a variable block.
func (e *evaluator) variable(b *hcl.Block) *variable {
	content, _, _ := b.Body.PartialContent(variableArguments)
	v := &variable{name: b.Labels[0], at: span(b.DefRange), typ: cty.DynamicPseudoType, nullable: true}
	if a, ok := content.Attributes["type"]; ok {
		if typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(a.Expr); !diags.HasErrors() {
			v.typ, v.defaults = typ, defaults
		} else if kw := e.legacyType(a.Expr); kw != cty.NilType {
			v.typ = kw
		} else {
			e.syntax(diags, b.DefRange.Filename)
		}
	}
	if a, ok := content.Attributes["default"]; ok {
		v.value = a.Expr
	}
	if a, ok := content.Attributes["nullable"]; ok {
		if n := e.literal(a.Expr); n.Type() == cty.Bool && n.IsKnown() && !n.IsNull() {
			v.nullable = n.True()
		}
	}
	return v
}

// legacyType reads the types that were once written as text, and those without
// an element type.
func (e *evaluator) legacyType(x hcl.Expression) cty.Type {
	word := hcl.ExprAsKeyword(x)
	if v := e.literal(x); word == "" && isText(v) {
		word = v.AsString()
	}
	switch word {
	case "string":
		return cty.String
	case "list":
		return cty.List(cty.DynamicPseudoType)
	case "map":
		return cty.Map(cty.DynamicPseudoType)
	}
	return cty.NilType
}

// take gives a value the variable's type.
func (e *evaluator) take(v *variable, given cty.Value, at source.Span) cty.Value {
	given = e.bounded(given, at)
	if marked := given.IsMarked(); marked && !given.IsWhollyKnown() && given.Type() == cty.DynamicPseudoType {
		return cty.UnknownVal(v.typ).Mark(gapOf(given, at))
	}
	out, err := v.converted(given)
	if err == nil {
		return out
	}
	if token, ok := firstToken(given); ok {
		g := e.later(token, at)
		if out, again := v.converted(without(given, g)); again == nil {
			return out
		}
		return cty.UnknownVal(v.typ).Mark(g)
	}
	if !given.IsWhollyKnown() {
		return cty.UnknownVal(v.typ).Mark(gapOf(given, at))
	}
	return e.fail("TF_WRONG_TYPE", at, "", "variable %s: %v", v.name, err).unknown()
}

func (v *variable) converted(given cty.Value) (cty.Value, error) {
	if v.defaults != nil && !given.IsNull() {
		given = v.defaults.Apply(given)
	}
	return convert.Convert(given, v.typ)
}

// without puts a gap in the place of every text with a token.
func without(v cty.Value, g gap) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if bare, _ := v.Unmark(); bare.IsKnown() && !bare.IsNull() && bare.Type() == cty.String && hasToken(bare.AsString()) {
			return g.unknown(), nil
		}
		return v, nil
	})
	if err != nil {
		return g.unknown()
	}
	return out
}

// parsed reads a value that is given as text, as Terraform's -var does: as text
// for a variable of text, else as an expression; a list may be joined with
// commas, as bailey.yaml writes it.
func (e *evaluator) parsed(v *variable, text string, at source.Span) cty.Value {
	if v.typ == cty.String || v.typ == cty.DynamicPseudoType {
		return cty.StringVal(text)
	}
	if !tooDeep([]byte(text)) && len(text) < maxFile {
		x, diags := hclsyntax.ParseExpression([]byte(text), at.File, hcl.Pos{Line: max(1, at.Line), Column: max(1, at.Col)})
		if !diags.HasErrors() {
			e.bound(x)
			if out, diags := e.value(x, &hcl.EvalContext{}); !diags.HasErrors() {
				if _, err := convert.Convert(out, v.typ); err == nil {
					return out
				}
			}
		}
	}
	if v.typ.IsListType() || v.typ.IsSetType() {
		var items []cty.Value
		for _, item := range strings.Split(text, ",") {
			items = append(items, cty.StringVal(strings.TrimSpace(item)))
		}
		return cty.TupleVal(items)
	}
	return cty.StringVal(text)
}

// variableFiles are those that Terraform reads by itself, in that order.
// https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
func variableFiles(names []string) []string {
	var out, auto []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		switch {
		case name == "terraform.tfvars" || name == "terraform.tfvars.json":
			out = append(out, name)
		case strings.HasSuffix(name, ".auto.tfvars") || strings.HasSuffix(name, ".auto.tfvars.json"):
			auto = append(auto, name)
		}
	}
	return append(out, auto...)
}

// readVariables reads the values that the root module's folder states.
func (e *evaluator) readVariables(dir string) {
	names, err := e.files.List(dir)
	if err != nil {
		return // module has said so
	}
	for _, name := range variableFiles(names) {
		f, ok := e.parse(joined(dir, name))
		if !ok {
			continue
		}
		attrs, diags := f.Body.JustAttributes()
		e.syntax(diags, name)
		for _, a := range attrs {
			v, diags := e.value(a.Expr, nil)
			e.syntax(diags, name)
			e.given[a.Name] = stated{v, span(a.NameRange)}
		}
	}
}

// stated is a value with its place.
type stated struct {
	value cty.Value
	at    source.Span
}

// isText reports whether a value is a text that is known.
func isText(v cty.Value) bool {
	return !v.IsMarked() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String
}
