package reach

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
	"bailey/source"
)

func meta(name string) cloud.Meta {
	return cloud.Meta{Name: name, At: source.Span{File: "t.yaml", Line: 1}}
}

// lightsail is the world of a function in a default VPC: no NAT gateway, a
// Lightsail instance across the peering.
func lightsail(edits ...func(*cloud.Spec)) cloud.Spec {
	s := cloud.Spec{Region: "us-west-2", Account: "123456789012", Stack: "t"}
	s.AddDefaultVPC("vpc-d", "default-vpc", []cloud.DefaultSubnet{{ID: "subnet-a", AZ: "us-west-2a"}, {ID: "subnet-b", AZ: "us-west-2b"}}, source.Span{})
	s.Lightsail = cloud.LightsailNetwork{CIDR: cloud.Known(netip.MustParsePrefix("172.26.0.0/16")), Peered: cloud.Known(true)}
	s.LightsailInstances = []cloud.LightsailInstance{{Meta: meta("Web"), PrivateIP: netip.MustParseAddr("172.26.0.16"), PublicIP: netip.MustParseAddr("198.19.0.5")}}
	s.SecurityGroups = []cloud.SecurityGroup{{Meta: meta("FunctionGroup"), ID: "sg-f", VPC: "vpc-d", Egress: cloud.AllowAllEgress(source.Span{})}}
	s.Functions = []cloud.Function{{Meta: meta("F"), FunctionName: "F", Network: &cloud.Attachment{
		Subnets: cloud.Known([]cloud.SubnetID{"subnet-a", "subnet-b"}), Groups: cloud.Known([]cloud.SecurityGroupID{"sg-f"})}}}
	for _, e := range edits {
		e(&s)
	}
	return s
}

func model(t *testing.T, s cloud.Spec) *cloud.Model {
	t.Helper()
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return m
}

// fixes renders the proved fixes of a question, a line each.
func fixes(t *testing.T, m *cloud.Model, q path.Question, needs ...Need) string {
	t.Helper()
	r, err := path.Why(m, q)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range Fixes(m, q, r, needs) {
		if !f.Proved {
			t.Errorf("%s is offered without proof", f.Summary)
		}
		lines = append(lines, fmt.Sprintf("$%.2f %s %v", f.USDPerYear, f.Summary, f.Breaks))
	}
	return strings.Join(lines, "\n")
}

func TestFixesAreProvedPricedAndRanked(t *testing.T) {
	web := Need{Question: path.Question{From: "F", To: "Web:80"}}
	closed := func(s *cloud.Spec) { s.SecurityGroups[0].Egress = nil }
	for _, c := range []struct {
		name string
		with []func(*cloud.Spec)
		to   string
		want string
	}{
		{"an AWS service: an endpoint, a NAT gateway, or out of the VPC", nil, "aws:ssm", `
$87.60 add an interface endpoint for ssm in subnet-a (one zone; in all 2: $175.20) []
$438.00 add a NAT gateway in subnet-a and move F into a private subnet that routes to it []
$0.00 take F out of the VPC [F -> Web:80]`},
		{"S3: a gateway endpoint costs nothing", nil, "aws:s3", `
$0.00 add a gateway endpoint for s3 []
$87.60 add an interface endpoint for s3 in subnet-a (one zone; in all 2: $175.20) []
$438.00 add a NAT gateway in subnet-a and move F into a private subnet that routes to it []
$0.00 take F out of the VPC [F -> Web:80]`},
		{"Cognito before it had endpoints", []func(*cloud.Spec){func(s *cloud.Spec) { s.Catalogue = "2022-04-02" }}, "aws:cognito-idp", `
$438.00 add a NAT gateway in subnet-a and move F into a private subnet that routes to it []
$0.00 take F out of the VPC [F -> Web:80]`},
		{"a host on the internet has no endpoint", nil, "api.example.com", `
$438.00 add a NAT gateway in subnet-a and move F into a private subnet that routes to it []
$0.00 take F out of the VPC [F -> Web:80]`},
		{"a firewall that is shut", nil, "Web:5432", `
$0.00 open tcp 5432 in Web firewall for 172.31.0.0/20, 172.31.16.0/20 []`},
		{"two groups that refuse are mended together", []func(*cloud.Spec){closed}, "Web:5432", `
$0.00 allow tcp 5432 out of FunctionGroup, and open tcp 5432 in Web firewall for 172.31.0.0/20, 172.31.16.0/20 []`},
		{"a private path that is shut as well could never be opened from outside", []func(*cloud.Spec){func(s *cloud.Spec) { s.LightsailInstances[0].Firewall = []cloud.FirewallPort{} }}, "aws:cognito-idp", `
$87.60 add an interface endpoint for cognito-idp in subnet-a (one zone; in all 2: $175.20) []
$438.00 add a NAT gateway in subnet-a and move F into a private subnet that routes to it []
$0.00 take F out of the VPC [F -> Web:80]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := model(t, lightsail(c.with...))
			if got := fixes(t, m, path.Question{From: "F", To: c.to}, web); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%s\nwant%s", got, c.want)
			}
		})
	}
}

func TestNeedsFromRoleAndEnvironment(t *testing.T) {
	policy := func(actions ...string) source.Node {
		items := make([]source.Node, len(actions))
		for i, a := range actions {
			items[i] = source.Node{Kind: source.String, Text: a}
		}
		entry := func(k string, v source.Node) source.Entry { return source.Entry{Key: k, Value: v} }
		text := func(s string) source.Node { return source.Node{Kind: source.String, Text: s} }
		return source.Node{Kind: source.Map, Entries: []source.Entry{entry("Version", text("2012-10-17")),
			entry("Statement", source.Node{Kind: source.Map, Entries: []source.Entry{entry("Effect", text("Allow")),
				entry("Action", source.Node{Kind: source.List, Items: items}), entry("Resource", text("*"))}})}}
	}
	arn := cloud.ARN{Partition: "aws", Service: "iam", Account: "123456789012", Resource: "role/R"}
	env := func(name, value string) cloud.EnvVar { return cloud.EnvVar{Name: name, Value: cloud.Known(value)} }
	m := model(t, lightsail(func(s *cloud.Spec) {
		s.Roles = []cloud.Role{{Meta: meta("R"), ARN: arn, RoleName: "R",
			Policies: []cloud.Policy{{Name: "own", Doc: policy("ssm:GetParameter", "logs:PutLogEvents", "kms:Decrypt", "sqs:ReceiveMessage", "sns:Publish")}},
			Managed:  []string{"arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}}}
		s.Functions[0].Role = cloud.Known(arn.String())
		s.Functions[0].Env = []cloud.EnvVar{env("JWKS", "https://cognito-idp.us-west-2.amazonaws.com/p/.well-known/jwks.json"),
			env("DB_HOST", "172.26.0.16"), env("DB_PORT", "5432"), env("PEER", "172.26.0.16:80"), env("BARE_IP", "172.26.0.16")}
	}))
	var got []string
	for _, n := range Needs(m) {
		got = append(got, n.From+" -> "+n.To)
	}
	want := "F -> aws:ssm, F -> aws:sqs, F -> aws:sns, F -> cognito-idp.us-west-2.amazonaws.com:443, F -> Web:5432, F -> Web:80"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestProposedRuleIsNoWiderThanAsked(t *testing.T) {
	m := model(t, lightsail(func(s *cloud.Spec) { s.SecurityGroups[0].Egress = nil }))
	q := path.Question{From: "F", To: "Web:80"}
	r, _ := path.Why(m, q)
	f := Fixes(m, q, r, nil)
	if len(f) != 1 || !strings.Contains(f[0].Patch, "CidrIp: 172.26.0.16/32") || !strings.Contains(f[0].Patch, "FromPort: 80") {
		t.Fatalf("got %+v", f)
	}
}
