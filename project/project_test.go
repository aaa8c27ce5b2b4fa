package project

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"bailey/cloud"
	"bailey/source"
)

const full = `
template: template.yaml
region: us-west-2
account: "000123456789"
stack: app
parameters: {Stage: prod, Count: 3, On: true, Zones: [a, b]}
facts:
  default-vpc:
    id: vpc-1
    name: home
    subnets:
      - {id: subnet-1, az: us-west-2a}
      - {id: subnet-2, az: us-west-2b, cidr: 172.31.128.0/20}
  peerings: [{between: [lightsail, default-vpc], dns: true}]
  lightsail: {cidr: 172.26.0.0/16}
  on-premises: [{name: Office, cidrs: [192.168.0.0/16, 10.9.0.0/16], over: Gate}]
  nat-instances: [Nat]
  catalogue: 2022-04-02
expect:
  - {from: F, to: "Web:80", verdict: reachable}
  - {from: internet, to: DB, verdict: blocked, protocol: udp, because: nobody may}
workloads:
  Web: {command: [./web, 8080], dir: web, env: {PORT: 8080}, port: 8080}
  F: {go: ./f}
  DB: {postgres: true}
  Own: {go: ./own, postgres: {user: u, password: {secret: S, key: k}, database: d, port: 5433}}
  Cache: {connect: "localhost:6379"}
internet: {api.example.com: "http://localhost:4242"}
upstreams: {dynamodb: "http://localhost:8000"}
demo:
  - name: ping
    invoke: F
    payload: {a: [1]}
    rows: [{call: SSM GetParameter, to: "aws:ssm", expect: reachable, result: /ssm}]
  - calls:
      - {call: save, http: {api: Api, method: POST, path: /a, headers: {x-a: 1}, token: me, json: {a: 1}, status: 201, body: {b: 2}}, needs: [DB], within: 5}
      - {call: in, sign-in: {client: C, username: ada, password: p}}
      - {call: in, sign-in: {client: C, username: ada, password: p, as: me}}
      - {call: fire, schedule: S}
      - {call: rotate, rotate-keys: P}
      - {call: withdraw, withdraw-keys: P}
`

func TestParseReadsEveryKey(t *testing.T) {
	p, diags := Parse("app/bailey.yaml", []byte(full))
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	var params []string
	for _, name := range []string{"Stage", "Count", "On", "Zones"} {
		params = append(params, p.Parameters[name].Text)
	}
	f := p.Facts
	got := fmt.Sprintln(p.Template, p.Region, p.Account, p.Stack, params, f.DefaultVPC.ID, f.DefaultVPC.Name, len(f.DefaultVPC.Subnets), f.DefaultVPC.Subnets[1].CIDR,
		f.Peerings.List[0].DNS, f.Lightsail.CIDR, f.Catalogue, p.Expect[0].Protocol, p.Expect[1], p.Workloads[0], p.Workloads[1].Go, *p.Workloads[2].Postgres,
		*p.Workloads[3].Postgres, p.Workloads[4].Connect, p.Internet[0].URL, p.Upstreams[0].Service, p.Demo[0].Name, p.Demo[0].Invoke, p.Demo[0].Payload.Entries[0].Key, p.Demo[0].Rows[0])
	want := "template.yaml us-west-2 000123456789 app [prod 3 true a,b] vpc-1 home 2 172.31.128.0/20 true 172.26.0.0/16 2022-04-02 tcp " +
		"{internet DB blocked udp nobody may app/bailey.yaml:21:5} {Web [./web 8080] web [{PORT 8080}]  <nil>  8080 app/bailey.yaml:23:3} " +
		"./f {  {   } 0 app/bailey.yaml:25:18} {u d { S k app/bailey.yaml:26:50} 5433 app/bailey.yaml:26:30} localhost:6379 http://localhost:4242 dynamodb ping F a {SSM GetParameter aws:ssm reachable /ssm app/bailey.yaml:34:12}"
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if at := p.Parameters["Zones"].At; at.Line != 6 || at.Col != 54 {
		t.Errorf("the parameter Zones is at %s, want line 6, column 54", at)
	}
}

func TestParseReadsEveryCall(t *testing.T) {
	p, diags := Parse("app/bailey.yaml", []byte(full))
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	calls := p.Demo[1].Calls
	h := calls[0].HTTP
	got := fmt.Sprint(calls[0].Call, h.API, h.Method, h.Path, h.Headers, h.Token, h.JSON.Entries[0].Key, h.Status, h.Body.Entries[0].Key, calls[0].Needs, calls[0].Within,
		*calls[1].SignIn, *calls[2].SignIn, calls[3].Schedule, calls[4].RotateKeys, calls[5].WithdrawKeys)
	if want := "saveApiPOST/a[{x-a 1}]mea201b[DB] 5s {C ada p ada} {C ada p me}SPP"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestDefaults(t *testing.T) {
	for _, c := range []struct{ file, stack string }{
		{"my_app/bailey.yaml", "my-app"}, {"/srv/2nd app/bailey.yaml", "nd-app"}, {"bailey.yaml", "stack"}, {"x/é/bailey.yaml", "stack"},
	} {
		for _, text := range []string{"", "# nothing\n", "template: t.yaml"} {
			p, diags := Parse(c.file, []byte(text))
			if len(diags) > 0 || p.Region != "us-east-1" || p.Account != "123456789012" || p.Stack != c.stack {
				t.Errorf("%s: got %s %s %s, %v", c.file, p.Region, p.Account, p.Stack, diags)
			}
		}
	}
}

func TestLoadFindsTheFile(t *testing.T) {
	var asked []string
	read := func(name string) ([]byte, error) {
		asked = append(asked, name)
		if strings.HasPrefix(name, "none") {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		if strings.HasPrefix(name, "locked") {
			return nil, errors.New("permission denied")
		}
		return []byte("region: eu-west-1"), nil
	}
	for _, name := range []string{"app", "app/other.yml", "none", "locked"} {
		p, diags := Load(name, read)
		if missing := strings.HasPrefix(name, "none") || strings.HasPrefix(name, "locked"); diags.HasErrors() != missing || !missing && p.Region != "eu-west-1" {
			t.Errorf("%s: got %s, %v", name, p.Region, diags)
		}
	}
	if want := []string{"app/bailey.yaml", "app/other.yml", "none/bailey.yaml", "locked/bailey.yaml"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %v, want %v", asked, want)
	}
}

// files are good and bad ones: what Parse says of the bad, as line:col CODE;
// deeper marks what no schema can see.
var files = []struct {
	name, text, want string
	deeper           bool
}{
	{name: "everything", text: full},
	{name: "empty map", text: "{}"},
	{name: "no peerings", text: "facts: {peerings: []}"},
	{name: "a number as text", text: "expect: [{from: 1, to: 2, verdict: unknown}]"},
	{name: "an unquoted account", text: "account: 123456789012"},
	{name: "unknown key", text: "regoin: us-west-2", want: "1:1 PROJECT_UNKNOWN_KEY"},
	{name: "unknown fact", text: "facts:\n  default_vpc: {id: vpc-1}", want: "2:3 PROJECT_UNKNOWN_KEY"},
	{name: "a list at the top", text: "[a]", want: "1:1 PROJECT_WRONG_TYPE"},
	{name: "a map as a region", text: "region: {a: b}", want: "1:9 PROJECT_WRONG_TYPE"},
	{name: "no region", text: "region: Oregon", want: "1:9 PROJECT_BAD_VALUE"},
	{name: "no account", text: "account: 12", want: "1:10 PROJECT_BAD_VALUE"},
	{name: "no stack name", text: "stack: 1a", want: "1:8 PROJECT_BAD_VALUE"},
	{name: "nested parameter", text: "parameters: {A: {b: c}, B: [[x]]}", want: "1:17 PROJECT_WRONG_TYPE\n1:29 PROJECT_WRONG_TYPE"},
	{name: "VPC without an ID", text: "facts: {default-vpc: {name: x}}", want: "1:22 PROJECT_MISSING_KEY"},
	{name: "odd IDs", text: "facts: {default-vpc: {id: v1, subnets: [{id: s1, az: us-west-2}]}}", want: "1:27 PROJECT_BAD_VALUE\n1:46 PROJECT_BAD_VALUE\n1:54 PROJECT_BAD_VALUE"},
	{name: "subnet outside", text: "facts: {default-vpc: {id: vpc-1, subnets: [{id: subnet-1, az: us-east-1a, cidr: 10.0.0.0/24}]}}", want: "1:44 PROJECT_BAD_VALUE", deeper: true},
	{name: "subnet twice", text: "facts: {default-vpc: {id: vpc-1, subnets: [{id: subnet-1, az: us-east-1a}, {id: subnet-1, az: us-east-1b}]}}", want: "1:76 PROJECT_BAD_VALUE", deeper: true},
	{name: "another peering", text: "facts: {peerings: [{between: [default-vpc, vpc-1]}]}", want: "1:30 PROJECT_BAD_VALUE"},
	{name: "one-sided peering", text: "facts: {peerings: [{between: [lightsail]}]}", want: "1:30 PROJECT_BAD_VALUE"},
	{name: "dns as text", text: "facts: {peerings: [{between: [default-vpc, lightsail], dns: sure}]}", want: "1:61 PROJECT_WRONG_TYPE"},
	{name: "no CIDR", text: "facts: {lightsail: {cidr: 172.26.0.0}}", want: "1:27 PROJECT_BAD_VALUE"},
	{name: "Lightsail without a CIDR", text: "facts: {lightsail: {}}", want: "1:20 PROJECT_MISSING_KEY"},
	{name: "no day", text: "facts: {catalogue: '2022'}", want: "1:20 PROJECT_BAD_VALUE"},
	{name: "no such day", text: "facts: {catalogue: '2022-02-31'}", want: "1:20 PROJECT_BAD_VALUE", deeper: true},
	{name: "a quota", text: "facts: {quotas: {vpc-interfaces: 250}}"},
	{name: "no such quota", text: "facts: {quotas: {functions: 2}}", want: "1:18 PROJECT_UNKNOWN_KEY"},
	{name: "a quota of nothing", text: "facts: {quotas: {vpc-interfaces: 0}}", want: "1:34 PROJECT_BAD_VALUE"},
	{name: "prices", text: "prices: {nat-gateway-hour: 0.045, interface-endpoint-hour: 0.01, public-ipv4-hour: 0}"},
	{name: "no such price", text: "prices: {nat: 1}", want: "1:10 PROJECT_UNKNOWN_KEY"},
	{name: "a price below nothing", text: "prices: {nat-gateway-hour: -1}", want: "1:28 PROJECT_BAD_VALUE"},
	{name: "a price as text", text: "prices: {nat-gateway-hour: cheap}", want: "1:28 PROJECT_WRONG_TYPE"},
	{name: "ignored", text: "ignore: [{id: required-path, resource: F, reason: until the move, expires: '2027-01-31'}]"},
	{name: "ignored without a reason", text: "ignore: [{id: required-path, resource: F}]", want: "1:10 PROJECT_MISSING_KEY"},
	{name: "ignored for an empty reason", text: "ignore: [{id: required-path, resource: F, reason: ''}]", want: "1:51 PROJECT_BAD_VALUE"},
	{name: "ignored until no day", text: "ignore: [{id: required-path, resource: F, reason: r, expires: soon}]", want: "1:63 PROJECT_BAD_VALUE"},
	{name: "no such verdict", text: "expect: [{from: a, to: b, verdict: reachible}]", want: "1:36 PROJECT_BAD_VALUE"},
	{name: "half an expectation", text: "expect: [{from: a}]", want: "1:10 PROJECT_MISSING_KEY\n1:10 PROJECT_MISSING_KEY"},
	{name: "expect as a map", text: "expect: {from: a}", want: "1:9 PROJECT_WRONG_TYPE"},
	{name: "workload of nothing", text: "workloads: {A: {port: 1}}", want: "1:13 PROJECT_WORKLOAD"},
	{name: "workload of two things", text: "workloads: {A: {go: ./a, connect: 'a:1'}}", want: "1:13 PROJECT_WORKLOAD"},
	{name: "a database beside a program", text: "workloads: {A: {go: ./a, postgres: {password: {parameter: /p}}}}"},
	{name: "a database that is connected", text: "workloads: {A: {postgres: true, connect: 'a:1'}}", want: "1:13 PROJECT_WORKLOAD"},
	{name: "no database", text: "workloads: {A: {postgres: false}}", want: "1:27 PROJECT_BAD_VALUE"},
	{name: "database as text", text: "workloads: {A: {postgres: 'yes'}}", want: "1:27 PROJECT_WRONG_TYPE"},
	{name: "a password in the file", text: "workloads: {A: {postgres: {password: hunter2}}}", want: "1:38 PROJECT_WRONG_TYPE"},
	{name: "a password in two places", text: "workloads: {A: {postgres: {password: {parameter: /p, secret: S}}}}", want: "1:38 PROJECT_BAD_VALUE"},
	{name: "a password nowhere", text: "workloads: {A: {postgres: {password: {}}}}", want: "1:38 PROJECT_BAD_VALUE"},
	{name: "a key of a parameter", text: "workloads: {A: {postgres: {password: {parameter: /p, key: k}}}}", want: "1:38 PROJECT_BAD_VALUE"},
	{name: "a user without a name", text: "workloads: {A: {postgres: {user: ''}}}", want: "1:34 PROJECT_BAD_VALUE"},
	{name: "unknown keys of a database", text: "workloads: {A: {postgres: {usr: a, password: {parm: /p, secret: S}}}}", want: "1:28 PROJECT_UNKNOWN_KEY\n1:47 PROJECT_UNKNOWN_KEY"},
	{name: "command as text", text: "workloads: {A: {command: ./web}}", want: "1:26 PROJECT_WRONG_TYPE"},
	{name: "empty command", text: "workloads: {A: {command: []}}", want: "1:26 PROJECT_BAD_VALUE"},
	{name: "port too high", text: "workloads: {A: {go: ./a, port: 70000}}", want: "1:32 PROJECT_BAD_VALUE"},
	{name: "port as text", text: "workloads: {A: {go: ./a, port: http}}", want: "1:32 PROJECT_WRONG_TYPE"},
	{name: "connect without a port", text: "workloads: {A: {connect: localhost}}", want: "1:26 PROJECT_BAD_VALUE"},
	{name: "upstream that is no URL", text: "upstreams: {s3: localhost}", want: "1:17 PROJECT_BAD_VALUE"},
	{name: "result that is no pointer", text: "demo: [{invoke: F, rows: [{call: a, to: b, expect: blocked, result: ssm}]}]", want: "1:69 PROJECT_BAD_VALUE"},
	{name: "step without a function", text: "demo: [{name: a}]", want: "1:8 PROJECT_MISSING_KEY"},
	{name: "a step that does two things", text: "demo: [{invoke: F, calls: []}]", want: "1:8 PROJECT_BAD_VALUE"},
	{name: "calls with a payload", text: "demo: [{payload: 1, calls: []}]", want: "1:8 PROJECT_BAD_VALUE"},
	{name: "a call that does nothing", text: "demo: [{calls: [{call: a}]}]", want: "1:17 PROJECT_BAD_VALUE"},
	{name: "a call that does two things", text: "demo: [{calls: [{call: a, schedule: S, rotate-keys: P}]}]", want: "1:17 PROJECT_BAD_VALUE"},
	{name: "half a request", text: "demo: [{calls: [{call: a, http: {api: A, path: x}}]}]", want: "1:33 PROJECT_MISSING_KEY\n1:48 PROJECT_BAD_VALUE"},
	{name: "no method", text: "demo: [{calls: [{call: a, http: {api: A, path: /, method: get, status: 200}}]}]", want: "1:59 PROJECT_BAD_VALUE"},
	{name: "no status", text: "demo: [{calls: [{call: a, http: {api: A, path: /, status: 99}}]}]", want: "1:59 PROJECT_BAD_VALUE"},
	{name: "a sign-in without a password", text: "demo: [{calls: [{call: a, sign-in: {client: C, username: u}}]}]", want: "1:36 PROJECT_MISSING_KEY"},
	{name: "an hour's patience", text: "demo: [{calls: [{call: a, schedule: S, within: 3600}]}]", want: "1:48 PROJECT_BAD_VALUE"},
	{name: "key twice", text: "stack: a\nstack: b", want: "2:1 DOC_DUPLICATE_KEY", deeper: true},
	{name: "a function", text: "region: !Ref Region", want: "1:9 PROJECT_WRONG_TYPE", deeper: true},
	{name: "several mistakes", text: "regin: x\nstack: '-'\ndemo: 1", want: "1:1 PROJECT_UNKNOWN_KEY\n2:8 PROJECT_BAD_VALUE\n3:7 PROJECT_WRONG_TYPE"},
}

func TestMistakes(t *testing.T) {
	for _, c := range files {
		_, diags := Parse("f", []byte(c.text))
		var got []string
		for _, d := range diags {
			got = append(got, fmt.Sprintf("%d:%d %s", d.At.Line, d.At.Col, d.Code))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestUnknownKeysAreGuessed(t *testing.T) {
	_, diags := Parse("f", []byte("regoin: us-west-2\nflavour: x"))
	if len(diags) != 2 || diags[0].Hint != "did you mean region?" || !strings.Contains(diags[1].Hint, "upstreams") {
		t.Errorf("got %v", diags)
	}
}

// TestSchemaAgreesWithParse: the schema takes exactly the files that Parse
// takes, but for what a schema cannot see.
func TestSchemaAgreesWithParse(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("bailey.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("bailey.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range files {
		if c.deeper {
			continue
		}
		var value any
		if err := yaml.Unmarshal([]byte(c.text), &value); err != nil {
			t.Fatal(err)
		}
		err := schema.Validate(plain(value))
		if (err == nil) != (c.want == "") {
			t.Errorf("%s: the schema says %v, Parse says %q", c.name, err, c.want)
		}
	}
}

// plain gives a YAML value the types of a JSON one, as editors do.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case interface{ Format(string) string }: // a day
		return v.Format("2006-01-02")
	}
	return v
}

func apply(t *testing.T, text string) (cloud.Spec, source.Diags) {
	t.Helper()
	p, diags := Parse("app/bailey.yaml", []byte(text))
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	var s cloud.Spec
	return s, p.Apply(&s)
}

func applied(t *testing.T, text string) cloud.Spec {
	t.Helper()
	p, diags := Parse("app/bailey.yaml", []byte(text))
	var s cloud.Spec
	if diags = append(diags, p.Apply(&s)...); len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	return s
}

func TestApplyStatesTheFacts(t *testing.T) {
	s := applied(t, full)
	if s.Region != "us-west-2" || s.Account != "000123456789" || s.Stack != "app" || s.Catalogue != "2022-04-02" || !slices.Equal(s.InternetHosts, []string{"api.example.com"}) {
		t.Errorf("got %s %s %s %s %v", s.Region, s.Account, s.Stack, s.Catalogue, s.InternetHosts)
	}
	if len(s.VPCs) != 1 || !s.VPCs[0].Default || s.VPCs[0].Name != "home" || len(s.Subnets) != 2 {
		t.Errorf("got VPCs %v and subnets %v", s.VPCs, s.Subnets)
	}
	if cidr, _ := s.Lightsail.CIDR.Get(); cidr != netip.MustParsePrefix("172.26.0.0/16") || !s.Lightsail.Peered.Or(false) || !s.Lightsail.DNS {
		t.Errorf("got Lightsail %+v", s.Lightsail)
	}
	s.Instances = append(s.Instances, cloud.Instance{Meta: cloud.Meta{Name: "Nat"}, ID: "i-nat"}) // the facts speak of it
	if _, diags := cloud.New(s); diags.HasErrors() {
		t.Error(diags.Error())
	}
}

func TestAFactThatIsNotStatedIsUnknown(t *testing.T) {
	for _, c := range []struct {
		text   string
		peered string
		line   int
	}{
		{"", "unknown", 0},
		{"region: us-east-1\nfacts:\n  catalogue: 2022-04-02", "unknown", 3},
		{"facts: {peerings: []}", "false", 0},
		{"facts: {default-vpc: {id: vpc-1}, peerings: [{between: [default-vpc, lightsail]}]}", "true", 0},
	} {
		s := applied(t, c.text)
		got := "unknown"
		if v, known := s.Lightsail.Peered.Get(); known {
			got = fmt.Sprint(v)
		}
		g, _ := s.Lightsail.Peered.Gap()
		if got != c.peered || g.At.Line != c.line || c.peered == "unknown" && !strings.Contains(g.Because, "facts.peerings in bailey.yaml") {
			t.Errorf("%q: peered is %s with gap %v, want %s", c.text, got, g, c.peered)
		}
		if g, missing := s.Lightsail.CIDR.Gap(); !missing || g.At.File != "app/bailey.yaml" || !strings.Contains(g.Because, "facts.lightsail.cidr") {
			t.Errorf("%q: Lightsail's CIDR has gap %v", c.text, g)
		}
	}
}

func TestFactsThatContradictEachOther(t *testing.T) {
	for text, code := range map[string]string{
		"facts: {peerings: [{between: [default-vpc, lightsail]}]}":                     "PROJECT_MISSING_FACT",
		"facts: {default-vpc: {id: vpc-1, subnets: [{id: subnet-1, az: eu-west-1a}]}}": "PROJECT_BAD_VALUE",
	} {
		if _, diags := apply(t, text); len(diags) != 1 || diags[0].Code != code || diags[0].At.Line != 1 {
			t.Errorf("%s: got %v, want one %s", text, diags, code)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range files {
		f.Add([]byte(c.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, diags := Parse("f", data)
		if diags.HasErrors() {
			return
		}
		var s cloud.Spec
		p.Apply(&s)
	})
}

// A host of the internet is a URL, or a map that says whether it has IPv6 too.
func TestHostMayHaveIPv6(t *testing.T) {
	p, diags := Parse("bailey.yaml", []byte("internet:\n  four.example.com: http://localhost:1\n  both.example.com: {url: \"http://localhost:2\", ipv6: true}\n"))
	if diags.HasErrors() {
		t.Fatal(diags.Error())
	}
	var s cloud.Spec
	p.Apply(&s)
	if got := fmt.Sprint(s.InternetHosts, s.IPv6Hosts); got != "[four.example.com both.example.com] [both.example.com]" {
		t.Error(got)
	}
	if _, diags := Parse("bailey.yaml", []byte("internet: {x.example.com: {ipv6: true}}")); !diags.HasErrors() {
		t.Error("a host without a URL is accepted")
	}
}
