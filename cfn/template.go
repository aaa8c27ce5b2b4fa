package cfn

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// sectionNames are the sections that a template may have.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
var sectionNames = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules",
	"Mappings", "Conditions", "Transform", "Resources", "Outputs", "Hooks"}

// resourceKeys are the keys that a resource may have besides Properties.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-product-attribute-reference.html
var resourceKeys = []string{"Type", "Properties", "DependsOn", "Condition", "Metadata", "CreationPolicy",
	"DeletionPolicy", "UpdatePolicy", "UpdateReplacePolicy"}

// A resource is one entry of the Resources section.
type resource struct {
	cloud.Meta        // Name is the logical ID, with its stack's name where several stacks have it
	logical    string // ID
	row        *row   // nil: a type without a row
	raw        source.Node
	condition  source.Node // the name of its condition; Null where it has none
	dependsOn  []source.Node

	state  evalState
	values source.Node // raw, evaluated
	there  existence
	gap    source.Node // why it is open whether it exists
}

// evalState says how far the evaluation of something has come.
type evalState uint8

const (
	untouched evalState = iota
	underWay
	done
)

// fail adds an error and gives the Unknown that stands in for the value.
func (d *deployment) fail(code string, at source.Span, hint, format string, args ...any) source.Node {
	x := source.Diag{Code: code, At: at, Summary: fmt.Sprintf(format, args...), Hint: hint}
	d.diags.Add(x)
	return open(inError+": "+x.Summary, at)
}

// inError begins the reason of an Unknown that stands in for a value in error.
const inError = "it is in error"

// failed reports whether a value is open because of a mistake that is already
// reported.
func failed(because string) bool { return strings.HasPrefix(because, inError) }

// warn adds a warning.
func (d *deployment) warn(code string, at source.Span, hint, format string, args ...any) {
	d.diags.Add(source.Diag{Code: code, Severity: source.Warning, At: at, Summary: fmt.Sprintf(format, args...), Hint: hint})
}

// open is a value that the template leaves open: why, and where to state it.
func open(because string, at source.Span) source.Node {
	return source.Node{Kind: source.Unknown, Text: because, At: at}
}

// sections checks the template's outline and takes its sections apart, after
// the transforms.
func (l *loader) sections(doc source.Node) {
	doc, ok := l.transformed(doc)
	if !ok {
		return
	}
	l.doc = doc
	l.checkNesting()
	for _, e := range l.section(doc, "Conditions").Entries {
		l.conditions[e.Key] = &condition{name: e.Key, at: e.KeyAt, raw: e.Value}
	}
	l.addResources()
	for _, e := range l.section(doc, "Outputs").Entries {
		l.addOutput(e)
	}
	l.evaluateConditions()
	l.assertRules()
}

// outline checks that the template is one, and its sections' names; also are
// those of a transform.
func (l *loader) outline(doc source.Node, also ...string) bool {
	if doc.Kind != source.Map {
		l.fail("CFN_NOT_A_TEMPLATE", doc.At, "a template is a map with a Resources section", "the template is a %s, not a map", doc.Kind)
		return false
	}
	for _, e := range doc.Entries {
		if !slices.Contains(sectionNames, e.Key) && !slices.Contains(also, e.Key) {
			l.fail("CFN_UNKNOWN_SECTION", e.KeyAt, source.DidYouMean(e.Key, sectionNames, "a template's sections are "+strings.Join(sectionNames, ", ")),
				"a template has no section %q", e.Key)
		}
	}
	return true
}

// addResources files the Resources section, which must not be empty. One that
// loops or includes leave empty because something is open is.
func (l *loader) addResources() {
	resources := l.section(l.doc, "Resources")
	_, stated := l.doc.Get("Resources")
	switch {
	case len(resources.Entries) > 0 || l.openNames != nil:
	case !stated:
		l.fail("CFN_NO_RESOURCES", l.doc.At, "declare at least one resource", "the template has no Resources section")
	case resources.Kind == source.Map:
		l.fail("CFN_NO_RESOURCES", resources.At, "declare at least one resource", "the Resources section is empty")
	}
	for _, e := range resources.Entries {
		l.addResource(e)
	}
}

// section gives a section that must be a map where it is there.
func (l *loader) section(doc source.Node, name string) source.Node {
	n, ok := doc.Get(name)
	if n.Kind == source.Unknown {
		return source.Node{} // what it includes is not here
	}
	if ok && n.Kind != source.Map {
		l.fail("CFN_WRONG_TYPE", n.At, "", "the section %s is a %s, not a map", name, n.Kind)
		return source.Node{}
	}
	return n
}

// shown is a scalar's text, for a message.
func shown(n source.Node) string {
	if n.IsScalar() {
		return n.Text
	}
	return "here"
}

var (
	logicalID = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	typeName  = regexp.MustCompile(`^([A-Za-z0-9]+::[A-Za-z0-9]+::[A-Za-z0-9]+(::MODULE)?|Custom::[A-Za-z0-9_@-]+)$`)
)

// addResource files one entry of Resources.
func (l *loader) addResource(e source.Entry) {
	if e.Value.Kind != source.Map {
		l.fail("CFN_WRONG_TYPE", e.KeyAt, "a resource has a Type and Properties", "resource %s is a %s, not a map", e.Key, e.Value.Kind)
		return
	}
	if !logicalID.MatchString(e.Key) {
		l.fail("CFN_BAD_NAME", e.KeyAt, "use letters and digits only", "%q is no logical ID", e.Key)
	}
	for _, k := range e.Value.Entries {
		if !slices.Contains(resourceKeys, k.Key) {
			l.fail("CFN_UNKNOWN_KEY", k.KeyAt, source.DidYouMean(k.Key, resourceKeys, "properties of the resource belong under Properties"),
				"resource %s has an unknown key %q", e.Key, k.Key)
		}
	}
	typ, ok := e.Value.Get("Type")
	if !ok || typ.Kind != source.String || !typeName.MatchString(typ.Text) {
		l.fail("CFN_BAD_TYPE", e.KeyAt, "give it a Type such as AWS::Lambda::Function", "resource %s has no usable Type", e.Key)
		return
	}
	r := &resource{Meta: cloud.Meta{Name: cmp.Or(l.in.Known[e.Key].Name, e.Key), Type: typ.Text, At: e.KeyAt}, logical: e.Key, row: l.byType[typ.Text]}
	r.raw, _ = e.Value.Get("Properties")
	r.condition, _ = e.Value.Get("Condition")
	if deps, ok := e.Value.Get("DependsOn"); ok {
		r.dependsOn = slices.Collect(deps.Each())
	}
	l.resources = append(l.resources, r)
	l.byName[e.Key] = r
	l.byRow[r.row] = append(l.byRow[r.row], member{l, r})
	l.checkAttributes(e)
}

// props gives the resource's properties with every intrinsic evaluated and
// every dynamic reference resolved.
func (l *loader) props(r *resource) source.Node {
	switch r.state {
	case done:
		return r.values
	case underWay:
		return open("it depends on itself", r.At)
	}
	defer l.from()()
	r.state = underWay
	r.values = l.resolved(l.eval(r.raw))
	r.state = done
	return r.values
}

// prop gives one evaluated property, Null where it is absent.
func (l *loader) prop(r *resource, key string) source.Node {
	p := l.props(r)
	if p.Kind == source.Unknown {
		return p
	}
	v, _ := p.Get(key)
	return v
}

// noteUnmodelled files the resources without a row, and says once per type
// what that means.
func (d *deployment) noteUnmodelled() {
	names := map[string][]string{}
	var order []cloud.Meta
	for _, p := range d.byRow[nil] {
		if !p.l.exists(p.r) {
			continue
		}
		d.spec.Unmodelled = append(d.spec.Unmodelled, p.r.Meta)
		if names[p.r.Type] == nil {
			order = append(order, p.r.Meta)
		}
		names[p.r.Type] = append(names[p.r.Type], p.r.Name)
	}
	for _, m := range order {
		note := source.Diag{Code: "CFN_UNMODELLED_TYPE", Severity: source.Note, At: m.At,
			Summary: fmt.Sprintf("%s is not modelled: %s", m.Type, strings.Join(names[m.Type], ", ")),
			Hint:    "answers about it, and those that depend on its attributes, are unknown"}
		if near := d.nearType(m.Type); near != "" {
			note.Severity, note.Hint = source.Warning, "did you mean "+near+"?"
		}
		d.diags.Add(note)
	}
}

// nearType finds a type that differs by a slip of the finger. Real types differ
// by whole words, so the bound is tight.
func (d *deployment) nearType(name string) string {
	var same []string
	for _, r := range d.rows {
		if d := len(r.Type) - len(name); -2 <= d && d <= 2 {
			same = append(same, r.Type)
		}
	}
	near := source.Closest(name, same)
	if strings.EqualFold(near, name) || source.Within(name, near, 2) {
		return near
	}
	return ""
}
