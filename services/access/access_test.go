package access_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/services/access"
	. "bailey/services/access/accesstest"
	"bailey/services/wire"
	"bailey/source"
)

const (
	parameter = "arn:aws:ssm:us-west-2:123456789012:parameter/app/url"
	appRole   = "arn:aws:iam::123456789012:role/app"
	appArn    = "arn:aws:lambda:us-west-2:123456789012:function:app"
)

var at = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

func newAccess(m *cloud.Model, denied func(access.Denial)) *access.Access {
	return access.New(access.Config{
		Model: func() *cloud.Model { return m }, Now: func() time.Time { return at }, Denied: denied,
	})
}

var ssm = &wire.Service{Name: "ssm", Operations: []wire.Operation{
	{Name: "GetParameter"},
	{Name: "PutParameter", Keys: func(*wire.Call) map[string][]string { return map[string][]string{"ssm:Overwrite": {"true"}} }},
}}

// call is GetParameter by whoever has the key, as the router would give it.
func call(a *access.Access, key string, origin wire.Origin) *wire.Call {
	cred, ok := a.Secret(key, origin)
	if !ok {
		panic("no such key: " + key)
	}
	return &wire.Call{
		Service: ssm, Operation: &ssm.Operations[0], Region: Region, Origin: origin, TLS: true,
		Header:   map[string][]string{"User-Agent": {"sdk"}},
		Identity: wire.Identity{AccessKeyID: key, Account: cred.Account, PrincipalARN: cred.PrincipalARN, UserID: cred.UserID},
	}
}

func issue(t *testing.T, a *access.Access, role string) string {
	t.Helper()
	key, _, err := a.Issue(role, "session", appArn)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// statement allows reading the parameter under a condition.
func when(condition string) string {
	return `{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "` + parameter + `", "Condition": ` + condition + `}`
}

var (
	inside   = wire.Origin{VPCEndpointID: "vpce-1", VPCID: "vpc-1", VPCSourceIP: netip.MustParseAddr("10.0.1.7"), FunctionARN: appArn}
	outside  = wire.Origin{SourceIP: netip.MustParseAddr("203.0.113.9"), FunctionARN: appArn}
	atHost   = wire.Origin{Host: true, SourceIP: netip.MustParseAddr("127.0.0.1")}
	endpoint = func(p *cloud.Policy) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			s.VPCs = append(s.VPCs, cloud.VPC{Meta: cloud.Meta{Name: "vpc"}, ID: "vpc-1",
				CIDRs: cloud.Known([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")})})
			s.Endpoints = append(s.Endpoints, cloud.Endpoint{Meta: cloud.Meta{Name: "ssm"}, ID: "vpce-1", VPC: "vpc-1",
				Kind: cloud.InterfaceEndpoint, Service: "ssm", Policy: p})
		}
	}
)

// What a session of the role app may, coming from where it comes from.
func TestAuthorize(t *testing.T) {
	allow := Allow("ssm:GetParameter", parameter)
	noPolicy := "no identity-based policy allows the ssm:GetParameter action"
	tests := []struct {
		name   string
		policy string
		origin wire.Origin
		denied string // part of the sentence; empty: allowed
	}{
		{"allowed", allow, inside, ""},
		{"nothing allowed", Allow("ssm:PutParameter", "*"), inside, noPolicy},
		{"another resource", Allow("ssm:GetParameter", parameter+"s"), inside, noPolicy},
		{"wildcards", Allow("ssm:Get*", "arn:aws:ssm:*:*:parameter/app/*"), inside, ""},
		{"SourceVpce", when(`{"StringEquals": {"aws:SourceVpce": "vpce-1"}}`), inside, ""},
		{"SourceVpce, another", when(`{"StringEquals": {"aws:SourceVpce": "vpce-2"}}`), inside, noPolicy},
		{"SourceVpce, without an endpoint", when(`{"StringEquals": {"aws:SourceVpce": "vpce-1"}}`), outside, noPolicy},
		{"SourceVpc", when(`{"StringEquals": {"aws:SourceVpc": "vpc-1"}}`), inside, ""},
		{"VpcSourceIp", when(`{"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/16"}}`), inside, ""},
		{"SourceIp is not there through an endpoint", when(`{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}`), inside, noPolicy},
		{"SourceIp", when(`{"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}`), outside, ""},
		{"VpcSourceIp is not there from outside", when(`{"Null": {"aws:VpcSourceIp": "true"}}`), outside, ""},
		{"SourceFunctionArn", when(`{"ArnEquals": {"lambda:SourceFunctionArn": "` + appArn + `"}}`), inside, ""},
		{"SourceFunctionArn of nobody", when(`{"ArnEquals": {"lambda:SourceFunctionArn": "` + appArn + `"}}`), atHost, noPolicy},
		{"PrincipalArn is the role's", when(`{"ArnEquals": {"aws:PrincipalArn": "` + appRole + `"}}`), inside, ""},
		{"PrincipalType", when(`{"StringEquals": {"aws:PrincipalType": "AssumedRole", "aws:PrincipalAccount": "123456789012"}}`), inside, ""},
		{"userid", when(`{"StringLike": {"aws:userid": "AROA*:session"}}`), inside, ""},
		{"a session has no user name", when(`{"Null": {"aws:username": "true"}}`), inside, ""},
		{"SecureTransport", when(`{"Bool": {"aws:SecureTransport": "true"}}`), inside, ""},
		{"CurrentTime", when(`{"DateLessThan": {"aws:CurrentTime": "2026-03-08T00:00:00Z"}}`), inside, ""},
		{"CurrentTime, past", when(`{"DateLessThan": {"aws:CurrentTime": "2026-03-07T00:00:00Z"}}`), inside, noPolicy},
		{"EpochTime", when(`{"NumericGreaterThan": {"aws:EpochTime": "1772884799"}}`), inside, ""},
		{"RequestedRegion", when(`{"StringEquals": {"aws:RequestedRegion": "us-west-2"}}`), inside, ""},
		{"ViaAWSService", when(`{"Bool": {"aws:ViaAWSService": "false"}}`), inside, ""},
		{"UserAgent", when(`{"StringEquals": {"aws:UserAgent": "sdk"}}`), inside, ""},
		{"a tag is not known", when(`{"StringEquals": {"aws:PrincipalTag/team": "x"}}`), inside, "is not known: it depends on aws:principaltag/team"},
		{"a tag of the parameter is not known", when(`{"StringEquals": {"ssm:resourceTag/team": "x"}}`), inside, "it depends on ssm:resourcetag/team"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var denials []access.Denial
			a := newAccess(Model(t, Role("app", tt.policy), endpoint(nil)), func(d access.Denial) { denials = append(denials, d) })
			err := a.Authorize(context.Background(), call(a, issue(t, a, appRole), tt.origin), "ssm:GetParameter", []string{parameter})
			wantDecision(t, err, tt.denied)
			if got := len(denials); (got == 1) != (tt.denied != "") || got > 1 {
				t.Errorf("%d denials were told: %+v", got, denials)
			}
		})
	}
}

func wantDecision(t *testing.T, err error, denied string) {
	t.Helper()
	var e *wire.Error
	switch {
	case denied == "" && err != nil:
		t.Errorf("denied: %v", err)
	case denied != "" && (!errors.As(err, &e) || e.Code != "AccessDeniedException" || !strings.Contains(strings.ToLower(e.Message), strings.ToLower(denied))):
		t.Errorf("err = %v\nwant AccessDeniedException: ...%s...", err, denied)
	}
}

func TestAuthorizeEndpointPolicy(t *testing.T) {
	allow := Role("app", Allow("ssm:GetParameter", "*"))
	principal := func(effect, who string) *cloud.Policy {
		p := Policy("", `{"Effect": "`+effect+`", "Principal": `+who+`, "Action": "ssm:*", "Resource": "*"}`)
		return &p
	}
	tests := []struct {
		name   string
		policy *cloud.Policy
		origin wire.Origin
		denied string
	}{
		{"full access", nil, inside, ""},
		{"allows all", principal("Allow", `"*"`), inside, ""},
		{"allows the role", principal("Allow", `{"AWS": "`+appRole+`"}`), inside, ""},
		{"allows another", principal("Allow", `{"AWS": "`+appRole+`2"}`), inside, "because no VPC endpoint policy allows the ssm:GetParameter action"},
		{"denies", principal("Deny", `"*"`), inside, "with an explicit deny in a VPC endpoint policy"},
		{"denies, but it was not used", principal("Deny", `"*"`), outside, ""},
		{"an endpoint that is not there", nil, wire.Origin{VPCEndpointID: "vpce-2"}, "the policy of the VPC endpoint vpce-2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccess(Model(t, allow, endpoint(tt.policy)), nil)
			err := a.Authorize(context.Background(), call(a, issue(t, a, appRole), tt.origin), "ssm:GetParameter", []string{parameter})
			wantDecision(t, err, tt.denied)
		})
	}
}

// The parts of a role: managed policies, a boundary, gaps, and no role at all.
func TestAuthorizeRole(t *testing.T) {
	change := func(f func(*cloud.Role)) func(*cloud.Spec) {
		return func(s *cloud.Spec) { f(&s.Roles[0]) }
	}
	readOnly, limit := "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess", Policy("arn:aws:iam::123456789012:policy/limit", Allow("s3:*", "*"))
	tests := []struct {
		name   string
		role   string
		change func(*cloud.Role)
		denied string
	}{
		{"managed by AWS", appRole, func(r *cloud.Role) { r.Policies, r.Managed = nil, []string{readOnly} }, ""},
		{"managed by the customer", appRole, func(r *cloud.Role) {
			r.Policies = []cloud.Policy{Policy("arn:aws:iam::123456789012:policy/mine", Deny("ssm:*", "*"))}
		}, "with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/mine"},
		{"a managed policy that is not known", appRole, func(r *cloud.Role) { r.Managed = []string{"arn:aws:iam::aws:policy/Nobody"} },
			"leaves open what the managed policy arn:aws:iam::aws:policy/Nobody says"},
		{"a boundary", appRole, func(r *cloud.Role) { r.Boundary = &limit }, "because no permissions boundary allows the ssm:GetParameter action"},
		{"a boundary of AWS's", appRole, func(r *cloud.Role) { r.Boundary = &cloud.Policy{Name: readOnly} }, ""},
		{"a gap", appRole, func(r *cloud.Role) { r.Open = []cloud.Gap{{Because: "parameter Extra has no value"}} }, "parameter Extra has no value"},
		{"not in the template", appRole + "2", func(*cloud.Role) {}, "leaves open what the role arn:aws:iam::123456789012:role/app2 may"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccess(Model(t, Role("app", Allow("ssm:GetParameter", "*")), change(tt.change)), nil)
			err := a.Authorize(context.Background(), call(a, issue(t, a, tt.role), outside), "ssm:GetParameter", []string{parameter})
			wantDecision(t, err, tt.denied)
		})
	}
}

// All resources or nothing, and the operation's own keys count.
func TestAuthorizeResourcesAndKeys(t *testing.T) {
	a := newAccess(Model(t, Role("app", Allow("ssm:GetParameter", parameter), Allow("ssm:DescribeParameters", "*"),
		`{"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*", "Condition": {"StringEquals": {"ssm:Overwrite": "true"}}}`)), nil)
	c := call(a, issue(t, a, appRole), outside)
	ctx := context.Background()
	wantDecision(t, a.Authorize(ctx, c, "ssm:GetParameter", []string{parameter, parameter + "2"}), "on resource: "+parameter+"2 because")
	wantDecision(t, a.Authorize(ctx, c, "ssm:DescribeParameters", nil), "")
	wantDecision(t, a.Authorize(ctx, c, "ssm:PutParameter", []string{parameter}), "no identity-based policy")
	c.Operation = &ssm.Operations[1]
	wantDecision(t, a.Authorize(ctx, c, "ssm:PutParameter", []string{parameter}), "")
}

// SSM decrypts in the caller's name: AWS's own key asks for no statement, a
// Deny counts, and the caller's endpoint has no say.
func TestAuthorizeForwarded(t *testing.T) {
	key := access.ManagedKey("ssm", Region, Account)
	onlySSM := Policy("", `{"Effect": "Allow", "Principal": "*", "Action": "ssm:*", "Resource": "*"}`)
	tests := []struct {
		name      string
		statement string
		key       string
		denied    string
	}{
		{"nothing about kms", Allow("ssm:*", "*"), key, ""},
		{"a deny", Deny("kms:Decrypt", "*"), key, "explicit deny in an identity-based policy"},
		{"a deny for direct calls only", `{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"Bool": {"aws:ViaAWSService": "false"}}}`, key, ""},
		{"a deny by network", `{"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}`, key, "it depends on aws:sourcevpce"},
		{"the key of another region", Allow("kms:*", "*"), access.ManagedKey("ssm", "eu-west-1", Account), "no resource-based policy allows"},
		{"another key", Allow("kms:*", "*"), "arn:aws:kms:us-west-2:123456789012:key/1", "no resource-based policy allows"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccess(Model(t, Role("app", tt.statement), endpoint(&onlySSM)), nil)
			err := a.Authorize(context.Background(), call(a, issue(t, a, appRole), inside), "kms:Decrypt", []string{tt.key})
			wantDecision(t, err, tt.denied)
		})
	}
}

// The next model's policies count from the next call on.
func TestAuthorizeNextModel(t *testing.T) {
	m := Model(t, Role("app"))
	a := access.New(access.Config{Model: func() *cloud.Model { return m }})
	c := call(a, issue(t, a, appRole), outside)
	wantDecision(t, a.Authorize(context.Background(), c, "ssm:GetParameter", []string{parameter}), "no identity-based policy")
	m = Model(t, Role("app", Allow("ssm:GetParameter", "*")))
	wantDecision(t, a.Authorize(context.Background(), c, "ssm:GetParameter", []string{parameter}), "")
}

// What is told of a refusal is what a person needs to mend it.
func TestDenial(t *testing.T) {
	var got access.Denial
	a := newAccess(Model(t, Role("app")), func(d access.Denial) { got = d })
	err := a.Authorize(context.Background(), call(a, issue(t, a, appRole), wire.Origin{}), "ssm:GetParameter", []string{parameter})
	want := access.Denial{
		At: at, Principal: "arn:aws:sts::123456789012:assumed-role/app/session", FunctionARN: appArn,
		Action: "ssm:GetParameter", Resource: parameter,
		Sentence: "User: arn:aws:sts::123456789012:assumed-role/app/session is not authorized to perform: ssm:GetParameter on resource: " +
			parameter + " because no identity-based policy allows the ssm:GetParameter action",
		Needed: `Missing statement: {"Effect":"Allow","Action":"ssm:GetParameter","Resource":"` + parameter + `"}`,
	}
	if got != want || err.Error() != "AccessDeniedException: "+want.Sentence {
		t.Errorf("denial %+v\n  want %+v\n   err %v", got, want, err)
	}
}

func TestSecret(t *testing.T) {
	now := at
	a := access.New(access.Config{Model: func() *cloud.Model { return Model(t) }, Now: func() time.Time { return now }})
	key, issued, err := a.Issue("arn:aws:iam::123456789012:role/service/app", "2026/03/07/[$LATEST]ab", appArn)
	if err != nil || !strings.HasPrefix(key, "ASIA") || len(key) != 20 || !issued.Expires.Equal(at.Add(access.DefaultLifetime)) ||
		issued.PrincipalARN != "arn:aws:sts::123456789012:assumed-role/app/2026/03/07/[$LATEST]ab" {
		t.Fatalf("Issue = %s, %+v, %v", key, issued, err)
	}
	root := wire.Credential{Account: Account, UserID: Account, PrincipalARN: "arn:aws:iam::123456789012:root"}
	known, stranger := root, root
	known.SecretAccessKey, known.Public = "test", true
	stranger.Unverifiable = true
	tests := []struct {
		name string
		key  string
		from wire.Origin
		want wire.Credential
		ok   bool
	}{
		{"issued, inside", key, inside, issued, true},
		{"issued, at the host", key, atHost, issued, true},
		{"test at the host", "test", atHost, known, true},
		{"a stranger at the host", "AKIASTRANGER", atHost, stranger, true},
		{"test inside", "test", inside, wire.Credential{}, false},
		{"a stranger inside", "AKIASTRANGER", wire.Origin{}, wire.Credential{}, false},
		{"ours, of an earlier run", "ASIABAILEYAAAAAAAAAA", atHost, wire.Credential{}, false},
	}
	for _, tt := range tests {
		if got, ok := a.Secret(tt.key, tt.from); got != tt.want || ok != tt.ok {
			t.Errorf("%s: %+v %v, want %+v %v", tt.name, got, ok, tt.want, tt.ok)
		}
	}
	now = at.Add(access.DefaultLifetime + 2*time.Hour)
	issue(t, a, appRole)
	if _, ok := a.Secret(key, inside); ok {
		t.Error("credentials that expired long ago are still there")
	}
}

func TestRevoke(t *testing.T) {
	a := newAccess(Model(t), nil)
	key := issue(t, a, appRole)
	a.Revoke(key)
	if _, ok := a.Secret(key, atHost); ok {
		t.Error("revoked credentials are still good")
	}
}

func TestIssueRefuses(t *testing.T) {
	a := newAccess(Model(t), nil)
	for _, role := range []string{"", "app", "arn:aws:iam::123456789012:user/app", "arn:aws:sts::123456789012:role/app"} {
		if _, _, err := a.Issue(role, "session", ""); err == nil {
			t.Errorf("issued for %q", role)
		}
	}
	if _, _, err := a.Issue(appRole, "", ""); err == nil {
		t.Error("issued for a session without a name")
	}
}

// The root user may everything: no policy of the template speaks of it.
func TestHostMayAll(t *testing.T) {
	a := newAccess(Model(t), nil)
	for _, key := range []string{"test", "AKIASTRANGER"} {
		wantDecision(t, a.Authorize(context.Background(), call(a, key, atHost), "ssm:DeleteParameter", []string{parameter}), "")
	}
}

func BenchmarkAuthorize(b *testing.B) {
	m := Model(b, Role("app", Allow("ssm:GetParameter", "*")), endpoint(nil))
	a := newAccess(m, nil)
	key, _, err := a.Issue(appRole, "s", appArn)
	if err != nil {
		b.Fatal(err)
	}
	c := call(a, key, inside)
	resources := []string{parameter}
	b.ReportAllocs()
	for b.Loop() {
		if err := a.Authorize(context.Background(), c, "ssm:GetParameter", resources); err != nil {
			b.Fatal(err)
		}
	}
}

// A mistake in a policy does not widen it.
func TestMalformedPolicy(t *testing.T) {
	broken := func(s *cloud.Spec) {
		s.Roles[0].Policies = slices.Concat(s.Roles[0].Policies, []cloud.Policy{{Name: "Broken", Doc: source.Node{Kind: source.String, Text: "x"}}})
	}
	a := newAccess(Model(t, Role("app"), broken), nil)
	wantDecision(t, a.Authorize(context.Background(), call(a, issue(t, a, appRole), outside), "ssm:GetParameter", []string{parameter}), "ssm:GetParameter")
}
