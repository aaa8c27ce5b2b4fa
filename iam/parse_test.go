package iam

import (
	"slices"
	"strings"
	"testing"

	"bailey/source"
)

// TestDiags: each mistake is found where it stands, and they are all found.
func TestDiags(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string // line:col code
	}{
		{"fine", `{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}`, nil},
		{"not JSON", "{\n  \"Version\": x}", []string{"2:14 IAM_NOT_JSON"}},
		{"cut off", "{", []string{"1:1 IAM_NOT_JSON"}},
		{"nothing", "", []string{"1:1 IAM_NOT_JSON"}},
		{"more behind", "{} {}", []string{"1:4 IAM_NOT_JSON"}},
		{"key is no text", "{1:2}", []string{"1:2 IAM_NOT_JSON"}},
		{"value lacks", `{"a":}`, []string{"1:6 IAM_NOT_JSON"}},
		{"list is cut off", `[1,`, []string{"1:3 IAM_NOT_JSON"}},
		{"too deep", strings.Repeat("[", 100) + strings.Repeat("]", 100), []string{"1:65 IAM_NOT_JSON"}},
		{"no map", `[true, null]`, []string{"1:1 IAM_MALFORMED_POLICY"}},
		{"no statement", `{"Version":"2012-10-17"}`, []string{"1:1 IAM_MALFORMED_POLICY"}},
		{"wrong version", `{"Version":"2024-01-01","Statement":[]}`, []string{"1:12 IAM_UNKNOWN_VERSION"}},
		{"unknown element", `{"Statement":[],"Statment":[]}`, []string{"1:17 IAM_UNKNOWN_ELEMENT"}},
		{"element twice", `{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}`, []string{"1:32 IAM_MALFORMED_POLICY"}},
		{"statement is text", `{"Statement":["x"]}`, []string{"1:15 IAM_MALFORMED_POLICY"}},
		{"empty statement", `{"Statement":{}}`, []string{"1:14 IAM_MALFORMED_POLICY", "1:14 IAM_MALFORMED_POLICY"}},
		{"effect in lower case", `{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`, []string{"1:24 IAM_MALFORMED_POLICY"}},
		{"both actions", `{"Statement":{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}}`, []string{"1:57 IAM_MALFORMED_POLICY"}},
		{"action without service", `{"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}}`, []string{"1:41 IAM_MALFORMED_ACTION"}},
		{"wildcard in service", `{"Statement":{"Effect":"Allow","Action":"s*:Get","Resource":"*"}}`, []string{"1:41 IAM_MALFORMED_ACTION"}},
		{"several principals", `{"Statement":{"Effect":"Allow","Action":"*","Principal":{"AWS":["1",{},"2"]}}}`, []string{"1:69 IAM_MALFORMED_POLICY"}},
		{"action is a map", `{"Statement":{"Effect":"Allow","Action":{},"Resource":"*"}}`, []string{"1:41 IAM_MALFORMED_POLICY"}},
		{"no actions", `{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}`, []string{"1:41 IAM_MALFORMED_POLICY"}},
		{"no ARN", `{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}}`, []string{"1:59 IAM_RESOURCE_NOT_ARN"}},
		{"early variable", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:${a}::b"}}`, []string{"1:82 IAM_VARIABLE_IN_ARN"}},
		{"principal is text", `{"Statement":{"Effect":"Allow","Action":"*","Principal":"me"}}`, []string{"1:57 IAM_MALFORMED_PRINCIPAL"}},
		{"kind of principal", `{"Statement":{"Effect":"Allow","Action":"*","Principal":{"Aws":"*"}}}`, []string{"1:58 IAM_MALFORMED_PRINCIPAL"}},
		{"wildcard in principal", `{"Statement":{"Effect":"Allow","Action":"*","Principal":{"AWS":"arn:aws:iam::1:user/*"}}}`, []string{"1:64 IAM_MALFORMED_PRINCIPAL"}},
		{"allow NotPrincipal", `{"Statement":{"Effect":"Allow","Action":"*","NotPrincipal":"*"}}`, []string{"1:60 IAM_MALFORMED_POLICY"}},
		{"condition is text", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":"x"}}`, []string{"1:72 IAM_MALFORMED_POLICY"}},
		{"operator", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{}}}}`, []string{"1:73 IAM_UNKNOWN_OPERATOR"}},
		{"operator is text", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":"true"}}}`, []string{"1:80 IAM_MALFORMED_POLICY"}},
		{"no values", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":[]}}}}`, []string{"1:81 IAM_MALFORMED_POLICY"}},
		{"value is a map", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"a":["true",{}]}}}}`, []string{"1:93 IAM_MALFORMED_POLICY"}},
		{"several", "{\"Statement\":[\n{\"Effect\":\"Allow\",\"Action\":\"x\",\"Resource\":\"*\"},\n{\"Effect\":\"No\",\"Action\":\"*\",\"Resource\":\"*\"}]}", []string{"2:28 IAM_MALFORMED_ACTION", "3:11 IAM_MALFORMED_POLICY"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, ds := ParseJSON("p.json", []byte(tt.text))
			var got []string
			for _, d := range ds.Sorted() {
				if d.Summary == "" {
					t.Error("no summary")
				}
				got = append(got, strings.TrimPrefix(d.At.String(), "p.json:")+" "+d.Code)
			}
			if tt.name == "empty statement" {
				got = append(got, got...)[:2] // two summaries at one place
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v\n%v", got, tt.want, ds)
			}
		})
	}
}

// TestMalformedStatements: what has an error in it never allows, and a Deny
// with an error in it is not taken for absent.
func TestMalformedStatements(t *testing.T) {
	req := ask(alice, "s3:GetObject", "arn:aws:s3:::b/k")
	bad := `"Condition":{"StringIs":{"a":"b"}}`
	p, _ := ParseJSON("p.json", []byte(`{"Statement":`+allow("*", bad)+`}`))
	if got := Decide(req, Policies{Identity: []Policy{p}}).Effect; got != ImplicitDeny {
		t.Errorf("malformed Allow: %v", got)
	}
	p, _ = ParseJSON("p.json", []byte(`{"Statement":[`+allow("*")+`,`+deny("*", bad)+`]}`))
	d := Decide(req, Policies{Identity: []Policy{p}})
	if d.Effect != Unknown || len(d.Open) != 1 {
		t.Errorf("malformed Deny: %v %q", d.Effect, d.Open)
	}
}

func TestCheckAs(t *testing.T) {
	const s, r, both = `"Resource":"*"`, `"Principal":"*"`, `"Resource":"*","Principal":"*"`
	for _, tt := range []struct {
		layer Layer
		has   string
		fine  bool
	}{
		{IdentityBased, s, true}, {IdentityBased, both, false}, {IdentityBased, r, false},
		{Boundary, s, true}, {Session, both, false}, {SCP, s, true}, {SCP, both, false},
		{ResourceBased, both, true}, {ResourceBased, r, true}, {ResourceBased, s, false},
		{Endpoint, both, true}, {Endpoint, s, false}, {Endpoint, r, false}, {RCP, both, true},
	} {
		p := mustParse(t, `{"Statement":{"Effect":"Deny","Action":"*",`+tt.has+`}}`)
		if ds := p.CheckAs(tt.layer); (len(ds) == 0) != tt.fine {
			t.Errorf("%v with %s: %v", tt.layer, tt.has, ds)
		}
	}
	hole, _ := Parse(open("x"))
	if ds := hole.CheckAs(ResourceBased); len(ds) > 0 {
		t.Errorf("open statement: %v", ds)
	}
}

func TestPolicy(t *testing.T) {
	p := mustParse(t, "\n {\"Statement\":[\n"+allow("*")+`]}`)
	named := p.Named("Guard")
	if p.Name() != "" || named.Name() != "Guard" || p.Len() != 1 {
		t.Errorf("name %q %q, %d statements", p.Name(), named.Name(), p.Len())
	}
	if want := (source.Span{File: "policy.json", Line: 2, Col: 2}); p.At() != want {
		t.Errorf("at %v", p.At())
	}
	d := Decide(ask(alice, "s3:GetObject", "*"), Policies{Identity: []Policy{named}})
	want := []StatementRef{{Layer: IdentityBased, Policy: "Guard", At: source.Span{File: "policy.json", Line: 3, Col: 1}}}
	if !slices.Equal(d.Statements, want) {
		t.Errorf("statements %+v", d.Statements)
	}
}

func TestContext(t *testing.T) {
	c := NewContext(map[string][]string{"AWS:SourceVpc": {"vpc-1"}})
	d := c.With("aws:sourcevpc", "vpc-2").WithUnknown("aws:k").WithUnknown("s3:*")
	p := one(t, allow("*", when(`{"StringEquals":{"aws:SourceVPC":"vpc-1"}}`)))
	for want, context := range map[Effect]Context{Allow: c, ImplicitDeny: d} {
		req := ask(alice, "s3:GetObject", "*")
		req.Context = context
		if got := Decide(req, Policies{Identity: p}).Effect; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if len(c.unknown)+len(c.prefixes) > 0 || len(d.unknown) != 1 || len(d.prefixes) != 1 {
		t.Errorf("contexts share: %+v %+v", c, d)
	}
}

func TestGrants(t *testing.T) {
	p := mustParse(t, `{"Version":"2012-10-17","Statement":[
		{"Sid":"Read","Effect":"Allow","Action":["SSM:Get*","s3:GetObject"],"Resource":["arn:aws:s3:::a","*"]},
		{"Effect":"Deny","NotAction":"iam:*","NotResource":"*","Condition":{"Bool":{"aws:k":"true"}}},
		{"Effect":"Allow","Action":"*","Principal":"*"}]}`)
	var got []string
	for g := range p.Grants() {
		got = append(got, strings.Join([]string{g.Sid, g.Action, g.Resource, g.Service(), g.At.String()}, " "))
		if g.Deny != g.Conditional || g.Deny != g.NotAction || g.Deny != g.NotResource || g.Open {
			t.Errorf("%+v", g)
		}
	}
	want := []string{
		"Read SSM:Get* arn:aws:s3:::a ssm policy.json:2:3", "Read SSM:Get* * ssm policy.json:2:3",
		"Read s3:GetObject arn:aws:s3:::a s3 policy.json:2:3", "Read s3:GetObject * s3 policy.json:2:3",
		" iam:* * * policy.json:3:3", " *  * policy.json:4:3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	for range p.Grants() {
		break
	}
	for _, doc := range []source.Node{
		open("x"),
		obj("Statement", obj("Effect", "Allow", "Action", open("x"), "Resource", "*")),
		obj("Statement", obj("Effect", open("x"), "Action", "s3:*", "Resource", "*")),
		obj("Statement", obj("Effect", "Allow", "Action", "s3:*", "Resource", open("x"))),
	} {
		p, _ := Parse(doc)
		for g := range p.Grants() {
			if !g.Open {
				t.Errorf("not open: %+v", g)
			}
		}
	}
}

func TestManaged(t *testing.T) {
	for arn, parse := range managed() {
		p := parse()
		if ds := p.CheckAs(IdentityBased); p.Len() == 0 || len(ds) > 0 {
			t.Errorf("%s: %d statements, %v", arn, p.Len(), ds)
		}
	}
	for _, tt := range []struct {
		arn, action string
		want        Effect
	}{
		{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "logs:PutLogEvents", Allow},
		{"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", "ec2:CreateNetworkInterface", ImplicitDeny},
		{"arn:aws-cn:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole", "ec2:CreateNetworkInterface", Allow},
		{"arn:aws:iam::aws:policy/AdministratorAccess", "iam:CreateUser", Allow},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", "ssm:GetParameter", Allow},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", "ssm:PutParameter", ImplicitDeny},
		{"arn:aws:iam::aws:policy/SecretsManagerReadWrite", "secretsmanager:GetSecretValue", Allow},
	} {
		p, ok := Managed(tt.arn)
		if !ok || p.Name() != tt.arn {
			t.Errorf("%s: %v, named %s", tt.arn, ok, p.Name())
		}
		if got := Decide(ask(alice, tt.action, "*"), Policies{Identity: []Policy{p}}).Effect; got != tt.want {
			t.Errorf("%s by %s: %v, want %v", tt.action, tt.arn, got, tt.want)
		}
	}
	for _, arn := range []string{"", "arn:aws:iam::aws:policy/Nothing", "arn:aws:iam::123456789012:policy/AdministratorAccess"} {
		if _, ok := Managed(arn); ok {
			t.Errorf("%q is known", arn)
		}
	}
}
