package report

import (
	"fmt"
	"io"
	"strings"

	"bailey/cloud"
	"bailey/diff"
	"bailey/path"
	"bailey/source"
)

// DiffMarkdown writes a Diff as a comment for a pull request: one line that says
// it all, a table of what changes, and the reasons folded away.
// https://github.github.com/gfm/
func DiffMarkdown(w io.Writer, d Diff) error {
	var b strings.Builder
	m := diffMarkdown{&b}
	m.summary(d)
	m.changes(d.Changes)
	m.entries(d.Entries)
	m.paths(d.Paths)
	m.others(d)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("markdown: %w", err)
	}
	return nil
}

type diffMarkdown struct{ b *strings.Builder }

func (m diffMarkdown) printf(format string, args ...any) { fmt.Fprintf(m.b, format, args...) }

// summary says by its mark what the exit status says: ✅ is 0, ❓ 3, and all
// else 1.
func (m diffMarkdown) summary(d Diff) {
	mark, title := "✅", "nothing opens"
	switch worst := d.Worst(); {
	case worst > 0 && worst < d.FailOn && d.Unknown():
		mark, title = "❓", headlineOf(d)+", which --fail-on does not count; something is no longer known"
	case worst > 0 && worst < d.FailOn:
		title = headlineOf(d) + ", which --fail-on does not count"
	case worst >= High:
		mark, title = "❌", headlineOf(d)
	case worst > 0:
		mark, title = "⚠️", headlineOf(d)
	case d.Unknown():
		mark, title = "❓", "something is no longer known"
	case d.IsEmpty():
		title = "nothing opens, closes or becomes unknown"
	case d.summary().Closes > 0:
		title = "nothing opens, something closes"
	}
	m.printf("### %s Bailey: %s\n\n%s → %s: %s\n", mark, title, mdName(d.Old), mdName(d.New), mdText(d.summary().sentence()))
}

// becameOf is what became of a role's rights, in short.
var becameOf = map[diff.RightChange]string{diff.RightsGained: "may do more", diff.RightsLost: "may do less",
	diff.VPCRightsLeft: "keeps rights that it has no use for", diff.VPCRightsLack: "lacks rights that it needs"}

// headlineOf names the worst, and of those the first.
func headlineOf(d Diff) string {
	worst := d.Worst()
	for _, c := range d.Changes {
		if SeverityOf(c) == worst {
			return "opens " + mdEnds(c) + " " + mdText(trafficText(c))
		}
	}
	for _, e := range d.Entries {
		if SeverityOfEntry(e) == worst {
			return kindOfEntry(e) + " " + mdName(entryName(e)) + ": " + mdText(entryText(e))
		}
	}
	for _, p := range d.Paths {
		if severityOfPath(p) == worst {
			return mdName(p.From) + " → " + mdName(p.To) + " is " + pathVerdicts(p)
		}
	}
	for _, r := range d.Rights {
		if severityOfRight(r) == worst {
			return mdName(r.Role) + " " + becameOf[r.What]
		}
	}
	return "something opens"
}

func mdEnds(c diff.Change) string {
	return mdName(partyText(c.From)) + " → " + mdName(partyText(c.To)) + mdPublic(c)
}

func mdPublic(c diff.Change) string {
	if byPublicAddress(c) {
		return " by its public address"
	}
	return ""
}

func (m diffMarkdown) changes(list []diff.Change) {
	if len(list) == 0 {
		return
	}
	m.printf("\n| | Path | Packets | Because |\n|---|---|---|---|\n")
	for _, c := range list {
		m.printf("| %s %s | %s | %s | %s |\n", markOf(c), kindOfChange(c), mdEnds(c), mdText(trafficText(c)), mdBecause(c))
	}
	m.printf("\n<details><summary>Witnesses and reasons</summary>\n")
	for _, c := range list {
		m.printf("\n**%s** %s, %s\n\n", kindOfChange(c), mdEnds(c), mdText(trafficText(c)))
		if w := witnessOf(c); w != "" {
			m.printf("- witness %s\n", mdName(w))
		}
		m.look("before", c.Old, c.Was)
		m.look("now", c.New, c.Now)
	}
	m.printf("\n</details>\n")
}

func markOf(c diff.Change) string {
	switch {
	case SeverityOf(c) >= High:
		return "❌"
	case c.Opens():
		return "⚠️"
	case c.Closes():
		return "🔒"
	}
	return "❓"
}

func mdBecause(c diff.Change) string {
	return strings.Join(list(c.Because, func(e diff.Edit) string { return mdText(editText(e)) + mdPlace(at(e.At)) }), "<br>")
}

func (m diffMarkdown) look(when string, l diff.Look, v path.Verdict) {
	switch {
	case l.Absent != "":
		m.printf("- %s: there is no %s\n", when, mdName(strings.TrimPrefix(l.Absent, "a ")))
	case l.Elsewhere:
		m.printf("- %s %s: there, that address is something else's\n", when, v)
	case v == path.Unknown:
		for _, g := range l.Missing {
			m.printf("- %s, not known%s: %s\n", when, mdPlace(at(g.At)), mdText(g.Because))
		}
	case v == path.Blocked:
		for _, b := range l.Blockers {
			m.printf("- %s `%s`%s%s: %s\n", when, b.Code, mdPlace(at(b.At)), wayBack(b), mdText(b.Detail))
		}
	default:
		m.printf("- %s through %s\n", when, mdText(throughHops(l.Hops)))
	}
}

func (m diffMarkdown) paths(list []diff.PathChange) {
	for i, p := range list {
		if i == 0 {
			m.printf("\n| | Needed or expected path | Verdict | Why |\n|---|---|---|---|\n")
		}
		mark := map[bool]string{true: "✅", false: "❓"}[p.Holds()]
		if p.Broke() {
			mark = "❌"
		}
		m.printf("| %s | %s → %s | %s | %s |\n", mark, mdName(p.From), mdName(p.To), pathVerdicts(p), mdWhy(p))
	}
}

func mdWhy(p diff.PathChange) string {
	var out []string
	for _, b := range p.Now.Blockers {
		out = append(out, "`"+string(b.Code)+"`"+mdPlace(at(b.At)))
	}
	for _, g := range p.Now.Missing {
		out = append(out, "not known: "+mdText(g.Because))
	}
	return strings.Join(out, "<br>")
}

// others lists rights, resources and prices.
func (m diffMarkdown) others(d Diff) {
	if len(d.Rights)+len(d.Added)+len(d.Removed)+len(d.Costs) > 0 {
		m.printf("\n")
	}
	for _, r := range d.Rights {
		m.printf("- %s: %s%s\n", r.What, mdText(r.Detail), mdPlace(at(r.At)))
	}
	m.resources("added", d.Added)
	m.resources("removed", d.Removed)
	for _, g := range d.Unlisted {
		m.printf("- some of these may be on both sides: not known: %s\n", mdText(g.Because))
	}
	for _, c := range d.Costs {
		m.printf("- %s: %s a year, was %s%s\n", mdName(c.Name), money(c.Now), money(c.Was), mdPlace(at(c.At)))
	}
}

func (m diffMarkdown) resources(verb string, metas []cloud.Meta) {
	if len(metas) > 0 {
		m.printf("- %s: %s\n", verb, strings.Join(list(metas, func(r cloud.Meta) string { return mdName(r.Name) }), ", "))
	}
}

// DiffGitHub writes annotations for a workflow's log: what opens and what breaks,
// at the line that does it. What closes is no matter for an annotation.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func DiffGitHub(w io.Writer, d Diff) error {
	var b strings.Builder
	for _, c := range d.Changes {
		if c.Closes() {
			continue
		}
		kind := "warning"
		if SeverityOf(c) >= High {
			kind = "error"
		}
		command(&b, kind, kindOfChange(c), changeAnnotation(c), placeOfChange(c, d.New))
	}
	for _, e := range d.Entries {
		entryAnnotation(&b, e, d.New)
	}
	for _, p := range d.Paths {
		if p.Broke() {
			text := p.From + " -> " + p.To + " is " + pathVerdicts(p)
			for _, r := range p.Now.Blockers {
				text += "\n" + r.String()
			}
			command(&b, "error", "breaks", text, placeOr(p.At, d.New))
		}
	}
	for _, r := range d.Rights {
		if sev := severityOfRight(r); sev > 0 {
			command(&b, annotation[level(sev)], "rights "+string(r.What), r.Detail, placeOr(r.At, d.New))
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("github annotations: %w", err)
	}
	return nil
}

func changeAnnotation(c diff.Change) string {
	text := endsText(c) + " " + kindOfChange(c) + ": " + trafficText(c)
	for _, e := range c.Because {
		text += "\nbecause " + editText(e)
	}
	if w := witnessOf(c); w != "" {
		text += "\nwitness " + w
	}
	return text
}

// placeOfChange is the first edit that is to be seen in the new version: what
// was removed has no line there.
func placeOfChange(c diff.Change, input string) source.Span {
	for _, e := range c.Because {
		if e.Verb != diff.Removed && e.At.File != "" {
			return e.At
		}
	}
	return source.Span{File: input}
}

// placeOr is a place, in the file other where none is known.
func placeOr(at source.Span, other string) source.Span {
	if at.File == "" {
		at.File = other
	}
	return at
}
