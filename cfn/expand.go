package cfn

import (
	"slices"
	"strings"

	"bailey/cfn/document"
	"bailey/sam"
	"bailey/source"
)

// The transforms that AWS hosts and that are read here.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-reference.html
const (
	languageExtensions = "AWS::LanguageExtensions"
	include            = "AWS::Include"
)

// maxCopied bounds the values that loops and includes may make in one Load. A
// template may have 1 MB and 500 resources after all transforms.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const maxCopied = 500_000

// transformed gives the template as it is after its transforms: includes,
// loops, then SAM's.
func (l *loader) transformed(doc source.Node) (source.Node, bool) {
	serverless := l.transforms(doc)
	also := []string{"Fn::Transform"}
	if serverless {
		also = append(also, "Globals")
	}
	if !l.outline(doc, also...) {
		return doc, false
	}
	x := &expander{l: l}
	doc = x.root(doc)
	l.readParameters(l.section(doc, "Parameters"))
	l.mappings = l.section(doc, "Mappings")
	if mentions(doc, "Fn::Transform", "Fn::ForEach::") {
		for i, e := range doc.Entries {
			if !slices.Contains(unexpanded, e.Key) {
				doc.Entries = slices.Clone(doc.Entries)
				doc.Entries[i].Value = x.node(e.Value, nil, e.Key)
			}
		}
		l.mappings = l.section(doc, "Mappings")
	}
	if !l.outline(doc, also[1:]...) {
		return doc, false
	}
	if serverless && !onlyApplications(l.section(doc, "Resources")) {
		return l.serverless(doc)
	}
	return doc, true
}

// unexpanded are the sections without transforms.
var unexpanded = []string{"AWSTemplateFormatVersion", "Description", "Parameters", "Transform", "Metadata"}

// transforms reads the Transform section. SAM's comes last
// (https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-language-extensions.html). Any but those that AWS hosts is a
// macro of the account's, and what the template says after it is not here.
func (l *loader) transforms(doc source.Node) (serverless bool) {
	transform, _ := doc.Get("Transform")
	for t := range transform.Each() {
		name := t
		if t.Kind == source.Map {
			name, _ = t.Get("Name")
		}
		switch {
		case t.Kind == source.Null:
		case name.Text == languageExtensions && serverless:
			l.fail("CFN_TRANSFORM", t.At, "list "+languageExtensions+" before "+sam.Name, "the loops have to be written out before SAM's transform")
		case name.Text == languageExtensions:
			l.language = true
		case name.Text == sam.Name:
			serverless = true
		case name.Text != include || t.Kind != source.Map:
			l.fail("CFN_TRANSFORM", t.At, "give the template as it is after the transform: `aws cloudformation get-template --template-stage Processed`",
				"the transform %s is not read", shown(name))
		}
	}
	return serverless
}

// serverless applies SAM's transform.
func (l *loader) serverless(doc source.Node) (source.Node, bool) {
	doc.Entries = slices.Clone(doc.Entries)
	for i, e := range doc.Entries {
		if e.Key == "Transform" {
			doc.Entries[i].Value = source.Node{Kind: source.String, Text: sam.Name, At: e.Value.At}
		}
	}
	given := map[string]source.Node{}
	for name, p := range l.params {
		if v, ok := l.given(p); ok && v.IsScalar() {
			given[name] = v
		}
	}
	out, diags := sam.Transform(doc, sam.Options{Region: l.spec.Region, Parameters: given, Unpackaged: true})
	l.diags = append(l.diags, diags...)
	return out, !diags.HasErrors()
}

// onlyApplications reports whether SAM's transform would change nothing but
// applications of the Serverless Application Repository, which stand for stacks
// that are not here: the CDK's rotation of secrets is made so. Like every type
// without a row they are noted.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
func onlyApplications(resources source.Node) bool {
	return !slices.ContainsFunc(resources.Entries, func(e source.Entry) bool {
		typ, _ := e.Value.Get("Type")
		location, _ := e.Value.Path("Properties", "Location")
		repository := typ.Text == "AWS::Serverless::Application" && location.Kind == source.Map
		return strings.HasPrefix(typ.Text, "AWS::Serverless::") && !repository
	})
}

// mentions reports whether some key of n begins with one of prefixes.
func mentions(n source.Node, prefixes ...string) bool {
	if n.Tag == "!Transform" {
		return true
	}
	for _, e := range n.Entries {
		for _, p := range prefixes {
			if strings.HasPrefix(e.Key, p) {
				return true
			}
		}
		if mentions(e.Value, prefixes...) {
			return true
		}
	}
	return slices.ContainsFunc(n.Items, func(i source.Node) bool { return mentions(i, prefixes...) })
}

// An expander puts snippets where the template includes them, and writes out
// its loops.
type expander struct {
	l     *loader
	names map[string]source.Span // of loops
	files []string               // the includes under way
}

// spend counts a value that is made, and reports whether there is room.
func (x *expander) spend(at source.Span) bool {
	if x.l.copied++; x.l.copied == maxCopied {
		x.l.fail("CFN_TOO_LONG", at, "", "loops and includes make more than %d values", maxCopied)
	}
	return x.l.copied < maxCopied
}

// root puts in what the Transform section includes at the top level.
func (x *expander) root(doc source.Node) source.Node {
	transform, _ := doc.Get("Transform")
	for t := range transform.Each() {
		if name, _ := t.Get("Name"); t.Kind != source.Map || name.Text != include {
			continue
		}
		snippet, file := x.snippet(t)
		if file == "" {
			continue
		}
		doc.Entries = slices.Clone(doc.Entries)
		for _, e := range snippet.Entries {
			i := slices.IndexFunc(doc.Entries, func(o source.Entry) bool { return o.Key == e.Key })
			switch {
			case i < 0:
				doc.Entries = append(doc.Entries, e)
			case doc.Entries[i].Value.Kind == source.Map && e.Value.Kind == source.Map:
				doc.Entries[i].Value.Entries = x.merged(slices.Clone(doc.Entries[i].Value.Entries), e.Value.Entries)
			default:
				x.twice(e)
			}
		}
	}
	return doc
}

// merged adds entries that are not there.
func (x *expander) merged(into, add []source.Entry) []source.Entry {
	has := map[string]bool{}
	for _, e := range into {
		has[e.Key] = true
	}
	for _, e := range add {
		if has[e.Key] {
			x.twice(e)
			continue
		}
		has[e.Key] = true
		into = append(into, e)
	}
	return into
}

func (x *expander) twice(e source.Entry) {
	x.l.fail("CFN_DUPLICATE_KEY", e.KeyAt, "let the keys differ; a loop's key holds ${Identifier}", "key %q is already there", e.Key)
}

// node gives n with includes and loops written out. vars are the identifiers
// of the loops around it; in is the section.
func (x *expander) node(n source.Node, vars []variable, in string) source.Node {
	if len(vars) > 0 && !x.spend(n.At) {
		return open(inError, n.At)
	}
	if v, ok := loopRef(n, vars); ok {
		return v
	}
	switch n.Kind {
	case source.String:
		if len(vars) > 0 {
			n.Text = substitute(n.Text, vars)
			if n.Tag == "!Sub" && settled(n) {
				n.Tag = ""
			}
		}
	case source.List:
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = x.node(item, vars, in)
		}
		n.Items = items
	case source.Map:
		if n.Tag == "!Transform" {
			n = source.Node{Kind: source.Map, At: n.At, Entries: []source.Entry{{Key: "Fn::Transform", KeyAt: n.At, Value: source.Node{Kind: source.Map, Entries: n.Entries, At: n.At}}}}
		}
		return x.mapNode(n, vars, in)
	}
	return n
}

func (x *expander) mapNode(n source.Node, vars []variable, in string) source.Node {
	out := source.Node{Kind: source.Map, Tag: n.Tag, At: n.At}
	for _, e := range n.Entries {
		switch {
		case e.Key == "Fn::Transform":
			v := x.transform(e, vars, in)
			if v.Kind != source.Map && len(n.Entries) == 1 {
				return v
			}
			out.Entries = x.merged(out.Entries, v.Entries)
		case strings.HasPrefix(e.Key, "Fn::ForEach::"):
			out.Entries = x.merged(out.Entries, x.loop(e, vars, in))
		case len(vars) > 0 && e.Key == "Fn::If" && len(e.Value.Items) == 3:
			out.Entries = append(out.Entries, source.Entry{Key: e.Key, KeyAt: e.KeyAt, Value: x.node(e.Value, vars, in)})
		default:
			e.Key, e.Value = substitute(e.Key, vars), x.node(e.Value, vars, in)
			out.Entries = append(out.Entries, e)
		}
	}
	if len(out.Entries) == 1 && len(vars) > 0 && out.Entries[0].Key == "Fn::Sub" && settled(out.Entries[0].Value) {
		return out.Entries[0].Value
	}
	return out
}

// settled reports whether a loop has left nothing to put into an Fn::Sub. SAM,
// whose transform comes next, reads it as text.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-language-extensions.html
func settled(n source.Node) bool {
	return n.Kind == source.String && !strings.Contains(n.Text, "${")
}

// transform is Fn::Transform: AWS::Include, once or several times. Others are
// the account's macros.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html
func (x *expander) transform(e source.Entry, vars []variable, in string) source.Node {
	out := source.Node{Kind: source.Map, At: e.Value.At}
	for t := range e.Value.Each() {
		name, _ := t.Get("Name")
		if name.Text != include {
			gap := x.l.fail("CFN_TRANSFORM", t.At, "give the template as it is after the transform", "the macro %s of Fn::Transform is not read", shown(name))
			x.l.openNames = &gap
			return gap
		}
		snippet, file := x.snippet(x.node(t, vars, in))
		if file == "" {
			return snippet
		}
		x.files = append(x.files, file)
		snippet = x.node(snippet, vars, in)
		x.files = x.files[:len(x.files)-1]
		if snippet.Kind != source.Map {
			return snippet
		}
		out.Entries = x.merged(out.Entries, snippet.Entries)
	}
	return out
}

// snippet reads the file that AWS::Include names; file is empty where that
// cannot be.
func (x *expander) snippet(t source.Node) (n source.Node, file string) {
	raw, ok := t.Path("Parameters", "Location")
	if !ok {
		return x.l.fail("CFN_BAD_FUNCTION", t.At, "add Parameters: {Location: path}", "AWS::Include names no Location"), ""
	}
	where := x.l.eval(raw)
	if where.Kind == source.Unknown || remote(where.Text) || x.l.open == nil {
		gap := open("the snippet at "+shown(where)+" is not here", raw.At)
		if where.Kind == source.Unknown {
			gap = where
		}
		x.l.openNames = &gap
		x.l.warn("CFN_REMOTE_INCLUDE", raw.At, "give Location as a path, as `aws cloudformation package` takes it; until then what it declares is not in the answers", "%s", gap.Text)
		return gap, ""
	}
	name := beside(cmpOr(x.files, x.l.file), where.Text)
	if slices.Contains(x.files, name) || name == x.l.file {
		return x.l.fail("CFN_CYCLE", raw.At, "", "%s includes itself", name), ""
	}
	data, err := x.l.open(name)
	if err != nil {
		return x.l.fail("CFN_NO_FILE", raw.At, "the path is relative to the folder of the file that names it", "the snippet %s cannot be read: %v", name, err), ""
	}
	if x.l.copied += len(data) / 16; x.l.copied > maxCopied {
		return x.l.fail("CFN_TOO_LONG", raw.At, "", "loops and includes make more than %d values", maxCopied), ""
	}
	n, diags := document.Read(name, data)
	if x.l.diags = append(x.l.diags, diags...); diags.HasErrors() {
		return open(inError, raw.At), ""
	}
	return n, name
}

// cmpOr gives the last of files, else file.
func cmpOr(files []string, file string) string {
	if len(files) == 0 {
		return file
	}
	return files[len(files)-1]
}
