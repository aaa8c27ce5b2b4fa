package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// Text writes for a person. Color asks for ANSI colours.
type Text struct {
	W     io.Writer
	Color bool
}

// width is how many columns a line has, unless a name alone is longer.
const width = 80

func (t Text) paint(code, s string) string {
	if !t.Color || s == "" || code == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t Text) dim(s string) string  { return t.paint("2", s) }
func (t Text) bold(s string) string { return t.paint("1", s) }

// Verdict gives a verdict in its colour.
func (t Text) Verdict(v path.Verdict) string {
	return t.paint(map[path.Verdict]string{path.Reachable: "32", path.Blocked: "31", path.Partial: "33", path.Unknown: "35"}[v], v.String())
}

// Check writes every path with what decides it, then one line of summary.
func (t Text) Check(c Check) {
	if c.Environment != "" {
		fmt.Fprintf(t.W, "%s\n", t.bold(c.title()))
	}
	for _, d := range c.Notes.Sorted() {
		fmt.Fprintln(t.W, t.dim(d.String()))
	}
	for _, p := range c.Proofs {
		t.headline(p)
		t.body(p, false)
	}
	s := c.summary()
	if s.Paths == 0 && s.Findings+s.Suppressed == 0 {
		fmt.Fprint(t.W, wrap("no path is needed here, and none is expected: state under expect: in bailey.yaml what has to be open or shut", 0, width))
		return
	}
	fmt.Fprintf(t.W, "%s: %d reachable, %d blocked, %d partial, %d unknown; ", plural(s.Paths, "path"), s.Reachable, s.Blocked, s.Partial, s.Unknown)
	if s.Findings == 0 && s.Suppressed == 0 && !c.Unknown() {
		fmt.Fprintln(t.W, t.paint("32", "every one as expected"))
		return
	}
	fmt.Fprintln(t.W, t.paint("31", plural(s.Findings, "finding"))+suppressedToo(s))
	for _, f := range c.Findings() {
		why := ""
		if f.Suppressed {
			why = t.dim(" (suppressed: " + f.Justification + inBrackets(at(f.SuppressedAt)) + ")")
		} else if f.Ended != "" {
			why = t.paint("33", " ("+f.Ended+")")
		}
		fmt.Fprintf(t.W, "  %s %s: %s %s%s\n", t.paint("31", f.Severity.String()), f.Rule, f.Message, t.dim(at(f.At)), why)
	}
	t.remedy(c)
	t.prices(c)
}

// prices says whose prices were shown, if any was.
func (t Text) prices(c Check) {
	costs := func(p reach.Proof) bool {
		return slices.ContainsFunc(p.Fixes, func(f reach.Fix) bool { return f.USDPerYear > 0 })
	}
	if c.Prices != "" && slices.ContainsFunc(c.Proofs, costs) {
		fmt.Fprint(t.W, t.dim(wrap(c.Prices, 0, width)))
	}
}

// suppressedToo counts what somebody has accepted, if anything.
func suppressedToo(s summaryJSON) string {
	if s.Suppressed == 0 {
		return ""
	}
	return fmt.Sprintf(", %d suppressed", s.Suppressed)
}

// Why writes one answer in full.
func (t Text) Why(p reach.Proof) {
	t.headline(p)
	t.body(p, true)
}

// headline names the path, its verdict, and whether that was expected.
func (t Text) headline(p reach.Proof) {
	name := p.From + " -> " + p.To
	fmt.Fprintf(t.W, "%s%s  %s%s\n", t.bold(name), strings.Repeat(" ", max(0, 52-len(name))), t.Verdict(p.Verdict), t.judged(p))
}

func (t Text) judged(p reach.Proof) string {
	switch {
	case p.Expected != path.Undecided && p.Holds():
		return t.dim(", as expected")
	case p.Expected != path.Undecided:
		return t.paint("31", ", expected "+p.Expected.String())
	case p.Because != "":
		return t.dim(", needed")
	}
	return ""
}

func (t Text) body(p reach.Proof, hops bool) {
	if p.Because != "" {
		t.item("", "because", p.Because, at(p.At))
	}
	if p.Witness.Src.IsValid() && p.Witness.Dst.IsValid() {
		t.item("", "witness", p.Witness.String(), hostNote(p))
	}
	if hops {
		for _, h := range p.Hops {
			t.hop(h, p.Blockers)
		}
	} else if p.Verdict == path.Reachable {
		t.item("", "through", through(p), "")
	}
	for _, b := range p.Blockers {
		way := ""
		if b.Direction == path.Return {
			way = " on the way back"
		}
		fmt.Fprintf(t.W, "    %s   %s %s%s\n%s", t.paint("31", "blocker"), b.Code, t.dim(at(b.At)), way, wrap(b.Detail, 14, width))
	}
	for _, g := range p.Missing {
		t.item("35", "missing", g.Because, at(g.At))
	}
	t.parts(p)
	t.via(p, hops)
	t.fixes(p, hops)
	fmt.Fprintln(t.W)
}

// item writes one thing about a path: a label, words, and an aside such as a
// place, on the last line of the words if there is room.
func (t Text) item(color, label, words, aside string) {
	lines := strings.Split(strings.TrimRight(wrap(words, itemIndent, width), "\n"), "\n")
	last := lines[len(lines)-1]
	switch {
	case aside == "":
	case utf8.RuneCountInString(last)+1+utf8.RuneCountInString(aside) <= width:
		lines[len(lines)-1] += " " + t.dim(aside)
	default:
		lines = append(lines, strings.Repeat(" ", itemIndent)+t.dim(aside))
	}
	text := strings.TrimPrefix(strings.Join(lines, "\n"), strings.Repeat(" ", itemIndent))
	fmt.Fprintf(t.W, "    %s%*s%s\n", t.paint(color, label), itemIndent-4-len(label), "", text)
}

// itemIndent is the column at which what is said of a path begins.
const itemIndent = 14

// hop writes one hop. What the blockers below say at length is said there only.
func (t Text) hop(h path.Hop, blockers []path.Reason) {
	detail := h.Detail
	if i := slices.IndexFunc(blockers, func(b path.Reason) bool { return b.Detail == h.Detail && b.Component == h.Component }); i >= 0 {
		detail = string(blockers[i].Code) + ", see below"
	}
	text := strings.TrimLeft(wrap(h.Direction+" "+h.Component+": "+detail, 6, width), " ")
	fmt.Fprintf(t.W, "    %s %s", t.mark(h), strings.Replace(text, h.Component, t.bold(h.Component), 1))
}

// mark is a hop's verdict as one sign.
func (t Text) mark(h path.Hop) string {
	switch h.Verdict {
	case "deny":
		return t.paint("31", "✗")
	case "unknown":
		return t.paint("35", "?")
	case "allow":
		return t.paint("32", "✓")
	}
	return t.dim("·")
}

// through names what a packet that passes went through, in order.
func through(p reach.Proof) string { return throughHops(p.Hops) }

func throughHops(hops []path.Hop) string {
	var names []string
	for _, h := range hops {
		if h.Kind == "dns" && !strings.Contains(h.Detail, "private DNS") || strings.HasPrefix(h.Direction, "return") {
			continue
		}
		if len(names) == 0 || names[len(names)-1] != h.Component {
			names = append(names, h.Component)
		}
	}
	return strings.Join(names, " > ")
}

func hostNote(p reach.Proof) string {
	if p.Host == "" {
		return ""
	}
	return "(" + p.Host + ")"
}

// via lists the ways around by invoking; in full, with what allows each step.
func (t Text) via(p reach.Proof, full bool) {
	for _, c := range p.Via {
		fmt.Fprintf(t.W, "    %s       %s\n", t.paint("33", "via"), c)
		for _, s := range c.Steps {
			if full {
				fmt.Fprint(t.W, wrap(s.Because, 14, width))
			}
		}
	}
}

func (t Text) parts(p reach.Proof) {
	for _, s := range shares(p) {
		fmt.Fprintf(t.W, "    part      %s: %s%s\n", s.name, t.Verdict(s.verdict), s.when)
	}
	for _, f := range p.Families {
		fmt.Fprintf(t.W, "    %s      %s%s\n", f.Name, t.Verdict(f.Verdict), t.dim(familyNote(f)))
	}
}

// fixes lists what would open the path; in full, with the patch of the first.
// Where they are those of another path, that one is named.
func (t Text) fixes(p reach.Proof, full bool) {
	if p.Like != "" && !full && len(p.Fixes) > 0 {
		fmt.Fprintf(t.W, "    %s       as for %s\n", t.paint("36", "fix"), p.Like)
		return
	}
	for i, f := range p.Fixes {
		price := money(f.USDPerYear) + "/year"
		text := strings.TrimLeft(wrap(f.Summary, 16+len(price), width), " ")
		fmt.Fprintf(t.W, "    %s       %s  %s", t.paint("36", "fix"), price, text)
		for _, aside := range asides(f) {
			for line := range strings.Lines(wrap(aside, 16+len(price), width)) {
				words := strings.TrimLeft(strings.TrimRight(line, "\n"), " ")
				fmt.Fprintf(t.W, "%*s%s\n", 16+len(price), "", t.paint("33", words))
			}
		}
		if full && i == 0 {
			for line := range strings.Lines(f.Patch) {
				fmt.Fprintf(t.W, "              %s", t.dim(line))
			}
		}
	}
}

// asides are what else a fix does, a clause each.
func asides(f reach.Fix) []string {
	var out []string
	for _, path := range f.Breaks {
		out = append(out, "closes "+path)
	}
	for _, path := range f.Exposes {
		out = append(out, "opens "+path+", expected blocked")
	}
	if f.Instead != "" {
		out = append(out, "not proved: "+f.Instead)
	}
	return out
}

// remedy writes the set of changes that opens everything.
func (t Text) remedy(c Check) {
	r := c.Remedy
	if r == nil {
		return
	}
	all := fmt.Sprintf("%s/year mends all %d, proved together", money(r.USDPerYear), r.Paths)
	if len(r.Left) > 0 {
		all = fmt.Sprintf("%s/year mends %d of %d, proved together", money(r.USDPerYear), r.Paths, r.Paths+len(r.Left))
	}
	if r.USDInAllZones > r.USDPerYear {
		all += fmt.Sprintf(" (in every zone: %s)", money(r.USDInAllZones))
	}
	fmt.Fprintf(t.W, "%s\n", t.paint("36", all))
	for _, step := range strings.Split(r.Summary, ", and ") {
		fmt.Fprint(t.W, wrap("- "+step, 2, width))
	}
	if o := r.Other; o != nil {
		kind := "with a NAT gateway"
		if strings.Contains(r.Summary, "add a NAT gateway") {
			kind = "without a new NAT gateway"
		}
		fmt.Fprintf(t.W, "  %s: %s/year (in every zone: %s)\n", kind, money(o.USDPerYear), money(o.USDInAllZones))
	}
	for _, p := range r.Left {
		fmt.Fprintf(t.W, "  no fix for %s\n", p)
	}
}

func money(usd float64) string { return fmt.Sprintf("$%.2f", usd) }

// at is a place, and the construct that it comes from.
func at(s source.Span) string {
	if s.File == "" {
		return ""
	}
	s.Col = 0
	return strings.TrimSpace(s.String() + " " + s.Construct.String())
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
