package path

import (
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// A caller is who asks Lambda for a function.
type caller struct {
	principal string // as iam.Request has it
	identity  []iam.Policy
	boundary  []iam.Policy
	keys      map[string]string // condition keys of its own
	// at is what a person edits to let it in: the role, or nothing.
	at    cloud.Meta
	gaps  []cloud.Gap // nothing can be decided without them
	dials bool        // it must reach the lambda endpoint over a network of the model
	bare  bool        // a service without the resource that it acts for
}

// callerOf reads the question's From for an invocation: a function, an
// instance, a role, an account, an AWS service, or a resource on whose behalf a
// service invokes.
func callerOf(m *cloud.Model, from string) (caller, bool) {
	if f, ok := functionNamed(m, from); ok {
		c := roleCaller(m, f.Role, f.Meta)
		c.keys["lambda:SourceFunctionArn"], c.dials = f.ARN.String(), true
		return c, true
	}
	if in, ok := instanceNamed(m, from); ok {
		c := roleCaller(m, profileRole(m, in), in.Meta)
		c.dials = true
		return c, true
	}
	for r := range m.Roles() {
		if from == r.Name || from == r.RoleName || from == r.ARN.String() {
			return roleCaller(m, cloud.Known(r.ARN.String()), r.Meta), true
		}
	}
	for u := range m.Users() {
		if from == u.Name || from == u.UserName || from == u.ARN.String() {
			c := caller{principal: u.ARN.String(), at: u.Meta}
			c.identity, c.boundary = RolePolicies(cloud.Role{Meta: u.Meta, RoleName: u.UserName, Policies: u.Policies, Managed: u.Managed, Boundary: u.Boundary, Open: u.Open})
			return c, true
		}
	}
	if service, source, ok := onBehalf(m, from); ok {
		return serviceCaller(m, service, source), true
	}
	switch {
	case strings.HasSuffix(from, ".amazonaws.com"):
		return caller{principal: from, bare: true}, true
	case len(from) == 12 && strings.Trim(from, "0123456789") == "":
		return caller{principal: "arn:aws:iam::" + from + ":root"}, true
	case strings.HasPrefix(from, "arn:") && strings.Contains(from, ":iam::"):
		unread := openPolicy(from, "what "+from+" may: it is not in the template", source.Span{})
		return caller{principal: from, identity: []iam.Policy{unread}}, true
	}
	return caller{}, false
}

// functionNamed finds a function by whatever Find takes.
func functionNamed(m *cloud.Model, called string) (cloud.Function, bool) {
	if f, ok := m.Function(called); ok {
		return f, true
	}
	if called == "internet" || strings.HasPrefix(called, "aws:") || strings.Contains(called, ":") && !strings.HasPrefix(called, "arn:") {
		return cloud.Function{}, false
	}
	found := m.Find(called)
	if len(found) != 1 {
		return cloud.Function{}, false
	}
	return m.Function(found[0].Name)
}

func instanceNamed(m *cloud.Model, called string) (cloud.Instance, bool) {
	for in := range m.Instances() {
		if called == in.Name || called == in.ID {
			return in, true
		}
	}
	return cloud.Instance{}, false
}

// roleCaller is a session of a role whose ARN may be open, or of nobody's.
func roleCaller(m *cloud.Model, role cloud.Value[string], owner cloud.Meta) caller {
	arn := role.Or("")
	c := caller{principal: arn, at: owner, keys: map[string]string{}}
	if gap, open := role.Gap(); open {
		c.gaps = []cloud.Gap{gap}
		return c
	}
	if arn == "" {
		return c // anonymous: no role, no credentials
	}
	// A session's ARN does not show its role's path.
	c.keys["aws:PrincipalArn"] = arn
	if r, ok := m.Role(arn); ok {
		c.at = r.Meta
		c.identity, c.boundary = RolePolicies(r)
		return c
	}
	c.identity = []iam.Policy{openPolicy(arn, "what the role "+arn+" may: it is not in the template", owner.At)}
	return c
}

// profileRole is the ARN of the role that an instance's profile hands it.
func profileRole(m *cloud.Model, in cloud.Instance) cloud.Value[string] {
	named, known := in.Profile.Get()
	if !known || named == "" {
		return in.Profile
	}
	for p := range m.InstanceProfiles() {
		if named != p.ProfileName && named != p.ARN.String() {
			continue
		}
		name, known := p.Role.Get()
		for r := range m.Roles() {
			if known && r.RoleName == name {
				return cloud.Known(r.ARN.String())
			}
		}
		if !known {
			return p.Role
		}
		return cloud.Unknown[string]("the role "+name+" of instance profile "+p.Name+" is not in the template", p.At)
	}
	return cloud.Unknown[string]("the instance profile "+named+" is not in the template", in.At)
}

// serviceCaller is an AWS service that acts for a resource of this account.
func serviceCaller(m *cloud.Model, service string, source cloud.ARN) caller {
	return caller{principal: service, keys: map[string]string{"aws:SourceArn": source.String(), "aws:SourceAccount": m.Account()}}
}

// services that invoke functions by the function's own permission, by the
// service in the ARN of the resource that makes them.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
var invokers = map[string]string{
	"events": "events.amazonaws.com", "sns": "sns.amazonaws.com", "s3": "s3.amazonaws.com", "logs": "logs.amazonaws.com",
	"cognito-idp": "cognito-idp.amazonaws.com", "secretsmanager": "secretsmanager.amazonaws.com", "execute-api": "apigateway.amazonaws.com",
	"config": "config.amazonaws.com", "iot": "iot.amazonaws.com", "ses": "ses.amazonaws.com", "codecommit": "codecommit.amazonaws.com",
	"elasticloadbalancing": "elasticloadbalancing.amazonaws.com", "codepipeline": "codepipeline.amazonaws.com",
}

// Acting gives the AWS service that invokes functions for a resource, and the
// SourceArn that a permission for it must admit: for an API all its stages and
// routes.
func Acting(m *cloud.Model, called string) (service, source string, ok bool) {
	if a, is := apiNamed(m, called); is {
		return invokers["execute-api"], apiARN(m, a, "*"), true
	}
	service, arn, ok := onBehalf(m, called)
	return service, arn.String(), ok
}

// onBehalf finds the resource that is called so, and the service that invokes
// functions for it.
func onBehalf(m *cloud.Model, called string) (service string, arn cloud.ARN, ok bool) {
	fits := func(meta cloud.Meta, a cloud.ARN) {
		if called == meta.Name || called == a.String() {
			arn, ok = a, true
		}
	}
	for v := range m.EventRules() {
		fits(v.Meta, v.ARN)
	}
	for v := range m.Topics() {
		fits(v.Meta, v.ARN)
	}
	for v := range m.Buckets() {
		fits(v.Meta, v.ARN)
	}
	for v := range m.LogGroups() { // as which CloudWatch Logs invokes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
		fits(v.Meta, v.ARN)
		v.ARN.Resource += ":*"
		fits(v.Meta, v.ARN)
	}
	for v := range m.UserPools() {
		fits(v.Meta, v.ARN)
	}
	for v := range m.Secrets() {
		fits(v.Meta, v.ARN)
	}
	if !ok {
		parsed, err := cloud.ParseARN(called)
		arn, ok = parsed, err == nil
	}
	service, known := invokers[arn.Service]
	return service, arn, ok && known
}
