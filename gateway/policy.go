package gateway

import (
	"strconv"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

const invokeAction = "execute-api:Invoke"

// resourcePolicy reads an API's policy. Its resources may be written short, as
// execute-api:/STAGE/METHOD/PATH.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
func resourcePolicy(a *api, p cloud.Policy) iam.Policy {
	out, _ := iam.Parse(longResources(p.Doc, a.arn, "")) // mistakes are the front end's to report
	return out.Named(a.Name)
}

func longResources(n source.Node, arn, key string) source.Node {
	switch n.Kind {
	case source.Map:
		entries := make([]source.Entry, len(n.Entries))
		for i, e := range n.Entries {
			e.Value = longResources(e.Value, arn, e.Key)
			entries[i] = e
		}
		n.Entries = entries
	case source.List:
		items := make([]source.Node, len(n.Items))
		for i, item := range n.Items {
			items[i] = longResources(item, arn, key)
		}
		n.Items = items
	case source.String:
		if rest, ok := strings.CutPrefix(n.Text, "execute-api:/"); ok && (key == "Resource" || key == "NotResource") {
			n.Text = arn + "/" + rest
		}
	}
	return n
}

// conditionKeys are those of a request to an API.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
func (x *exchange) conditionKeys() map[string][]string {
	now := x.now.UTC()
	keys := map[string][]string{
		"aws:CurrentTime":     {now.Format(time.RFC3339)},
		"aws:EpochTime":       {strconv.FormatInt(now.Unix(), 10)},
		"aws:SecureTransport": {"true"}, // execute-api has no port but 443
	}
	for key, header := range map[string]string{"aws:UserAgent": "User-Agent", "aws:Referer": "Referer"} {
		if v := x.r.Header.Get(header); v != "" {
			keys[key] = []string{v}
		}
	}
	o := x.origin
	if o.VPCEndpointID == "" {
		if o.SourceIP.IsValid() {
			keys["aws:SourceIp"] = []string{o.SourceIP.String()}
		}
		return keys
	}
	keys["aws:SourceVpce"] = []string{o.VPCEndpointID}
	if o.VPCID != "" {
		keys["aws:SourceVpc"] = []string{o.VPCID}
	}
	if o.VPCSourceIP.IsValid() {
		keys["aws:VpcSourceIp"] = []string{o.VPCSourceIP.String()}
	}
	return keys
}

// askPolicy asks the resource policy, and the endpoint's, about the request
// without a known caller.
func (x *exchange) askPolicy() iam.Decision {
	p := iam.Policies{Resource: x.api.policy, Endpoint: x.endpointPolicies()}
	if x.api.policy == nil && x.api.Endpoint != cloud.PrivateEndpoint {
		p.Resource = []iam.Policy{everything}
	}
	return iam.Decide(x.policyRequest("", x.conditionKeys()), p)
}

func (x *exchange) policyRequest(principal string, keys map[string][]string) iam.Request {
	return iam.Request{Principal: principal, Action: invokeAction, Resource: x.methodARN(),
		Account: x.apis.model.Account(), Context: iam.NewContext(keys)}
}

// everything is the policy of who has none where none is full access.
var everything = mustPolicy(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)

// endpointPolicies are those of the endpoint that the request came through.
// One that the model does not have is not known to allow anything.
func (x *exchange) endpointPolicies() []iam.Policy {
	id := x.origin.VPCEndpointID
	if id == "" {
		return nil
	}
	e, ok := x.apis.model.Endpoint(cloud.EndpointID(id))
	switch {
	case !ok:
		p, _ := iam.Parse(source.Node{Kind: source.Unknown, Text: "the policy of the VPC endpoint " + id})
		return []iam.Policy{p}
	case e.Policy == nil:
		return nil
	}
	p, _ := iam.Parse(e.Policy.Doc)
	return []iam.Policy{p.Named(id)}
}

// byIAM: the caller's own policies and the resource policy together, either of
// which may allow within the account, both of which must across accounts.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-authorization-flow-iam
func (x *exchange) byIAM() error {
	if x.g.config.Callers == nil {
		return refuse(missingAuthenticationToken, "signature", "nobody's signature is known here")
	}
	id, err := x.g.config.Callers.Verify(x.r, x.body)
	if here := x.apis.model.Region(); err == nil && id.Region != here {
		return refuse(invalidSignature, "signature", "the signature is scoped to %s", id.Region).
			saying("Credential should be scoped to a valid region. ")
	}
	if err == nil && id.Service != "execute-api" {
		return refuse(invalidSignature, "signature", "the signature is scoped to %s", id.Service).
			saying("Credential should be scoped to correct service: 'execute-api'. ")
	}
	if err != nil {
		return signatureRefused(err)
	}
	x.caller = &id
	policies, own := x.g.config.Callers.PoliciesOf(id)
	keys := x.conditionKeys()
	for k, v := range own {
		keys[k] = v
	}
	policies.Resource, policies.Endpoint = x.api.policy, x.endpointPolicies()
	request := x.policyRequest(id.PrincipalARN, keys)
	request.Context = request.Context.WithUnknown("aws:PrincipalTag/*", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge")
	return x.denied(iam.Decide(request, policies))
}
