package report

import (
	"fmt"
	"io"
	"strings"

	"bailey/path"
	"bailey/reach"
)

// Markdown writes a comment for a pull request: one line that says it all, the
// paths that want attention as a table, those that are as they should be folded
// away, then each of the former in full. It is GitHub's dialect; GitLab renders
// the same.
// https://github.github.com/gfm/
func Markdown(w io.Writer, checks ...Check) error {
	var b strings.Builder
	for i, c := range checks {
		if i > 0 {
			b.WriteString("\n")
		}
		markdown{&b, c}.check(len(checks) > 1)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("markdown: %w", err)
	}
	return nil
}

// markdown writes one check.
type markdown struct {
	b *strings.Builder
	c Check
}

func (m markdown) printf(format string, args ...any) { fmt.Fprintf(m.b, format, args...) }

func (m markdown) check(named bool) {
	var bad, good []reach.Proof
	for _, p := range m.c.Proofs {
		if p.Holds() {
			good = append(good, p)
		} else {
			bad = append(bad, p)
		}
	}
	m.summary(named)
	if len(bad) > 0 {
		m.table(bad)
	}
	if len(good) > 0 {
		m.printf("\n<details><summary>%s as it should be</summary>\n", plural(len(good), "path"))
		m.table(good)
		m.printf("\n</details>\n")
	}
	for _, p := range bad {
		m.details(p)
	}
	m.audit()
	m.notes()
}

func (m markdown) summary(named bool) {
	s := m.c.summary()
	mark, title := "✅", "every path is as it should be"
	switch {
	case s.Findings > 0:
		mark, title = "❌", plural(s.Findings, "finding")
	case m.c.Unknown():
		mark, title = "❓", "an answer lacks a fact"
	case s.Suppressed > 0:
		title = "no new finding"
	}
	if named {
		title += " in " + mdName(m.c.title())
	}
	m.printf("### %s Bailey: %s%s\n\n%s: %d reachable, %d blocked, %d partial, %d unknown\n", mark, title, suppressedToo(s),
		plural(s.Paths, "path"), s.Reachable, s.Blocked, s.Partial, s.Unknown)
}

// audit lists what the rules found.
func (m markdown) audit() {
	if len(m.c.Audit) == 0 {
		return
	}
	m.printf("\n| | Rule | Severity | Finding |\n|---|---|---|---|\n")
	for _, a := range m.c.Audit {
		f, mark := m.c.audited(a), "❌"
		if f.Suppressed {
			mark = "⚪"
		}
		m.printf("| %s | %s | %s | %s%s |\n", mark, f.Rule, f.Severity, mdText(f.Message), mdPlace(at(f.At)))
	}
}

func (m markdown) table(proofs []reach.Proof) {
	m.printf("\n| | Path | Verdict | Expected | Why | Cheapest fix |\n|---|---|---|---|---|---|\n")
	for _, p := range proofs {
		m.printf("| %s | %s | %s | %s | %s | %s |\n", m.mark(p), mdPath(p), p.Verdict, expectedWord(p), m.why(p), mdText(cheapest(p)))
	}
}

func (m markdown) mark(p reach.Proof) string {
	f, found := m.c.judge(p)
	switch {
	case found && f.Suppressed:
		return "⚪"
	case found:
		return "❌"
	case unanswered(p):
		return "❓"
	}
	return "✅"
}

// expectedWord is what was stated, or that the path is needed all the same.
func expectedWord(p reach.Proof) string {
	if p.Expected == path.Undecided {
		return "needed"
	}
	return p.Expected.String()
}

// why is a cell: the codes of the blockers with their places, the missing
// facts, or the way of a path that is open.
func (m markdown) why(p reach.Proof) string {
	var out []string
	for _, b := range p.Blockers {
		out = append(out, "`"+string(b.Code)+"`"+mdPlace(at(b.At)))
	}
	for _, g := range p.Missing {
		out = append(out, "not known: "+mdText(g.Because))
	}
	if p.Verdict == path.Reachable && len(p.Hops) > 0 {
		out = append(out, "through "+mdText(through(p)))
	}
	if f, ok := m.c.judge(p); ok && f.Suppressed {
		out = append(out, "suppressed: "+mdText(f.Justification))
	}
	return strings.Join(out, "<br>")
}

// details is one path in full, folded.
func (m markdown) details(p reach.Proof) {
	m.printf("\n<details><summary>%s: %s</summary>\n\n", htmlPath(p), p.Verdict)
	if p.Because != "" {
		m.printf("Because: %s%s\n\n", mdText(p.Because), mdPlace(at(p.At)))
	}
	if p.Witness.Src.IsValid() && p.Witness.Dst.IsValid() {
		m.printf("Witness: %s\n\n", mdName(p.Witness.String()))
	}
	for _, h := range p.Hops {
		m.printf("1. %s %s: %s (%s)\n", mdText(h.Direction), mdName(h.Component), mdText(h.Detail), mdText(h.Verdict))
	}
	m.reasons(p)
	for i, f := range p.Fixes {
		m.printf("\n**Fix**, %s\n", mdText(fixText(f)))
		if i == 0 && f.Patch != "" {
			m.printf("\n%s\n", fenced(f.Patch))
		}
	}
	m.printf("\n</details>\n")
}

func (m markdown) reasons(p reach.Proof) {
	if len(p.Blockers)+len(p.Missing)+len(p.Parts)+len(p.Families) > 0 {
		m.printf("\n")
	}
	for _, b := range p.Blockers {
		m.printf("- `%s`%s%s: %s\n", b.Code, mdPlace(at(b.At)), wayBack(b), mdText(b.Detail))
	}
	for _, g := range p.Missing {
		m.printf("- not known%s: %s\n", mdPlace(at(g.At)), mdText(g.Because))
	}
	for _, q := range p.Parts {
		if q.Route != "" {
			m.printf("- by %s: %s\n", mdName(q.Route), q.Verdict)
			continue
		}
		m.printf("- from %s, source ports %s to %s: %s\n", mdName(q.Subnet), q.Ports, q.Dst, q.Verdict)
	}
	for _, f := range p.Families {
		m.printf("- over %s: %s%s\n", f.Name, f.Verdict, mdText(familyNote(f)))
	}
}

func (m markdown) notes() {
	notes := m.c.Notes.Sorted()
	if len(notes) == 0 {
		return
	}
	m.printf("\n<details><summary>%s on the input</summary>\n\n", plural(len(notes), "note"))
	for _, d := range notes {
		m.printf("- %s `%s`%s: %s", d.Severity, d.Code, mdPlace(d.At.String()), mdText(d.Summary))
		if d.At.Construct.Path() != "" {
			m.printf(", construct %s", mdName(d.At.Construct.String()))
		}
		if d.Hint != "" {
			m.printf(" (%s)", mdText(d.Hint))
		}
		m.printf("\n")
	}
	m.printf("\n</details>\n")
}

func mdPath(p reach.Proof) string {
	return mdName(p.From) + " → " + mdName(p.To) + " " + logicalPort(p)
}

func htmlPath(p reach.Proof) string {
	return htmlName(p.From) + " → " + htmlName(p.To) + " " + logicalPort(p)
}

// mdPlace is a place as code, with a space before it, or nothing.
func mdPlace(s string) string {
	if s == "" {
		return ""
	}
	return " " + mdName(s)
}

// mdName is a name as code: in backquotes where that cannot go wrong, else as
// HTML, in which every sign is a character reference.
func mdName(s string) string {
	plain := s != "" && strings.Trim(s, " ") == s
	for _, r := range s {
		plain = plain && (alphanumeric(r) || strings.ContainsRune(" _.:/@+=,->()[]*", r))
	}
	if plain {
		return "`" + s + "`"
	}
	return htmlName(s)
}

// htmlName is a name as code in HTML, inside which GitHub makes no mentions.
func htmlName(s string) string {
	return "<code>" + unlinked.Replace(references(s, " .:/-=,()+", "")) + "</code>"
}

// mdText is a sentence: no sign in it can begin markup, HTML, a table cell, a
// formula, a mention, or a link to an issue or an address.
func mdText(s string) string {
	return unlinked.Replace(references(s, " .:/,;()'\"+=%?!->", "@#"))
}

// unlinked breaks what GitHub takes for an address though nothing marks it.
// https://github.github.com/gfm/#autolinks-extension-
var unlinked = strings.NewReplacer("://", "&#58;//", "www.", "www&#46;", "WWW.", "WWW&#46;")

// references writes as character references whatever is neither a letter, a
// digit nor in plain; a reference is never markup. What is in broken gets a zero
// width space after it, since GitHub looks for mentions in what was rendered.
// https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references
func references(s, plain, broken string) string {
	var b strings.Builder
	for _, r := range printable(s) {
		if alphanumeric(r) || r > 127 || strings.ContainsRune(plain, r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#%d;", r)
		if strings.ContainsRune(broken, r) {
			b.WriteString("&#8203;")
		}
	}
	return b.String()
}

func alphanumeric(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// fenced is a block of code whose fence is longer than any run of backquotes
// in it.
func fenced(code string) string {
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + "\n" + printableLines(strings.TrimRight(code, "\r\n")) + "\n" + fence
}
