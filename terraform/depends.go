package terraform

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"bailey/cloud"
)

// deployments says what each deployment of an API waits for: all that it refers
// to, by depends_on or within what triggers it, and what that refers to.
// https://developer.hashicorp.com/terraform/language/meta-arguments/depends_on
func (t *translator) deployments(spec *cloud.Spec) {
	made := map[string]*instance{}
	for _, i := range t.instances {
		if i.b.typ == "aws_api_gateway_deployment" || i.b.typ == "aws_apigatewayv2_deployment" {
			made[t.shown(i.addr)] = i
		}
	}
	for k := range spec.Deployments {
		d := &spec.Deployments[k]
		i := made[d.Name]
		switch {
		case i == nil:
		case i.s != nil:
			w := waiting{seen: map[any]bool{}}
			w.block(i.s, i.b)
			d.DependsOn = w.on
		default:
			d.DependsOn = i.waits
		}
	}
}

// waiting collects what something waits for.
type waiting struct {
	seen map[any]bool
	on   []string // addresses
}

// block follows what a block refers to.
func (w *waiting) block(s *scope, b *block) {
	for _, t := range references(b.body) {
		w.traversal(s, t)
	}
}

// traversal follows one reference to a resource, a local value, a variable or a
// module, each of which is followed once.
func (w *waiting) traversal(s *scope, t hcl.Traversal) {
	root := t.RootName()
	if len(t) < 2 {
		return
	}
	name := attrName(t[1])
	if root == "data" && len(t) > 2 {
		root, name = "data."+name, attrName(t[2])
	}
	key := [2]any{s, root + "." + name}
	if w.seen[key] {
		return
	}
	w.seen[key] = true
	switch root {
	case "local":
		w.expression(s, s.m.locals[name])
	case "var":
		if a := s.args[name]; a != nil {
			w.expression(s.parent, a.Expr)
		}
	case "module":
		if c := s.children[name]; c != nil {
			for _, child := range c.scopes {
				w.everything(child)
			}
		}
	default:
		if r := s.resources[root+"."+name]; r != nil {
			w.resource(s, r)
		}
	}
}

func (w *waiting) expression(s *scope, x hcl.Expression) {
	if x != nil {
		for _, t := range x.Variables() {
			w.traversal(s, t)
		}
	}
}

// resource adds all its instances: Terraform's graph knows no single ones.
func (w *waiting) resource(s *scope, r *resource) {
	for _, i := range r.instances {
		w.on = append(w.on, s.shown(i.addr))
	}
	w.block(s, r.b)
}

// everything adds all of a module.
func (w *waiting) everything(s *scope) {
	for _, key := range keys(s.resources) {
		w.resource(s, s.resources[key])
	}
	for _, name := range keys(s.children) {
		for _, child := range s.children[name].scopes {
			w.everything(child)
		}
	}
}

// references are all that the expressions of a body refer to.
func references(body hcl.Body) []hcl.Traversal {
	b, ok := body.(*hclsyntax.Body)
	if !ok {
		var out []hcl.Traversal
		attrs, _ := body.JustAttributes() // in JSON blocks are arguments too
		for _, name := range keys(attrs) {
			out = append(out, attrs[name].Expr.Variables()...)
		}
		return out
	}
	var out []hcl.Traversal
	for _, name := range keys(b.Attributes) {
		out = append(out, b.Attributes[name].Expr.Variables()...)
	}
	for _, inner := range b.Blocks {
		out = append(out, references(inner.Body)...)
	}
	return slices.Clip(out)
}
