package iam

import (
	"strings"

	"bailey/source"
)

// An actionSet is a compiled Action or NotAction element, sorted by service so
// that ReadOnlyAccess costs no more than a policy of one line. Action names
// are compared without regard to case:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
type actionSet struct {
	all     bool              // "*" or "*:*"
	byName  map[string][]glob // service prefix -> patterns of the name behind the colon
	written []string          // the patterns as written
	open    []string          // why parts of it are left open
}

func (s *actionSet) add(n source.Node, ds *source.Diags) {
	if n.Kind == source.Unknown {
		s.open = append(s.open, orUnstated(n.Text))
		return
	}
	service, name, ok := strings.Cut(n.Text, ":")
	switch {
	case n.Text == "*" || n.Text == "*:*":
		s.all = true
	case !ok || service == "" || name == "":
		ds.Add(source.Diag{Code: "IAM_MALFORMED_ACTION", At: n.At,
			Summary: "action " + quote(n.Text) + " is not of the form service:Name",
			Hint:    `write it as in "ssm:GetParameter", or "*" for every action`})
		return
	case strings.ContainsAny(service, "*?"):
		ds.Add(source.Diag{Code: "IAM_MALFORMED_ACTION", At: n.At,
			Summary: "action " + quote(n.Text) + " has a wildcard in its service prefix",
			Hint:    `a wildcard may stand only behind the colon: "s3:Get*"`})
		return
	default:
		if s.byName == nil {
			s.byName = map[string][]glob{}
		}
		service = fold(service)
		s.byName[service] = append(s.byName[service], compileGlob(fold(name)))
	}
	s.written = append(s.written, n.Text)
}

// match reports whether the set holds the action of the request.
func (s *actionSet) match(e *evaluation) truth {
	if s.all {
		return yes
	}
	for _, g := range s.byName[e.service] {
		if g.match(e.name) {
			return yes
		}
	}
	for _, because := range s.open {
		e.leftOpen(because)
	}
	if len(s.open) > 0 {
		return maybe
	}
	return no
}
