package terraform

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"bailey/source"
)

// override merges what one override file declares into what the others do: the
// arguments that it states count, and its nested blocks take the place of all
// of their type. What it declares must be declared elsewhere, but for the
// configuration of a provider, which there is without saying so.
// https://developer.hashicorp.com/terraform/language/files/override
func (e *evaluator) override(m *module, body hcl.Body, name string) {
	content, diags := body.Content(top)
	e.syntax(diags, name)
	m.names.collect(body)
	e.names.collect(body)
	for _, b := range content.Blocks {
		at := span(b.DefRange)
		switch b.Type {
		case "locals":
			attrs, diags := b.Body.JustAttributes()
			e.syntax(diags, name)
			for _, local := range keys(attrs) {
				if _, ok := m.locals[local]; !ok {
					e.baseless(span(attrs[local].NameRange), "local."+local)
				}
				m.locals[local] = attrs[local].Expr
			}
		case "variable":
			if v := m.variables[b.Labels[0]]; v != nil {
				v.overridden(e.variable(b), b)
			} else {
				e.baseless(at, "var."+b.Labels[0])
			}
		case "output":
			attrs, _ := b.Body.JustAttributes()
			if _, ok := m.outputs[b.Labels[0]]; !ok {
				e.baseless(at, "output."+b.Labels[0])
			} else if a, ok := attrs["value"]; ok {
				m.outputs[b.Labels[0]] = a.Expr
			}
		case "module", "resource", "data", "provider":
			e.overrideBlock(m, b)
		}
	}
}

func (e *evaluator) baseless(at source.Span, what string) {
	e.fail("TF_OVERRIDES_NOTHING", at, "declare it in another file, or rename this one", "%s is overridden and declared nowhere", what)
}

// overridden takes what another declaration of a variable states.
func (v *variable) overridden(by *variable, b *hcl.Block) {
	content, _, _ := b.Body.PartialContent(variableArguments)
	if content.Attributes["type"] != nil {
		v.typ, v.defaults = by.typ, by.defaults
	}
	if content.Attributes["default"] != nil {
		v.value = by.value
	}
	if content.Attributes["nullable"] != nil {
		v.nullable = by.nullable
	}
}

// overrideBlock merges a block that makes something.
func (e *evaluator) overrideBlock(m *module, b *hcl.Block) {
	by := e.block(b)
	x := overrides(m, by)
	if x == nil && by.makes == "provider" && by.alias == "" {
		e.file(m, b)
		return
	}
	if x == nil {
		what := by.key()
		if by.makes == "module" || by.makes == "provider" {
			what = by.makes + "." + by.name
		}
		e.baseless(by.at, what)
		return
	}
	base, native := x.body.(*hclsyntax.Body)
	over, both := b.Body.(*hclsyntax.Body)
	if !native || !both {
		e.fail("TF_NOT_READ", by.at, "state what it changes in the other file", "a block in JSON is not merged with another: this one overrides that in %s", x.at.File)
		return
	}
	if a := over.Attributes["depends_on"]; a != nil {
		e.fail("TF_OVERRIDES_DEPENDS_ON", span(a.NameRange), "state it in the other file", "depends_on may not be overridden")
	}
	x.body = mergedBody(base, over)
	e.arguments(x)
}

// overrides finds the block that another has the header of.
func overrides(m *module, by *block) *block {
	switch by.makes {
	case "provider":
		for _, p := range m.providers {
			if p.typ == by.typ && p.alias == by.alias {
				return p
			}
		}
		return nil
	case "module":
		return m.calls[by.name]
	}
	return m.resources[by.key()]
}

// mergedBody is a body with another's arguments and nested blocks in the place
// of its own of the same names.
func mergedBody(base, over *hclsyntax.Body) *hclsyntax.Body {
	out := &hclsyntax.Body{Attributes: maps.Clone(base.Attributes), SrcRange: base.SrcRange, EndRange: base.EndRange}
	if out.Attributes == nil {
		out.Attributes = hclsyntax.Attributes{}
	}
	maps.Copy(out.Attributes, over.Attributes)
	for _, o := range over.Blocks {
		delete(out.Attributes, madeOf(o)) // a list of blocks may be written as an argument
	}
	for _, b := range base.Blocks {
		again := slices.ContainsFunc(over.Blocks, func(o *hclsyntax.Block) bool { return madeOf(o) == madeOf(b) })
		if !again && over.Attributes[madeOf(b)] == nil {
			out.Blocks = append(out.Blocks, b)
		}
	}
	out.Blocks = append(out.Blocks, over.Blocks...)
	return out
}

// madeOf is the type of a nested block, or of those that a dynamic one makes.
func madeOf(b *hclsyntax.Block) string {
	if b.Type == "dynamic" && len(b.Labels) == 1 {
		return b.Labels[0]
	}
	return b.Type
}
