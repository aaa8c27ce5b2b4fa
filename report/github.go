package report

import (
	"fmt"
	"io"
	"strings"

	"bailey/source"
)

// GitHub writes one workflow command a line, which the log of a GitHub workflow
// turns into annotations: findings as errors, warnings or notices by severity,
// suppressed ones as notices, undecided paths as warnings, then the notes of the
// readers. GitHub shows ten of each kind for a step.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func GitHub(w io.Writer, checks ...Check) error {
	var b strings.Builder
	for _, c := range checks {
		c.annotate(&b)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("github annotations: %w", err)
	}
	return nil
}

func (c Check) annotate(b *strings.Builder) {
	for _, f := range c.Findings() {
		kind, title, text, at := annotation[level(f.Severity)], f.Severity.String()+" "+f.Rule, f.Message, f.At
		if f.Suppressed {
			kind, title = "notice", "suppressed "+f.Rule
			text += "\nSuppressed: " + f.Justification
		}
		if f.proof != nil {
			text, at = explanation(text, *f.proof), c.place(*f.proof)
		}
		command(b, kind, title, text, at)
	}
	for _, p := range c.Proofs {
		if unanswered(p) {
			command(b, "warning", "unknown "+ruleOf(p), explanation(unknownMessage(p), p), c.place(p))
		}
	}
	for _, d := range c.Notes.Sorted() {
		text := d.Summary
		if c := d.At.Construct.Path(); c != "" {
			text += "\nConstruct " + c
		}
		if d.Hint != "" {
			text += "\n" + d.Hint
		}
		command(b, annotation[d.Severity.String()], d.Code, text, d.At)
	}
}

// annotation names the command for a level.
var annotation = map[string]string{"error": "error", "warning": "warning", "note": "notice"}

// command writes one annotation, at the place that a person edits.
func command(b *strings.Builder, kind, title, text string, at source.Span) {
	at = at.Editable()
	var where []string
	if at.File != "" {
		where = append(where, "file="+property(at.File))
		if at.Line > 0 {
			where = append(where, fmt.Sprintf("line=%d", at.Line))
		}
		if at.Line > 0 && at.Col > 0 {
			where = append(where, fmt.Sprintf("col=%d", at.Col))
		}
	}
	where = append(where, "title="+property("bailey: "+title))
	fmt.Fprintf(b, "::%s %s::%s\n", kind, strings.Join(where, ","), data(text))
}

// data and property escape as GitHub's own toolkit does: a line break would end
// the command, and a colon or a comma a property.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func data(s string) string     { return dataEscapes.Replace(printableLines(s)) }
func property(s string) string { return propertyEscapes.Replace(printable(s)) }
