package iam

import (
	"iter"
	"strings"

	"bailey/source"
)

// A Grant is one action pattern on one resource pattern of a statement. It is
// for static questions (which services may this role call?), not for deciding
// requests: conditions are not evaluated.
type Grant struct {
	Deny        bool
	Action      string // a pattern; every action but those if NotAction
	NotAction   bool
	Resource    string // a pattern; "" if the statement has no Resource element
	NotResource bool
	Conditional bool // a Condition restricts it further
	// Open: the template leaves part of it open; "?" stands for that part.
	Open bool
	Sid  string
	At   source.Span
}

// Grants yields what the policy's statements speak of, action by action and
// resource by resource. With NotAction or NotResource each exception is a
// Grant of its own, and only all of a statement's together say what it covers.
func (p Policy) Grants() iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		for i := range p.statements {
			if !p.statements[i].yieldGrants(yield) {
				return
			}
		}
	}
}

func (s *statement) yieldGrants(yield func(Grant) bool) bool {
	for _, action := range s.grantedActions() {
		for _, resource := range s.grantedResources() {
			g := Grant{
				Deny: s.deny, Action: action, NotAction: s.notAction,
				Resource: resource, NotResource: s.notRes,
				Conditional: len(s.conditions) > 0 || len(s.open) > 0,
				Open:        s.wholly != "" || s.openEffect != "" || action == "?" || resource == "?",
				Sid:         s.sid, At: s.at,
			}
			if !yield(g) {
				return false
			}
		}
	}
	return true
}

func (s *statement) grantedActions() []string {
	actions := s.actions.written
	if s.wholly != "" || len(s.actions.open) > 0 {
		actions = append(actions[:len(actions):len(actions)], "?")
	}
	return actions
}

func (s *statement) grantedResources() []string {
	if s.wholly != "" {
		return []string{"?"}
	}
	if len(s.resources) == 0 {
		return []string{""}
	}
	resources := make([]string, len(s.resources))
	for i := range s.resources {
		resources[i] = s.resources[i].raw
	}
	return resources
}

// Service is the prefix of the actions that the grant speaks of: "ssm", or "*"
// if they may belong to any service.
func (g Grant) Service() string {
	service, _, ok := strings.Cut(g.Action, ":")
	if !ok || g.NotAction || strings.Contains(service, "*") {
		return "*"
	}
	return fold(service)
}
