package cfn

import (
	"fmt"
	"regexp"
	"strings"

	"bailey/cfn/document"
	"bailey/source"
)

// dynamicForm is a dynamic reference: service and what it names.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
var dynamicForm = regexp.MustCompile(`\{\{resolve:([a-z0-9-]+):([^{}]*)\}\}`)

// resolved gives n with its dynamic references resolved. A text with one whose
// value is not known is Unknown.
func (l *loader) resolved(n source.Node) source.Node {
	if !hasDynamic(n) {
		return n
	}
	switch n.Kind {
	case source.String:
		return l.resolveText(n)
	case source.List:
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = l.resolved(item)
		}
		n.Items = items
	case source.Map:
		entries := make([]source.Entry, len(n.Entries))
		for i, e := range n.Entries {
			e.Value = l.resolved(e.Value)
			entries[i] = e
		}
		n.Entries = entries
	}
	return n
}

func hasDynamic(n source.Node) bool {
	if n.Kind == source.String {
		return strings.Contains(n.Text, "{{resolve:")
	}
	for _, item := range n.Items {
		if hasDynamic(item) {
			return true
		}
	}
	for _, e := range n.Entries {
		if hasDynamic(e.Value) {
			return true
		}
	}
	return false
}

func (l *loader) resolveText(n source.Node) source.Node {
	var gap *source.Node
	text := dynamicForm.ReplaceAllStringFunc(n.Text, func(ref string) string {
		parts := dynamicForm.FindStringSubmatch(ref)
		v := l.dynamic(parts[1], parts[2], n.At)
		if v.Kind == source.Unknown && gap == nil {
			gap = &v
		}
		return v.Text
	})
	if gap != nil {
		return *gap
	}
	return l.text(text, n.At)
}

// dynamic gives what one dynamic reference stands for.
func (l *loader) dynamic(service, what string, at source.Span) source.Node {
	switch service {
	case "ssm":
		return l.dynamicParameter(what, at)
	case "ssm-secure":
		return open(fmt.Sprintf("it is the secure string %q of Systems Manager, which is read when the stack is deployed", what), at)
	case "secretsmanager":
		return l.dynamicSecret(what, at)
	}
	return l.fail("CFN_BAD_DYNAMIC_REFERENCE", at, "the services are ssm, ssm-secure and secretsmanager", "there is no dynamic reference to %q", service)
}

// dynamicParameter is ssm:name or ssm:name:version.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html
func (l *loader) dynamicParameter(what string, at source.Span) source.Node {
	name, version, versioned := strings.Cut(what, ":")
	if name == "" || versioned && strings.Trim(version, "0123456789") != "" {
		return l.fail("CFN_BAD_DYNAMIC_REFERENCE", at, "write {{resolve:ssm:name}} or {{resolve:ssm:name:version}}", "%q names no parameter of Systems Manager", what)
	}
	v := l.stored(name, at)
	if v.Kind == source.Unknown {
		v.Text = "it is " + v.Text
	}
	return v
}

// stored gives the value of a parameter of Systems Manager: one of the facts,
// or one that a stack declares.
func (l *loader) stored(name string, at source.Span) source.Node {
	for i := range l.facts {
		if l.facts[i].ParamName == name {
			if g, missing := l.facts[i].Value.Gap(); missing {
				return open(g.Because, g.At)
			}
			return source.Node{Kind: source.String, Text: l.facts[i].Value.Or(""), At: at}
		}
	}
	if p, ok := l.declared("AWS::SSM::Parameter", "Name", name); ok {
		if v := p.l.prop(p.r, "Value"); v.Kind == source.List {
			return p.l.joinedList(v)
		} else if v.IsScalar() || v.Kind == source.Unknown {
			return v
		}
	}
	return open(fmt.Sprintf("the value of %q in Systems Manager's Parameter Store, which is stated nowhere (facts.ssm in bailey.yaml)", name), at)
}

// declared finds the resource of a type whose property key has a value.
func (l *loader) declared(typ, key, value string) (member, bool) {
	for _, p := range l.byRow[l.byType[typ]] {
		if p.r.Type != typ || !p.l.exists(p.r) || p.r.state == underWay {
			continue
		}
		if v := p.l.prop(p.r, key); v.IsScalar() && v.Text == value {
			return p, true
		}
	}
	return member{}, false
}

// dynamicSecret is secretsmanager:id:SecretString:key:stage:version; all but
// the ID may be missing, and the ID may be an ARN. The key of a text that a
// stack declares is known.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
func (l *loader) dynamicSecret(what string, at source.Span) source.Node {
	parts := strings.Split(what, ":")
	if parts[0] == "arn" && len(parts) >= 7 {
		parts = append([]string{strings.Join(parts[:7], ":")}, parts[7:]...)
	}
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	if parts[0] == "" || parts[1] != "" && parts[1] != "SecretString" {
		return l.fail("CFN_BAD_DYNAMIC_REFERENCE", at, "write {{resolve:secretsmanager:id:SecretString:key}}", "%q names no secret's value", what)
	}
	unknown := open(fmt.Sprintf("it is a part of the secret %q, whose value no template states", parts[0]), at)
	p, ok := l.declaredSecret(parts[0])
	if !ok {
		return unknown
	}
	text := p.l.prop(p.r, "SecretString")
	if text.Kind == source.Null {
		text, _ = p.l.prop(p.r, "GenerateSecretString").Get("SecretStringTemplate")
	}
	switch {
	case text.Kind != source.String:
		return unknown
	case parts[2] == "":
		return source.Node{Kind: source.String, Text: text.Text, At: at}
	}
	doc, diags := document.Read(l.file, []byte(text.Text))
	v, ok := doc.Get(parts[2])
	if diags.HasErrors() || !ok || !v.IsScalar() {
		return unknown
	}
	return source.Node{Kind: source.String, Text: v.Text, At: at}
}

// declaredSecret finds a secret by its name or by what Ref gives for it.
func (l *loader) declaredSecret(id string) (member, bool) {
	const typ = "AWS::SecretsManager::Secret"
	if p, ok := l.declared(typ, "Name", id); ok {
		return p, true
	}
	for _, p := range l.byRow[l.byType[typ]] {
		if p.r.Type == typ && p.r.state != underWay && p.l.exists(p.r) && p.l.refer(p.r.logical, p.r.At).Text == id {
			return p, true
		}
	}
	return member{}, false
}
