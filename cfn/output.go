package cfn

import (
	"fmt"
	"slices"

	"bailey/source"
)

// An output is one entry of the Outputs section.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/outputs-section-structure.html
type output struct {
	l     *loader
	name  string
	at    source.Span
	raw   source.Node
	state evalState
	value source.Node
}

var outputKeys = []string{"Condition", "Description", "Export", "Value"}

// addOutput files one entry of Outputs.
func (l *loader) addOutput(e source.Entry) {
	if e.Value.Kind != source.Map {
		l.fail("CFN_WRONG_TYPE", e.KeyAt, "an output has a Value", "output %s is a %s, not a map", e.Key, e.Value.Kind)
		return
	}
	for _, k := range e.Value.Entries {
		if !slices.Contains(outputKeys, k.Key) {
			l.fail("CFN_UNKNOWN_KEY", k.KeyAt, source.DidYouMean(k.Key, outputKeys, ""), "output %s has an unknown key %q", e.Key, k.Key)
		}
	}
	o := &output{l: l, name: e.Key, at: e.KeyAt, raw: e.Value}
	if _, ok := e.Value.Get("Value"); !ok {
		l.fail("CFN_MISSING_PROPERTY", e.KeyAt, "add Value to it", "output %s has no Value", e.Key)
	}
	l.outputs[e.Key] = o
	l.results = append(l.results, o)
}

// outputExists reports whether an output's condition lets it be, or leaves that
// open.
func (l *loader) outputExists(o *output) bool {
	name, ok := o.raw.Get("Condition")
	if !ok {
		return true
	}
	there, _ := l.holds(name, "output "+o.name)
	return there
}

// outputValue gives an output's value; Unknown where its condition is open.
func (l *loader) outputValue(o *output) source.Node {
	switch o.state {
	case done:
		return o.value
	case underWay:
		return l.fail("CFN_CYCLE", o.at, "take the reference out of one of them", "output %s of stack %s depends on itself", o.name, l.stack)
	}
	defer l.from()()
	o.state = underWay
	raw, _ := o.raw.Get("Value")
	o.value = l.eval(raw)
	if o.value.Kind == source.List || o.value.Kind == source.Map {
		o.value = l.fail("CFN_WRONG_TYPE", raw.At, "an output is text: use Fn::Join", "the value of output %s is a %s", o.name, o.value.Kind)
	}
	if name, ok := o.raw.Get("Condition"); ok {
		if _, gap := l.holds(name, "output "+o.name); gap != nil {
			o.value = *gap
		}
	}
	o.state = done
	return o.value
}

// exporting files what the stacks export. A name is one in an account and
// region. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
func (d *deployment) exporting() map[string]*output {
	if d.exports != nil {
		return d.exports
	}
	d.exports = map[string]*output{}
	for _, l := range d.stacks {
		for _, o := range l.results {
			if n, ok := o.raw.Path("Export", "Name"); ok && l.outputExists(o) {
				l.export(o, n)
			}
		}
	}
	return d.exports
}

func (l *loader) export(o *output, raw source.Node) {
	defer l.from()()
	name := l.eval(raw)
	switch {
	case name.Kind == source.Unknown:
		l.openExport = &name
		return
	case !name.IsScalar():
		l.fail("CFN_WRONG_TYPE", raw.At, "", "the name that output %s is exported under is a %s", o.name, name.Kind)
		return
	}
	if other := l.exports[name.Text]; other != nil {
		l.fail("CFN_DUPLICATE_EXPORT", raw.At, "an export's name is unique in an account and region",
			"stack %s exports %q, as stack %s does (%s)", l.stack, name.Text, other.l.stack, other.at)
		return
	}
	l.exports[name.Text] = o
}

// applyImport is Fn::ImportValue. Its name cannot depend on a resource.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-importvalue.html
func (l *loader) applyImport(arg source.Node, at source.Span) source.Node {
	name, stop, ok := l.scalar("Fn::ImportValue", l.eval(arg))
	if !ok {
		return stop
	}
	if o := l.exporting()[name]; o != nil {
		return o.l.outputValue(o)
	}
	because := fmt.Sprintf("%q is exported by no stack that is read here: it is another stack's", name)
	if l.openExport != nil {
		because += ", or that of an export whose name is open: " + l.openExport.Text
	}
	return open(because, at)
}

// applyStackOutput is Fn::GetStackOutput: an output of another stack, which
// need not be exported.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
func (l *loader) applyStackOutput(arg source.Node, at source.Span) source.Node {
	q, stop, ok := l.stackOutput(arg, at)
	if !ok {
		return stop
	}
	if q.region != "" && q.region != l.spec.Region || q.role != "" {
		return open(fmt.Sprintf("output %s of stack %s is another region's or account's", q.output, q.stack), at)
	}
	for _, s := range l.stacks {
		if s.stack != q.stack {
			continue
		}
		o := s.outputs[q.output]
		if o == nil || !s.outputExists(o) {
			return l.fail("CFN_UNKNOWN_REFERENCE", at, "declare it under Outputs of "+s.file, "stack %s has no output %s", q.stack, q.output)
		}
		return s.outputValue(o)
	}
	return open(fmt.Sprintf("stack %s is not among those that are read here, so its output %s is not known", q.stack, q.output), at)
}

// A stackOutput is the argument of Fn::GetStackOutput.
type stackOutput struct{ stack, output, region, role string }

func (l *loader) stackOutput(arg source.Node, at source.Span) (q stackOutput, stop source.Node, ok bool) {
	into := map[string]*string{"StackName": &q.stack, "OutputName": &q.output, "Region": &q.region, "RoleArn": &q.role}
	for _, e := range arg.Entries {
		text, stop, ok := l.scalar("Fn::GetStackOutput", l.eval(e.Value))
		if !ok {
			return q, stop, false
		}
		if into[e.Key] != nil {
			*into[e.Key] = text
		}
	}
	if q.stack == "" || q.output == "" {
		return q, l.fail("CFN_BAD_FUNCTION", at, usage["Fn::GetStackOutput"], "Fn::GetStackOutput has the wrong arguments"), false
	}
	return q, source.Node{}, true
}
