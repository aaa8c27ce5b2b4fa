package reach

import (
	stdpath "path"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/path"
)

// A Chain is a way to something that no packet takes by itself: somebody
// invokes a function, which may invoke another, and the last of them connects.
// Invocations arrive over Lambda's own event path, so that whoever may invoke a
// function in a VPC has a way into it: its permissions are part of the
// perimeter. https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
type Chain struct{ Steps []Step }

// A Step leads from one to the next, by invoking it or by connecting to it.
type Step struct {
	From, To string
	Invokes  bool
	Because  string // the statement that allows it; for a connection what it went through
}

// String names everybody on the way, first to last.
func (c Chain) String() string {
	names := []string{c.Steps[0].From}
	for _, s := range c.Steps {
		names = append(names, s.To)
	}
	return strings.Join(names, " -> ")
}

// Begins is who has the way.
func (c Chain) Begins() string { return c.Steps[0].From }

// WaysIn lists who has a way to a destination by invoking functions that reach
// it, the shortest way of each; first those with the fewest steps. The error is
// a *path.QuestionError.
func WaysIn(m *cloud.Model, to string) ([]Chain, error) {
	var ends []Chain
	for f := range m.Functions() {
		if f.Network == nil {
			continue
		}
		r, err := path.Why(m, path.Question{From: f.Name, To: to})
		if err != nil {
			return nil, err
		}
		if r.Verdict == path.Reachable || r.Verdict == path.Partial {
			ends = append(ends, Chain{[]Step{{From: f.Name, To: to, Because: components(r)}}})
		}
	}
	return (&search{m: m}).back(ends), nil
}

// WaysInto lists who has a way into a VPC by invoking the functions in it.
func WaysInto(m *cloud.Model, vpc cloud.VPCID) []Chain {
	v, _ := m.VPC(vpc)
	var ends []Chain
	for f := range m.Functions() {
		if slices.ContainsFunc(m.ENIsOf(f.Name), func(e cloud.ENI) bool { return e.VPC == vpc }) {
			ends = append(ends, Chain{[]Step{{From: f.Name, To: v.Name, Because: f.Name + " has an interface in it"}}})
		}
	}
	return (&search{m: m}).back(ends)
}

// components names what a packet went through.
func components(r path.Report) string {
	var names []string
	for _, h := range r.Hops {
		if h.Kind != "dns" && !strings.HasPrefix(h.Direction, "return") && !slices.Contains(names, h.Component) {
			names = append(names, h.Component)
		}
	}
	return "through " + strings.Join(names, ", ")
}

// A search walks invocations backwards, breadth first.
type search struct {
	m       *cloud.Model
	ways    []Chain
	seen    map[string]bool     // who has a way already
	able    []string            // who may invoke something
	needs   []Need              // the model's invocations
	holders map[string][]string // the functions that have a role
}

func (s *search) back(ends []Chain) []Chain {
	s.prepare()
	for _, c := range ends {
		s.seen[c.Begins()] = true // needs nobody to invoke
	}
	for wave := ends; len(wave) > 0; {
		var next []Chain
		for _, c := range wave {
			next = append(next, s.before(c)...)
		}
		wave = next
	}
	return s.ways
}

// before extends a chain by everybody who may invoke the function at its head,
// and gives back those extensions that others may invoke in turn.
func (s *search) before(c Chain) (open []Chain) {
	head, ok := s.m.Function(c.Begins())
	if !ok {
		return nil
	}
	for _, who := range s.callers(head) {
		if s.seen[who] {
			continue
		}
		r, err := path.Why(s.m, path.Question{From: who, To: head.Name})
		if err != nil || r.Verdict != path.Reachable && r.Verdict != path.Partial {
			continue
		}
		s.seen[who] = true
		longer := Chain{append([]Step{{From: who, To: head.Name, Invokes: true, Because: allowance(r)}}, c.Steps...)}
		s.ways = append(s.ways, longer)
		open = append(open, longer)
	}
	return open
}

// callers are all who might invoke a function, by the names that path knows:
// those whose policies allow invoking at all, and those that the function's
// permissions name.
func (s *search) callers(head cloud.Function) []string {
	out := append([]string{"internet"}, s.granted(head)...)
	for _, who := range s.able {
		if who != head.Name {
			out = append(out, who)
		}
	}
	for _, need := range s.needs {
		if f, ok := s.m.FunctionAt(cloud.FunctionARN(need.To, head.ARN)); need.To == head.Name || ok && f.Name == head.Name {
			out = append(out, need.From)
		}
	}
	slices.Sort(out[1:])
	return slices.Compact(out)
}

// prepare finds out once who is able to invoke anything, and what the model's
// invocations are.
func (s *search) prepare() {
	s.seen, s.needs, s.holders = map[string]bool{}, Invocations(s.m), map[string][]string{}
	for f := range s.m.Functions() {
		s.holders[f.Role.Or("")] = append(s.holders[f.Role.Or("")], f.Name)
	}
	for r := range s.m.Roles() {
		if !invokes(RolePolicies(r)) {
			continue
		}
		if names := s.holders[r.ARN.String()]; len(names) > 0 {
			s.able = append(s.able, names...)
		} else {
			s.able = append(s.able, r.Name)
		}
	}
	for u := range s.m.Users() {
		if invokes(RolePolicies(cloud.Role{Policies: u.Policies, Managed: u.Managed})) {
			s.able = append(s.able, u.Name)
		}
	}
	for in := range s.m.Instances() {
		if in.Profile.Or("") != "" {
			s.able = append(s.able, in.Name)
		}
	}
}

// invokes reports whether policies allow invoking some function.
func invokes(policies func(yield func(iam.Policy) bool)) bool {
	for p := range policies {
		for g := range p.Grants() {
			ok, _ := stdpath.Match(strings.ToLower(g.Action), "lambda:invokefunction")
			if !g.Deny && (ok || g.NotAction) {
				return true
			}
		}
	}
	return false
}

// granted are the principals that the function's permissions name; a role that
// functions have stands for these.
func (s *search) granted(head cloud.Function) []string {
	var out []string
	for _, target := range s.m.TargetsOf(head) {
		for _, p := range s.m.PermissionsOf(target) {
			who := p.Principal.Or("*")
			if names := s.holders[who]; len(names) > 0 {
				out = append(out, names...)
			} else if who != "*" && who != "apigateway.amazonaws.com" {
				out = append(out, who)
			}
		}
	}
	return out
}

// allowance is what IAM said of an invocation that it allows.
func allowance(r path.Report) string {
	for _, h := range slices.Backward(r.Hops) {
		if h.Kind == "iam" && h.Verdict == iam.Allow.String() {
			return h.Detail
		}
	}
	return ""
}

// via are the ways by invoking of the one who asks, where packets are blocked.
func via(m *cloud.Model, q path.Question, r path.Report) []Chain {
	if r.Verdict != path.Blocked || r.Invokes != "" {
		return nil
	}
	ways, err := WaysIn(m, q.To)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(ways, func(c Chain) bool { return c.Begins() != q.From })
}
