package gateway_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/iam"
	"bailey/services/wire"
)

const (
	allowAll  = `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}`
	denyAll   = `{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}`
	anonymous = `403 {"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abcdef1234/prod/GET/`
)

// under puts a resource policy of these statements on an API.
func under(t *testing.T, a cloud.API, statements ...string) cloud.API {
	a.Policy = &cloud.Policy{Doc: jsonNode(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`)}
	return a
}

func from(address string) string {
	return `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/prod/GET/*","Condition":{"IpAddress":{"aws:SourceIp":"` + address + `"}}}`
}

func TestAResourcePolicyAlone(t *testing.T) {
	tests := []struct {
		name       string
		statements []string
		want       string
	}{
		{"allowed address", []string{from("192.0.2.0/24")}, "200 fine"},
		{"another address", []string{from("198.51.100.0/24")}, anonymous + `a"}`},
		{"denied address", []string{allowAll, strings.Replace(from("192.0.2.1"), "Allow", "Deny", 1)}, anonymous + `a with an explicit deny"}`},
		{"denied", []string{allowAll, denyAll}, anonymous + `a with an explicit deny"}`},
		{"another path", []string{strings.Replace(allowAll, "execute-api:/*", "execute-api:/prod/GET/b", 1)}, anonymous + `a"}`},
		{"long resource", []string{strings.Replace(allowAll, "execute-api:/*", base+"prod/GET/a", 1)}, "200 fine"},
		{"a role, who nobody is without a signature", []string{strings.Replace(allowAll, `"*"`, `{"AWS":"arn:aws:iam::123456789012:role/r"}`, 1)}, anonymous + `a"}`},
		{"a tag that no template states", []string{strings.Replace(allowAll, `"Effect"`, `"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}},"Effect"`, 1)}, anonymous + `a"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := stood(t, under(t, restAPI(route("GET /a")), test.statements...)).on("f", says(fine))
			res := s.gets("GET /prod/a", nil, test.want)
			if test.want != "200 fine" && asSent(res.Header, "x-amzn-ErrorType")[0] != "AccessDeniedException" {
				t.Error(res.Header)
			}
		})
	}
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
func TestAPathThatIsTooLongForAPolicy(t *testing.T) {
	long := "GET /prod/" + strings.Repeat("a", 1600)
	stood(t, restAPI(route("GET /{a}"))).on("f", says(fine)).gets(long, nil, "200 fine")
	stood(t, under(t, restAPI(route("GET /{a}")), allowAll)).on("f", says(fine)).gets(long, nil, `414 {"message":"Request URI too long"}`)
}

// Table A of
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
func TestALambdaAuthorizerAndAResourcePolicy(t *testing.T) {
	const elsewhere = `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*/*/elsewhere"}`
	tests := []struct {
		authorizer map[string]any
		policy     string
		want       string
		runs       bool
	}{
		{policy("Allow", "*"), allowAll, "200 fine", true},
		{policy("Allow", "*"), elsewhere, "200 fine", true},
		{policy("Allow", "*"), denyAll, anonymous + `a with an explicit deny"}`, false},
		{policy("Allow", base+"x"), allowAll, "200 fine", true},
		{policy("Allow", base+"x"), elsewhere, restDenied, true},
		{policy("Allow", base+"x"), denyAll, anonymous + `a with an explicit deny"}`, false},
		{policy("Deny", "*"), allowAll, restDeniedFully, true},
		{policy("Deny", "*"), elsewhere, restDeniedFully, true},
		{policy("Deny", "*"), denyAll, anonymous + `a with an explicit deny"}`, false},
	}
	for _, test := range tests {
		s := stood(t, under(t, byToken(0), test.policy)).on("f", says(fine)).on("auth", says(test.authorizer))
		s.gets("GET /prod/a", headers{"Authorization": "token"}, test.want)
		if ran := len(s.invoked) > 0; ran != test.runs {
			t.Errorf("%v with %s: the authorizer ran: %t", test.authorizer, test.policy, ran)
		}
	}
}

const vpce = "vpce-0123456789abcdef0"

// private is an API in a VPC behind one endpoint, whose policy may be empty.
func private(t *testing.T, endpointPolicy string, statements ...string) *stand {
	a := restAPI(route("GET /a"))
	a.Endpoint = cloud.PrivateEndpoint
	if len(statements) > 0 {
		a = under(t, a, statements...)
	}
	s := stood(t, a, func(spec *cloud.Spec) {
		spec.VPCs = []cloud.VPC{{Meta: cloud.Meta{Name: "Vpc"}, ID: "vpc-1", CIDRs: cloud.Known([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")})}}
		e := cloud.Endpoint{Meta: cloud.Meta{Name: "Endpoint"}, ID: vpce, VPC: "vpc-1", Kind: cloud.InterfaceEndpoint, Service: "execute-api"}
		if endpointPolicy != "" {
			e.Policy = &cloud.Policy{Doc: jsonNode(t, endpointPolicy)}
		}
		other := cloud.Endpoint{Meta: cloud.Meta{Name: "Other"}, ID: "vpce-0aaaaaaaaaaaaaaaa", VPC: "vpc-1", Kind: cloud.InterfaceEndpoint, Service: "ssm"}
		spec.Endpoints = []cloud.Endpoint{e, other}
	}).on("f", says(fine))
	s.origin = wire.Origin{VPCEndpointID: vpce, VPCID: "vpc-1", VPCSourceIP: netip.MustParseAddr("10.0.1.7")}
	return s
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
func TestPrivateAPIs(t *testing.T) {
	through := `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"StringEquals":{"aws:SourceVpce":"` + vpce + `"}}}`
	only := `{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-2"}}}`
	private(t, "", through).gets("GET /prod/a", nil, "200 fine")
	private(t, "", allowAll, only).gets("GET /prod/a", nil, anonymous+`a with an explicit deny"}`)
	private(t, "").gets("GET /prod/a", nil, anonymous+`a"}`)
	private(t, `{"Version":"2012-10-17","Statement":[`+denyAll+`]}`, through).gets("GET /prod/a", nil, anonymous+`a with an explicit deny"}`)
	private(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"`+base+`*"}]}`, through).gets("GET /prod/a", nil, "200 fine")

	s := private(t, "", through)
	s.gets("GET /prod/a", headers{"Host": apiID + "-" + vpce + ".execute-api.us-east-1.amazonaws.com"}, "200 fine")
	if got := at(s.event(), "requestContext.identity.vpceId"); got != vpce || at(s.event(), "requestContext.identity.vpcId") != "vpc-1" {
		t.Errorf("the function is told of the endpoint %v", got)
	}
	s.gets("GET /prod/a", headers{"Host": vpce + "-abcd1234.execute-api.us-east-1.vpce.amazonaws.com", "X-Apigw-Api-Id": apiID}, "200 fine")
	s.gets("GET /prod/a", headers{"Host": vpce + "-abcd1234.execute-api.us-east-1.vpce.amazonaws.com"}, `403 {"message":"Forbidden"}`)
	// Whoever connects to another service's endpoint and asks for the API there.
	s.origin = wire.Origin{VPCEndpointID: "vpce-0aaaaaaaaaaaaaaaa", VPCID: "vpc-1"}
	s.gets("GET /prod/a", nil, `403 {"message":"Forbidden"}`)
	s.origin = wire.Origin{SourceIP: netip.MustParseAddr("192.0.2.1")}
	s.gets("GET /prod/a", nil, `403 {"message":"Forbidden"}`)
	s.origin = wire.Origin{Host: true, SourceIP: netip.MustParseAddr("127.0.0.1")}
	s.gets("GET /restapis/"+apiID+"/prod/_user_request_/a", nil, `403 {"message":"Forbidden"}`)
}

// Private DNS of an endpoint captures every execute-api name, and through it a
// public API is refused.
// https://repost.aws/knowledge-center/api-gateway-vpc-connections
func TestAPublicAPIThroughAnEndpoint(t *testing.T) {
	s := stood(t, restAPI(route("GET /a"))).on("f", says(fine))
	s.origin = wire.Origin{VPCEndpointID: vpce, VPCID: "vpc-1"}
	s.gets("GET /prod/a", nil, `403 {"message":"Forbidden"}`)
	if !strings.Contains(s.refusals[0].Why, "through the endpoint "+vpce) {
		t.Error(s.refusals[0])
	}
}

// callers know one key, whose role may do what its policy says.
type callers struct {
	verifier *wire.Verifier
	policies iam.Policies
}

func (c callers) Verify(r *http.Request, body []byte) (wire.Identity, error) {
	return c.verifier.Verify(r, body)
}

func (c callers) PoliciesOf(wire.Identity) (iam.Policies, map[string][]string) {
	return c.policies, map[string][]string{"aws:PrincipalArn": {"arn:aws:iam::123456789012:role/app"}}
}

// signing makes an API known to a caller with these identity statements.
func signing(t *testing.T, a cloud.API, statements string) (*stand, wire.Credential) {
	s := stood(t, a).on("f", says(fine))
	cred := wire.Credential{SecretAccessKey: "secret", Account: account, PrincipalARN: "arn:aws:sts::123456789012:assumed-role/app/s", UserID: "AROA:s"}
	p, _ := iam.Parse(jsonNode(t, `{"Version":"2012-10-17","Statement":[`+statements+`]}`))
	s.config.Callers = callers{&wire.Verifier{Now: s.clock, Secret: func(id string, _ wire.Origin) (wire.Credential, bool) { return cred, id == "AKIDEXAMPLE" }},
		iam.Policies{Identity: []iam.Policy{p}}}
	s.restart()
	return s, cred
}

func (s *stand) signed(what string, cred wire.Credential, service string) *http.Response {
	s.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r, _ := http.NewRequest(method, "https://"+host+path, nil)
	wire.Sign(r, nil, "AKIDEXAMPLE", cred, region, service, s.clock())
	r.RequestURI = path
	return s.do(r)
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html#apigateway-authorization-flow-iam
func TestIAMAuthorization(t *testing.T) {
	const mine = `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"` + base + `*/GET/a"}`
	const elsewhere = `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"` + base + `*/GET/b"}`
	refused := `403 {"Message":"User: arn:aws:sts::123456789012:assumed-role/app/s is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abcdef1234/prod/GET/a`
	rest := restAPI(route("GET /a", guarded(cloud.AuthIAM, "")))
	tests := []struct {
		name, identity, resource, want string
	}{
		{"allowed", mine, "", "200 fine"},
		{"another path", elsewhere, "", refused + `"}`},
		{"the resource policy alone", elsewhere, allowAll, "200 fine"},
		{"denied by the resource policy", mine, denyAll, refused + ` with an explicit deny"}`},
		{"denied by its own", `{"Effect":"Deny","Action":"*","Resource":"*"}`, allowAll, refused + ` with an explicit deny"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := rest
			if test.resource != "" {
				a = under(t, a, test.resource)
			}
			s, cred := signing(t, a, test.identity)
			res := s.signed("GET /prod/a", cred, "execute-api")
			if got := text(res); got != test.want[4:] || !strings.HasPrefix(test.want, res.Status[:3]) {
				t.Errorf("%d %s\nwant %s", res.StatusCode, got, test.want)
			}
		})
	}
	s, cred := signing(t, rest, mine)
	s.gets("GET /prod/a", nil, `403 {"message":"Missing Authentication Token"}`)
	if got := text(s.signed("GET /prod/a", cred, "lambda")); got != `{"message":"Credential should be scoped to correct service: 'execute-api'. "}` {
		t.Error(got)
	}
	cred.SecretAccessKey = "other"
	res := s.signed("GET /prod/a", cred, "execute-api")
	if got := text(res); !strings.HasPrefix(got, `{"message":"The request signature we calculated does not match`) || asSent(res.Header, "x-amzn-ErrorType")[0] != "InvalidSignatureException" {
		t.Errorf("%s %v", got, res.Header)
	}
	two, cred := signing(t, httpAPI(route("GET /a", guarded(cloud.AuthIAM, ""))), mine)
	if res := two.signed("GET /a", cred, "execute-api"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	same(t, at(two.event(), "requestContext.authorizer"), `{"iam": {"accessKey": "AKIDEXAMPLE", "accountId": "123456789012", "callerId": "AROA:s", "cognitoIdentity": null,
		"principalOrgId": null, "userArn": "arn:aws:sts::123456789012:assumed-role/app/s", "userId": "AROA:s"}}`)
	two.gets("GET /a", nil, `403 {"message":"Forbidden"}`)
}
