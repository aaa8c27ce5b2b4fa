package cdk

import (
	"bytes"
	"cmp"
	"path"
	"strings"

	"bailey/source"
)

// stack reads an artifact of type aws:cloudformation:stack.
func (r *reader) stack(m manifest, art artifact) *Stack {
	ref, ok := r.text(art.properties, "templateFile", art.at, "stack "+art.id)
	if !ok {
		return nil
	}
	s := &Stack{ID: fullID(m.dir, art.id), Name: art.id, Path: art.id, Environment: r.environment(art), at: art.at,
		dependsOn: r.dependencies(m, art), missing: m.missing, Parameters: map[string]source.Node{}}
	if n, ok := art.properties.Get("stackName"); ok {
		s.Name = n.Text
	}
	if n, ok := art.n.Get("displayName"); ok {
		s.Path = n.Text
	}
	given, _ := r.mapOf(art.properties, "parameters", "stack "+art.id)
	for _, e := range given.Entries {
		s.Parameters[e.Key] = e.Value
	}
	md := r.metadata(m, art)
	s.Annotations = r.annotations(md)
	s.Assets = r.assets(m, s, md)
	if !r.template(s, m.dir, ref) {
		return nil
	}
	r.constructs(s, m, md)
	r.nest(s, m, s.Template)
	return s
}

// template reads the stack's template.
func (r *reader) template(s *Stack, dir string, ref source.Node) bool {
	name, ok := r.resolve(dir, ref)
	if !ok {
		return false
	}
	s.File = r.place(name)
	n, data, ok := r.document(name, ref.At)
	if !ok {
		return false
	}
	if first := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\uFEFF")), " \t\r\n"); first[0] != '{' {
		r.fail("CDK_NOT_JSON", source.Span{File: s.File}, "synthesise the app again: `npx cdk synth`", "the template of stack %s is not JSON", s.Name)
		return false
	}
	s.Template = n
	return true
}

// metadata gives a stack's metadata by construct path: that in the manifest,
// or in newer assemblies in a file of its own.
func (r *reader) metadata(m manifest, art artifact) source.Node {
	out, _ := r.mapOf(art.n, "metadata", "artifact "+art.id)
	ref, ok := art.n.Get("additionalMetadataFile")
	if !ok {
		return out
	}
	name, ok := r.resolve(m.dir, ref)
	if !ok {
		return out
	}
	more, _, ok := r.document(name, ref.At)
	if ok {
		out.Entries = append(out.Entries[:len(out.Entries):len(out.Entries)], more.Entries...)
	}
	return out
}

// annotations reads what the app itself says of its constructs. The CLI deploys
// nothing of which the app says that it is wrong.
// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Annotations.html
func (r *reader) annotations(metadata source.Node) source.Diags {
	var out source.Diags
	for _, e := range metadata.Entries {
		for item := range e.Value.Each() {
			kind, _ := item.Get("type")
			data, _ := item.Get("data")
			trace, _ := item.Get("trace")
			d := source.Diag{Code: "CDK_ANNOTATION", At: data.At}
			switch kind.Text {
			case "aws:cdk:error":
				d.Hint = "mend the app: cdk deploy refuses it as well"
			case "aws:cdk:warning":
				d.Severity = source.Warning
			default:
				continue
			}
			where := strings.TrimPrefix(e.Key, "/")
			d.At.Construct = source.MakeConstruct(where, r.code([]source.Node{trace}))
			d.Summary = "the app says of " + where + ": " + strings.Join(strings.Fields(data.Text), " ")
			out.Add(d)
		}
	}
	return out
}

// nest reads the stacks nested in s: resources of AWS::CloudFormation::Stack
// whose TemplateURL is a file asset of the assembly, or which name the file.
// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.NestedStack.html
func (r *reader) nest(s *Stack, m manifest, template source.Node) {
	resources, _ := template.Get("Resources")
	for _, e := range resources.Entries {
		if typ, _ := e.Value.Get("Type"); typ.Text != nestedType {
			continue
		}
		file, ok := r.nestedFile(s, m, e)
		if !ok {
			r.warn("CDK_NESTED_STACK", e.KeyAt, "its resources are not in the answers", "the template of nested stack %s is not in the assembly", e.Key)
			continue
		}
		r.nestedStack(s, m, e, file)
	}
}

const nestedType = "AWS::CloudFormation::Stack"

// nestedFile finds a nested stack's template, within fsys: named in the
// template, or in the metadata, or published where TemplateURL points.
func (r *reader) nestedFile(s *Stack, m manifest, e source.Entry) (string, bool) {
	if ref, ok := e.Value.Path("Metadata", "aws:asset:path"); ok {
		if name, ok := within(m.dir, ref.Text); ok {
			return name, true
		}
	}
	if name, ok := within(m.dir, s.templates[nestedPath(s.Constructs[e.Key].Path())]); ok {
		return name, true
	}
	url, ok := e.Value.Path("Properties", "TemplateURL")
	if !ok {
		return "", false
	}
	for _, a := range s.Assets {
		if a.Kind == File && a.Key != "" && mentions(url, a.Key) {
			return a.Path, true
		}
	}
	return "", false
}

// mentions reports whether some text in n ends in the object key: a URL is
// joined from parts of which the last names the object.
func mentions(n source.Node, key string) bool {
	if n.Kind == source.String {
		return path.Base(n.Text) == path.Base(key)
	}
	for _, item := range n.Items {
		if mentions(item, key) {
			return true
		}
	}
	for _, e := range n.Entries {
		if mentions(e.Value, key) {
			return true
		}
	}
	return false
}

func (r *reader) nestedStack(s *Stack, m manifest, e source.Entry, file string) {
	if r.seen[file] {
		r.fail("CDK_STACK_CYCLE", e.KeyAt, "", "nested stack %s is nested in itself: %s", e.Key, r.place(file))
		return
	}
	r.seen[file] = true
	defer delete(r.seen, file)
	child := &Stack{ID: s.ID + "/" + e.Key, Name: s.Name + "-" + e.Key, Path: cmp.Or(nestedPath(s.Constructs[e.Key].Path()), s.Path+"/"+e.Key),
		Environment: s.Environment, Assets: s.Assets, at: e.KeyAt, missing: s.missing, inner: true, Parameters: map[string]source.Node{}}
	_, child.optional = e.Value.Get("Condition")
	url, _ := e.Value.Path("Properties", "TemplateURL")
	url.Text = path.Base(file)
	if url.At.IsZero() {
		url.At = e.KeyAt
	}
	if !r.template(child, path.Dir(file), url) {
		return
	}
	child.Constructs = s.nestedConstructs(child)
	child.mark()
	r.nest(child, m, child.Template)
	if s.Nested == nil {
		s.Nested = map[string]*Stack{}
	}
	s.Nested[e.Key] = child
}
