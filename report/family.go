package report

import (
	"bailey/path"
)

// familyNote says in brackets what decides the answer over one address family:
// the codes of its blockers, or what is missing.
func familyNote(f path.Family) string {
	note := ""
	for _, b := range f.Blockers {
		note = join(note, string(b.Code))
	}
	for _, g := range f.Missing {
		note = join(note, g.Because)
	}
	if note == "" {
		return ""
	}
	return " (" + note + ")"
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + ", " + b
}
