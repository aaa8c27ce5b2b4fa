package path

import (
	"slices"

	"bailey/cloud"
)

// A front end reads what may not be there as if it were, and files a
// cloud.Doubt. An answer stands only if it is the same without it: what passes
// must not have met it, and what is blocked must be blocked by something else.

// doubted makes a verdict unknown that turns on what may not be there. The
// answer is about what q asks for and what is called so, beside what it met.
func (r *Report) doubted(m *cloud.Model, q Question, network bool, called ...string) {
	if !anyDoubt(m) {
		return
	}
	about := append(q.surroundings(m, r.Host), called...)
	met := slices.Clone(about)
	for _, h := range r.Hops {
		met = append(met, h.Component)
	}
	turns := func(d cloud.Doubt, names []string) bool {
		return !d.Aside && (d.Network || !network) && d.About(names)
	}
	switch r.Verdict {
	case Reachable, Partial:
		for d := range m.Doubts() {
			if !d.Adds && turns(d, met) {
				r.lack(d.Gap)
			}
		}
	case Blocked:
		r.loosen(m, about, turns)
	}
}

func anyDoubt(m *cloud.Model) bool {
	for range m.Doubts() {
		return true
	}
	return false
}

// loosen gives up a refusal all of whose blockers may not be there. Which name
// server a VPC asks is a matter of the VPC.
func (r *Report) loosen(m *cloud.Model, about []string, turns func(cloud.Doubt, []string) bool) {
	var gaps []cloud.Gap
	for _, b := range r.Blockers {
		before, names := len(gaps), []string{b.Component}
		if b.Code == DNSServerLost {
			names = about
		}
		for d := range m.Doubts() {
			if turns(d, names) {
				gaps = append(gaps, d.Gap)
			}
		}
		if len(gaps) == before {
			return
		}
	}
	for _, g := range gaps {
		r.lack(g)
	}
}

// doubtfulMembers name what a cluster consists of, if none of it is there for
// certain: its name then may have no address.
func doubtfulMembers(m *cloud.Model, s cloud.Store) []string {
	var names []string
	for _, member := range m.MembersOf(s) {
		if m.DoubtOf(member.Name) == nil {
			return nil
		}
		names = append(names, member.Name)
	}
	return names
}

func (r *Report) lack(g cloud.Gap) {
	r.Verdict = Unknown
	if !slices.Contains(r.Missing, g) {
		r.Missing = append(r.Missing, g)
	}
}

// surroundings name what an answer is about that no hop names: who asks and is
// asked, the VPCs of both, and the zones that may have the name.
func (q Question) surroundings(m *cloud.Model, host string) []string {
	to, _, _ := splitPort(q.To)
	out := []string{q.From, to}
	for _, called := range []string{q.From, to} {
		for _, found := range m.Find(called) {
			out = append(out, found.Name)
		}
	}
	for _, name := range slices.Clone(out) {
		if s, ok := m.Store(name); ok {
			out = append(out, doubtfulMembers(m, s)...)
		}
		for _, e := range m.ENIsOf(name) {
			v, _ := m.VPC(e.VPC)
			out = append(out, v.Name)
		}
	}
	for z := range m.HostedZones() {
		if host != "" && cloud.InDomain(host, z.Domain) {
			out = append(out, z.Name)
		}
	}
	return out
}

// unless lacks the facts by which something that the walk relies on may not be
// there.
func (p part) unless(m *cloud.Model, relies ...string) part {
	for _, name := range relies {
		if g := m.DoubtOf(name); g != nil {
			p = p.lack([]cloud.Gap{*g})
		}
	}
	return p
}

// served lacks what an API answers with, if none of it is there for certain: a
// route, and a stage of a REST API or of an HTTP API that has any.
func (p part) served(m *cloud.Model, a cloud.API) part {
	if len(a.Routes) == 0 && len(a.Open) > 0 {
		p = p.lack(a.Open)
	}
	var routes, stages []cloud.Meta
	for _, r := range a.Routes {
		routes = append(routes, r.Meta)
	}
	for _, s := range a.Stages {
		stages = append(stages, s.Meta)
	}
	for _, parts := range [][]cloud.Meta{routes, stages} {
		certain := func(part cloud.Meta) bool { return m.DoubtOf(part.Name) == nil }
		if len(parts) > 0 && !slices.ContainsFunc(parts, certain) {
			p = p.unless(m, parts[0].Name)
		}
	}
	return p
}
