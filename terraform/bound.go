package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// bound has the loops within a node counted: a loop within a loop within a loop
// may go on for longer than anybody waits.
func (e *evaluator) bound(node hclsyntax.Node) {
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if loop, ok := n.(*hclsyntax.ForExpr); ok {
			loop.CollExpr = counted{&hclsyntax.ParenthesesExpr{Expression: loop.CollExpr, SrcRange: loop.CollExpr.Range()}, e}
		}
		return nil
	})
}

// counted is what a loop goes through. It is an expression in parentheses, so
// that what looks for the names in it looks within.
type counted struct {
	*hclsyntax.ParenthesesExpr
	e *evaluator
}

// stepsOfError is what a loop that cannot begin counts: HCL writes down each.
const stepsOfError = 1000

// Value counts the elements, each time that the loop begins.
func (c counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := c.ParenthesesExpr.Value(ctx)
	bare, _ := v.Unmark()
	if diags.HasErrors() {
		c.e.steps += stepsOfError
	} else if bare.IsKnown() && !bare.IsNull() && bare.CanIterateElements() {
		c.e.steps += 1 + bare.LengthInt()
	}
	if c.e.steps <= maxSteps {
		return v, diags
	}
	panic(tooMany{c.Range()}) // HCL goes on with a loop after an error in it
}

// tooMany is the panic by which a loop ends, and all those around it.
type tooMany struct{ at hcl.Range }

// value evaluates an expression unless its loops go on for too long.
func (s *scope) value(x hcl.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics) {
	defer func() {
		switch over := recover().(type) {
		case nil:
		case tooMany:
			v = s.tooLarge(span(over.at), "loops go through more than %d elements", maxSteps).unknown()
		default:
			panic(over)
		}
	}()
	return x.Value(ctx)
}
