package path

import (
	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// What a running world asks before it invokes in somebody's name. Why answers
// for any of a function's names; these answer for exactly the one that is
// invoked.

// ServiceMayInvoke decides whether an AWS service may invoke exactly that
// function, version or alias for one of the account's resources: an EventBridge
// rule, a topic, an API with its stage and route. The function's own permission
// decides. ok is false if the resource is of no service that invokes by it.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
func ServiceMayInvoke(m *cloud.Model, resource, target cloud.ARN) (d iam.Decision, ok bool) {
	service, ok := invokers[resource.Service]
	if !ok {
		return iam.Decision{}, false
	}
	return serviceCaller(m, service, resource).may(m, target), true
}

// RoleMayInvoke decides whether a session of a role may, by its policies or by
// the function's permission.
func RoleMayInvoke(m *cloud.Model, role string, target cloud.ARN) iam.Decision {
	return roleCaller(m, cloud.Known(role), cloud.Meta{Name: role}).may(m, target)
}

func (c caller) may(m *cloud.Model, target cloud.ARN) iam.Decision {
	keys := keysOf(m)
	for k, v := range c.keys {
		keys = keys.With(k, v)
	}
	return c.decide(m, "lambda:InvokeFunction", target, keys, nil)
}

// MayAssume decides whether an AWS service may assume a role for a resource of
// the account: what the role's trust policy says.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
func MayAssume(m *cloud.Model, service string, resource cloud.ARN, role string) iam.Decision {
	trust := openPolicy(role, "whom the role "+role+" trusts: it is not in the template", source.Span{})
	if r, ok := m.Role(role); ok {
		parsed, _ := iam.Parse(r.Trust)
		trust = parsed.Named(r.RoleName)
	}
	keys := keysOf(m)
	for k, v := range serviceCaller(m, service, resource).keys {
		keys = keys.With(k, v)
	}
	return iam.Decide(iam.Request{Principal: service, Action: "sts:AssumeRole", Resource: role, Account: m.Account(), Context: keys},
		iam.Policies{Resource: []iam.Policy{trust}})
}
