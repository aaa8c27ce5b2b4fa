package iam

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAgainstSimulator holds Decide against @cloud-copilot/iam-simulate, a
// program of others, on random policies and requests. Where the two disagree,
// a page of AWS's must decide: see disagreements.
func TestAgainstSimulator(t *testing.T) {
	const cases = 12_000
	g := &generator{rand.New(rand.NewPCG(2012, 1017))}
	scenarios := make([]scenario, cases)
	for i := range scenarios {
		scenarios[i] = g.scenario()
	}
	answers := simulate(t, scenarios)
	seen := map[Effect]int{}
	wrong := 0
	excused := make([]int, len(disagreements))
	for i, s := range scenarios {
		got := s.decide(t)
		seen[got.Effect]++
		if agrees(got.Effect, answers[i]) {
			continue
		}
		if n := s.excuse(got, answers[i]); n >= 0 {
			excused[n]++
			continue
		}
		if wrong++; wrong <= 12 {
			text, _ := json.Marshal(s)
			t.Errorf("case %d: got %v, simulator says %s\n%s\n%s", i, got.Effect, answers[i], got.Explain(), text)
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d cases disagree", wrong, cases)
	}
	for i, n := range excused {
		t.Logf("%4d cases disagree because %s", n, disagreements[i].because)
		if n == 0 {
			t.Errorf("no case disagrees any more because %s: take it off the list, which cites %s", disagreements[i].because, disagreements[i].page)
		}
	}
	for _, e := range []Effect{Allow, ImplicitDeny, ExplicitDeny} {
		if seen[e] < cases/20 {
			t.Errorf("only %d of %d cases are %v: the generator is one-sided", seen[e], cases, e)
		}
	}
}

func agrees(e Effect, answer string) bool {
	return answer == map[Effect]string{Allow: "Allowed", ImplicitDeny: "ImplicitlyDenied", ExplicitDeny: "ExplicitlyDenied"}[e]
}

// disagreements are the known ones, each with the page that decides it.
var disagreements = []struct {
	because string
	page    string // of https://docs.aws.amazon.com/IAM/latest/UserGuide/
	applies func(s *scenario, got Decision, answer string) bool
}{
	{"a grant to the session itself, or to everyone, is not limited by a session policy",
		"reference_policies_evaluation-logic_policy-eval-denyallow.html",
		func(s *scenario, got Decision, answer string) bool {
			return got.Effect == Allow && answer == "ImplicitlyDenied" && s.Session != nil && s.ResourcePolicy != nil
		}},
	{"${*} is an asterisk wherever variables are, so also for StringEquals",
		"reference_policies_variables.html",
		func(s *scenario, _ Decision, _ string) bool {
			return s.holds(`"(ForA[a-z]+Values?:)?String(Not)?Equals[A-Za-z]*":\{"[^"]*":[^}]*\$\{\*\}`)
		}},
	{"0.0.0.0/0 holds every IPv4 address",
		"reference_policies_elements_condition_operators.html",
		func(s *scenario, _ Decision, _ string) bool {
			ip := s.Context["aws:SourceIp"]
			return s.holds(`"0\.0\.0\.0/0"`) && len(ip) == 1 && strings.Contains(ip[0], ".")
		}},
	{"a variable may stand anywhere behind the fifth colon, also in an ARN without a resource type",
		"reference_policies_variables.html",
		func(s *scenario, _ Decision, _ string) bool { return s.holds(`"arn:aws:sqs:[^"]*\$\{aws:`) }},
	{"NotIpAddress holds for every other address, also of the other family",
		"reference_policies_elements_condition_operators.html",
		func(s *scenario, _ Decision, _ string) bool {
			ip := s.Context["aws:SourceIp"]
			return s.holds(`"NotIpAddress[^}]*"10\.1\.2\.3"`) && len(ip) == 1 && strings.Contains(ip[0], ":")
		}},
	{"before Version 2012-10-17 a variable is plain text, and has no default",
		"reference_policies_elements_version.html",
		func(s *scenario, _ Decision, _ string) bool {
			return s.holds(`\$\{aws:.*"Version":"2008-10-17"`)
		}},
	{"a variable without a value voids the statement, whatever stands before it in the ARN",
		"reference_policies_variables.html",
		func(s *scenario, _ Decision, _ string) bool {
			return s.holds(`"NotResource":[^}]*\$\{aws:PrincipalTag/part\}`) && s.Context["aws:PrincipalTag/part"] == nil
		}},
}

// holds reports whether one of the documents has text of that form.
func (s *scenario) holds(form string) bool {
	text := append([]string(nil), s.RCP...)
	for _, list := range append([][]string{s.Identity, s.Boundary, s.Session, s.ResourcePolicy, s.Endpoint}, s.SCP...) {
		text = append(text, list...)
	}
	return regexp.MustCompile(form).MatchString(strings.Join(text, "\n"))
}

func (s *scenario) excuse(got Decision, answer string) int {
	for i, d := range disagreements {
		if d.applies(s, got, answer) {
			return i
		}
	}
	return -1
}

func (s *scenario) decide(t testing.TB) Decision {
	t.Helper()
	return Decide(s.request(), s.policies(t))
}

func (s *scenario) policies(t testing.TB) Policies {
	t.Helper()
	read := func(texts []string) []Policy {
		var list []Policy
		for _, text := range texts {
			list = append(list, mustParse(t, text))
		}
		return list
	}
	p := Policies{
		Identity: read(s.Identity), Boundary: read(s.Boundary), Session: read(s.Session),
		Resource: read(s.ResourcePolicy), Endpoint: read(s.Endpoint), RCP: read(s.RCP),
	}
	for _, level := range s.SCP {
		p.SCP = append(p.SCP, read(level))
	}
	return p
}

func (s *scenario) request() Request {
	return Request{Principal: s.Principal, Action: s.Action, Resource: s.Resource, Account: s.Account, Context: NewContext(s.Context)}
}

// simulation writes the scenario as the simulator documents its input. The
// keys that Decide derives by itself are given to it.
func (s *scenario) simulation() map[string]any {
	type object = map[string]any
	named := func(texts []string) []object {
		list := []object{}
		for i, text := range texts {
			list = append(list, object{"name": fmt.Sprint("p", i), "policy": json.RawMessage(text)})
		}
		return list
	}
	req := s.request()
	e := newEvaluation(&req)
	context := object{}
	for k, v := range s.Context {
		context[k] = v
		if len(v) == 1 && k != "aws:TagKeys" {
			context[k] = v[0]
		}
	}
	for _, k := range []string{"aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:username", "aws:PrincipalIsAWSService", "aws:ResourceAccount"} {
		if v, ok := e.lookup(newContextKey(k)); ok == yes {
			context[k] = v[0]
		}
	}
	sim := object{
		"request": object{"principal": s.Principal, "action": s.Action, "contextVariables": context,
			"resource": object{"resource": s.Resource, "accountId": s.Account}},
		"identityPolicies": named(s.Identity), "serviceControlPolicies": []object{}, "resourceControlPolicies": []object{},
	}
	for i, level := range s.SCP {
		sim["serviceControlPolicies"] = append(sim["serviceControlPolicies"].([]object), object{"orgIdentifier": fmt.Sprint("ou-", i), "policies": named(level)})
	}
	if s.RCP != nil {
		sim["resourceControlPolicies"] = []object{{"orgIdentifier": "o-1", "policies": named(s.RCP)}}
	}
	if s.Boundary != nil {
		sim["permissionBoundaryPolicies"] = named(s.Boundary)
	}
	if s.Endpoint != nil {
		sim["vpcEndpointPolicies"] = named(s.Endpoint)
	}
	for name, texts := range map[string][]string{"sessionPolicy": s.Session, "resourcePolicy": s.ResourcePolicy} {
		if texts != nil {
			sim[name] = json.RawMessage(texts[0])
		}
	}
	return sim
}

// simulate runs the simulator once for all scenarios.
func simulate(t *testing.T, scenarios []scenario) []string {
	t.Helper()
	var in, out, stderr bytes.Buffer
	for i := range scenarios {
		line, err := json.Marshal(scenarios[i].simulation())
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("node", filepath.Join("testdata", "simulate.mjs"), findSimulator(t))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("simulator: %v\n%s", err, stderr.String())
	}
	answers := make([]string, 0, len(scenarios))
	lines := bufio.NewScanner(&out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var answer string
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			t.Fatalf("simulator: %q: %v", lines.Text(), err)
		}
		if strings.HasPrefix(answer, "error") {
			t.Errorf("simulator refuses case %d: %s", len(answers), answer)
		}
		answers = append(answers, answer)
	}
	if t.Failed() {
		t.FailNow()
	}
	if len(answers) != len(scenarios) {
		t.Fatalf("simulator answered %d of %d", len(answers), len(scenarios))
	}
	return answers
}

// findSimulator gives a folder with the simulator in its node_modules:
// $BAILEY_ORACLES or, installed once, a folder in the user's cache.
func findSimulator(t *testing.T) string {
	t.Helper()
	const pkg = "@cloud-copilot/iam-simulate"
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("skipped: node is not installed")
	}
	dir := os.Getenv("BAILEY_ORACLES")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skipf("skipped: no cache folder to install %s into: %v", pkg, err)
		}
		dir = filepath.Join(cache, "bailey-oracles")
	}
	_, err := os.Stat(filepath.Join(dir, "node_modules", filepath.FromSlash(pkg)))
	if err == nil {
		return dir
	}
	if !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	out, err := exec.Command("npm", "install", "--no-audit", "--no-fund", "--prefix", dir, pkg).CombinedOutput()
	if err != nil {
		t.Skipf("skipped: npm cannot install %s: %v: %.200s", pkg, err, out)
	}
	return dir
}
