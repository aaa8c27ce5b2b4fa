package terraform

import (
	"path"
	"strconv"

	"bailey/source"
)

// role has policies within.
func role(t *translator, i *instance) {
	properties := t.own(i)
	var policies []source.Node
	for k, b := range i.body.children("inline_policy") {
		f, ok := b.get("policy")
		if !ok {
			continue // an empty block takes away what is not stated
		}
		name := text("inline"+strconv.Itoa(k), b.at)
		if n, ok := b.get("name"); ok {
			name = t.node(n.value, n.at)
		}
		policies = append(policies, object(b.at, entry("PolicyName", name), entry("PolicyDocument", t.fromJSON(f, t.node(f.value, f.at)))))
	}
	if len(policies) > 0 {
		properties = append(properties, entry("Policies", list(i.at, policies...)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// policyAttachment attaches one policy to several roles and users.
func policyAttachment(t *translator, i *instance) {
	for typ, argument := range map[string]string{"aws_iam_role": "roles", "aws_iam_user": "users", "aws_iam_group": "groups"} {
		f, ok := i.body.get(argument)
		if bare, _ := f.value.Unmark(); !ok || !bare.IsKnown() || !bare.CanIterateElements() {
			continue
		}
		for _, name := range f.value.Elements() {
			one := *i
			one.body.attrs = map[string]field{"role": {name, f.at}, "policy_arn": i.body.attrs["policy_arn"]}
			appending(typ+".role", "ManagedPolicyArns", "policy_arn")(t, &one)
		}
	}
}

// lambdaFunction has its code in a file, a bucket or an image. Where it is
// published it has a version, which is a resource of CloudFormation's.
func lambdaFunction(t *translator, i *instance) {
	properties := append(t.own(i), entry("Code", t.code(i)))
	if n, _ := i.body.text("reserved_concurrent_executions"); n != "-1" {
		properties = append(properties, t.one(i, "ReservedConcurrentExecutions", "reserved_concurrent_executions")...)
	}
	t.emit(i, "", i.row.cfn, properties)
	if i.body.flag("publish", false) {
		t.emit(i, "version", "AWS::Lambda::Version", []source.Entry{entry("FunctionName", ref(i, i.at))})
	}
}

// code says where a function's or a layer's code is. A package that an
// archive_file makes is the folder or file that it is made of.
func (t *translator) code(i *instance) source.Node {
	if f, ok := i.body.get("filename"); ok {
		name := t.node(f.value, f.at)
		if made, ok := t.archives[path.Clean(name.Text)]; ok && name.Kind == source.String {
			name.Text = made
		}
		return name
	}
	out := object(i.at)
	for _, p := range [][2]string{{"S3Bucket", "s3_bucket"}, {"S3Key", "s3_key"}, {"S3ObjectVersion", "s3_object_version"}, {"ImageUri", "image_uri"}} {
		out.Entries = append(out.Entries, t.one(i, p[0], p[1])...)
	}
	return out
}

// layer has code as a function has.
func layer(t *translator, i *instance) {
	content := t.code(i)
	if content.Kind != source.Map {
		content = object(content.At, entry("S3Bucket", text("local", content.At)), entry("S3Key", content))
	}
	t.emit(i, "", i.row.cfn, append(t.own(i), entry("Content", content)))
}

// permission is for a function, or for a version or alias that it names.
func permission(t *translator, i *instance) {
	name, ok := i.body.get("function_name")
	properties := t.own(i)
	if ok {
		n := t.node(name.value, name.at)
		if q, qualified := i.body.get("qualifier"); qualified {
			n = joinedNode(name.at, n, text(":", q.at), t.node(q.value, q.at))
		}
		properties = append(properties, entry("FunctionName", n))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// joinedNode writes texts one after the other.
func joinedNode(at source.Span, parts ...source.Node) source.Node {
	for _, p := range parts {
		if p.Kind == source.Unknown {
			return p
		}
	}
	return object(at, entry("Fn::Join", list(at, text("", at), list(at, parts...))))
}

// alias may send a part of the calls to another version.
func alias(t *translator, i *instance) {
	properties := t.own(i)
	for _, b := range i.body.children("routing_config") {
		f, ok := b.get("additional_version_weights")
		bare, _ := f.value.Unmark()
		if !ok || !bare.IsKnown() || !bare.CanIterateElements() {
			continue
		}
		var weights []source.Node
		for version, weight := range bare.Elements() {
			version, _ = version.Unmark()
			weights = append(weights, object(f.at, entry("FunctionVersion", t.node(version, f.at)), entry("FunctionWeight", t.node(weight, f.at))))
		}
		properties = append(properties, entry("RoutingConfig", object(b.at, entry("AdditionalVersionWeights", list(f.at, weights...)))))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// lambdaAttribute gives what turns on whether a function is published.
func (t *translator) lambdaAttribute(i *instance, attr string, at source.Span) (source.Node, bool) {
	if i.b.typ != "aws_lambda_function" {
		return source.Node{}, false
	}
	published := i.body.flag("publish", false)
	version := object(at, entry("Ref", text(i.logical+"pversion", at)))
	switch {
	case attr == "version" && published:
		return object(at, entry("Fn::GetAtt", list(at, text(i.logical+"pversion", at), text("Version", at)))), true
	case attr == "version":
		return text("$LATEST", at), true
	case attr == "qualified_arn" && published:
		return version, true
	case attr == "qualified_arn":
		return joinedNode(at, getAtt(i, "Arn", at), text(":$LATEST", at)), true
	case attr == "qualified_invoke_arn" && published:
		return joinedNode(at, t.sub(i, "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/", at), version, text("/invocations", at)), true
	}
	return source.Node{}, false
}
