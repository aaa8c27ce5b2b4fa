package sam

import (
	"slices"
	"strings"

	"bailey/source"
)

// A deployment is the DeploymentPreference of one function.
type deployment struct {
	function  string
	config    source.Node
	condition string // under which all of it exists; empty for none
	tags      source.Node
}

const (
	deployApplication = "ServerlessDeploymentApplication"
	deployRole        = "CodeDeployServiceRole"
)

// deploymentPreference has CodeDeploy shift traffic to new versions.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-deploymentpreference.html
func (t *transformer) deploymentPreference(l *lambda) {
	config := l.prop("DeploymentPreference")
	if !truthy(config) {
		return
	}
	resolved := func(key string) source.Node {
		return findInMap(get(t.doc, "Mappings"), t.resolve(get(config, key)))
	}
	if enabled := resolved("Enabled"); has(config, "Enabled") && (!truthy(enabled) || oneOf(enabled, "false", "False")) {
		return
	}
	config = clone(config)
	if !has(config, "Type") || l.alias == nil {
		t.errorf(config.At, l.id, "DeploymentPreference has a Type, and needs AutoPublishAlias")
		return
	}
	set(&config, "Type", resolved("Type"))
	d := deployment{function: l.id, config: config}
	if t.passesCondition(l, resolved("PassthroughCondition")) {
		d.condition = l.condition().Text
	}
	if truthy(l.prop("PropagateTags")) {
		d.tags = l.prop("Tags")
	}
	t.deployments = append(t.deployments, d)
	p := place(config.At)
	update := p.obj(kv{"ApplicationName", p.ref(deployApplication)}, kv{"DeploymentGroupName", p.ref(l.id + "DeploymentGroup")})
	hooks := get(config, "Hooks")
	if hooks.Kind != source.Null && hooks.Kind != source.Map {
		t.errorf(hooks.At, l.id, "Hooks is a map")
	}
	for _, hook := range [][2]string{{"PreTraffic", "BeforeAllowTrafficHook"}, {"PostTraffic", "AfterAllowTrafficHook"}} {
		if v := get(hooks, hook[0]); v.Kind != source.Null {
			set(&update, hook[1], v)
		}
	}
	l.alias.attrs = l.alias.attrs.with("UpdatePolicy", p.obj(kv{"CodeDeployLambdaAliasUpdate", update}))
}

// passesCondition reads PassthroughCondition.
func (t *transformer) passesCondition(l *lambda, v source.Node) bool {
	switch {
	case v.Kind == source.Null || oneOf(v, "false", "False") || v.Kind == source.Bool && !truthy(v):
		return false
	case isTrue(v) || oneOf(v, "true", "True"):
		return true
	}
	t.errorf(v.At, l.id, "PassthroughCondition is true or false, or a Ref or Fn::FindInMap that gives one")
	return false
}

// deploymentGroups makes the CodeDeploy application and role that all functions
// share, and the deployment group of each.
func (t *transformer) deploymentGroups() {
	if len(t.deployments) == 0 {
		return
	}
	p := place(t.deployments[0].config.At)
	attrs, tags, ownRoles := t.deployAttributes(p), p.obj(), true
	for _, d := range t.deployments {
		ownRoles = ownRoles && truthy(get(d.config, "Role"))
		for _, e := range d.tags.Entries {
			set(&tags, e.Key, e.Value)
		}
	}
	application := newResource(source.Span(p), deployApplication, "AWS::CodeDeploy::Application", attrs, kv{"ComputePlatform", p.str("Lambda")})
	policy := "service-role/AWSCodeDeployRoleForLambda"
	if t.partition == "aws-iso" || t.partition == "aws-iso-b" {
		policy += "Limited"
	}
	role := newResource(source.Span(p), deployRole, "AWS::IAM::Role", attrs, kv{"AssumeRolePolicyDocument", p.assume("codedeploy.amazonaws.com")},
		kv{"ManagedPolicyArns", p.strs(t.managed(policy))})
	if truthy(tags) {
		application.set("Tags", p.list(p.tagList(tags)...))
		role.set("Tags", p.list(p.tagList(tags)...))
	}
	t.made = append(t.made, application)
	if !ownRoles {
		t.made = append(t.made, role)
	}
	for _, d := range t.deployments {
		t.made = append(t.made, t.deploymentGroup(d))
	}
}

// deployAttributes is the condition of what all functions share: that one of
// theirs holds, if every function has one.
func (t *transformer) deployAttributes(p place) attributes {
	var conditions []string
	for _, d := range t.deployments {
		if d.condition == "" {
			return nil
		}
		conditions = append(conditions, d.condition)
	}
	slices.Sort(conditions)
	name := t.combine(slices.Compact(conditions), "ServerlessCodeDeployCondition")
	return attributes{}.with("Condition", p.str(name))
}

func (t *transformer) deploymentGroup(d deployment) *resource {
	p := place(d.config.At)
	rollback := p.obj(kv{"Enabled", p.bool(true)}, kv{"Events", p.strs("DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST")})
	style := p.obj(kv{"DeploymentType", p.str("BLUE_GREEN")}, kv{"DeploymentOption", p.str("WITH_TRAFFIC_CONTROL")})
	r := newResource(d.config.At, d.function+"DeploymentGroup", "AWS::CodeDeploy::DeploymentGroup", nil, kv{"ApplicationName", p.ref(deployApplication)},
		kv{"AutoRollbackConfiguration", rollback}, kv{"DeploymentConfigName", configName(get(d.config, "Type"), false)}, kv{"DeploymentStyle", style},
		kv{"ServiceRoleArn", p.getAtt(deployRole, "Arn")}, kv{"AlarmConfiguration", t.alarms(d)})
	if v := get(d.config, "Role"); truthy(v) {
		r.set("ServiceRoleArn", v)
	}
	r.copyTruthy(d.config, "TriggerConfigurations")
	if truthy(d.tags) {
		r.set("Tags", p.list(p.tagList(d.tags)...))
	}
	if d.condition != "" {
		r.attrs = r.attrs.with("Condition", p.str(d.condition))
	}
	return r
}

// shifts are the ways to shift traffic that CodeDeploy has configurations for.
var shifts = strings.Fields(`Canary10Percent5Minutes Canary10Percent10Minutes Canary10Percent15Minutes Canary10Percent30Minutes
	Linear10PercentEvery1Minute Linear10PercentEvery2Minutes Linear10PercentEvery3Minutes Linear10PercentEvery10Minutes AllAtOnce`)

// configName is the CodeDeploy configuration of a Type, also inside intrinsic
// functions; any other text is the name of the user's own.
func configName(n source.Node, inSub bool) source.Node {
	p := place(n.At)
	switch {
	case n.Kind == source.List:
		n.Items = slices.Clone(n.Items)
		for i := range n.Items {
			n.Items[i] = configName(n.Items[i], false)
		}
	case isIntrinsic(n):
		n.Entries = slices.Clone(n.Entries)
		n.Entries[0].Value = configName(n.Entries[0].Value, n.Entries[0].Key == "Fn::Sub")
	case oneOf(n, shifts...):
		named := p.sub("CodeDeployDefault.Lambda${ConfigName}", kv{"ConfigName", n})
		if inSub {
			return get(named, "Fn::Sub")
		}
		return named
	}
	return n
}

// alarms is the AlarmConfiguration of a list of alarms, also inside Fn::If.
func (t *transformer) alarms(d deployment) source.Node {
	given := get(d.config, "Alarms")
	if !truthy(given) || isNoValue(given) {
		return source.Node{}
	}
	if isIf(given) {
		condition, then, otherwise, ok := branches(given)
		if !ok {
			t.errorf(given.At, d.function, "Fn::If takes three arguments")
		}
		return place(given.At).when(condition, t.alarmList(d, then), t.alarmList(d, otherwise))
	}
	return t.alarmList(d, given)
}

func (t *transformer) alarmList(d deployment, alarms source.Node) source.Node {
	p := place(alarms.At)
	switch {
	case alarms.Kind != source.List:
		t.errorf(alarms.At, d.function, "Alarms is a list")
		return p.obj()
	case len(alarms.Items) == 0 || isNoValue(alarms.Items[0]):
		return p.obj()
	}
	list := p.list()
	for _, alarm := range alarms.Items {
		list.Items = append(list.Items, p.obj(kv{"Name", alarm}))
	}
	return p.obj(kv{"Enabled", p.bool(true)}, kv{"Alarms", list})
}
