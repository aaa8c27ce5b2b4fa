package path

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// behindBalancer goes on from a load balancer to the targets of the listener
// that was dialled. It sends to those that it reaches, so one is enough.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html
func (r *Report) behindBalancer(m *cloud.Model, b cloud.LoadBalancer, q Question) {
	for _, l := range b.Listeners {
		if l.Port != r.Port || l.Proto != q.Protocol || l.Itself {
			continue
		}
		best := Report{Verdict: Blocked}
		targets := 0
		for _, arn := range l.Groups {
			g, ok := m.TargetGroup(arn)
			if !ok {
				best = better(best, Report{Verdict: Unknown, Missing: []cloud.Gap{{Because: fmt.Sprintf("nothing here describes target group %s", arn), At: l.At}}})
				continue
			}
			for _, gap := range g.Open {
				best = better(best, Report{Verdict: Unknown, Missing: []cloud.Gap{gap}})
			}
			for _, t := range g.Targets {
				targets++
				best = better(best, toTarget(m, b, g, t))
			}
		}
		if targets == 0 && best.Verdict == Blocked {
			best.Blockers = []Reason{{ListenerWithoutTargets, l.Name, fmt.Sprintf("listener %d of %s leads to no target", l.Port, b.Name), Forward, l.At}}
		}
		r.add(best)
	}
}

// balancerOf finds a load balancer by its ARN.
func balancerOf(m *cloud.Model, arn string) (cloud.LoadBalancer, bool) {
	for b := range m.LoadBalancers() {
		if b.ARN == arn {
			return b, true
		}
	}
	return cloud.LoadBalancer{}, false
}

// better is the more hopeful of two ways to a target; of two that are blocked,
// both with their blockers.
func better(a, b Report) Report {
	rank := []Verdict{Reachable, Partial, Unknown, Undecided, Blocked}
	switch x, y := slices.Index(rank, a.Verdict), slices.Index(rank, b.Verdict); {
	case x < y:
		return a
	case y < x:
		return b
	}
	a.add(b)
	return a
}

// toTarget walks from the interfaces of a load balancer to one target.
func toTarget(m *cloud.Model, b cloud.LoadBalancer, g cloud.TargetGroup, t cloud.Target) Report {
	if g.Kind == "lambda" {
		return Report{Verdict: Reachable, Hops: []Hop{{g.Name, "target-group", "egress", "forward", "invokes " + t.ID + "; its permissions decide the rest"}}}
	}
	addr, why := targetAddr(m, t, g.IPv6)
	if !addr.IsValid() {
		return Report{Verdict: Unknown, Missing: []cloud.Gap{{Because: why, At: g.At}}}
	}
	if gap, far := notInZone(m, b, g, addr); far != nil {
		return Report{Verdict: Blocked, Blockers: []Reason{*far}}
	} else if gap.Because != "" {
		return Report{Verdict: Unknown, Missing: []cloud.Gap{gap}}
	}
	proto := g.Proto
	if proto == 0 {
		proto = netset.TCP
	}
	out := Report{}
	var walks []part
	q := Question{From: b.Name, Protocol: proto}
	for _, e := range m.ENIsOf(b.Name) {
		walks = q.walkTo(walks, m, originOf(m, e), netip.AddrPortFrom(addr, t.Port))
	}
	out.sum(m, walks)
	if g.KeepsClient && out.Verdict != Unknown {
		out.Verdict = Unknown
		out.Missing = append(out.Missing, cloud.Gap{At: g.At, Because: fmt.Sprintf("%s keeps the client's address, so %s must admit the client itself: ask for that way", g.Name, t.ID)})
	}
	return out
}

// targetAddr is where a target is: an instance's address of the family, or the
// one stated.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-ip-address-type
func targetAddr(m *cloud.Model, t cloud.Target, v6 bool) (netip.Addr, string) {
	if addr, err := netip.ParseAddr(t.ID); err == nil {
		return addr, ""
	}
	for in := range m.Instances() {
		for _, e := range m.ENIsOf(in.Name) {
			if in.ID == t.ID && v6 {
				return e.IPv6, fmt.Sprintf("which IPv6 address %s has is not known", in.Name)
			}
			if in.ID == t.ID {
				return e.PrivateIP, openAddress(m, in.Name).Because
			}
		}
	}
	return netip.Addr{}, fmt.Sprintf("nothing here describes target %s", t.ID)
}

// notInZone reports a target in an Availability Zone that a load balancer is
// not enabled for.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
func notInZone(m *cloud.Model, b cloud.LoadBalancer, g cloud.TargetGroup, addr netip.Addr) (cloud.Gap, *Reason) {
	var own []cloud.ENI
	zones := map[string]bool{}
	for _, e := range m.ENIsOf(b.Name) {
		sub, _ := m.Subnet(e.Subnet)
		az, known := sub.AZ.Get()
		if !known {
			return cloud.Gap{}, nil // AWS chooses it, and so do those who make both
		}
		zones[az] = true
		own = append(own, e)
	}
	if len(own) == 0 {
		return cloud.Gap{Because: "the subnets of " + b.Name + " are not known", At: b.At}, nil
	}
	e, ok := m.ENIAt(own[0].VPC, addr)
	sub, _ := m.Subnet(e.Subnet)
	if az, known := sub.AZ.Get(); ok && known && !zones[az] && g.Kind == "instance" {
		return cloud.Gap{}, &Reason{NotInBalancersZones, b.Name, fmt.Sprintf("%s is in %s, and %s has no subnet there", e.Name, az, b.Name), Forward, b.At}
	}
	return cloud.Gap{}, nil
}
