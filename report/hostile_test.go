package report

import (
	"encoding/json"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// hostile are names that mean something to one format or another.
var hostile = []string{
	`"quoted" 'twice'`, "two\nlines", "carriage\r\nreturn", "tab\tbed", "pi|pe", `back\slash|pipe`, "`tick`", "``two``", "```\nfence",
	"::error file=x::owned", "\n::set-output name=x::y", "##[error]x", "50%0A", "a,b:c", "<script>alert(1)</script>", "</code></details>", "<!-- ",
	"&amp;&#124;", "]]>", "[click](http://example.com)", "![x](y)", "**bold** _em_ ~~s~~", "# heading", "- item", "> quote", "@someone", "org/repo#1",
	"$x$", "{0} ${Stage}", "\x1b[31mred\x1b[0m", "nul\x00", "del\x7f\u0085", "bad\xff\xfeutf8", "\u202egnp.exe", "line\u2028sep", " lead and trail ", "emoji 🦜 é",
	"\ufffe\uffff",
}

func hostileCheck(name string) Check {
	p := reach.Proof{Report: path.Report{From: name, To: name, Host: name, Port: 1, Protocol: 6, Verdict: path.Blocked}, Because: name, At: source.Span{File: name, Line: 3, Col: 4}}
	p.Blockers = []path.Reason{{Code: path.NoRoute, Component: name, Detail: name, At: source.Span{File: name, Line: 5}}}
	p.Hops = []path.Hop{{Component: name, Kind: "vpc", Direction: "egress", Verdict: "deny", Detail: name}}
	p.Fixes = []reach.Fix{{Summary: name, Patch: name + "\n" + name, Breaks: []string{name}}}
	open := p
	open.Verdict, open.Missing = path.Unknown, []cloud.Gap{{Because: name, At: source.Span{File: name}}}
	accepted := p
	accepted.To = name + "!"
	part := p
	part.Verdict, part.Parts, part.Expected = path.Partial, []path.Part{{Subnet: name, Verdict: path.Blocked}}, path.Reachable
	holds := p
	holds.Verdict, holds.Expected = path.Blocked, path.Blocked
	c := Check{Input: name, Proofs: []reach.Proof{p, open, accepted, part, holds},
		Notes: source.Diags{{Code: "X", Severity: source.Note, At: source.Span{File: name}, Summary: name, Hint: name}}}
	c.Baseline = accepting(c, name, accepted)
	return c
}

func hostileChecks() []Check {
	out := make([]Check, 0, len(hostile))
	for _, name := range hostile {
		out = append(out, hostileCheck(name))
	}
	return out
}

// The names of a template are anybody's: no format may let one break out.
func TestHostileNames(t *testing.T) {
	for _, name := range hostile {
		if wrong := brokenBy(t, name); wrong != "" {
			t.Errorf("%q: %s", name, wrong)
		}
	}
}

func TestHostileNamesAtRandom(t *testing.T) {
	alphabet := []rune("a b|`\\<>&*_[](){}#@:%,\"'\r\n\t\x00\x1b\u202e\ufffd$~^!-+=.;/0é🦜")
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.StringOfN(rapid.SampledFrom(alphabet), 1, 24, -1).Draw(r, "name")
		if rapid.Bool().Draw(r, "bytes") {
			name += string(rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(r, "tail"))
		}
		if wrong := brokenBy(t, name); wrong != "" {
			r.Fatalf("%q: %s", name, wrong)
		}
	})
}

// brokenBy says which format a name breaks, and how; empty for none.
func brokenBy(t *testing.T, name string) string {
	c := hostileCheck(name)
	out := map[string]string{}
	for _, f := range formats[:6] {
		out[f.golden] = render(t, f.write, c)
		if !utf8.ValidString(out[f.golden]) {
			return f.golden + " is no UTF-8"
		}
	}
	for _, golden := range []string{"check.sarif", "check.json", "check.baseline.json"} {
		if !json.Valid([]byte(out[golden])) {
			return golden + " is no JSON"
		}
	}
	for _, wrong := range []string{brokenXML(out["check.junit.xml"]), brokenCommands(out["check.github.txt"]), brokenMarkdown(out["check.md"])} {
		if wrong != "" {
			return wrong
		}
	}
	return brokenBaseline(c, out["check.baseline.json"])
}

func brokenXML(text string) string {
	var s junitSuites
	if err := xml.Unmarshal([]byte(text), &s); err != nil {
		return "JUnit: " + err.Error()
	}
	if len(s.Suites) != 1 || len(s.Suites[0].Cases) != 5 || s.junitCounts != (junitCounts{5, 2, 1, 1}) {
		return "JUnit: cases were lost: " + text
	}
	return ""
}

// aCommand is a workflow command as the runner reads it.
var aCommand = regexp.MustCompile(`^::(error|warning|notice) ((file|line|col|title)=[^:,\r\n]*,?)+::[^\r\n]*$`)

func brokenCommands(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != 5 {
		return "GitHub: not five commands: " + text
	}
	for _, l := range lines {
		if !aCommand.MatchString(l) || strings.ContainsAny(l, "\x00\x1b\u202e\u0085\x7f") {
			return "GitHub: not a command: " + l
		}
	}
	return ""
}

// ownTags are the tags that Markdown itself writes.
var ownTags = regexp.MustCompile(`</?(details|summary|code)>|<br>`)

// brokenMarkdown compares the skeleton with that of a harmless name: the same
// lines, the same cells, the same tags, and no markup in between.
func brokenMarkdown(text string) string {
	text = outsideFences(text)
	var want strings.Builder
	_ = Markdown(&want, hostileCheck("plain"))
	model := strings.Split(outsideFences(want.String()), "\n")
	lines := strings.Split(text, "\n")
	if len(lines) != len(model) {
		return "Markdown: other lines: " + text
	}
	for i, l := range lines {
		if strings.Count(l, "|") != strings.Count(model[i], "|") {
			return "Markdown: other cells: " + l
		}
		for _, tag := range []string{"details", "summary", "br"} {
			if strings.Count(l, "<"+tag) != strings.Count(model[i], "<"+tag) || strings.Count(l, "</"+tag) != strings.Count(model[i], "</"+tag) {
				return "Markdown: other tags: " + l
			}
		}
		bare := ownTags.ReplaceAllString(regexp.MustCompile("`[^`\n|\\\\]*`").ReplaceAllString(l, ""), "")
		if strings.ContainsAny(strings.ReplaceAll(bare, "**Fix**", ""), "<\\`*_[]{}~$@^\x00\x1b\u202e") {
			return "Markdown: markup: " + l
		}
	}
	return ""
}

// outsideFences leaves out blocks of code; a fence ends with the line that is
// the same as the one that began it.
func outsideFences(text string) string {
	var out []string
	fence := ""
	for l := range strings.SplitSeq(text, "\n") {
		switch {
		case fence == "" && strings.HasPrefix(l, "```"):
			fence = l
		case fence != "" && l == fence:
			fence = ""
		case fence == "":
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}

// brokenBaseline reads the baseline back: every finding must be in it.
func brokenBaseline(c Check, text string) string {
	b, err := ReadBaseline("b.json", []byte(text))
	if err != nil {
		return "baseline: " + err.Error()
	}
	c.Baseline = b
	if c.Fails(Low) {
		return "baseline: does not accept what it was written from"
	}
	return ""
}

func TestMarkdownTextAndNames(t *testing.T) {
	for in, want := range map[string]string{
		"allows tcp 443 from 10.0.0.0/8": "allows tcp 443 from 10.0.0.0/8",
		"ask @team about #12":            "ask &#64;&#8203;team about &#35;&#8203;12",
		"see http://x.org, www.x.org":    "see http&#58;//x.org, www&#46;x.org",
		"a|b\n*c*":                       "a&#124;b &#42;c&#42;",
	} {
		if got := mdText(in); got != want {
			t.Errorf("text %q: got %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"module.x.aws_db_instance.db[0]": "`module.x.aws_db_instance.db[0]`",
		"a|b":                            "<code>a&#124;b</code>",
		"a`b":                            "<code>a&#96;b</code>",
		" a":                             "<code> a</code>",
	} {
		if got := mdName(in); got != want {
			t.Errorf("name %q: got %q, want %q", in, got, want)
		}
	}
}

// A fence is longer than any run of backquotes in what it holds.
func TestFenced(t *testing.T) {
	for code, want := range map[string]string{
		"x":             "```\nx\n```",
		"a\n```\nb\r\n": "````\na\n```\nb\n````",
		"`````":         "``````\n`````\n``````",
	} {
		if got := fenced(code); got != want {
			t.Errorf("%q: got %q, want %q", code, got, want)
		}
	}
}
