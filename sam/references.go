package sam

import (
	"regexp"
	"strings"

	"bailey/source"
)

// rewriteReferences gives the outcome, with references to what SAM has renamed
// (layers, whose logical IDs change with their content) and to what it generated
// (!Ref Function.Alias, !GetAtt Function.Version.Version) made good.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
func (t *transformer) rewriteReferences() source.Node {
	if len(t.renamed) == 0 && len(t.aliases) == 0 {
		return t.doc
	}
	for i := range child(&t.doc, "Resources").Entries {
		t.rewriteDepends(&child(&t.doc, "Resources").Entries[i].Value)
	}
	return t.rewrite(t.doc)
}

func (t *transformer) rewriteDepends(resource *source.Node) {
	depends := child(resource, "DependsOn")
	if depends == nil {
		return
	}
	*depends = clone(*depends)
	rename := func(n *source.Node) {
		if id, ok := t.renamed[n.Text]; ok && n.Kind == source.String {
			n.Text = id
		}
	}
	rename(depends)
	for i := range depends.Items {
		rename(&depends.Items[i])
	}
}

// rewrite copies n with its references made good.
func (t *transformer) rewrite(n source.Node) source.Node {
	switch name, arg, ok := intrinsic(n); {
	case ok && name == "Ref" && arg.Kind == source.String:
		n = clone(n)
		n.Entries[0].Value.Text = t.target(arg.Text)
		return n
	case ok && name == "Fn::GetAtt" && arg.Kind == source.List:
		n = clone(n)
		n.Entries[0].Value = t.rewriteGetAtt(arg)
		return n
	case ok && name == "Fn::Sub":
		n = clone(n)
		text := &n.Entries[0].Value
		if text.Kind == source.List && len(text.Items) > 0 {
			text = &text.Items[0]
		}
		if text.Kind == source.String {
			text.Text = subVariable.ReplaceAllStringFunc(text.Text, t.rewriteVariable)
		}
		for i := range n.Entries[0].Value.Items {
			if i > 0 {
				n.Entries[0].Value.Items[i] = t.rewrite(n.Entries[0].Value.Items[i])
			}
		}
		return n
	}
	return t.rewriteInside(n)
}

func (t *transformer) rewriteInside(n source.Node) source.Node {
	items, entries := n.Items, n.Entries
	if items != nil {
		n.Items = make([]source.Node, len(items))
		for i, item := range items {
			n.Items[i] = t.rewrite(item)
		}
	}
	if entries != nil {
		n.Entries = make([]source.Entry, len(entries))
		for i, e := range entries {
			e.Value = t.rewrite(e.Value)
			n.Entries[i] = e
		}
	}
	return n
}

// target is what a Ref to text refers to.
func (t *transformer) target(text string) string {
	if id, ok := t.renamed[text]; ok {
		return id
	}
	id, property, ok := strings.Cut(text, ".")
	if made := t.aliases[id][property]; ok && made != "" {
		return made
	}
	return text
}

var variableName = regexp.MustCompile(`^\$\{(.*)\}$`)

// rewriteVariable rewrites one variable of an Fn::Sub.
func (t *transformer) rewriteVariable(variable string) string {
	text := variableName.FindStringSubmatch(variable)[1]
	parts := strings.Split(text, ".")
	if id, ok := t.renamed[parts[0]]; ok {
		return "${" + strings.Join(append([]string{id}, parts[1:]...), ".") + "}"
	}
	if len(parts) > 1 {
		if made := t.aliases[parts[0]][parts[1]]; made != "" {
			return "${" + strings.Join(append([]string{made}, parts[2:]...), ".") + "}"
		}
	}
	return variable
}

// rewriteGetAtt rewrites the argument of an Fn::GetAtt.
func (t *transformer) rewriteGetAtt(arg source.Node) source.Node {
	var texts []string
	for _, item := range arg.Items {
		if item.Kind != source.String {
			return t.rewriteInside(arg)
		}
		texts = append(texts, item.Text)
	}
	parts := strings.Split(strings.Join(texts, "."), ".")
	if id, ok := t.renamed[parts[0]]; ok {
		return place(arg.At).strs(append([]string{id}, parts[1:]...)...)
	}
	if len(parts) > 1 {
		if made := t.aliases[parts[0]][parts[1]]; made != "" {
			return place(arg.At).strs(append([]string{made}, parts[2:]...)...)
		}
	}
	return arg
}
