package sam

import "bailey/source"

// The nested properties of a capacity provider.
var (
	providerVPC      = newSchema("SubnetIds:!=list|map SecurityGroupIds:=list|map")
	providerMachines = newSchema("Architectures,AllowedTypes,ExcludedTypes:=list|map")
	providerScaling  = newSchema("MaxVCpuCount,AverageCPUUtilization:=number|map")
)

// capacityProvider makes an AWS::Lambda::CapacityProvider, and the role by which
// Lambda runs its instances unless OperatorRole names one.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-capacityprovider.html
func (t *transformer) capacityProvider(s samResource) []*resource {
	p := place(s.at)
	vpc, machines, scaling := s.prop("VpcConfig"), s.prop("InstanceRequirements"), s.prop("ScalingConfig")
	ok := t.shape(s.id, vpc, providerVPC, "VpcConfig")
	ok = t.shape(s.id, machines, providerMachines, "InstanceRequirements") && ok
	if ok = t.shape(s.id, scaling, providerScaling, "ScalingConfig") && ok; !ok {
		return nil
	}
	if get(machines, "AllowedTypes").Kind != source.Null && get(machines, "ExcludedTypes").Kind != source.Null {
		t.errorf(machines.At, s.id, "AllowedTypes and ExcludedTypes exclude each other")
	}
	var made []*resource
	role := s.prop("OperatorRole")
	if !truthy(role) {
		r := newResource(s.at, s.id+"OperatorRole", "AWS::IAM::Role", s.passed(), kv{"AssumeRolePolicyDocument", p.assume("lambda.amazonaws.com")},
			kv{"ManagedPolicyArns", p.strs(t.managed("AWSLambdaManagedEC2ResourceOperator"))}, kv{"Tags", p.list(p.tagList(p.createdBy("lambda"))...)})
		role, made = r.arn(), append(made, r)
	}
	r := newResource(s.at, s.id, "AWS::Lambda::CapacityProvider", s.attrs, kv{"VpcConfig", provided(vpc, nil)},
		kv{"PermissionsConfig", p.obj(kv{"CapacityProviderOperatorRoleArn", role})}, kv{"Tags", p.list(p.tagList(joined(s.prop("Tags"), p.createdBy("lambda")))...)})
	r.depends = s.depends
	r.copyTruthy(s.props, "CapacityProviderName", "KmsKeyArn")
	if truthy(provided(machines, nil)) {
		r.set("InstanceRequirements", provided(machines, map[string]string{"AllowedTypes": "AllowedInstanceTypes", "ExcludedTypes": "ExcludedInstanceTypes"}))
	}
	if truthy(provided(scaling, nil)) {
		r.set("CapacityProviderScalingConfig", providerScalingConfig(scaling))
	}
	if made = append(made, r); truthy(s.prop("PropagateTags")) {
		for _, r := range made {
			r.joinTags(s.prop("Tags"))
		}
	}
	return made
}

func providerScalingConfig(scaling source.Node) source.Node {
	p := place(scaling.At)
	out := p.obj(kv{"MaxVCpuCount", get(scaling, "MaxVCpuCount")}, kv{"ScalingMode", p.str("Auto")})
	if target := get(scaling, "AverageCPUUtilization"); target.Kind != source.Null {
		set(&out, "ScalingMode", p.str("Manual"))
		set(&out, "ScalingPolicies", p.list(p.obj(kv{"PredefinedMetricType", p.str("LambdaCapacityProviderAverageCPUUtilization")}, kv{"TargetValue", target})))
	}
	return out
}

// provided copies the entries of n that have a value, some under another name.
func provided(n source.Node, names map[string]string) source.Node {
	out := source.Node{Kind: source.Map, At: n.At}
	for _, e := range n.Entries {
		if e.Value.Kind == source.Null {
			continue
		}
		if name := names[e.Key]; name != "" {
			e.Key = name
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// createdBy is the tag by which SAM marks what it generates.
func (p place) createdBy(service string) source.Node {
	return p.obj(kv{service + ":createdBy", p.str("SAM")})
}

// joined are the entries of two maps; those of the second win.
func joined(a, b source.Node) source.Node {
	out := source.Node{Kind: source.Map, At: b.At}
	for _, n := range []source.Node{a, b} {
		for _, e := range n.Entries {
			set(&out, e.Key, e.Value)
		}
	}
	return out
}

// joinTags adds tags to those that r has; an older one of the same key gives way.
func (r *resource) joinTags(tags source.Node) {
	own := source.Node{Kind: source.Map, At: r.at}
	for _, tag := range get(r.props, "Tags").Items {
		set(&own, get(tag, "Key").Text, get(tag, "Value"))
	}
	p := place(tags.At)
	r.set("Tags", p.list(p.tagList(joined(own, tags))...))
}
