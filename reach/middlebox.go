package reach

import (
	"fmt"

	"bailey/cloud"
	"bailey/netset"
)

// middlebox goes through the interface of an instance: into it past its groups
// and its subnet's network ACL, and on as its own if somebody stated that it
// translates. What it does otherwise nobody knows.
// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
func (n *Network) middlebox(from place, t cloud.ToInterface, r cloud.Route, to block, src sender) exit {
	if n.turns++; n.turns > mostTurns {
		n.turns--
		return exit{}
	}
	defer func() { n.turns-- }()
	e, ok := n.model.RouterOf(t)
	if !ok || e.VPC != from.vpc.ID {
		return n.unknown(cloud.Gap{Because: fmt.Sprintf("nothing in %s is described that has the ID %s", from.vpc.Name, string(t.ID)+t.Instance), At: r.At})
	}
	if absent(e) || !e.Forwards {
		return exit{}
	}
	box, ok := n.ClassOf(e.ID)
	if six, has := n.ClassOfIPv6(e.ID); to.v6 && has {
		box, ok = six, true
	}
	if !ok {
		return exit{} // it has no IPv4
	}
	p := n.proofs
	at := n.places[box.place]
	f, foreign := passes, !n.localTo(from.vpc, at.table, src.zone)
	if at.subnet != from.sub.ID {
		f = p.enters(at.acl, src.zone, false)
	}
	if at.subnet != from.sub.ID || !holds(from.vpc, src.zone) {
		f = p.join(f, p.leaves(at.acl, src.zone, true))
	}
	if foreign {
		f = p.join(f, n.homeward(from.vpc, at.sub, at.table, src.peer, to))
	}
	out := n.beyond(e, box, at, to)
	if src.translated {
		f = p.join(f, n.ingress(src.peer)[box.door])
	} else {
		out.door = box.door + 1
	}
	out.home = foreign
	return out.through(p, f)
}

// beyond sends on what a NAT instance has translated.
func (n *Network) beyond(e cloud.ENI, box *Class, at place, to block) exit {
	p := n.proofs
	if to.v6 {
		return n.unknown(cloud.Gap{At: e.At, Because: fmt.Sprintf("whether %s forwards IPv6 is not stated", e.Name)})
	}
	if !e.NATs {
		return n.unknown(cloud.Gap{At: e.At,
			Because: fmt.Sprintf("whether %s forwards, and as a NAT instance, is not stated (facts.nat-instances in bailey.yaml)", e.Name)})
	}
	if len(box.open) > 0 {
		return n.unknown(box.open...)
	}
	own := peer{vpc: box.VPC, zone: box.zone, set: box.set}
	var out exit
	if cidr, ok := at.sub.CIDR.Get(); ok && covers(cidr, to) {
		out = exit{fate: passes, to: arrives, vpc: at.vpc.ID, local: true}
	} else {
		out = n.followFrom(at, box.public, to, sender{own, true})
		if reply := p.raise(p.enters(at.acl, to, true)); out.home {
			out.unasked = append(out.unasked, reply)
		} else {
			out = out.through(p, reply)
		}
		out = out.through(p, p.leaves(at.acl, to, false))
	}
	if !out.translated {
		out.src = own
	}
	out.translated, out.raised = true, true
	out.rules = append(out.rules, egressKey{box.out, box.VPC})
	return out
}

// localTo reports whether the VPC's own routes lead to a zone of it.
func (n *Network) localTo(v cloud.VPC, t cloud.RouteTable, z block) bool {
	if !holds(v, z) {
		return false
	}
	r := n.next(v, t, z)
	return r.local && len(r.open) == 0
}

// boxed is what becomes of replies that a route sends to a middlebox.
func (n *Network) boxed(table cloud.RouteTable, t cloud.ToInterface) fateID {
	name := string(t.ID) + t.Instance
	if e, ok := n.model.RouterOf(t); ok {
		name = e.Name
	}
	return n.proofs.hangs(netset.AllTraffic(), cloud.Gap{At: table.At,
		Because: fmt.Sprintf("%s sends the reply to network interface %s, which may forward it or not", table.Name, name)})
}
