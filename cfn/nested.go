package cfn

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"bailey/source"
)

// stackType is the type of a nested stack.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
const stackType = "AWS::CloudFormation::Stack"

// maxStacks bounds the stacks of one Load: nested templates can name others
// twice, each of which names others twice. An account may have 2,000.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const maxStacks = 2000

func stackRows() []*row {
	return []*row{
		{Type: stackType, ref: refStack, atts: attributes{"StackId": refStack}, properties: "Capabilities Description DisableRollback EnableTerminationProtection NotificationARNs Parameters " +
			"RoleARN StackName StackPolicyBody StackPolicyURL StackStatusReason Tags TemplateBody TemplateURL TimeoutInMinutes"},
		// What the CDK says about itself: nothing about the application.
		{Type: "AWS::CDK::Metadata", properties: "Analytics"},
	}
}

// refStack: Ref gives the nested stack's ARN.
func refStack(l *loader, r *resource) source.Node {
	if c := l.child(r); c != nil {
		id, _ := c.pseudo("AWS::StackId", r.At)
		return id
	}
	return open("AWS decides the ID of stack "+r.Name, r.At)
}

// nest opens the stacks nested in l.
func (l *loader) nest() {
	for _, r := range l.resources {
		if r.Type == stackType && l.exists(r) {
			l.child(r)
		}
	}
}

// child gives the nested stack that a resource is, opened when it is first
// asked for; nil where its template is not here.
func (l *loader) child(r *resource) *loader {
	if c, known := l.children[r]; known {
		return c
	}
	l.children[r] = nil
	s, ok := l.in.Nested[r.logical]
	if !ok {
		s, ok = l.nestedTemplate(r)
	}
	switch {
	case !ok:
		return nil
	case len(l.stacks) >= maxStacks:
		l.fail("CFN_TOO_LONG", r.At, "", "there are more than %d stacks", maxStacks)
		return nil
	}
	s.Name = l.stack + "-" + r.logical
	l.children[r] = l.begin(s, l, r)
	return l.children[r]
}

// nestedTemplate reads the template of a nested stack where its TemplateURL is
// a path, as `aws cloudformation package` takes it.
// https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html
func (l *loader) nestedTemplate(r *resource) (Stack, bool) {
	raw, ok := r.raw.Get("TemplateURL")
	if !ok {
		l.fail("CFN_MISSING_PROPERTY", r.At, "add it under Properties", "%s (%s) has no TemplateURL", r.logical, r.Type)
		return Stack{}, false
	}
	url := l.eval(raw)
	if strings.HasPrefix(url.Text, repository) {
		return Stack{}, false // sam has said so
	}
	if url.Kind != source.String || l.open == nil || remote(url.Text) {
		what := shown(url)
		if url.Kind == source.Unknown {
			what = url.Text
		}
		l.warn("CFN_REMOTE_STACK", raw.At, "give TemplateURL as a path, as `aws cloudformation package` takes it; until then its outputs are unknown and its resources are not in the answers",
			"the template of nested stack %s is not here: %s", r.logical, what)
		return Stack{}, false
	}
	name := beside(l.file, url.Text)
	if chain, again := l.nestedIn(name); again {
		l.fail("CFN_CYCLE", raw.At, "", "nested stack %s is nested in itself: %s", r.logical, strings.Join(chain, " -> "))
		return Stack{}, false
	}
	data, err := l.open(name)
	if err != nil {
		l.fail("CFN_NO_FILE", raw.At, "the path is relative to the template's folder", "the template of nested stack %s cannot be read: %v", r.logical, err)
		return Stack{}, false
	}
	return Stack{File: name, Data: data}, true
}

// repository is how the ID of an application of the Serverless Application
// Repository begins.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html
const repository = "arn:"

// remote reports whether a location is not a path.
func remote(location string) bool { return strings.Contains(location, "://") }

// beside joins a path to the folder of the file that names it.
func beside(file, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(path.Dir(file), name)
}

// nestedIn gives the files from name down to l, if l is in a stack of that
// file.
func (l *loader) nestedIn(name string) ([]string, bool) {
	chain := []string{name}
	for s := l; s != nil; s = s.parent {
		chain = append(chain, s.file)
		if s.file == name {
			slices.Reverse(chain)
			return chain, true
		}
	}
	return nil, false
}

// nestedAttribute gives an output of a nested stack.
func (l *loader) nestedAttribute(r *resource, attribute string, at source.Span) source.Node {
	name := strings.TrimPrefix(attribute, "Outputs.")
	c := l.child(r)
	if c == nil {
		return open(fmt.Sprintf("the template of nested stack %s is not here, so its output %s is not known", r.logical, name), r.At)
	}
	o, ok := c.outputs[name]
	switch {
	case !ok && c.openNames != nil:
		return *c.openNames
	case !ok:
		var has []string
		for _, o := range c.results {
			has = append(has, o.name)
		}
		return l.fail("CFN_UNKNOWN_ATTRIBUTE", at, source.DidYouMean(name, has, "declare it under Outputs of "+c.file),
			"nested stack %s (%s) has no output %s", r.logical, c.file, name)
	case !c.outputExists(o):
		return l.fail("CFN_UNKNOWN_ATTRIBUTE", at, "use Fn::If with the same condition around the reference",
			"output %s of nested stack %s is not there, because its condition is false", name, r.logical)
	}
	return c.outputValue(o)
}
