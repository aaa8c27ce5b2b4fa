package report

import (
	"fmt"
	"strings"

	"bailey/diff"
)

// SeverityOfEntry says how bad it is that a way in lets in others than before;
// 0 where it closes or nobody knows.
func SeverityOfEntry(e diff.Entry) Severity {
	switch {
	case e.Opens() && e.Now.Who == diff.Anybody:
		return Critical
	case e.Opens() && e.Now.Who == diff.Wide:
		return Medium
	case kindOfEntry(e) == "opens", kindOfEntry(e) == "changes":
		return Low
	}
	return 0
}

// kindOfEntry is the word for what became of a way in.
func kindOfEntry(e diff.Entry) string {
	switch {
	case e.Opens():
		return "opens"
	case e.Unclear():
		return "unknown"
	case e.Closes():
		return "closes"
	}
	return "changes"
}

// entryName is "GET /ping of Api", "URL of F" or "invoking F".
func entryName(e diff.Entry) string {
	switch e.Kind {
	case diff.URL:
		return "URL of " + e.Of
	case diff.Permission:
		return "invoking " + e.Of
	}
	return partyText(diff.Party{Names: e.Names}) + " of " + e.Of
}

// entryText says who is let in, and who was.
func entryText(e diff.Entry) string {
	if e.Kind == diff.Permission && !e.Unclear() {
		if e.Closes() {
			return "no longer by " + e.Was.Text
		}
		return "by " + e.Now.Text
	}
	return "lets in " + e.Now.Text + ", was " + e.Was.Text
}

func (t Text) wayIn(e diff.Entry) {
	kind := kindOfEntry(e)
	color := changeColor[kind]
	if color == "" {
		color = "33"
	}
	t.entry(color, strings.ToUpper(kind), entryName(e), entryText(e))
	if where := at(e.At); where != "" {
		fmt.Fprintf(t.W, "         %s\n", t.dim(printable(where)))
	}
	if e.Unclear() {
		gap, now := e.Missing()
		t.note(map[bool]string{true: "now", false: "was"}[now], "not known: "+gap.Because, gap.At)
	}
	fmt.Fprintln(t.W)
}

func (m diffMarkdown) entries(list []diff.Entry) {
	for i, e := range list {
		if i == 0 {
			m.printf("\n| | Way in | Lets in |\n|---|---|---|\n")
		}
		text := mdText(entryText(e))
		if e.Unclear() {
			gap, _ := e.Missing()
			text += "<br>not known: " + mdText(gap.Because)
		}
		m.printf("| %s %s | %s | %s%s |\n", markOfEntry(e), kindOfEntry(e), mdName(entryName(e)), text, mdPlace(at(e.At)))
	}
}

func markOfEntry(e diff.Entry) string {
	switch {
	case SeverityOfEntry(e) >= High:
		return "❌"
	case SeverityOfEntry(e) > 0:
		return "⚠️"
	case e.Closes():
		return "🔒"
	}
	return "❓"
}

// entryAnnotation is a command for a workflow's log, unless nothing opens.
func entryAnnotation(b *strings.Builder, e diff.Entry, input string) {
	if e.Closes() && !e.Opens() {
		return
	}
	kind, text := "warning", entryName(e)+" "+kindOfEntry(e)+": "+entryText(e)
	if SeverityOfEntry(e) >= High {
		kind = "error"
	}
	if e.Unclear() {
		gap, _ := e.Missing()
		text += "\nnot known: " + gap.Because
	}
	command(b, kind, kindOfEntry(e), text, placeOr(e.At, input))
}

type entryJSON struct {
	Kind     string         `json:"kind"` // opens, closes, changes, unknown
	Severity string         `json:"severity"`
	What     diff.EntryKind `json:"what"`
	Of       string         `json:"of"`
	Names    []string       `json:"names"`
	Was      admissionJSON  `json:"was"`
	Now      admissionJSON  `json:"now"`
	Missing  []missingJSON  `json:"missing"`
	Source   *sourceJSON    `json:"source"`
}

type admissionJSON struct {
	Who  string `json:"who"` // unknown, nobody, guarded, wide, anybody
	Text string `json:"text"`
}

func entryToJSON(e diff.Entry) entryJSON {
	out := entryJSON{Kind: kindOfEntry(e), Severity: SeverityOfEntry(e).String(), What: e.Kind, Of: e.Of, Names: e.Names,
		Was: admissionJSON{e.Was.Who.String(), e.Was.Text}, Now: admissionJSON{e.Now.Who.String(), e.Now.Text}, Missing: []missingJSON{}, Source: place(e.At)}
	if e.Unclear() {
		gap, _ := e.Missing()
		out.Missing = append(out.Missing, missingJSON{gap.Because, place(gap.At)})
	}
	return out
}
