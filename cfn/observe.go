package cfn

import (
	"regexp"
	"slices"

	"bailey/cloud"
	"bailey/source"
)

func observeRows() []*row {
	machine := func(l *loader, r *resource) source.Node {
		return l.named(r, "StateMachineName", 80, func(name string) string { return l.arn("states", "stateMachine:"+name).String() })
	}
	acl := func(l *loader, r *resource) source.Node {
		return l.named(r, "Name", 128, func(name string) string { return l.webACL(r, name).String() })
	}
	return []*row{
		{Type: "AWS::Logs::LogGroup", read: readLogGroup, ref: nameRef("LogGroupName", 512),
			properties: "BearerTokenAuthenticationEnabled DataProtectionPolicy DeletionProtectionEnabled FieldIndexPolicies KmsKeyId LogGroupClass " +
				"LogGroupName ResourcePolicyDocument RetentionInDays Tags",
			atts: attributes{"Arn": func(l *loader, r *resource) source.Node {
				return l.named(r, "LogGroupName", 512, func(name string) string { return l.arn("logs", "log-group:"+name+":*").String() })
			}}},
		{Type: "AWS::Logs::SubscriptionFilter", read: readLogFilter, ref: nameRef("FilterName", 512),
			properties: "ApplyOnTransformedLogs !DestinationArn Distribution EmitSystemFields FieldSelectionCriteria FilterName !FilterPattern " +
				"!LogGroupName RoleArn"},
		{Type: "AWS::StepFunctions::StateMachine", read: readStateMachine, ref: machine,
			properties: "Definition DefinitionS3Location DefinitionString DefinitionSubstitutions EncryptionConfiguration LoggingConfiguration !RoleArn " +
				"StateMachineName StateMachineType Tags TracingConfiguration",
			atts: attributes{"Arn": machine, "Name": nameRef("StateMachineName", 80), "StateMachineRevisionId": nil}},
		{Type: "AWS::WAFv2::WebACL", read: readWebACL,
			ref: func(l *loader, r *resource) source.Node {
				return l.named(r, "Name", 128, func(name string) string { return name + "|" + l.uuid(r.Name) + "|" + l.prop(r, "Scope").Text })
			},
			properties: "ApplicationConfig AssociationConfig CaptchaConfig ChallengeConfig CustomResponseBodies DataProtectionConfig !DefaultAction " +
				"Description Name OnSourceDDoSProtectionConfig Rules !Scope Tags TokenDomains !VisibilityConfig",
			atts: attributes{"Arn": acl, "Id": func(l *loader, r *resource) source.Node { return l.text(l.uuid(r.Name), r.At) }, "Capacity": nil, "LabelNamespace": nil}},
		{Type: "AWS::WAFv2::WebACLAssociation", read: readWebACLAssociation, properties: "!ResourceArn !WebACLArn"},
	}
}

// readLogGroup. Without RetentionInDays lines are kept for ever.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html
func readLogGroup(l *loader, r *resource) {
	o := l.object(r)
	name := l.nameOf(r, "LogGroupName", 512)
	l.spec.LogGroups = append(l.spec.LogGroups, cloud.LogGroup{Meta: r.Meta, GroupName: name, ARN: l.arn("logs", "log-group:"+name),
		Days: o.number("RetentionInDays", 0, 1, 3653), Key: o.text("KmsKeyId", cloud.Known(""))})
}

// readLogFilter adds a subscription to a log group; that of a function need
// not be declared.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-subscriptionfilter.html
func readLogFilter(l *loader, r *resource) {
	o := l.object(r)
	name := o.text("LogGroupName", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.LogGroups, func(g cloud.LogGroup) bool { return g.GroupName == name })
	if i < 0 {
		l.notDescribed(r, "log group", name)
		return
	}
	g := &l.spec.LogGroups[i]
	g.Filters = append(slices.Clip(g.Filters), cloud.LogFilter{Meta: r.Meta, Pattern: o.text("FilterPattern", cloud.Known("")).Or(""), Destination: o.arnOf("DestinationArn")})
}

var substitution = regexp.MustCompile(`\$\{([A-Za-z0-9_]+)\}`)

// readStateMachine reads a definition for what it invokes.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-stepfunctions-statemachine.html
func readStateMachine(l *loader, r *resource) {
	o := l.object(r)
	m := cloud.StateMachine{Meta: r.Meta, Role: o.text("RoleArn", cloud.Known(""))}
	m.ARN = l.arn("states", "stateMachine:"+l.nameOf(r, "StateMachineName", 80))
	given := map[string]source.Node{}
	if n, ok := o.get("DefinitionSubstitutions"); ok {
		for _, e := range n.Entries {
			given[e.Key] = e.Value
		}
	}
	switch {
	case o.present("Definition"):
		m.Definition = o.document("Definition")
	case o.present("DefinitionString"):
		m.Definition = o.document("DefinitionString")
	default:
		m.Definition = source.Node{Kind: source.Unknown, Text: "the definition of " + r.Name + " is not in the template", At: r.At}
	}
	m.Definition = substituted(m.Definition, given)
	m.Invokes = invoked(m.Definition, nil)
	l.spec.StateMachines = append(l.spec.StateMachines, m)
}

// substituted is n with ${name} replaced. A text with an open substitution is
// open.
func substituted(n source.Node, given map[string]source.Node) source.Node {
	out := n
	out.Items, out.Entries = slices.Clone(n.Items), slices.Clone(n.Entries)
	for i := range out.Items {
		out.Items[i] = substituted(out.Items[i], given)
	}
	for i := range out.Entries {
		out.Entries[i].Value = substituted(out.Entries[i].Value, given)
	}
	if n.Kind != source.String {
		return out
	}
	open := source.Node{}
	out.Text = substitution.ReplaceAllStringFunc(n.Text, func(m string) string {
		v, ok := given[m[2:len(m)-1]]
		if v.Kind == source.Unknown {
			open = v
		}
		if !ok || !v.IsScalar() {
			return m
		}
		return v.Text
	})
	if open.Kind == source.Unknown {
		return open
	}
	return out
}

// invoked finds the functions that a state machine's tasks run: as the
// resource itself, or as FunctionName of the Lambda integration.
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html
func invoked(n source.Node, out []cloud.Value[cloud.ARN]) []cloud.Value[cloud.ARN] {
	for _, item := range n.Items {
		out = invoked(item, out)
	}
	for _, e := range n.Entries {
		out = invoked(e.Value, out)
		if e.Key != "Resource" && e.Key != "FunctionName" {
			continue
		}
		if e.Value.Kind == source.Unknown {
			out = append(out, cloud.Unknown[cloud.ARN](e.Value.Text, e.Value.At))
		} else if arn, err := cloud.ParseARN(e.Value.Text); err == nil && arn.Service == "lambda" {
			out = append(out, cloud.Known(arn))
		}
	}
	return out
}

func (l *loader) webACL(r *resource, name string) cloud.ARN {
	scope := "regional"
	if l.prop(r, "Scope").Text == "CLOUDFRONT" {
		scope = "global"
	}
	return l.arn("wafv2", scope+"/webacl/"+name+"/"+l.uuid(r.Name))
}

// readWebACL. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-wafv2-webacl.html
func readWebACL(l *loader, r *resource) {
	o := l.object(r)
	w := cloud.WebACL{Meta: r.Meta, ARN: l.webACL(r, l.nameOf(r, "Name", 128)), Scope: o.text("Scope", cloud.Known("")).Or("")}
	if c, ok := o.child("DefaultAction", "Allow", "Block"); ok {
		w.Allow = c.present("Allow")
	}
	w.Rules, _ = o.get("Rules")
	l.spec.WebACLs = append(l.spec.WebACLs, w)
}

func readWebACLAssociation(l *loader, r *resource) {
	o := l.object(r)
	arn := o.text("WebACLArn", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.WebACLs, func(w cloud.WebACL) bool { return w.ARN.String() == arn })
	if i < 0 {
		l.notDescribed(r, "web ACL", arn)
		return
	}
	w := &l.spec.WebACLs[i]
	w.Protected = append(slices.Clip(w.Protected), o.arnOf("ResourceArn"))
}
