package path

import (
	"fmt"
	"slices"

	"bailey/cloud"
)

// beyond goes on from a destination that answers by dialling on: a proxy takes
// a connection, and what it is asked it asks its database. That way is a flow
// of its own, through the proxy's own groups and subnets.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html
func (r *Report) beyond(m *cloud.Model, q Question) {
	name, _, _ := splitPort(q.To)
	if b, ok := m.LoadBalancer(name); ok && q.From != b.Name {
		r.behindBalancer(m, b, q)
		return
	}
	for e := range m.Endpoints() {
		for _, arn := range e.Balancers {
			if b, ok := balancerOf(m, arn); ok && e.Name == name {
				r.behindBalancer(m, b, q)
			}
		}
	}
	proxy, ok := m.Store(name)
	if !ok || q.From == proxy.Name {
		return
	}
	for _, id := range proxy.Targets {
		target, ok := m.StoreOfID(id)
		if !ok {
			r.add(Report{Verdict: Unknown, Missing: []cloud.Gap{{Because: fmt.Sprintf("nothing here describes %s, to which %s leads", id, proxy.Name), At: proxy.At}}})
			continue
		}
		if next, err := Why(m, Question{From: proxy.Name, To: target.Name}); err == nil {
			r.add(next)
		}
	}
}

// refused blocks the walks that arrive at an endpoint whose policy refuses every
// call of the source's.
func (q Question) refused(m *cloud.Model, walks []part) {
	for i, p := range walks {
		if p.Verdict != Reachable || p.res.Delivery.Endpoint == "" {
			continue
		}
		if why, denied := callerDenied(m, q.From, p.res.Delivery.Endpoint); denied {
			walks[i].Verdict = Blocked
			walks[i].res.Blockers = append(slices.Clip(p.res.Blockers), why)
			walks[i].res.Hops = append(slices.Clip(p.res.Hops), Hop{why.Component, "endpoint-policy", "ingress", "deny", why.Detail})
		}
	}
}

// add makes the verdict that of two flows which are both needed.
func (r *Report) add(next Report) {
	rank := map[Verdict]int{Reachable: 0, Partial: 1, Unknown: 2, Undecided: 2, Blocked: 3}
	if rank[next.Verdict] > rank[r.Verdict] {
		r.Verdict, r.Witness = next.Verdict, next.Witness
	}
	r.Hops = append(slices.Clip(r.Hops), next.Hops...)
	for _, b := range next.Blockers {
		if !slices.ContainsFunc(r.Blockers, b.sameAs) {
			r.Blockers = append(r.Blockers, b)
		}
	}
	for _, g := range next.Missing {
		if !slices.Contains(r.Missing, g) {
			r.Missing = append(r.Missing, g)
		}
	}
}
