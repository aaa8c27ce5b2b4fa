package path

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"bailey/cfn/document"
	"bailey/cloud"
)

const account = "123456789012"

// policyDoc reads a policy of one or more statements, written as YAML flow.
func policyDoc(t testing.TB, statements string) cloud.Policy {
	t.Helper()
	doc, diags := document.Read("policy.yaml", []byte("Version: '2012-10-17'\nStatement: ["+statements+"]\n"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return cloud.Policy{Name: "P", Doc: doc, At: at(20)}
}

func arnOf(resource string) cloud.ARN {
	service, rest, _ := strings.Cut(resource, ":")
	arn := cloud.ARN{Partition: "aws", Service: service, Region: "us-west-2", Account: account, Resource: rest}
	if service == "iam" {
		arn.Region = ""
	}
	return arn
}

func functionARN(name string) cloud.ARN { return arnOf("lambda:function:" + name) }

// outside adds a function that is in no VPC.
func outside(name string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Functions = append(s.Functions, cloud.Function{Meta: meta(name, 7), FunctionName: name, ARN: functionARN(name)})
	}
}

// role gives a function a role of its own with one policy; "" is an empty role.
func role(t testing.TB, of, statements string, more ...func(*cloud.Role)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		r := cloud.Role{Meta: meta(of+"Role", 21), RoleName: of + "Role", ARN: arnOf("iam:role/" + of + "Role")}
		if statements != "" {
			r.Policies = []cloud.Policy{policyDoc(t, statements)}
		}
		for _, m := range more {
			m(&r)
		}
		s.Roles = append(s.Roles, r)
		for i := range s.Functions {
			if f := &s.Functions[i]; f.Name == of {
				f.Role, f.ARN = cloud.Known(r.ARN.String()), functionARN(of)
			}
		}
	}
}

func mayInvoke(resource string) string {
	return "{Effect: Allow, Action: 'lambda:InvokeFunction', Resource: '" + functionARN(resource).String() + "'}"
}

// permit adds a permission on a function or one of its aliases.
func permit(on, principal string, more ...func(*cloud.Permission)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		p := cloud.Permission{Meta: meta("Permit", 22), Function: cloud.Known(functionARN(on)),
			Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known(principal)}
		for _, m := range more {
			m(&p)
		}
		s.Permissions = append(s.Permissions, p)
	}
}

func forSource(arn string) func(*cloud.Permission) {
	return func(p *cloud.Permission) { p.SourceARN = cloud.Known(arn) }
}

func url(auth string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.FunctionURLs = append(s.FunctionURLs, cloud.FunctionURL{Meta: meta("Url", 23), Function: cloud.Known(functionARN("A")), Host: "abc.lambda-url.us-west-2.on.aws", Auth: cloud.Known(auth)})
	}
}

var openURL = edits(outside("A"), url("NONE"),
	permit("A", "*", func(p *cloud.Permission) {
		p.Action, p.URLAuth = cloud.Known("lambda:InvokeFunctionUrl"), cloud.Known("NONE")
	}),
	permit("A", "*", func(p *cloud.Permission) { p.ViaURL = cloud.Known(true) }))

// api adds an API with one route to A.
func api(with func(*cloud.API)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		a := cloud.API{Meta: meta("Api", 24), ID: "abcdefghij", Kind: cloud.RESTAPI, Endpoint: cloud.RegionalEndpoint, DefaultHost: cloud.Known(true),
			Stages: []cloud.Stage{{StageName: "prod"}},
			Routes: []cloud.APIRoute{{Method: "GET", Path: "/pets", Auth: cloud.RouteAuth{Kind: cloud.AuthNone},
				Integration: &cloud.Integration{Kind: cloud.LambdaProxy, Function: cloud.Known(functionARN("A"))}}}}
		if with != nil {
			with(&a)
		}
		s.APIs = append(s.APIs, a)
	}
}

func apiPolicy(t testing.TB, kind cloud.EndpointType, statements string) func(*cloud.API) {
	return func(a *cloud.API) {
		a.Endpoint = kind
		if statements != "" {
			p := policyDoc(t, statements)
			a.Policy = &p
		}
	}
}

func withoutPrivateDNS(s *cloud.Spec) { s.Endpoints[0].PrivateDNS = cloud.Known(false) }

// associated associates the API with an endpoint.
func associated(id cloud.EndpointID) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.APIs[0].VPCEndpoints = []cloud.EndpointID{id} }
}

// serviceEndpoint adds an interface endpoint, open to sg-f.
func serviceEndpoint(service string, policy *cloud.Policy) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		endpoint(true, "sg-endpoint")(s)
		e := &s.Endpoints[len(s.Endpoints)-1]
		e.Service, e.Policy = service, policy
	}
}

// Each case is one fact about who may invoke what, named.
func TestWhoInvokes(t *testing.T) {
	all := "{Effect: Allow, Principal: '*', Action: '*', Resource: '*'}"
	denyInvoke := policyDoc(t, "{Effect: Allow, Principal: '*', Action: 'lambda:ListFunctions', Resource: '*'}")
	toSelf := forSource("arn:aws:execute-api:us-west-2:123456789012:abcdefghij/*/GET/pets")
	alias := func(s *cloud.Spec) {
		s.Aliases = append(s.Aliases, cloud.Alias{Meta: meta("Live", 25), Function: cloud.Known(functionARN("B")), AliasName: "live", Version: cloud.Known("1")})
	}
	bucket := func(s *cloud.Spec) {
		s.Buckets = append(s.Buckets, cloud.Bucket{Meta: meta("Photos", 26), ARN: cloud.ARN{Partition: "aws", Service: "s3", Resource: "photos"}})
	}
	fromPhotos := permit("B", "s3.amazonaws.com", forSource("arn:aws:s3:::photos"), func(p *cloud.Permission) { p.SourceAccount = cloud.Known(account) })
	profile := func(s *cloud.Spec) {
		s.Instances[0].Profile = cloud.Known("box")
		s.InstanceProfiles = []cloud.InstanceProfile{{Meta: meta("Profile", 27), ProfileName: "box", Role: cloud.Known("ARole")}}
	}
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/lambda/latest/dg/access-control-identity-based.html
		{"a function outside a VPC reaches the Lambda API and needs its role's word", edits(outside("A"), outside("B"), role(t, "A", mayInvoke("B"))), "A", "B", "reachable"},
		{"a role that says nothing does not invoke", edits(outside("A"), outside("B"), role(t, "A", "")), "A", "B", "blocked LAMBDA_INVOKE_DENIED(ARole)"},
		{"a function without a role has no credentials", edits(outside("A"), outside("B")), "A", "B", "blocked LAMBDA_INVOKE_DENIED(A)"},
		{"an explicit deny wins", edits(outside("A"), outside("B"), role(t, "A", mayInvoke("*")+", {Effect: Deny, Action: 'lambda:*', Resource: '*'}")), "A", "B", "blocked LAMBDA_INVOKE_DENIED(ARole)"},
		{"a boundary limits the role", edits(outside("A"), outside("B"), role(t, "A", mayInvoke("B"), func(r *cloud.Role) {
			p := policyDoc(t, "{Effect: Allow, Action: 's3:*', Resource: '*'}")
			r.Boundary = &p
		})), "A", "B", "blocked LAMBDA_INVOKE_DENIED(ARole)"},
		{"a role that is not in the template leaves it unknown", edits(outside("A"), outside("B"), func(s *cloud.Spec) { s.Functions[1].Role = cloud.Known("arn:aws:iam::123456789012:role/x") }), "A", "B",
			"unknown ?what the role arn:aws:iam::123456789012:role/x may: it is not in the template"},
		{"a managed policy that nobody knows leaves it unknown", edits(outside("A"), outside("B"), role(t, "A", "", func(r *cloud.Role) { r.Managed = []string{"arn:aws:iam::aws:policy/Nobody"} })), "A", "B",
			"unknown ?what the managed policy arn:aws:iam::aws:policy/Nobody says"},
		{"a function's own permission may name the role", edits(outside("A"), outside("B"), role(t, "A", ""), permit("B", "arn:aws:iam::123456789012:role/ARole")), "A", "B", "reachable"},
		{"a deny for lambda:SourceFunctionArn is for the function's own code", edits(outside("A"), outside("B"),
			role(t, "A", mayInvoke("B")+", {Effect: Deny, Action: 'lambda:*', Resource: '*', Condition: {ArnEquals: {'lambda:SourceFunctionArn': '"+functionARN("A").String()+"'}}}")), "A", "B", "blocked LAMBDA_INVOKE_DENIED(ARole)"},
		{"a policy that asks for a tag leaves it unknown", edits(outside("A"), outside("B"),
			role(t, "A", "{Effect: Allow, Action: 'lambda:*', Resource: '*', Condition: {StringEquals: {'aws:PrincipalTag/team': a}}}")), "A", "B",
			"unknown ?a policy depends on aws:PrincipalTag/team, which nothing here states"},

		// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
		{"a function in a VPC needs a way to the Lambda API too", edits(outside("B"), role(t, "F", mayInvoke("B"), canStart)), "F", "B", "blocked NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"a NAT gateway is one", edits(outside("B"), role(t, "F", mayInvoke("B"), canStart), nat("subnet-public", true)), "F", "B", "reachable"},
		{"an endpoint for lambda is one", edits(outside("B"), role(t, "F", mayInvoke("B"), canStart), serviceEndpoint("lambda", nil)), "F", "B", "reachable"},
		{"an endpoint's policy decides with the role", edits(outside("B"), role(t, "F", mayInvoke("B"), canStart), serviceEndpoint("lambda", &denyInvoke)), "F", "B", "blocked LAMBDA_INVOKE_DENIED(FRole)"},
		{"a condition on the endpoint is met through it", edits(outside("B"), role(t, "F", strings.TrimSuffix(mayInvoke("B"), "}")+", Condition: {StringEquals: {'aws:SourceVpce': vpce-ssm}}}", canStart), serviceEndpoint("lambda", nil)), "F", "B", "reachable"},
		{"and not around it", edits(outside("B"), role(t, "F", strings.TrimSuffix(mayInvoke("B"), "}")+", Condition: {StringEquals: {'aws:SourceVpce': vpce-ssm}}}", canStart), nat("subnet-public", true)), "F", "B", "blocked LAMBDA_INVOKE_DENIED(FRole)"},
		{"network and permission are both named", edits(outside("B"), role(t, "F", "", canStart)), "F", "B", "blocked NO_ROUTE_TO_DESTINATION(rtb-private) LAMBDA_INVOKE_DENIED(FRole)"},
		// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
		{"an invocation enters a VPC over Lambda's own path", edits(outside("A"), role(t, "F", "", canStart), role(t, "A", mayInvoke("F"))), "A", "F", "reachable"},
		{"an instance invokes with its profile's role", edits(outside("A"), outside("B"), role(t, "A", mayInvoke("B")), profile, func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.0.9") }), "Box", "B", "reachable"},
		{"an instance without a profile does not", edits(outside("B"), func(s *cloud.Spec) { s.Instances[0].PublicIP = netip.MustParseAddr("198.19.0.9") }), "Box", "B", "blocked LAMBDA_INVOKE_DENIED(Box)"},

		// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
		{"a role by itself", edits(outside("A"), outside("B"), role(t, "A", mayInvoke("B"))), "ARole", "B", "reachable"},
		{"another account needs a permission", edits(outside("B")), "111122223333", "B", "blocked LAMBDA_PERMISSION_MISSING(B)"},
		{"and has one", edits(outside("B"), permit("B", "111122223333")), "111122223333", "B", "reachable"},
		{"a role of another account is that account's word too", edits(outside("B"), permit("B", "111122223333")), "arn:aws:iam::111122223333:role/x", "B",
			"unknown ?what arn:aws:iam::111122223333:role/x may: it is not in the template"},
		{"a service needs a permission", edits(outside("B"), bucket), "Photos", "B", "blocked LAMBDA_PERMISSION_MISSING(B)"},
		{"for what it acts for", edits(outside("B"), bucket, fromPhotos), "Photos", "B", "reachable"},
		{"and for nothing else", edits(outside("B"), fromPhotos), "arn:aws:s3:::films", "B", "blocked LAMBDA_PERMISSION_MISSING(Permit)"},
		{"a service by name: through whatever it is let", edits(outside("B"), fromPhotos), "s3.amazonaws.com", "B", "reachable"},
		{"another service is not", edits(outside("B"), fromPhotos), "sns.amazonaws.com", "B", "blocked LAMBDA_PERMISSION_MISSING(B)"},
		{"a permission that is open leaves it unknown", edits(outside("B"), permit("B", "", func(p *cloud.Permission) { p.Principal = cloud.Unknown[string]("parameter Who has no value", at(1)) })), "s3.amazonaws.com", "B",
			"unknown ?parameter Who has no value"},
		{"a permission on an alias is for the alias", edits(outside("B"), alias, permit("B:live", "s3.amazonaws.com")), "s3.amazonaws.com", "Live", "reachable"},
		{"and opens the function by that name", edits(outside("B"), alias, permit("B:live", "s3.amazonaws.com")), "s3.amazonaws.com", "B", "reachable"},
		{"one on the function is not for the alias", edits(outside("B"), alias, permit("B", "s3.amazonaws.com")), "s3.amazonaws.com", "Live", "blocked LAMBDA_PERMISSION_MISSING(Permit)"},
		// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
		{"a reserved concurrency of 0 turns a function off", edits(outside("B"), permit("B", "s3.amazonaws.com"), func(s *cloud.Spec) { none := 0; s.Functions[1].Reserved = &none }), "s3.amazonaws.com", "B",
			"blocked LAMBDA_RESERVED_CONCURRENCY_ZERO(B)"},

		// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
		{"the internet has no way to a function", edits(outside("A")), "internet", "A", "blocked FUNCTION_NOT_EXPOSED(A)"},
		{"but an open function URL", openURL, "internet", "A", "reachable"},
		{"which needs both permissions", openURL[:3], "internet", "A", "blocked FUNCTION_URL_PERMISSION_MISSING(Url)"},
		{"and one before October 2025", append(slices.Clone(openURL[:3]), func(s *cloud.Spec) { s.Catalogue = "2025-09-30" }), "internet", "A", "reachable"},
		{"a function URL with AWS_IAM is none", edits(outside("A"), url("AWS_IAM")), "internet", "A", "blocked FUNCTION_URL_REQUIRES_IAM(Url)"},

		// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html
		{"an API invokes with a permission for its route", edits(outside("A"), api(nil), permit("A", "apigateway.amazonaws.com", toSelf)), "Api", "A", "reachable"},
		{"and leads there from the internet", edits(outside("A"), api(nil), permit("A", "apigateway.amazonaws.com", toSelf)), "internet", "A", "reachable"},
		{"without one it answers 500", edits(outside("A"), api(nil)), "Api", "A", "blocked LAMBDA_PERMISSION_MISSING(A)"},
		{"nor with one for another route", edits(outside("A"), api(nil), permit("A", "apigateway.amazonaws.com", forSource("arn:aws:execute-api:us-west-2:123456789012:abcdefghij/*/POST/pets"))), "Api", "A", "blocked LAMBDA_PERMISSION_MISSING(Permit)"},
		{"a route for any method needs them all", edits(outside("A"), api(func(a *cloud.API) { a.Routes[0].Method = "ANY" }), permit("A", "apigateway.amazonaws.com", toSelf)), "Api", "A", "partial LAMBDA_PERMISSION_MISSING(Permit)"},
		{"an integration with a role needs no permission", edits(outside("A"), outside("B"), role(t, "B", mayInvoke("A")), api(func(a *cloud.API) { a.Routes[0].Integration.Credentials = arnOf("iam:role/BRole").String() })), "Api", "A", "reachable"},

		// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
		{"a regional API answers the internet", edits(outside("A"), api(nil)), "internet", "Api", "reachable"},
		{"but under its own domain only", edits(outside("A"), api(func(a *cloud.API) { a.DefaultHost = cloud.Known(false) })), "internet", "Api", "blocked API_DEFAULT_HOST_DISABLED(Api)"},
		{"a resource policy for an address shuts strangers out", edits(outside("A"), api(apiPolicy(t, cloud.RegionalEndpoint, "{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*', Condition: {IpAddress: {'aws:SourceIp': 192.0.2.0/24}}}"))),
			"internet", "Api", "blocked API_POLICY_DENIES(Api)"},
		{"one for a stage admits them there", edits(outside("A"), api(apiPolicy(t, cloud.RegionalEndpoint, "{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/prod/GET/*'}"))),
			"internet", "Api", "reachable"},
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
		{"a private API is not for the internet", edits(outside("A"), api(apiPolicy(t, cloud.PrivateEndpoint, all))), "internet", "Api", "blocked API_PRIVATE(Api)"},
		{"nor for a function without an endpoint", edits(nat("subnet-public", true), api(apiPolicy(t, cloud.PrivateEndpoint, all))), "F", "Api", "blocked API_PRIVATE(Api)"},
		{"through an execute-api endpoint it is", edits(serviceEndpoint("execute-api", nil), api(apiPolicy(t, cloud.PrivateEndpoint, all))), "F", "Api", "reachable"},
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
		{"one that is associated with an endpoint has a name for it, private DNS or not", edits(serviceEndpoint("execute-api", nil), withoutPrivateDNS, api(apiPolicy(t, cloud.PrivateEndpoint, all)), associated("vpce-ssm")),
			"F", "abcdefghij-vpce-ssm.execute-api.us-west-2.amazonaws.com", "reachable"},
		{"and no other", edits(serviceEndpoint("execute-api", nil), withoutPrivateDNS, api(apiPolicy(t, cloud.PrivateEndpoint, all)), associated("vpce-ssm")),
			"F", "Api", "blocked ENDPOINT_PRIVATE_DNS_DISABLED(Endpoint) NO_ROUTE_TO_DESTINATION(rtb-private)"},
		{"without a resource policy it admits nobody", edits(serviceEndpoint("execute-api", nil), api(apiPolicy(t, cloud.PrivateEndpoint, ""))), "F", "Api", "blocked API_POLICY_DENIES(Api)"},
		{"one for another endpoint refuses", edits(serviceEndpoint("execute-api", nil), api(apiPolicy(t, cloud.PrivateEndpoint, "{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: 'execute-api:/*', Condition: {StringEquals: {'aws:SourceVpce': vpce-other}}}"))),
			"F", "Api", "blocked API_POLICY_DENIES(Api)"},
		{"an endpoint's policy may refuse as well", edits(serviceEndpoint("execute-api", &denyInvoke), api(apiPolicy(t, cloud.PrivateEndpoint, all))), "F", "Api", "blocked API_POLICY_DENIES(Endpoint)"},
		// https://repost.aws/knowledge-center/api-gateway-vpc-connections
		{"an execute-api endpoint captures public APIs", edits(serviceEndpoint("execute-api", nil), api(nil)), "F", "Api", "blocked PUBLIC_API_THROUGH_ENDPOINT(Endpoint)"},
		{"by their host names too", edits(serviceEndpoint("execute-api", nil), api(nil)), "F", "abcdefghij.execute-api.us-west-2.amazonaws.com", "blocked PUBLIC_API_THROUGH_ENDPOINT(Endpoint)"},

		// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
		{"a role that may not make interfaces: the function never starts", edits(role(t, "F", "")), "F", "Box:80", "blocked LAMBDA_ROLE_CANNOT_CREATE_ENI(FRole)"},
		{"nor can it be invoked", edits(role(t, "F", ""), permit("F", "s3.amazonaws.com")), "s3.amazonaws.com", "F", "blocked LAMBDA_ROLE_CANNOT_CREATE_ENI(FRole)"},
		{"AWS's managed policy has them", edits(role(t, "F", "", canStart)), "F", "Box:80", "reachable"},
		{"statements of one's own have them", edits(role(t, "F", "{Effect: Allow, Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DeleteNetworkInterface'], Resource: '*'}")), "F", "Box:80", "reachable"},
		{"deleting is among them", edits(role(t, "F", "{Effect: Allow, Action: ['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces'], Resource: '*'}")), "F", "Box:80", "blocked LAMBDA_ROLE_CANNOT_CREATE_ENI(FRole)"},
		{"a boundary may take them away", edits(role(t, "F", "", canStart, func(r *cloud.Role) {
			p := policyDoc(t, "{Effect: Allow, Action: 's3:*', Resource: '*'}")
			r.Boundary = &p
		})), "F", "Box:80", "blocked LAMBDA_ROLE_CANNOT_CREATE_ENI(FRole)"},
		{"a role may deny them to its own code", edits(role(t, "F", "{Effect: Deny, Action: 'ec2:*', Resource: '*', Condition: {ArnEquals: {'lambda:SourceFunctionArn': '"+functionARN("F").String()+"'}}}", canStart)), "F", "Box:80", "reachable"},
		// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
		{"interfaces have a quota", edits(quota(1), crowd), "F", "Box:80", "blocked LAMBDA_ENI_QUOTA(vpc-a)"},
		{"functions with the same groups share one", edits(quota(2), crowd), "F", "Box:80", "reachable"},
		{"a policy that nobody knows leaves it unknown", edits(role(t, "F", "", func(r *cloud.Role) { r.Managed = []string{"arn:aws:iam::aws:policy/Nobody"} })), "F", "Box:80",
			"unknown ?what the managed policy arn:aws:iam::aws:policy/Nobody says"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

func canStart(r *cloud.Role) {
	r.Managed = append(r.Managed, "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")
}

func quota(n int) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.Quotas.VPCInterfaces = n }
}

// crowd adds a function with F's groups, and one with other groups.
func crowd(s *cloud.Spec) {
	s.Functions = append(s.Functions, function("Same", sgs("sg-f"), "subnet-private"), function("Other", sgs("sg-f", "sg-box"), "subnet-private"))
}
