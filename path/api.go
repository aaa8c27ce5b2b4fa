package path

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// apiNamed finds an API by its name, its ID or its host name.
func apiNamed(m *cloud.Model, called string) (cloud.API, bool) {
	called = strings.TrimSuffix(called, ":443")
	for a := range m.APIs() {
		if called == a.Name || called == a.ID || called == apiHost(m, a) {
			return a, true
		}
		if _, alias := endpointOfAlias(m, a, called); alias {
			return a, true
		}
	}
	return cloud.API{}, false
}

// endpointOfAlias finds the endpoint that a name of a private API leads to: one
// for each endpoint that the API is associated with, which public DNS answers
// with the endpoint's private addresses.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
func endpointOfAlias(m *cloud.Model, a cloud.API, host string) (cloud.Endpoint, bool) {
	for _, id := range a.VPCEndpoints {
		if e, ok := m.Endpoint(id); ok && a.Endpoint == cloud.PrivateEndpoint && strings.EqualFold(host, strings.Replace(apiHost(m, a), ".", "-"+string(id)+".", 1)) {
			return e, true
		}
	}
	return cloud.Endpoint{}, false
}

// hostOf is the name of the API that a question means: the one that it gives,
// else its own.
func (q Question) hostOf(m *cloud.Model, a cloud.API) string {
	if to := strings.TrimSuffix(q.To, ":443"); to != a.Name && to != a.ID {
		return to
	}
	return apiHost(m, a)
}

// apiHost is the name under which AWS serves an API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
func apiHost(m *cloud.Model, a cloud.API) string {
	return a.ID + ".execute-api." + m.Region() + "." + cloud.DNSSuffix(m.Region())
}

// toAPI walks to an API's own name, then asks whether it refuses all that
// arrives from there.
func (q Question) toAPI(m *cloud.Model, a cloud.API) ([]part, error) {
	to := target{label: a.Name, host: q.hostOf(m, a), port: 443}
	from, gaps, err := q.origins(m)
	if err != nil {
		return nil, err
	}
	var out []part
	for _, o := range from {
		for _, p := range q.walkFrom(nil, m, o, to, to.port) {
			out = append(out, admitted(m, a, p, o))
		}
	}
	for i := range out {
		out[i].res.Missing = append(slices.Clone(out[i].res.Missing), gaps...)
	}
	return out, nil
}

// whyAPI answers whether From gets an answer from an API.
func (q Question) whyAPI(m *cloud.Model, a cloud.API) (Report, error) {
	r := Report{From: q.From, To: q.To, Host: q.hostOf(m, a), Protocol: q.Protocol, Port: 443}
	parts, err := q.toAPI(m, a)
	if err != nil {
		return Report{}, err
	}
	if f, ok := functionNamed(m, q.From); ok {
		reasons, gaps := starting(m, f)
		hinder(parts, reasons, gaps)
	}
	r.sum(m, parts)
	r.doubted(m, q, false, a.Name)
	return r, nil
}

// admitted adds to a walk that has arrived what the API refuses for certain:
// not a request without a token, which another may have, but every request
// from there.
func admitted(m *cloud.Model, a cloud.API, p part, o origin) part {
	if p.Verdict == Blocked && p.res.Delivery.To == ToNowhere {
		return p
	}
	if gap, open := a.DefaultHost.Gap(); open {
		p = p.lack([]cloud.Gap{gap})
	}
	refuse := func(r Reason) part {
		p.Verdict = Blocked
		p.res.Blockers = append(slices.Clone(p.res.Blockers), r)
		p.res.Hops = append(slices.Clone(p.res.Hops), Hop{r.Component, "api", "ingress", "deny", r.Detail})
		return p
	}
	ep, through := m.Endpoint(p.res.Delivery.Endpoint)
	switch {
	case !a.DefaultHost.Or(true):
		return refuse(Reason{APIHostOff, a.Name, a.Name + " has its execute-api name turned off and answers under its own domain only", Forward, a.At})
	case a.Endpoint == cloud.PrivateEndpoint && !through:
		return refuse(Reason{APIPrivate, a.Name, a.Name + " is private: it is called through an interface endpoint for execute-api and in no other way", Forward, a.At})
	case a.Endpoint != cloud.PrivateEndpoint && through:
		return refuse(Reason{PublicAPIByEndpoint, ep.Name,
			fmt.Sprintf("private DNS of %s answers for every execute-api name, and through it %s, which is not private, is answered 403", ep.Name, a.Name), Forward, ep.At})
	}
	p = p.served(m, a)
	d, ok := policyOf(m, a, p.res.Delivery, o)
	if !ok {
		return p
	}
	return p.decided(d, Reason{APIPolicyDenies, refuser(a, ep, d), fmt.Sprintf("%s answers 403 to everything from there: %s", a.Name, d.Explain()), Forward, deniedAt(d, policyAt(a, ep, d))}, a.At)
}

// refuser is the object whose policy refuses.
func refuser(a cloud.API, e cloud.Endpoint, d iam.Decision) string {
	if d.Layer == iam.Endpoint {
		return e.Name
	}
	return a.Name
}

func policyAt(a cloud.API, e cloud.Endpoint, d iam.Decision) source.Span {
	switch {
	case d.Layer == iam.Endpoint && e.Policy != nil:
		return e.Policy.At
	case a.Policy != nil:
		return a.Policy.At
	}
	return a.At
}

// policyOf asks the API's resource policy and the endpoint's about somebody
// without credentials, on every route: the best answer counts. A public API
// without a policy admits everybody; a private one without a policy, nobody.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
func policyOf(m *cloud.Model, a cloud.API, arrived Delivery, o origin) (best iam.Decision, any bool) {
	keys, endpoint := through(m, keysOf(m), arrived)
	if _, stranger := o.from.(FromInternet); stranger {
		keys = keysOf(m).With("aws:SourceIp", o.src.String())
	}
	if a.Policy == nil && a.Endpoint != cloud.PrivateEndpoint && endpoint == nil {
		return best, false
	}
	policies := iam.Policies{Resource: []iam.Policy{everybodyMay}, Endpoint: endpoint}
	if a.Policy != nil {
		policies.Resource = []iam.Policy{parsed(cloud.Policy{Name: a.Policy.Name, Doc: fullARNs(a.Policy.Doc, apiARN(m, a, "")), At: a.Policy.At}, a.Name)}
	} else if a.Endpoint == cloud.PrivateEndpoint {
		policies.Resource = []iam.Policy{}
	}
	for _, r := range a.Routes {
		for _, stage := range stagesOf(a) {
			for _, path := range methodsOf(r) {
				d := iam.Decide(iam.Request{Action: "execute-api:Invoke", Resource: apiARN(m, a, stage+"/"+path), Account: m.Account(), Context: keys}, policies)
				if r.Auth.Open != nil && d.Effect == iam.ImplicitDeny {
					d.Effect, d.Open = iam.Unknown, []string{r.Auth.Open.Because}
				}
				if r.Auth.Kind == cloud.AuthIAM && d.Effect == iam.ImplicitDeny && d.Layer == iam.ResourceBased {
					return best, false // somebody's own policies may allow it
				}
				if !any || d.Effect == iam.Allow || d.Effect == iam.Unknown && best.Effect != iam.Allow {
					best, any = d, true
				}
			}
		}
	}
	return best, any
}

// AnybodyMay reports whether the resource policy of a public API lets somebody
// without credentials call a route for certain, wherever the request comes
// from. An API without a policy lets everybody.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-authorization-flow-resource-policy-only
func AnybodyMay(m *cloud.Model, a cloud.API, r cloud.APIRoute) bool {
	if a.Policy == nil {
		return true
	}
	policy := parsed(cloud.Policy{Name: a.Policy.Name, Doc: fullARNs(a.Policy.Doc, apiARN(m, a, "")), At: a.Policy.At}, a.Name)
	keys := keysOf(m).WithUnknown("aws:SourceIp", "aws:UserAgent", "aws:Referer")
	for _, stage := range stagesOf(a) {
		for _, part := range methodsOf(r) {
			d := iam.Decide(iam.Request{Action: "execute-api:Invoke", Resource: apiARN(m, a, stage+"/"+part), Account: m.Account(), Context: keys},
				iam.Policies{Resource: []iam.Policy{policy}})
			if d.Effect == iam.Allow {
				return true
			}
		}
	}
	return false
}

// everybodyMay stands for the absence of a resource policy.
var everybodyMay = func() iam.Policy {
	p, _ := iam.Parse(node(source.Span{}, field("Version", word("2012-10-17", source.Span{})), field("Statement", node(source.Span{},
		field("Effect", word("Allow", source.Span{})), field("Principal", word("*", source.Span{})),
		field("Action", word("*", source.Span{})), field("Resource", word("*", source.Span{}))))))
	return p
}()

// apiARN is execute-api's ARN of a part of an API: stage/METHOD/path.
func apiARN(m *cloud.Model, a cloud.API, part string) string {
	resource := a.ID
	if part != "" {
		resource += "/" + part
	}
	return cloud.ARN{Partition: cloud.Partition(m.Region()), Service: "execute-api", Region: m.Region(), Account: m.Account(), Resource: resource}.String()
}

// stagesOf are the names of an API's stages; * where it has none.
func stagesOf(a cloud.API) []string {
	var out []string
	for _, s := range a.Stages {
		out = append(out, s.StageName)
	}
	if len(out) == 0 {
		out = []string{"*"}
	}
	return out
}

// methodsOf gives METHOD/path of a route as execute-api's ARNs have it: each
// method that a route for ANY answers, and $default of an HTTP API.
func methodsOf(r cloud.APIRoute) []string {
	if r.Path == "$default" {
		return []string{"$default"}
	}
	methods := []string{r.Method}
	if r.Method == "ANY" {
		methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
	}
	for i := range methods {
		methods[i] += "/" + strings.TrimPrefix(r.Path, "/")
	}
	return methods
}

// fullARNs turns execute-api:/stage/METHOD/path into the ARN that API Gateway
// makes of it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html
func fullARNs(doc source.Node, api string) source.Node {
	if rest, short := strings.CutPrefix(doc.Text, "execute-api:/"); short && doc.Kind == source.String {
		doc.Text = api + "/" + rest
	}
	doc.Items, doc.Entries = slices.Clone(doc.Items), slices.Clone(doc.Entries)
	for i, item := range doc.Items {
		doc.Items[i] = fullARNs(item, api)
	}
	for i, e := range doc.Entries {
		doc.Entries[i].Value = fullARNs(e.Value, api)
	}
	return doc
}
