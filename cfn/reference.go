package cfn

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// pseudoNames are the pseudo parameters.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
var pseudoNames = []string{"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region",
	"AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}

// pseudo gives the value of a pseudo parameter.
func (l *loader) pseudo(name string, at source.Span) (source.Node, bool) {
	text := func(s string) (source.Node, bool) { return source.Node{Kind: source.String, Text: s, At: at}, true }
	switch name {
	case "AWS::AccountId":
		return text(l.spec.Account)
	case "AWS::Region":
		return text(l.spec.Region)
	case "AWS::StackName":
		return text(l.stack)
	case "AWS::Partition":
		return text(l.partition())
	case "AWS::StackId":
		return text(l.arn("cloudformation", "stack/"+l.stack+"/"+l.uuid("stack")).String())
	case "AWS::URLSuffix":
		if l.partition() == "aws-cn" {
			return text("amazonaws.com.cn")
		}
		return text("amazonaws.com")
	case "AWS::NotificationARNs":
		return source.Node{Kind: source.List, At: at}, true
	case "AWS::NoValue":
		return source.Node{Tag: noValue, At: at}, true
	}
	return source.Node{}, false
}

// partition is the partition of the region.
func (l *loader) partition() string { return cloud.Partition(l.spec.Region) }

// arn is the ARN of something in the stack's region and account.
func (l *loader) arn(service, resource string) cloud.ARN {
	return cloud.ARN{Partition: l.partition(), Service: service, Region: l.spec.Region, Account: l.spec.Account, Resource: resource}
}

// uuid makes up the UUID that AWS would make up.
func (l *loader) uuid(name string) string {
	sum := sha256.Sum256([]byte(l.stack + "\x00" + name))
	h := hex.EncodeToString(sum[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// generated makes up the physical name that CloudFormation would make up:
// stack, logical ID and 12 characters, shortened to limit.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
func (l *loader) generated(r *resource, limit int) string {
	id := cloud.PhysicalID("name", l.stack, r.logical)
	suffix := "-" + strings.ToUpper(id[len(id)-12:])
	head := l.stack + "-" + r.logical
	return head[:min(len(head), limit-len(suffix))] + suffix
}

// applyRef is Ref. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-ref.html
func (l *loader) applyRef(arg source.Node, at source.Span) source.Node {
	if _, _, nested := call(arg); nested && l.language {
		arg = l.eval(arg)
	}
	if arg.Kind == source.Unknown {
		return arg
	}
	if arg.Kind != source.String && arg.Kind != source.Number {
		return l.fail("CFN_BAD_FUNCTION", at, "write Ref: name", "Ref takes the name of a parameter or resource, not a %s", arg.Kind)
	}
	return l.refer(arg.Text, at)
}

// refer gives what Ref gives for a name.
func (l *loader) refer(name string, at source.Span) source.Node {
	if v, ok := l.pseudo(name, at); ok {
		return v
	}
	if p, ok := l.params[name]; ok {
		return l.parameter(p)
	}
	if l.within == inConditions || l.within == inRules {
		return l.notInConditions(name, at)
	}
	r, stop := l.referred(name, at)
	if r == nil {
		return stop
	}
	if r.row == nil {
		return open(r.Type+" is not modelled: what Ref gives for "+name+" is not known", at)
	}
	if r.row.ref == nil {
		return l.text(l.generated(r, 255), at)
	}
	return r.row.ref(l, r)
}

// notInConditions: conditions and rules are decided before any resource is
// created. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
func (l *loader) notInConditions(name string, at source.Span) source.Node {
	if _, ok := l.byName[name]; ok {
		return l.fail("CFN_NESTING", at, "conditions and rules may refer to parameters only", "%s is a resource: %s cannot refer to it", name, l.within)
	}
	return l.fail("CFN_UNKNOWN_REFERENCE", at, source.DidYouMean(name, l.names(), "declare it under Parameters"), "no parameter is called %q", name)
}

// referred finds the resource of that name, which must be created. Where it is
// not there, stop is what the reference evaluates to.
func (l *loader) referred(name string, at source.Span) (r *resource, stop source.Node) {
	r, ok := l.byName[name]
	switch {
	case !ok && l.openNames != nil:
		return nil, *l.openNames
	case !ok:
		return nil, l.fail("CFN_UNKNOWN_REFERENCE", at, source.DidYouMean(name, l.names(), "declare it under Resources or Parameters"),
			"nothing in the template is called %q", name)
	case !l.exists(r):
		return nil, l.fail("CFN_UNKNOWN_REFERENCE", at, "use Fn::If with the same condition around the reference",
			"%s is not created, because its condition %s is false", name, r.condition.Text)
	}
	return r, source.Node{}
}

// names are all names that Ref takes; none where so much is wrong already that
// nobody reads another hint, and looking for each would take long.
func (l *loader) names() []string {
	if len(l.diags) > 500 {
		return nil
	}
	out := slices.Concat(slices.Sorted(maps.Keys(l.byName)), slices.Sorted(maps.Keys(l.params)))
	return append(out, pseudoNames...)
}

// applyGetAtt is Fn::GetAtt with a list or with resource.attribute.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-getatt.html
func (l *loader) applyGetAtt(arg source.Node, at source.Span) source.Node {
	if arg.Kind == source.String {
		name, attribute, ok := strings.Cut(arg.Text, ".")
		if !ok {
			return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::GetAtt"], "%q names no attribute", arg.Text)
		}
		return l.attribute(name, attribute, at)
	}
	args, ok := l.arguments("Fn::GetAtt", arg, at, 2, 6)
	if !ok {
		return open(inError, at)
	}
	parts := make([]string, len(args))
	for i, a := range args {
		text, stop, ok := l.scalar("Fn::GetAtt", a)
		if !ok {
			return stop
		}
		parts[i] = text
	}
	return l.attribute(parts[0], strings.Join(parts[1:], "."), at)
}

// attribute gives an attribute of a resource.
func (l *loader) attribute(name, attribute string, at source.Span) source.Node {
	if l.within == inConditions || l.within == inRules {
		return l.notInConditions(name, at)
	}
	r, stop := l.referred(name, at)
	switch {
	case r == nil:
		return stop
	case r.Type == stackType && strings.HasPrefix(attribute, "Outputs."):
		return l.nestedAttribute(r, attribute, at)
	case r.row == nil:
		return open(r.Type+" is not modelled: attribute "+attribute+" of "+name+" is not known", at)
	}
	get, ok := r.row.atts[attribute]
	switch {
	case !ok && r.row.quiet:
		return open("attribute "+attribute+" of "+name+" is not known here", at)
	case !ok:
		has := slices.Sorted(maps.Keys(r.row.atts))
		return l.fail("CFN_UNKNOWN_ATTRIBUTE", at, source.DidYouMean(attribute, has, "it has "+strings.Join(has, ", ")),
			"%s (%s) has no attribute %s", name, r.Type, attribute)
	case get == nil:
		return open("AWS decides attribute "+attribute+" of "+name+" when it is created", at)
	}
	v := get(l, r)
	if v.Kind == source.Null {
		return open(attribute+" of "+name+" has no value", at)
	}
	return v
}
