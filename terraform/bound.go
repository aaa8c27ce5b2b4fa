package terraform

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// maxWork bounds what all evaluations of a configuration do together. The unit
// is about a tenth of a microsecond: a loop within a loop, a function of a large
// list for each of another, or a text that is copied again and again may go on
// for longer than anybody waits.
const maxWork = 30_000_000

// What costs more than one, in those.
const (
	workOfValue   = 8       // a value that a function or an operator goes through
	workOfText    = 4       // bytes of text, of which each so many cost one
	workOfElement = 50      // an element of a loop, and
	workOfNode    = 10      // each part of the expression that is made for it
	workOfError   = 100_000 // what fails: HCL writes it all down
	workOfBlock   = 1_000   // a block of a dynamic one
)

// cheap are the functions that look at no more than they need of what they are
// given, so that they are used in loops over large maps.
var cheap = map[string]bool{"lookup": true, "length": true, "element": true, "try": true, "can": true}

// tooMuch is the panic by which an evaluation ends: HCL goes on with a loop
// after an error in it.
type tooMuch struct{ at hcl.Range }

// spend counts work.
func (e *evaluator) spend(work int, at hcl.Range) {
	if e.work += work; e.work > maxWork {
		panic(tooMuch{at})
	}
}

// value evaluates an expression unless it, with all before it, goes on for too
// long. Functions take a panic for an error of theirs, so the sum is looked at
// afterwards too.
func (e *evaluator) value(x hcl.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics) {
	at := x.Range()
	defer func() {
		switch over := recover().(type) {
		case nil:
		case tooMuch:
			at = over.at
		default:
			panic(over)
		}
		if e.work > maxWork {
			v, diags = e.tooMuchWork(span(at)).unknown(), nil
		}
	}()
	return x.Value(ctx)
}

func (e *evaluator) tooMuchWork(at source.Span) gap {
	return e.tooLarge(at, "the expressions take too long to evaluate: there are more than %d million steps", maxWork/1_000_000)
}

// literal gives what is written without a name or a function, unknown where it
// is neither.
func (e *evaluator) literal(x hcl.Expression) cty.Value {
	v, diags := e.value(x, nil)
	if diags.HasErrors() {
		return cty.DynamicVal
	}
	return v
}

// bound has the work within a node counted.
func (e *evaluator) bound(node hclsyntax.Node) {
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch x := n.(type) {
		case *hclsyntax.ForExpr:
			each := workOfElement
			for _, part := range []*hclsyntax.Expression{&x.KeyExpr, &x.ValExpr, &x.CondExpr} {
				if *part != nil {
					each += workOfNode * nodes(*part)
					*part = weighed{inParentheses(*part), e, 0, 0}
				}
			}
			x.CollExpr = weighed{inParentheses(x.CollExpr), e, each, 0}
		case *hclsyntax.SplatExpr:
			x.Source = weighed{inParentheses(x.Source), e, workOfElement + workOfNode*nodes(x.Each), 0}
		case *hclsyntax.FunctionCallExpr:
			if !cheap[strings.TrimPrefix(x.Name, "core::")] {
				e.whole(x.Args)
			}
		case *hclsyntax.TemplateExpr:
			e.whole(x.Parts)
		case *hclsyntax.TemplateJoinExpr:
			x.Tuple = weighed{inParentheses(x.Tuple), e, 0, workOfValue}
		case *hclsyntax.ConditionalExpr:
			branches := []hclsyntax.Expression{x.TrueResult, x.FalseResult}
			e.whole(branches)
			x.TrueResult, x.FalseResult = branches[0], branches[1]
		case *hclsyntax.BinaryOpExpr:
			sides := []hclsyntax.Expression{x.LHS, x.RHS}
			e.whole(sides)
			x.LHS, x.RHS = sides[0], sides[1]
		}
		return nil
	})
}

// whole has all of what expressions give counted, but of those that are written
// out.
func (e *evaluator) whole(list []hclsyntax.Expression) {
	for k, x := range list {
		switch x := x.(type) {
		case *hclsyntax.LiteralValueExpr:
		case *hclsyntax.TemplateExpr:
			if !x.IsStringLiteral() {
				list[k] = weighed{inParentheses(x), e, 0, workOfValue}
			}
		default:
			list[k] = weighed{inParentheses(x), e, 0, workOfValue}
		}
	}
}

// nodes counts the parts of an expression.
func nodes(node hclsyntax.Node) (n int) {
	_ = hclsyntax.VisitAll(node, func(hclsyntax.Node) hcl.Diagnostics {
		n++
		return nil
	})
	return n
}

// inParentheses is an expression by which what looks for the names in it looks
// within.
func inParentheses(x hclsyntax.Expression) *hclsyntax.ParenthesesExpr {
	return &hclsyntax.ParenthesesExpr{Expression: x, SrcRange: x.Range()}
}

// weighed is an expression whose value is counted: so much for each element,
// and so much for each value within it.
type weighed struct {
	*hclsyntax.ParenthesesExpr
	e                *evaluator
	element, content int
}

// UnwrapExpression is for what reads an expression without evaluating it, as it
// does the type list(string).
func (w weighed) UnwrapExpression() hcl.Expression { return w.Expression }

// Value evaluates and counts.
func (w weighed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := w.Expression.Value(ctx)
	work := 1
	bare, _ := v.Unmark()
	switch {
	case diags.HasErrors():
		work = workOfError
	case w.content > 0:
		work = w.content * weight(v, (maxWork-w.e.work)/w.content)
	case w.element > 0 && bare.IsKnown() && !bare.IsNull() && bare.CanIterateElements():
		work += w.element * bare.LengthInt()
	}
	w.e.spend(work, w.Range())
	return v, diags
}

// weight is how many values there are within one, and of text as many as it is
// long; of more than most only so many.
func weight(v cty.Value, most int) int {
	n := 1
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
	case v.Type() == cty.String:
		n += len(v.AsString()) / (workOfText * workOfValue)
	case v.CanIterateElements():
		for it := v.ElementIterator(); n <= most && it.Next(); {
			_, item := it.Element()
			n += weight(item, most-n)
		}
	}
	return n
}
