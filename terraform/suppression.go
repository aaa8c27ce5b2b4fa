package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"bailey/source"
)

// Suppressions are what the comments of the configuration say of findings: on
// the lines of a resource or right above it,
//
//	resource "aws_lambda_function" "api" { # bailey:ignore required-path it leaves the VPC in May
//
// of a resource, which means all its instances; of a module's call, all that the
// module makes. They are known once Spec is done. One without a reason, or on no
// such lines, is an error.
func (c *Configuration) Suppressions() ([]source.Suppression, source.Diags) {
	var diags source.Diags
	var out []source.Suppression
	for _, comment := range c.e.comments {
		about := c.e.about(comment.At)
		if about == nil {
			diags.Add(source.Diag{Code: source.CodeSuppression, At: comment.At, Summary: "this comment is on no resource's lines", Hint: "put it behind or right above the resource"})
			continue
		}
		if d, ok := comment.Check(); !ok {
			diags.Add(d)
			continue
		}
		for _, i := range c.e.instances {
			if i.within(about) {
				one := comment
				one.Resource = c.e.shown(i.addr)
				out = append(out, one)
			}
		}
	}
	return out, diags
}

// about finds the block of a resource or a call on whose lines a comment is, or
// which begins right below it.
func (e *evaluator) about(at source.Span) *block {
	for _, dir := range keys(e.modules) {
		m := e.modules[dir]
		blocks := slices.Clone(m.order)
		for _, name := range keys(m.calls) {
			blocks = append(blocks, m.calls[name])
		}
		for _, b := range blocks {
			if b.at.File == at.File && b.at.Line-1 <= at.Line && at.Line <= b.last() {
				return b
			}
		}
	}
	return nil
}

// last is the line on which a block ends.
func (b *block) last() int {
	if native, ok := b.body.(*hclsyntax.Body); ok {
		return native.SrcRange.End.Line
	}
	return b.at.Line
}

// within reports whether an instance is of a resource's block, or of a module
// that a call makes.
func (i *instance) within(b *block) bool {
	if i.b == b {
		return true
	}
	for s := i.s; s != nil; s = s.parent {
		if s.call == b {
			return true
		}
	}
	return false
}
