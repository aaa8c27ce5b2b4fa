package report

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/diff"
	"bailey/path"
	"bailey/source"
)

// diffWidth is that of a terminal on which nobody has set another.
const diffWidth = 80

// Diff writes for a person, what matters most first.
func (t Text) Diff(d Diff) {
	for _, c := range d.Changes {
		t.change(c)
	}
	for _, e := range d.Entries {
		t.wayIn(e)
	}
	for _, p := range d.Paths {
		t.pathChange(p)
	}
	for _, r := range d.Rights {
		t.right(r)
	}
	t.resources("ADDED", d.Added)
	t.resources("REMOVED", d.Removed)
	t.unlisted(d.Unlisted)
	for _, c := range d.Costs {
		t.cost(c)
	}
	if d.IsEmpty() {
		fmt.Fprintln(t.W, t.paint("32", "nothing opens, closes or becomes unknown"))
		return
	}
	fmt.Fprintf(t.W, "%s\n", d.summary().sentence())
}

// entry writes the first line of one change, and what follows if it is long.
func (t Text) entry(color, label, name, rest string) {
	name, rest = flush(printable(name), 9), flush(printable(rest), 9)
	fmt.Fprintf(t.W, "%s %s", t.paint(color, fmt.Sprintf("%-8s", label)), t.bold(name))
	if 9+len(name)+2+len(rest) <= diffWidth {
		fmt.Fprintf(t.W, "  %s\n", rest)
		return
	}
	fmt.Fprintf(t.W, "\n         %s\n", rest)
}

// flush breaks words into lines of diffWidth, of which all but the first are
// indented: something else stands before that one.
func flush(words string, indent int) string {
	return strings.Trim(wrap(words, indent, diffWidth), " \n")
}

// note writes one thing about a change: a label, words, and a place below.
func (t Text) note(label, words string, place source.Span) {
	fmt.Fprintf(t.W, "         %-8s %s\n", label, flush(printable(words), 18))
	if where := at(place); where != "" {
		fmt.Fprintf(t.W, "                  %s\n", t.dim(printable(where)))
	}
}

var changeColor = map[string]string{"opens": "31", "closes": "32", "unknown": "35"}

func (t Text) change(c diff.Change) {
	kind := kindOfChange(c)
	t.entry(changeColor[kind], strings.ToUpper(kind), endsText(c), trafficText(c))
	for _, e := range c.Because {
		t.note("because", editText(e), e.At)
	}
	if w := witnessOf(c); w != "" {
		t.note("witness", w, source.Span{})
	}
	t.look("before", c.Old, c.Was)
	t.look("now", c.New, c.Now)
	fmt.Fprintln(t.W)
}

// witnessOf is the witness as the model has it in which it passes, else as the
// other has it.
func witnessOf(c diff.Change) string {
	looks := []diff.Look{c.New, c.Old}
	if c.Was == path.Reachable {
		slices.Reverse(looks)
	}
	for _, l := range looks {
		if l.Flow.Dst.IsValid() {
			return l.Flow.String()
		}
	}
	return ""
}

// look says what becomes of the witness in one model, unless it passes.
func (t Text) look(when string, l diff.Look, v path.Verdict) {
	switch {
	case l.Absent != "":
		t.note(when, "there is no "+strings.TrimPrefix(l.Absent, "a "), source.Span{})
	case l.Elsewhere:
		t.note(when, v.String()+": there, that address is something else's", source.Span{})
	case v == path.Unknown:
		for _, g := range l.Missing {
			t.note(when, "not known: "+g.Because, g.At)
		}
	case v == path.Blocked:
		for _, b := range l.Blockers {
			t.note(when, string(b.Code)+wayBack(b)+": "+b.Detail, b.At)
		}
	default:
		t.note(when, "passes through "+throughHops(l.Hops), source.Span{})
	}
}

func editText(e diff.Edit) string { return fmt.Sprintf("%s %s: %s", e.Name, e.Verb, e.Detail) }

func (t Text) pathChange(p diff.PathChange) {
	label, color := "PATH", "33"
	if p.Broke() {
		label, color = "BREAKS", "31"
	} else if p.Holds() {
		label, color = "MENDS", "32"
	}
	t.entry(color, label, p.From+" -> "+p.To, pathVerdicts(p))
	if p.Because != "" {
		t.note("needed", p.Because, p.At)
	} else if p.Expected != path.Undecided {
		t.note("expected", p.Expected.String(), p.At)
	}
	if p.Holds() {
		fmt.Fprintln(t.W)
		return // it is as it should be: the changes above say why
	}
	for _, b := range p.Now.Blockers {
		t.note("now", string(b.Code)+wayBack(b)+": "+b.Detail, b.At)
	}
	for _, g := range p.Now.Missing {
		t.note("now", "not known: "+g.Because, g.At)
	}
	fmt.Fprintln(t.W)
}

// pathVerdicts is "blocked, was reachable".
func pathVerdicts(p diff.PathChange) string {
	if p.Was.Verdict == path.Undecided {
		return p.Now.Verdict.String() + ", was not there"
	}
	return fmt.Sprintf("%s, was %s", p.Now.Verdict, p.Was.Verdict)
}

func (t Text) right(r diff.Right) {
	color := map[diff.RightChange]string{diff.RightsLost: "32", diff.VPCRightsLack: "31"}[r.What]
	if color == "" {
		color = "33"
	}
	t.entry(color, "RIGHTS", r.Role, strings.TrimPrefix(r.Detail, r.Role+" "))
	if where := at(r.At); where != "" {
		fmt.Fprintf(t.W, "         %s\n", t.dim(printable(where)))
	}
	fmt.Fprintln(t.W)
}

// resources lists what only one side has, in one paragraph.
func (t Text) resources(label string, list []cloud.Meta) {
	if len(list) == 0 {
		return
	}
	var names []string
	for _, m := range list {
		names = append(names, printable(fmt.Sprintf("%s (%s)", m.Name, m.Type)))
	}
	fmt.Fprintf(t.W, "%s %s\n\n", t.paint("36", fmt.Sprintf("%-8s", label)), flush(strings.Join(names, ", "), 9))
}

// unlisted says of which resources it is not known whether both sides have them.
func (t Text) unlisted(gaps []cloud.Gap) {
	for i, g := range gaps {
		if i == 0 {
			t.entry("33", "UNKNOWN", "added or removed", "some of these may be on both sides")
		}
		t.note("not known", g.Because, g.At)
	}
	if len(gaps) > 0 {
		fmt.Fprintln(t.W)
	}
}

func (t Text) cost(c diff.CostChange) {
	t.entry("36", "PRICE", c.Name, fmt.Sprintf("%s a year, was %s", money(c.Now), money(c.Was)))
	for _, g := range c.Open {
		t.note("at least", g.Because, g.At)
	}
	fmt.Fprintln(t.W)
}
