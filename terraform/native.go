package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// native gives an expression of a file in JSON in HCL's own syntax: HCL would
// parse the templates in it anew each time, and their loops would not be
// counted.
// https://developer.hashicorp.com/terraform/language/syntax/json
func (e *evaluator) native(x hcl.Expression) hcl.Expression {
	if !json.IsJSONExpression(x) {
		return x
	}
	if n, ok := e.natives[x.Range()]; ok {
		return n
	}
	n := nativeOf(x)
	e.bound(n)
	e.natives[x.Range()] = n
	return n
}

func nativeOf(x hcl.Expression) hclsyntax.Expression {
	if list, diags := hcl.ExprList(x); !diags.HasErrors() {
		out := &hclsyntax.TupleConsExpr{SrcRange: x.Range(), OpenRange: x.StartRange()}
		for _, item := range list {
			out.Exprs = append(out.Exprs, nativeOf(item))
		}
		return out
	}
	if pairs, diags := hcl.ExprMap(x); !diags.HasErrors() {
		out := &hclsyntax.ObjectConsExpr{SrcRange: x.Range(), OpenRange: x.StartRange()}
		seen := map[string]bool{}
		for _, p := range pairs {
			name, _ := p.Key.Value(nil)
			item := hclsyntax.ObjectConsItem{KeyExpr: nativeOf(p.Key), ValueExpr: nativeOf(p.Value)}
			if isText(name) && seen[name.AsString()] {
				item.ValueExpr = wrong(p.Key.Range(), hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Duplicate object attribute",
					Detail: "An attribute named " + name.AsString() + " was already defined.", Subject: p.Key.Range().Ptr()}})
			} else if isText(name) {
				seen[name.AsString()] = true
			}
			out.Items = append(out.Items, item)
		}
		return out
	}
	v, diags := x.Value(nil)
	switch {
	case diags.HasErrors():
		return wrong(x.Range(), diags)
	case !isText(v):
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: x.Range()}
	}
	at := x.StartRange().Start // of the quote
	template, diags := hclsyntax.ParseTemplate([]byte(v.AsString()), x.Range().Filename, hcl.Pos{Line: at.Line, Column: at.Column + 1, Byte: at.Byte + 1})
	if diags.HasErrors() {
		return wrong(x.Range(), diags)
	}
	return template
}

// wrong is an expression that cannot be read.
func wrong(at hcl.Range, diags hcl.Diagnostics) hclsyntax.Expression {
	return &hclsyntax.ExprSyntaxError{Placeholder: cty.DynamicVal, ParseDiags: diags, SrcRange: at}
}
