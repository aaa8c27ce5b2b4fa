package access

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/iam"
	"bailey/services/wire"
)

// Authorize is wire.Config's: it decides whether the call's caller may do
// action on each of resources, all of them or nothing. A refusal is AWS's
// AccessDenied.
//
// An action of another service than the one called (kms:Decrypt of an
// ssm:GetParameter) is done by that service in the caller's name: see forwarded.
func (a *Access) Authorize(ctx context.Context, c *wire.Call, action string, resources []string) error {
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	s, known := a.session(c.Identity.AccessKeyID)
	compiled := a.current()
	var p iam.Policies
	p.Identity, p.Boundary = compiled.of(s, known)
	var keys iam.Context
	if prefix(action) != prefix(c.Action()) {
		keys = forwarded(a.keys(c, s, known), c)
	} else {
		keys = direct(a.keys(c, s, known), c)
		p.Endpoint = compiled.endpoint(c.Origin.VPCEndpointID)
	}
	for _, resource := range resources {
		p.Resource = a.resourcePolicies(compiled, resource)
		d := iam.Decide(iam.Request{
			Principal: c.Identity.PrincipalARN, Action: action, Resource: resource, Context: keys,
		}, p)
		if d.Effect != iam.Allow {
			return a.refuse(c, s, d, action, resource)
		}
	}
	return nil
}

func prefix(action string) string {
	service, _, _ := strings.Cut(action, ":")
	return service
}

// resourcePolicies are those of the resource itself: a KMS key's, an event
// bus's, and what a service keeps at run time.
func (a *Access) resourcePolicies(p *policies, arn string) []iam.Policy {
	if managed := keyPolicy(arn); managed != nil {
		return managed
	}
	if declared, ok := p.resources[arn]; ok {
		return declared
	}
	return a.cfg.Policies(arn)
}

// endpoint gives the policy of a VPC endpoint: nil if there is none, or none
// was given to it, which is full access. One that the model does not have
// is not known to allow anything.
func (p *policies) endpoint(id string) []iam.Policy {
	if id == "" {
		return nil
	}
	e, ok := p.model.Endpoint(cloud.EndpointID(id))
	if !ok {
		return []iam.Policy{unknown(id, "the policy of the VPC endpoint "+id, e.At)}
	}
	return p.endpoints[e.ID]
}

func (a *Access) refuse(c *wire.Call, s session, d iam.Decision, action, resource string) error {
	sentence := d.Explain()
	if a.cfg.Denied != nil {
		function := c.Origin.FunctionARN
		if function == "" {
			function = s.function
		}
		a.cfg.Denied(Denial{
			At: a.cfg.Now(), Principal: c.Identity.PrincipalARN, FunctionARN: function,
			Action: action, Resource: resource, Sentence: sentence, Needed: d.Needed(),
		})
	}
	return wire.AccessDenied(sentence)
}

// keys are the call's condition keys, with the values that AWS gives them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (a *Access) keys(c *wire.Call, s session, known bool) map[string][]string {
	now := a.cfg.Now().UTC()
	keys := map[string][]string{
		"aws:CurrentTime":      {now.Format(time.RFC3339)},
		"aws:EpochTime":        {strconv.FormatInt(now.Unix(), 10)},
		"aws:SecureTransport":  {strconv.FormatBool(c.TLS)},
		"aws:RequestedRegion":  {c.Region},
		"aws:ViaAWSService":    {"false"},
		"aws:PrincipalAccount": {c.Identity.Account},
		"aws:userid":           {c.Identity.UserID},
	}
	for key, header := range map[string]string{"aws:UserAgent": "User-Agent", "aws:Referer": "Referer"} {
		if v := c.Header.Get(header); v != "" {
			keys[key] = []string{v}
		}
	}
	if known { // a session's own ARN does not show its role's path
		keys["aws:PrincipalArn"] = []string{s.role}
		keys["aws:TokenIssueTime"] = []string{s.issued.UTC().Format(time.RFC3339)}
	}
	return keys
}

// unstated are keys whose values no template states: tags, which the model
// does not have, and the organization that the account may be in.
var unstated = []string{
	"aws:PrincipalTag/*", "aws:ResourceTag/*", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
	"aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge",
}

// direct adds what only the caller's own request carries: the service's own
// keys, and where it came from. aws:SourceIp is the public address, which a
// request through a VPC endpoint does not have; the endpoint's keys are there
// for no other.
// https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
func direct(keys map[string][]string, c *wire.Call) iam.Context {
	if c.Operation.Keys != nil {
		maps.Copy(keys, c.Operation.Keys(c))
	}
	set := func(key, value string, has bool) {
		if has {
			keys[key] = []string{value}
		}
	}
	o := c.Origin
	through := o.VPCEndpointID != ""
	set("aws:SourceIp", o.SourceIP.String(), o.SourceIP.IsValid() && !through)
	set("aws:VpcSourceIp", o.VPCSourceIP.String(), o.VPCSourceIP.IsValid() && through)
	set("aws:SourceVpc", o.VPCID, o.VPCID != "" && through)
	set("aws:SourceVpce", o.VPCEndpointID, through)
	set("lambda:SourceFunctionArn", o.FunctionARN, o.FunctionARN != "")
	return iam.NewContext(keys).WithUnknown(unstated...).WithUnknown(prefix(c.Action()) + ":ResourceTag/*")
}
