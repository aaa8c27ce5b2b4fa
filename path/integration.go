package path

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// integrated are the ways by which an API invokes a function: each route and
// authorizer that leads there, in each stage. Where the integration names no
// role, API Gateway asks in its own name and the function's permission decides,
// by the ARN of the route.
// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions
func integrated(m *cloud.Model, api cloud.API, a asked) []part {
	var out []part
	for _, r := range api.Routes {
		if r.Integration == nil || r.Integration.Kind != cloud.LambdaProxy && r.Integration.Kind != cloud.LambdaCustom {
			continue
		}
		for _, stage := range stagesOf(api) {
			for _, path := range methodsOf(r) {
				name := r.Method + " " + r.Path + " in " + stage
				if p, leads := byGateway(m, api, a, r.Integration.Function, r.Integration.Credentials, stage+"/"+path); leads {
					p.Route = strings.TrimSpace(name)
					p = p.unless(m, r.Name, r.Integration.Name, stageCalled(api, stage).Name)
					out = append(out, p)
				}
			}
		}
	}
	for _, auth := range api.Authorizers {
		if p, leads := byGateway(m, api, a, auth.Function, auth.Credentials, "authorizers/"+auth.ID); leads {
			p.Route = "authorizer " + auth.Name
			p = p.unless(m, auth.Name)
			out = append(out, p)
		}
	}
	return out
}

// stageCalled finds a stage by its name.
func stageCalled(api cloud.API, name string) cloud.Stage {
	i := slices.IndexFunc(api.Stages, func(s cloud.Stage) bool { return s.StageName == name })
	if i < 0 {
		return cloud.Stage{}
	}
	return api.Stages[i]
}

// byGateway is API Gateway's own invocation of a function, if it is that of
// the question.
func byGateway(m *cloud.Model, api cloud.API, a asked, of cloud.Value[cloud.ARN], credentials, route string) (part, bool) {
	arn, known := of.Get()
	if own, _ := arn.Unqualified(); !known || own != a.f.ARN {
		return part{}, false
	}
	p := part{Part: Part{Verdict: Reachable}, res: Result{Verdict: Reachable,
		Hops: []Hop{{api.Name, "api", "egress", "forward", route + " invokes " + arn.String()}}}}
	c := caller{principal: "apigateway.amazonaws.com", keys: map[string]string{"aws:SourceArn": apiARN(m, api, route), "aws:SourceAccount": m.Account()}}
	switch {
	case strings.Contains(credentials, ":iam::*:user/"):
		return p.lack([]cloud.Gap{{Because: "the gateway invokes " + a.f.Name + " with the caller's own credentials", At: api.At}}), true
	case credentials != "":
		c = roleCaller(m, cloud.Known(credentials), api.Meta)
	}
	return c.ask(m, asked{a.f, []cloud.ARN{arn}}, p), true
}
