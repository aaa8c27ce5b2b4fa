package report

import (
	"net/url"
	stdpath "path"
	"strings"
	"unicode"

	"bailey/source"
)

// printable is s on one line with nothing that a terminal, a log or a browser
// acts upon: line breaks and tabs become spaces; control characters, marks that
// turn the direction of text, and bytes that are no UTF-8 become U+FFFD.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r // Map gives U+FFFD for what is no UTF-8
	}, s)
}

// printableLines is printable for each line of s.
func printableLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, l := range lines {
		lines[i] = printable(l)
	}
	return strings.Join(lines, "\n")
}

// uri gives a file's name as SARIF wants it: percent-encoded, relative ones
// below %SRCROOT%.
func uri(file string) sarifArtifact {
	u := url.URL{Path: stdpath.Clean(file)}
	if stdpath.IsAbs(file) {
		u.Scheme = "file"
		return sarifArtifact{URI: u.String()}
	}
	return sarifArtifact{URI: u.String(), URIBaseID: srcRoot}
}

// physical is the place of a span that a person edits; nil where no file is
// known.
func physical(s source.Span) *sarifPhysical {
	s = s.Editable()
	if s.File == "" {
		return nil
	}
	out := &sarifPhysical{Artifact: uri(s.File)}
	if s.Line > 0 {
		out.Region = &sarifRegion{s.Line, s.Col}
	}
	return out
}

// sarifText makes s a plain text message that means s: braces would be
// placeholders, and [a](b) a link.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func sarifText(s string) sarifMessage {
	s = strings.NewReplacer("{", "{{", "}", "}}").Replace(s)
	if strings.Contains(s, "](") {
		s = strings.NewReplacer("[", `\[`, "]", `\]`).Replace(s)
	}
	return sarifMessage{s}
}
