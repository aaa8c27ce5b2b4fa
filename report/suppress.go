package report

import (
	"fmt"
	"slices"
	"strings"

	"bailey/path"
	"bailey/source"
)

// suppress marks a finding that a comment, a resource's metadata, the project or
// the baseline accepts. One whose day is over does not count, and is named.
func (c Check) suppress(f *Finding) {
	for _, s := range c.Ignore {
		if !f.meant(s) {
			continue
		}
		if s.Over(c.Today) {
			f.Ended = fmt.Sprintf("was accepted until %s: %s", s.Expires, s.Reason)
			continue
		}
		f.Suppressed, f.Justification, f.SuppressedAt, f.Ended = true, s.Reason, s.At, ""
		return
	}
	f.Justification, f.Suppressed = c.Baseline.accepts(*f)
}

// meant reports whether a suppression is for the finding: it names its rule or
// one of its reason codes, and the resource, the path, or what blocks it.
func (f Finding) meant(s source.Suppression) bool {
	named := func(name string) bool {
		return name != "" && (name == s.Resource || strings.HasSuffix(name, "."+s.Resource)) // a stack's own name for it
	}
	blocked := func(match func(path.Reason) bool) bool {
		return f.proof != nil && slices.ContainsFunc(f.proof.Blockers, match)
	}
	id := s.ID == "*" || s.ID == f.Rule || blocked(func(b path.Reason) bool { return string(b.Code) == s.ID })
	resource := named(f.Resource) || blocked(func(b path.Reason) bool { return named(b.Component) }) ||
		f.proof != nil && s.Resource == f.proof.From+" -> "+f.proof.To
	return id && resource && s.Resource != ""
}

// inSource reports whether the suppression stands beside what it is about, in
// the template, rather than in a file of its own.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html#_Toc141790977
func (f Finding) inSource() bool {
	return f.SuppressedAt.File != "" && !strings.HasSuffix(f.SuppressedAt.File, "bailey.yaml")
}

// kind is where a suppression stands, as SARIF says it.
func (f Finding) kind() string {
	if f.inSource() {
		return "inSource"
	}
	return "external"
}
