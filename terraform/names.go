package terraform

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// names are the attributes that expressions ask of resources. The provider's
// schemas are not here, so a resource is known to have an attribute because it
// is stated, because the table says so, or because somebody asks for it.
type names struct {
	of  map[string]map[string]bool // by type
	any map[string]bool            // of something that is not named on the spot
}

func newNames() *names { return &names{of: map[string]map[string]bool{}, any: map[string]bool{}} }

// asked are the attributes that somebody asks of a type, and those asked of
// anything.
func (n *names) asked(typ string) map[string]bool { return n.of[typ] }

// collect adds what the expressions of a body ask for. A file in JSON has its
// expressions in text; what it asks for is found when it is evaluated.
func (n *names) collect(body hcl.Body) {
	if b, ok := body.(*hclsyntax.Body); ok {
		_ = hclsyntax.VisitAll(b, func(node hclsyntax.Node) hcl.Diagnostics {
			switch x := node.(type) {
			case *hclsyntax.ScopeTraversalExpr:
				n.traversal(x.Traversal)
			case *hclsyntax.RelativeTraversalExpr:
				n.attributes("", x.Traversal)
			}
			return nil
		})
	}
}

// traversal adds what one reference asks for.
func (n *names) traversal(t hcl.Traversal) {
	switch root := t.RootName(); root {
	case "path", "terraform", "count", "self":
	case "data":
		if len(t) > 2 {
			n.attributes(attrName(t[1]), t[2:])
		}
	case "var", "local", "each":
		n.attributes("", t[min(2, len(t)):])
	case "module":
		n.attributes("", t[min(3, len(t)):])
	default:
		n.attributes(root, t[1:])
		n.attributes("", t[1:]) // it may be the iterator of a dynamic block or a for expression
	}
}

func (n *names) attributes(typ string, t hcl.Traversal) {
	for _, step := range t {
		name := attrName(step)
		switch {
		case name == "":
		case typ == "":
			n.any[name] = true
		default:
			if n.of[typ] == nil {
				n.of[typ] = map[string]bool{}
			}
			n.of[typ][name] = true
		}
	}
}

func attrName(step hcl.Traverser) string {
	if a, ok := step.(hcl.TraverseAttr); ok {
		return a.Name
	}
	return ""
}
