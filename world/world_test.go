package world

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/fabric"
	"bailey/lambda"
	"bailey/netset"
	"bailey/path"
	"bailey/project"
	"bailey/sandbox"
	"bailey/source"
)

// load reads an example as `bailey up` does.
func load(t *testing.T, dir string, edits ...func(*cloud.Spec)) (project.Project, *cloud.Model) {
	t.Helper()
	p, diags := project.Load(dir, os.ReadFile)
	var spec cloud.Spec
	diags = append(diags, p.Apply(&spec)...)
	file := filepath.Join(dir, p.Template)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spec, found := cfn.Load(cfn.Input{File: file, Data: data, Parameters: p.Parameters, Spec: spec})
	for _, e := range edits {
		e(&spec)
	}
	m, last := cloud.New(spec)
	if diags = append(append(diags, found...), last...); diags.HasErrors() {
		t.Fatal(diags)
	}
	return p, m
}

// start starts a world of an example, its state in a folder of the test's.
func start(t *testing.T, dir string, edits ...func(*cloud.Spec)) *World {
	t.Helper()
	if err := sandbox.Supported(); err != nil {
		t.Skip(err)
	}
	p, m := load(t, dir, edits...)
	c := Config{Model: m, Dir: dir, State: t.TempDir(), Builds: builds(t), Workloads: map[string]Workload{}, Internet: map[string]string{}, Listen: "127.0.0.1:0", Progress: t.Logf}
	for _, l := range p.Workloads {
		c.Workloads[l.Name] = Workload{Go: l.Go, Command: l.Command}
	}
	w, err := Start(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// builds is a folder in which the example's programs are built once for all
// tests of the run.
func builds(t *testing.T) string {
	t.Helper()
	buildOnce.Do(func() {
		for _, b := range [][2]string{{"ping", "PingFunction/bootstrap"}, {"web", "Web/program"}} {
			out := filepath.Join(built, b[1])
			if buildErr == nil {
				buildErr = buildGo(context.Background(), filepath.Join("../examples/rootski", b[0]), out, t.Logf)
			}
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return built
}

var (
	buildOnce sync.Once
	buildErr  error
	built     string
)

func TestMain(m *testing.M) {
	// An ordinary user runs the tests as root of a user namespace.
	if sandbox.Supported() == nil {
		if err := sandbox.Enter(); err != nil {
			panic(err)
		}
	}
	var err error
	if built, err = os.MkdirTemp("", "bailey-world-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(built)
	os.Exit(code)
}

// rows are the calls that the example's function makes.
var rows = []Row{
	{Call: "ssm", To: "aws:ssm", Expect: path.Reachable, Result: "/ssm"},
	{Call: "public", To: "StaticIp:80", Expect: path.Blocked, Result: "/publicIp"},
	{Call: "private", To: "Web:80", Expect: path.Reachable, Result: "/privateIp"},
	{Call: "jwks", To: "cognito-idp.us-west-2.amazonaws.com:443", Expect: path.Blocked, Result: "/jwks"},
}

func play(t *testing.T, w *World) StepResult {
	t.Helper()
	r, err := w.Play(context.Background(), Step{Function: "PingFunction", Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The example's table, by the unmodified AWS SDK through the fabric: what
// happens is what check proves, and every drop carries path's reason.
func TestRootski(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states")
	r := play(t, w)
	for _, o := range r.Outcomes {
		if !o.AsExpected() {
			t.Errorf("%s: %+v\n%s", o.Call, o, r.Response.LogTail)
		}
		if o.Drop != nil && (len(o.Drop.Reasons) == 0 || o.Drop.Reasons[0].Code != path.IGWNoPublicIP || o.Drop.Reasons[0].Component != "PingFunction") {
			t.Errorf("%s dropped for %v", o.Call, o.Drop.Reasons)
		}
	}
	if d := r.Outcomes[0].Detail; d != "read through the endpoint" {
		t.Errorf("the parameter's value is %q", d)
	}
	through := false
	ended, _, _ := w.flows.since(0)
	for _, f := range append(w.fabric.Flows(), ended...) { // the SDK's connection may be over by now
		through = through || f.Host == "ssm.us-west-2.amazonaws.com" && f.Delivery.Endpoint != ""
	}
	if !through {
		t.Error("no flow went through the endpoint")
	}
	if len(r.Response.Notes) != 2 || !strings.Contains(r.Response.Notes[0], "dropped: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS") {
		t.Errorf("notes beside the log: %q", r.Response.Notes)
	}
	if again := play(t, w); again.Response.Environment != r.Response.Environment {
		t.Error("the second invocation did not reuse the environment")
	}
}

// Without the endpoint the SDK waits for longer than the function may run: it
// dies inside call 1 with the blocked path beside its log, and calls 2 and 3
// never run.
func TestWithoutTheEndpointTheFunctionDiesInItsFirstCall(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/broken/no-endpoint", shorter(3*time.Second))
	r := play(t, w)
	if !strings.Contains(string(r.Response.Payload), "Task timed out") {
		t.Errorf("payload %s", r.Response.Payload)
	}
	if o := r.Outcomes[0]; o.Ran || o.Drop == nil || o.Drop.Host != "ssm.us-west-2.amazonaws.com" {
		t.Errorf("call 1: %+v", o)
	}
	for _, o := range r.Outcomes[1:] {
		if o.Ran || o.Drop != nil {
			t.Errorf("%s ran: %+v", o.Call, o)
		}
	}
	log := string(r.Response.LogTail)
	if !strings.Contains(log, "[bailey] connect 52.94.") || !strings.Contains(log, "(ssm.us-west-2.amazonaws.com) dropped: IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS") {
		t.Errorf("the log does not say why:\n%s", log)
	}
}

// shorter gives functions less time than the example's 10 s: still far more
// than anything but a hanging connection takes.
func shorter(d time.Duration) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for i := range s.Functions {
			s.Functions[i].Timeout = d
		}
	}
}

// Without the peering fact nobody knows whether the private address answers:
// it is dropped for the fact that is missing.
func TestWhatIsUnknownIsNotLetThrough(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/broken/no-peering")
	r := play(t, w)
	o := r.Outcomes[2]
	if o.OK || o.Drop == nil || len(o.Drop.Missing) != 1 || !strings.Contains(o.Drop.Missing[0].Because, "facts.peerings") {
		t.Errorf("%+v", o)
	}
}

// A function outside any VPC has what is public, and nothing private.
func TestAFunctionOutsideTheVPC(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states", func(s *cloud.Spec) { s.Functions[0].Network = nil })
	r := play(t, w)
	ssm, public, private := r.Outcomes[0], r.Outcomes[1], r.Outcomes[2]
	if !ssm.OK || !public.OK || !strings.Contains(public.Detail, "you came from 198.19.") {
		t.Errorf("ssm %+v\npublic %+v", ssm, public)
	}
	if private.OK || private.Drop == nil || private.Drop.Reasons[0].Code != path.NotInVPC {
		t.Errorf("private %+v", private)
	}
}

// Hosts of the simulated internet answer by what bailey.yaml puts in their
// place, over HTTPS under the local authority; others say how to name them.
func TestTheSimulatedInternet(t *testing.T) {
	t.Parallel()
	local := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "local answer to ", r.URL.Path, " for ", r.Header.Get("X-Forwarded-For"))
	}))
	defer local.Close()
	w := start(t, "../examples/rootski/states", func(s *cloud.Spec) { s.Functions[0].Network = nil })
	w.config.Internet["api.example.com"] = local.URL
	f, _ := w.Model().Function("PingFunction")
	pl, err := w.openPlace("test", f, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pl.Close()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.authority.pem)
	get := func(host string) string {
		c := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				addr := netip.AddrPortFrom(cloud.PublicAddr(host, "us-west-2"), 443)
				return pl.ns.Dial(ctx, network, addr.String())
			}}}
		defer c.CloseIdleConnections()
		r, _ := http.NewRequest("GET", "https://"+host+"/v1", nil)
		r.Header.Set("X-Forwarded-For", "198.51.100.7") // says what its sender says
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	if got := get("api.example.com"); got != "local answer to /v1 for 198.51.100.7" {
		t.Errorf("a host that is named: %q", got)
	}
	if got := get("other.example.com"); !strings.Contains(got, "other.example.com is not on the simulated internet; give it a URL under internet: in bailey.yaml") {
		t.Errorf("a host that is not: %q", got)
	}
}

// A role without the permission: AWS's refusal, and the statement that lacks.
func TestARoleWithoutThePermissionIsRefused(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states", func(s *cloud.Spec) { s.Roles[0].Policies = nil })
	r := play(t, w)
	if o := r.Outcomes[0]; o.OK || !strings.Contains(o.Detail, "AccessDenied") || !strings.Contains(o.Detail, "is not authorized to perform: ssm:GetParameter") {
		t.Errorf("%+v", o)
	}
	if notes := strings.Join(r.Response.Notes, "\n"); !strings.Contains(notes, `Missing statement: {"Effect":"Allow","Action":"ssm:GetParameter"`) {
		t.Errorf("notes: %s", notes)
	}
}

// An endpoint policy decides too, with the endpoint known from the connection.
func TestTheEndpointPolicyIsEnforced(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states", func(s *cloud.Spec) {
		text := func(v string) source.Node { return source.Node{Kind: source.String, Text: v} }
		statement := source.Node{Kind: source.Map, Entries: []source.Entry{{Key: "Effect", Value: text("Allow")}, {Key: "Principal", Value: text("*")},
			{Key: "Action", Value: text("ssm:PutParameter")}, {Key: "Resource", Value: text("*")}}}
		s.Endpoints[0].Policy = &cloud.Policy{Name: "narrow", Doc: source.Node{Kind: source.Map, Entries: []source.Entry{
			{Key: "Version", Value: text("2012-10-17")}, {Key: "Statement", Value: statement}}}}
	})
	if o := play(t, w).Outcomes[0]; o.OK || !strings.Contains(o.Detail, "because no VPC endpoint policy allows the ssm:GetParameter action") {
		t.Errorf("%+v", o)
	}
}

// The next model is enforced from the moment it is applied.
func TestApplySwapsWhatIsEnforced(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states")
	eni := w.Model().ENIsOf("PingFunction")[0]
	web := w.Model().ENIsOf("Web")[0]
	flow := netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(eni.PrivateIP, 40000), Dst: netip.AddrPortFrom(web.PrivateIP, 80)}
	if r := w.Decide(path.FromENI{ID: eni.ID}, flow); r.Verdict != path.Reachable {
		t.Fatalf("before: %v", r.Verdict)
	}
	next, diags := w.Model().With(func(s *cloud.Spec) {
		for i := range s.SecurityGroups {
			s.SecurityGroups[i].Egress = nil
		}
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if err := w.Apply(next); err != nil {
		t.Fatal(err)
	}
	if r := w.Decide(path.FromENI{ID: eni.ID}, flow); r.Verdict != path.Blocked || r.Blockers[0].Code != path.SGHasNoRules {
		t.Errorf("after: %v %v", r.Verdict, r.Blockers)
	}
}

// A world that is closed leaves neither a goroutine nor a process.
func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	w := start(t, "../examples/rootski/states")
	if _, err := w.lambda.Invoke(context.Background(), lambda.Request{Function: "rootski-ping", Type: lambda.DryRun}); err != nil {
		t.Fatal(err)
	}
	socket := w.SocketPath()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			break
		}
		runtime.Gosched()
		<-time.After(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		buf := make([]byte, 64<<10)
		t.Errorf("%d goroutines, %d before\n%s", n, before, buf[:runtime.Stack(buf, true)])
	}
	if _, err := os.Stat(socket); err == nil {
		t.Error("the control socket is still there")
	}
	if children, _ := os.ReadFile("/proc/self/task/self/children"); len(children) > 0 {
		t.Errorf("processes are left: %s", children)
	}
}

func TestPortTakenIsOneClearLine(t *testing.T) {
	t.Parallel()
	w := start(t, "../examples/rootski/states")
	_, m := load(t, "../examples/rootski/states")
	_, err := Start(context.Background(), Config{Model: m, Dir: "../examples/rootski/states", State: t.TempDir(), Listen: w.Address()})
	if err == nil || !strings.Contains(err.Error(), w.Address()+" is in use") {
		t.Errorf("got %v", err)
	}
}

func TestDescribeDrop(t *testing.T) {
	r := fabric.Record{Host: "db.example.com", Flow: netset.Flow{Proto: netset.TCP, Dst: netip.MustParseAddrPort("10.0.0.5:5432")},
		Reasons: []path.Reason{{Code: path.NoRoute, Detail: "no route", At: source.Span{File: "t.yaml", Line: 4}}, {Code: path.SubnetACL, Detail: "denied"}}}
	want := "connect 10.0.0.5:5432 (db.example.com) dropped: NO_ROUTE_TO_DESTINATION: no route [t.yaml:4]; SUBNET_ACL_RESTRICTION: denied"
	if got := DescribeDrop(r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
