package sam

import (
	"fmt"
	"regexp"
	"strings"

	"bailey/source"
)

// A machine is a state machine while its resources are made.
type machine struct {
	samResource
	sm   *resource
	to   scheduled // what events start
	made []*resource
}

func (m *machine) add(rs ...*resource) { m.made = append(m.made, rs...) }

// stateMachine makes the resources of an AWS::Serverless::StateMachine.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
func (t *transformer) stateMachine(s samResource) []*resource {
	m := &machine{samResource: s}
	m.sm = newResource(s.at, s.id, "AWS::StepFunctions::StateMachine", s.attrs, kv{"StateMachineName", s.prop("Name")}, kv{"StateMachineType", s.prop("Type")},
		kv{"LoggingConfiguration", s.prop("Logging")}, kv{"TracingConfiguration", s.prop("Tracing")}, kv{"Tags", t.createdBySAM("stateMachine:createdBy", s)})
	m.sm.depends = s.depends
	m.add(m.sm)
	t.machineDefinition(m)
	t.machineRole(m)
	target := t.machineAlias(m)
	m.to = scheduled{attrs: s.passed(), arn: target, suffix: "StepFunctionsTarget", action: "states:StartExecution", policy: "StartExecutionPolicy"}
	for _, entry := range s.prop("Events").Entries {
		t.machineEvent(m, newEvent(s, entry))
	}
	propagateTags(m.made, s.prop("Tags"), truthy(s.prop("PropagateTags")))
	return m.made
}

// machineDefinition gives the state machine its definition: a text, in which what
// only deployment can tell is a substitution.
func (t *transformer) machineDefinition(m *machine) {
	given, uri := m.prop("Definition"), m.prop("DefinitionUri")
	substitutions := place(given.At).obj()
	for _, e := range m.prop("DefinitionSubstitutions").Entries {
		set(&substitutions, e.Key, e.Value)
	}
	switch {
	case truthy(given) == truthy(uri):
		t.errorf(m.at, m.id, "a state machine has either a Definition or a DefinitionUri")
	case truthy(uri):
		m.sm.set("DefinitionS3Location", t.s3Location(m.id, "DefinitionUri", uri, "Bucket", "Key", "Version"))
	default:
		definition, count := clone(given), 0
		substitute(&definition, &substitutions, &count)
		var b strings.Builder
		writeIndented(&b, definition, "\n")
		p := place(given.At)
		m.sm.set("DefinitionString", p.obj(kv{"Fn::Join", p.list(p.str("\n"), p.strs(strings.Split(b.String(), "\n")...))}))
	}
	if truthy(substitutions) {
		m.sm.set("DefinitionSubstitutions", substitutions)
	}
}

var dynamicReference = regexp.MustCompile(`^\{\{resolve:([a-z-]+):(.+)\}\}$`)

// substitute replaces each intrinsic function and dynamic reference inside a
// definition by a substitution, in the order of the keys.
func substitute(n, into *source.Node, count *int) {
	replace := func(v *source.Node) {
		if !isIntrinsic(*v) && !(v.Kind == source.String && dynamicReference.MatchString(v.Text)) {
			substitute(v, into, count)
			return
		}
		*count++
		name := fmt.Sprintf("definition_substitution_%d", *count)
		set(into, name, *v)
		*v = place(v.At).str("${" + name + "}")
	}
	for i := range n.Items {
		replace(&n.Items[i])
	}
	for _, e := range sortedEntries(*n) {
		replace(child(n, e.Key))
	}
}

// writeIndented writes n as JSON over several lines, keys sorted.
func writeIndented(b *strings.Builder, n source.Node, newline string) {
	inner := newline + "    "
	switch {
	case n.Kind == source.List && len(n.Items) > 0:
		for i, item := range n.Items {
			b.WriteString(map[bool]string{true: "[", false: ","}[i == 0] + inner)
			writeIndented(b, item, inner)
		}
		b.WriteString(newline + "]")
	case n.Kind == source.Map && len(n.Entries) > 0:
		for i, e := range sortedEntries(n) {
			b.WriteString(map[bool]string{true: "{", false: ","}[i == 0] + inner)
			writeString(b, e.Key)
			b.WriteString(": ")
			writeIndented(b, e.Value, inner)
		}
		b.WriteString(newline + "}")
	default:
		writeJSON(b, n)
	}
}

// machineRole makes the state machine's role, unless it names one.
func (t *transformer) machineRole(m *machine) {
	if own := m.prop("Role"); truthy(own) {
		if policies := m.prop("Policies"); truthy(policies) {
			t.errorf(policies.At, m.id, "Role and Policies exclude each other")
		}
		m.sm.set("RoleArn", own)
		return
	}
	p := place(m.at)
	role := t.role(m.samResource, p.assume("states.amazonaws.com"), nil, nil, t.createdBySAM("stateMachine:createdBy", m.samResource))
	if tracing := m.prop("Tracing"); isTrue(get(tracing, "Enabled")) {
		list := child(&role.props, "ManagedPolicyArns")
		if arn := place(tracing.At).str(t.managed(t.xrayPolicy())); !contains(list.Items, arn) {
			list.Items = append(list.Items, arn)
		}
	}
	m.sm.set("RoleArn", role.arn())
	m.add(role)
}

// machineAlias makes the version and alias of AutoPublishAlias, and returns the
// ARN of what events start.
func (t *transformer) machineAlias(m *machine) source.Node {
	name, preference, use := m.prop("AutoPublishAlias"), m.prop("DeploymentPreference"), m.prop("UseAliasAsEventTarget")
	if !truthy(name) {
		if truthy(preference) || truthy(use) {
			t.errorf(m.at, m.id, "DeploymentPreference and UseAliasAsEventTarget need AutoPublishAlias")
		}
		return m.sm.ref()
	}
	p := place(name.At)
	attrs := m.passed()
	for _, key := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		if attrs.get(key).Kind == source.Null {
			attrs = attrs.with(key, p.str("Retain"))
		}
	}
	version := newResource(name.At, m.id+"Version", "AWS::StepFunctions::StateMachineVersion", attrs, kv{"StateMachineArn", p.ref(m.id)},
		kv{"StateMachineRevisionId", p.getAtt(m.id, "StateMachineRevisionId")})
	shift := clone(preference)
	if !truthy(shift) {
		shift = p.obj(kv{"Type", p.str("ALL_AT_ONCE")})
	}
	set(&shift, "StateMachineVersionArn", version.ref())
	if !isLogicalID(name.Text) {
		t.errorf(name.At, m.id, "AutoPublishAlias is part of a logical ID here: letters and digits")
	}
	alias := newResource(name.At, m.id+"Alias"+name.Text, "AWS::StepFunctions::StateMachineAlias", m.passed(), kv{"Name", name}, kv{"DeploymentPreference", shift})
	m.add(version, alias)
	if truthy(use) {
		return alias.ref()
	}
	return m.sm.ref()
}

// machineSchemas are the events of a state machine.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-statemachine-statemachineeventsource.html
var machineSchemas = map[string]schema{
	"Schedule":        newSchema("Schedule:!str Input,State,Name,Description:str Enabled:bool DeadLetterConfig,RetryPolicy:map Target:=map RoleArn:=str"),
	"ScheduleV2":      scheduleV2Schema,
	"EventBridgeRule": newSchema("EventBusName,RuleName,Input,InputPath,State:str Pattern,DeadLetterConfig,RetryPolicy,InputTransformer:map Target:=map"),
	"CloudWatchEvent": newSchema("EventBusName,RuleName,Input,InputPath,State:str Pattern,DeadLetterConfig,RetryPolicy,InputTransformer:map Target:=map"),
	"Api":             newSchema("Path,Method,RestApiId:!str Stage:str Auth:map UnescapeMappingTemplate:=bool"),
}

func (t *transformer) machineEvent(m *machine, e event) {
	want, ok := machineSchemas[e.kind]
	if !ok {
		t.diags.Errorf("SAM_UNKNOWN_EVENT", e.at, "%s: a state machine has no events of type %q", e.said, e.kind)
		return
	}
	if !t.eventFits(e, want) {
		return
	}
	to := m.to
	switch e.kind {
	case "ScheduleV2":
		m.add(t.scheduleV2(to, e)...)
	case "Schedule":
		if to.role = e.prop("RoleArn"); to.role.Kind == source.Null {
			to.role = t.startRole(m, e, "events.amazonaws.com")
		}
		m.add(t.schedule(to, e)...)
	case "Api":
		t.machineAPI(m, e)
	default:
		to.role = t.startRole(m, e, "events.amazonaws.com")
		m.add(t.rule(to, e)...)
	}
}

// startRole makes the role by which a service starts the state machine, and
// returns its ARN.
func (t *transformer) startRole(m *machine, e event, service string) source.Node {
	p, id := place(e.at), e.id+"Role"
	policy := p.inline(id+"StartExecutionPolicy", p.allow(p.str("states:StartExecution"), m.to.arn))
	r := newResource(e.at, id, "AWS::IAM::Role", m.passed(), kv{"AssumeRolePolicyDocument", p.assume(service)}, kv{"Policies", p.list(policy)})
	r.copyTruthy(m.props, "PermissionsBoundary")
	m.add(r)
	return r.arn()
}

// machineAPI has a REST API start the state machine.
func (t *transformer) machineAPI(m *machine, e event) {
	api, _, ok := t.restAPIOf(e)
	if !ok {
		return
	}
	role := t.startRole(m, e, "apigateway.amazonaws.com")
	if props := t.props(api); props == nil || !truthy(get(*props, managedBody)) {
		return
	}
	body := t.editable(restAPI, e, api)
	path, method := e.prop("Path").Text, lower(e.prop("Method").Text)
	if body == nil || integrated(body, path, method) {
		t.errorf(e.at, e.said, "the method %s of %s is taken, or its API has no definition to write into", method, path)
		return
	}
	p := place(e.at)
	target, _ := referred(m.to.arn)
	request := `{"input": "$util.escapeJavaScript($input.json('$'))", "stateMachineArn": "${` + target + `}"}`
	if truthy(e.prop("UnescapeMappingTemplate")) {
		request = `{"input": "$util.escapeJavaScript($input.json('$')).replaceAll("\\'","'")", "stateMachineArn": "${` + target + `}"}`
	}
	answer := func(key, text string) source.Node { return p.obj(kv{key, p.str(text)}) }
	t.integrate(body, e, path, method, m.condition(), func(def, i *source.Node) {
		uri := p.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution")
		if c := m.condition(); c.Kind != source.Null {
			uri = p.when(c, uri, source.Node{})
		}
		*i = p.obj(kv{"type", p.str("aws")}, kv{"httpMethod", p.str("POST")}, kv{"uri", uri}, kv{"credentials", role},
			kv{"responses", p.obj(kv{"200", answer("statusCode", "200")}, kv{"400", answer("statusCode", "400")})},
			kv{"requestTemplates", p.obj(kv{"application/json", p.sub(request)})})
		ensure(def, "responses", p.obj(kv{"200", answer("description", "OK")}, kv{"400", answer("description", "Bad Request")}))
	})
	if truthy(e.prop("Auth")) {
		t.methodAuth(e, api, method, e.prop("Stage"), body)
	}
}
