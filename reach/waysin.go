package reach

import (
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
	m    *cloud.Model
	ways []Chain
	seen map[string]bool // who has a way already
}

func (s *search) back(ends []Chain) []Chain {
	s.seen = map[string]bool{}
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
		r, err := path.Why(s.m, path.Question{From: who, To: head.Name})
		if s.seen[who] || err != nil || r.Verdict != path.Reachable && r.Verdict != path.Partial {
			continue
		}
		s.seen[who] = true
		longer := Chain{append([]Step{{From: who, To: head.Name, Invokes: true, Because: allowance(r)}}, c.Steps...)}
		s.ways = append(s.ways, longer)
		open = append(open, longer)
	}
	return open
}

// callers are all who might invoke a function, by the names that path knows.
func (s *search) callers(head cloud.Function) []string {
	out := []string{"internet"}
	own := map[string]bool{} // roles that functions have
	for f := range s.m.Functions() {
		own[f.Role.Or("")] = true
		if f.Name != head.Name {
			out = append(out, f.Name)
		}
	}
	for in := range s.m.Instances() {
		out = append(out, in.Name)
	}
	for r := range s.m.Roles() {
		if !own[r.ARN.String()] {
			out = append(out, r.Name)
		}
	}
	for u := range s.m.Users() {
		out = append(out, u.Name)
	}
	for _, need := range Invocations(s.m) {
		if need.To == head.Name {
			out = append(out, need.From)
		}
	}
	out = append(out, s.granted(head)...)
	slices.Sort(out[1:])
	return slices.Compact(out)
}

// granted are the principals that the function's permissions name.
func (s *search) granted(head cloud.Function) []string {
	var out []string
	for _, target := range s.m.TargetsOf(head) {
		for _, p := range s.m.PermissionsOf(target) {
			if who := p.Principal.Or("*"); who != "*" && who != "apigateway.amazonaws.com" {
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
