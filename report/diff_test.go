package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"bailey/cloud"
	"bailey/diff"
	"bailey/netset"
	"bailey/path"
	"bailey/source"
)

// opening is tcp 5432 of a machine, opened to the whole internet.
func opening() diff.Change {
	flow := netset.Flow{Proto: netset.TCP, Src: netip.MustParseAddrPort("203.0.113.10:40000"), Dst: netip.MustParseAddrPort("198.19.7.1:5432")}
	c := diff.Change{Was: path.Blocked, Now: path.Reachable, From: diff.Party{Kind: diff.Internet, Names: []string{"internet"}}, To: diff.Party{Kind: diff.Instance, Names: []string{"Db"}, Public: true},
		Traffic: netset.Match(netset.TCP, netset.Port(5432), netset.AllPorts), Hosts: netset.AddrsOf(netset.AllIPv4)}
	c.Old.Result = path.Result{Verdict: path.Blocked, Flow: flow, Blockers: []path.Reason{{Code: path.SGRulesMismatch, Component: "Group", Detail: "no rule", At: source.Span{File: "old.yaml", Line: 3}}}}
	c.New.Result = path.Result{Verdict: path.Reachable, Flow: flow, Hops: []path.Hop{{Component: "Group", Kind: "security-group", Direction: "ingress", Verdict: "allow"}}}
	c.Because = []diff.Edit{{Verb: diff.Added, Type: "AWS::EC2::SecurityGroup", Name: "Group", Detail: "tcp 5432 from 0.0.0.0/0", At: source.Span{File: "new.yaml", Line: 7}}}
	return c
}

// unguarded is a route that lost its authorizer.
func unguarded() diff.Entry {
	return diff.Entry{Kind: diff.Routes, Of: "Api", Names: []string{"GET /"}, Was: diff.Admission{Who: diff.Guarded, Text: "who Auth lets in"},
		Now: diff.Admission{Who: diff.Anybody, Text: "anybody"}, At: source.Span{File: "new.yaml", Line: 9}}
}

func closing() diff.Change {
	c := opening()
	c.Was, c.Now, c.Old, c.New = c.Now, c.Was, c.New, c.Old
	return c
}

// The shape is a contract with programs: this is it, to the field.
func TestDiffJSONIsTheContract(t *testing.T) {
	d := Diff{Old: "old.yaml", New: "new.yaml", Report: diff.Report{Changes: []diff.Change{opening()}, Entries: []diff.Entry{unguarded()},
		Costs: []diff.CostChange{{Meta: cloud.Meta{Name: "E"}, Was: 350.4}}, Removed: []cloud.Meta{{Name: "E", Type: "AWS::EC2::VPCEndpoint"}},
		Rights: []diff.Right{{What: diff.VPCRightsLeft, Role: "R", Functions: []string{"F"}, Actions: []string{"ec2:*"}, Resource: "*", Detail: "left"}},
		Paths:  []diff.PathChange{{Question: path.Question{From: "F", To: "Db:1"}, Was: path.Report{Verdict: path.Reachable}, Now: path.Report{Verdict: path.Blocked}, Because: "x"}}}}
	var b bytes.Buffer
	if err := DiffJSON(&b, d); err != nil {
		t.Fatal(err)
	}
	want := `{"old":"old.yaml","new":"new.yaml","changes":[{"kind":"opens","severity":"critical","was":"blocked","now":"reachable",
	 "from":{"kind":"internet","names":["internet"]},"to":{"kind":"instance","names":["Db"],"public":true},"traffic":"tcp 5432","hosts":["0.0.0.0/0"],
	 "before":{"verdict":"blocked","protocol":"tcp","witness":{"src":"203.0.113.10:40000","dst":"198.19.7.1:5432"},
	  "blockers":[{"code":"ENI_SG_RULES_MISMATCH","component":"Group","detail":"no rule","direction":"forward","source":{"file":"old.yaml","line":3}}],"missing":[]},
	 "after":{"verdict":"reachable","protocol":"tcp","witness":{"src":"203.0.113.10:40000","dst":"198.19.7.1:5432"},"blockers":[],"missing":[]},
	 "because":[{"verb":"added","type":"AWS::EC2::SecurityGroup","name":"Group","detail":"tcp 5432 from 0.0.0.0/0","source":{"file":"new.yaml","line":7}}]}],
	 "entries":[{"kind":"opens","severity":"critical","what":"routes","of":"Api","names":["GET /"],"was":{"who":"guarded","text":"who Auth lets in"},"now":{"who":"anybody","text":"anybody"},"missing":[],"source":{"file":"new.yaml","line":9}}],
	 "paths":[{"from":"F","to":"Db:1","was":"reachable","now":"blocked","because":"x","broke":true,"blockers":[],"missing":[],"source":null}],
	 "rights":[{"what":"left-over","role":"R","functions":["F"],"actions":["ec2:*"],"resource":"*","detail":"left","source":null}],
	 "costs":[{"resource":"E","was_usd_per_year":350.4,"now_usd_per_year":0,"missing":[],"source":null}],
	 "added":[],"removed":[{"name":"E","type":"AWS::EC2::VPCEndpoint","source":null}],
	 "summary":{"opens":2,"closes":0,"unknown":0,"broken_paths":1,"rights":1,"usd_per_year":-350.4},"worst":"critical"}`
	if got := compact(t, b.Bytes()); got != strings.NewReplacer("\n", "", "\t", "").Replace(compact(t, []byte(want))) {
		t.Errorf("got  %s\nwant %s", got, compact(t, []byte(want)))
	}
}

// How bad it is, which decides the exit status.
func TestWorstOfADiff(t *testing.T) {
	inside, some, unknown := opening(), opening(), opening()
	inside.From = diff.Party{Kind: diff.Function, Names: []string{"F"}}
	some.Except = span(t, "0.0.0.1", "0.0.0.2")
	unknown.Now = path.Unknown
	broken := diff.PathChange{Was: path.Report{Verdict: path.Reachable}, Now: path.Report{Verdict: path.Blocked}}
	mended := diff.PathChange{Was: broken.Now, Now: broken.Was}
	against := diff.PathChange{Expected: path.Blocked, Was: path.Report{Verdict: path.Blocked}, Now: path.Report{Verdict: path.Reachable}}
	for _, c := range []struct {
		name    string
		report  diff.Report
		want    Severity
		unknown bool
	}{
		{"nothing", diff.Report{}, 0, false},
		{"closes", diff.Report{Changes: []diff.Change{closing()}}, 0, false},
		{"to the world", diff.Report{Changes: []diff.Change{closing(), opening()}}, Critical, false},
		{"to some of it", diff.Report{Changes: []diff.Change{some}}, High, false},
		{"inside", diff.Report{Changes: []diff.Change{inside}}, Medium, false},
		{"not known", diff.Report{Changes: []diff.Change{unknown}}, 0, true},
		{"a path breaks", diff.Report{Paths: []diff.PathChange{broken}}, High, false},
		{"a path mends", diff.Report{Paths: []diff.PathChange{mended}}, 0, false},
		{"open against what is expected", diff.Report{Paths: []diff.PathChange{against}}, Critical, false},
		{"rights left", diff.Report{Rights: []diff.Right{{What: diff.VPCRightsLeft}}}, Low, false},
		{"rights lost", diff.Report{Rights: []diff.Right{{What: diff.RightsLost}}}, 0, false},
		{"cheaper", diff.Report{Costs: []diff.CostChange{{Was: 1}}}, 0, false},
	} {
		if d := (Diff{Report: c.report}); d.Worst() != c.want || d.Unknown() != c.unknown {
			t.Errorf("%s: %v %v, want %v %v", c.name, d.Worst(), d.Unknown(), c.want, c.unknown)
		}
	}
}

func TestPacketsInWords(t *testing.T) {
	tcp := func(port uint16) netset.Traffic { return netset.Match(netset.TCP, netset.Port(port), netset.AllPorts) }
	block := func(s string) netset.Addrs { return netset.Prefixes(netip.MustParsePrefix(s)) }
	from := func(c diff.Change, hosts, except netset.Addrs) diff.Change {
		c.Hosts, c.Except = hosts, except
		return c
	}
	ports := opening()
	ports.Traffic = tcp(22).Union(tcp(80)).Union(netset.Match(netset.UDP, netset.Port(53), netset.PortRange{Lo: 1024, Hi: 65535}))
	ports.Within = []string{"SubB"}
	inside := opening()
	inside.From, inside.Hosts = diff.Party{Kind: diff.Function, Names: []string{"F"}}, nil
	all := netset.AddrsOf(netset.AllIPv4)
	for _, c := range []struct {
		change diff.Change
		want   string
	}{
		{opening(), "tcp 5432 from anywhere"},
		{inside, "tcp 5432"},
		{ports, "tcp 22,80; udp 53 from 1024-65535 from anywhere, only in SubB"},
		{from(opening(), block("203.0.113.0/24"), all.Minus(block("203.0.113.0/24"))), "tcp 5432 from 203.0.113.0/24"},
		{from(opening(), all.Minus(block("203.0.113.0/24")), block("203.0.113.0/24")), "tcp 5432 from anywhere but 203.0.113.0/24"},
		{from(opening(), block("9.9.9.9/32"), all.Minus(block("9.9.9.9/32"))), "tcp 5432 from 9.9.9.9"},
		{from(opening(), span(t, "0.0.0.1", "0.0.0.3"), all), "tcp 5432 from 0.0.0.1-0.0.0.3"},
	} {
		if got := trafficText(c.change); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A terminal of 80 columns breaks no line of it, and colours are for terminals.
func TestDiffTextFitsATerminal(t *testing.T) {
	long := opening()
	long.Old.Blockers[0].Detail = strings.Repeat("one word after another ", 12)
	long.From = diff.Party{Kind: diff.Function, Names: []string{strings.Repeat("Function", 4), "B", "C"}}
	long.To.Names = []string{strings.Repeat("Database", 3)}
	d := Diff{Report: diff.Report{Changes: []diff.Change{opening(), long, closing()}, Rights: []diff.Right{{Role: "R", Detail: "R may call " + strings.Repeat("ec2:CreateNetworkInterface, ", 9)}}}}
	var plain, colored bytes.Buffer
	Text{W: &plain}.Diff(d)
	Text{W: &colored, Color: true}.Diff(d)
	for line := range strings.Lines(plain.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colored.String(), "\x1b[31mOPENS   \x1b[0m") {
		t.Errorf("colours: %q", colored.String()[:60])
	}
}

// Names are anybody's: none becomes markup, a command or a line of its own.
func TestHostileNamesInADiff(t *testing.T) {
	for _, name := range hostile {
		c := opening()
		c.From, c.To.Names, c.Within = diff.Party{Kind: diff.Function, Names: []string{name}}, []string{name}, []string{name}
		c.Because[0].Name, c.Because[0].Detail, c.Because[0].At.File = name, name, name
		c.Old.Blockers[0].Detail = name
		e := unguarded()
		e.Of, e.Names, e.Was.Text, e.At.File = name, []string{name}, name, name
		d := Diff{Old: name, New: name, Report: diff.Report{Changes: []diff.Change{c}, Entries: []diff.Entry{e}, Added: []cloud.Meta{{Name: name, Type: name}},
			Rights: []diff.Right{{What: diff.RightsGained, Role: name, Detail: name, At: source.Span{File: name}}}, Costs: []diff.CostChange{{Meta: cloud.Meta{Name: name}, Now: 1}}}}
		var text, md, gh, js, sarif, junit bytes.Buffer
		Text{W: &text}.Diff(d)
		for _, err := range []error{DiffMarkdown(&md, d), DiffGitHub(&gh, d), DiffJSON(&js, d), DiffSARIF(&sarif, d), DiffJUnit(&junit, d)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if strings.ContainsAny(text.String(), "\x1b\x00\r") {
			t.Errorf("%q acts on a terminal", name)
		}
		if strings.Contains(md.String(), "<script") || strings.Contains(md.String(), "<!--") || strings.Count(md.String(), "</details>") != 1 {
			t.Errorf("%q is markup in\n%s", name, md.String())
		}
		if n := strings.Count(gh.String(), "\n"); n != 3 {
			t.Errorf("%q makes %d commands of 3:\n%s", name, n, gh.String())
		}
		if !json.Valid(js.Bytes()) || !json.Valid(sarif.Bytes()) {
			t.Errorf("%q breaks JSON", name)
		}
		if err := xml.Unmarshal(junit.Bytes(), new(junitSuites)); err != nil {
			t.Errorf("%q breaks XML: %v", name, err)
		}
	}
}

func span(t *testing.T, lo, hi string) netset.Addrs {
	t.Helper()
	r, ok := netset.Between(netip.MustParseAddr(lo), netip.MustParseAddr(hi))
	if !ok {
		t.Fatalf("%s to %s is no range", lo, hi)
	}
	return netset.AddrsOf(r)
}
