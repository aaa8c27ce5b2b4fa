package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
)

// A Report answers a Question: the verdict over every interface of the source,
// every address of the destination and every source port that it may use.
type Report struct {
	From, To string
	Host     string // the name that was resolved, if one was
	Invokes  string // the function that is invoked; empty where a packet is all that is asked about
	Protocol netset.Protocol
	Port     uint16
	Verdict  Verdict
	Blockers []Reason
	Witness  netset.Flow // a packet that shows the verdict
	Hops     []Hop
	Missing  []cloud.Gap
	Parts    []Part   // where Verdict is Partial: what decides each part
	Families []Family // where both families were tried: what became of each
}

// A Part is one share of a partial verdict.
type Part struct {
	Subnet  string
	Dst     netip.Addr
	Ports   netset.PortRange // source ports
	Route   string           // where an API asks: which of its routes, in which stage; else empty
	Verdict Verdict
}

// Share says which part of the whole it is.
func (p Part) Share() string {
	if p.Route != "" {
		return "by " + p.Route
	}
	return fmt.Sprintf("from %s, source ports %s to %s", p.Subnet, p.Ports, p.Dst)
}

// Why answers q. The error is a *QuestionError. Of a destination with addresses
// of both families, one that works is enough: clients try the other one too.
func Why(m *cloud.Model, q Question) (Report, error) {
	if q.Protocol == 0 {
		q.Protocol = netset.TCP
	}
	if a, ok := invoked(m, q.To); ok {
		return q.whyInvoke(m, a)
	}
	if a, ok := apiNamed(m, q.To); ok {
		return q.whyAPI(m, a)
	}
	to, err := q.destination(m)
	if err != nil {
		return Report{}, err
	}
	from, gaps, err := q.origins(m)
	if err != nil {
		return Report{}, err
	}
	r := Report{From: q.From, To: q.To, Host: to.host, Protocol: q.Protocol, Port: to.port, Missing: gaps}
	if !q.Protocol.HasPorts() {
		r.Port = 0
	}
	var walks []part
	found := &findings{map[stretch]taken{}, map[cloud.VPCID]Answer{}}
	for i, o := range from {
		o.shown, o.found = i == 0, found
		walks = q.walkFrom(walks, m, o, to, r.Port)
		walks = slices.Grow(walks, len(walks)/(i+1)*(len(from)-i-1)) // most are like the first
	}
	q.refused(m, walks)
	if f, ok := functionNamed(m, q.From); ok {
		reasons, gaps := starting(m, f)
		hinder(walks, reasons, gaps)
	}
	r.sum(m, walks)
	r.doubted(m, q, true)
	r.beyond(m, q)
	return r, nil
}

// walkFrom adds to all the walks from one interface to every address of the
// destination.
func (q Question) walkFrom(all []part, m *cloud.Model, o origin, to target, port uint16) []part {
	answer := Answer{Addrs: to.addrs()}
	var name *meaning
	if to.host != "" {
		answer = o.resolve(m, to.host)
		if to.ipv4 {
			answer.Maybe = nil
		}
		name = &meaning{o, to.host, answer}
		if len(answer.Servers) > 0 {
			answer = q.askServers(m, o, answer)
		}
	}
	if len(answer.Addrs) == 0 || !answer.Addrs[0].IsValid() {
		return append(all, unresolved(m, o, to, answer, name))
	}
	before := len(all)
	for _, addr := range o.dials(answer.Addrs) {
		all = q.walkTo(all, m, o, netip.AddrPortFrom(addr, port))
	}
	for i := range all[before:] {
		all[before+i].called(name, answer)
	}
	all = append(all, q.walkMaybe(m, o, answer, port, all[before:])...)
	prefer(all[before:])
	if len(answer.Blockers) > 0 { // some of several records lead nowhere
		all = append(all, unresolved(m, o, to, answer, name))
	}
	undecided(all[before:], answer.Choice)
	return all
}

// called notes what is known of the name by which a walk got its address.
func (p *part) called(name *meaning, a Answer) {
	p.name = name
	if p.Verdict != Reachable {
		p.res.Blockers = append(slices.Clone(a.Notes), p.res.Blockers...)
	}
	p.res.Missing = append(p.res.Missing, a.Missing...)
	if p.Verdict == Reachable && len(a.Missing) > 0 {
		p.Verdict = Unknown
	}
}

// askServers notes that none of the name servers which DHCP options name can
// be reached, and why.
func (q Question) askServers(m *cloud.Model, o origin, a Answer) Answer {
	var lost []Reason
	for _, server := range a.Servers {
		r := Decide(m, o.from, netset.Flow{Proto: netset.UDP, Src: netip.AddrPortFrom(o.srcLike(server), 40000), Dst: netip.AddrPortFrom(server, 53)})
		if r.Verdict != Blocked {
			return a
		}
		lost = append(lost, Reason{DNSServerLost, server.String(), fmt.Sprintf("name server %s cannot be reached on udp 53: %s", server, r.Blockers[0].Detail), Forward, r.Blockers[0].At})
	}
	a.Blockers = slices.Concat(a.Blockers, lost)
	return a
}

// undecided makes parts unknown that differ by where a thing is of which nobody
// said where it is.
func undecided(parts []part, choice cloud.Gap) {
	if choice.Because == "" {
		return
	}
	verdicts := map[Verdict]bool{}
	for _, p := range parts {
		if !p.aside {
			verdicts[p.Verdict] = true
		}
	}
	if len(verdicts) < 2 {
		return
	}
	for i := range parts {
		if parts[i].aside {
			continue
		}
		parts[i].Verdict, parts[i].res.Missing = Unknown, append(parts[i].res.Missing, choice)
	}
}

// walkTo adds to out the walks to one address, one for each class of source
// ports; behind a NAT gateway also one for each class of the ports that it may
// give the flow.
func (q Question) walkTo(out []part, m *cloud.Model, o origin, dst netip.AddrPort) []part {
	before, viaNAT := len(out), false
	walkWith := func(ports netset.PortRange, src, nat uint16) {
		mute := !o.shown || len(out) > 0
		flow := netset.Flow{Proto: protocolOver(q.Protocol, dst.Addr()), Dst: dst, Src: netip.AddrPortFrom(o.srcLike(dst.Addr()), src)}
		t := o.walk(m, flow, nat, mute)
		viaNAT = viaNAT || t.viaNAT
		p := part{Part: Part{Subnet: o.label, Dst: dst.Addr(), Ports: ports, Verdict: t.res.Verdict}, res: t.res, natPort: nat}
		if t.res.Hops == nil {
			p.from = o.from
		}
		out = append(out, p)
	}
	sources := q.sourcePorts(m, o)
	for _, ports := range sources {
		walkWith(ports, ports.Lo, 0)
	}
	if !viaNAT || !q.Protocol.HasPorts() {
		return out
	}
	out = out[:before]
	for _, nat := range cutAtACLs(m, netset.PortRange{Lo: 1024, Hi: 65535}) {
		for _, ports := range sources {
			walkWith(nat, ports.Lo, nat.Lo)
		}
	}
	return out
}

// unresolved is the part of a name that gave no address.
func unresolved(m *cloud.Model, o origin, to target, a Answer, name *meaning) part {
	res := Result{Verdict: Blocked, Blockers: a.Blockers, Missing: a.Missing}
	res.Blockers = append(res.Blockers, fullSubnets(m, to.label, a.Endpoint)...)
	if len(res.Blockers) == 0 {
		res.Verdict = Unknown
		if to.host == "" {
			res.Missing = append(res.Missing, openAddress(m, to.label))
		}
	}
	return part{Part: Part{Subnet: o.label, Verdict: res.Verdict}, res: res, name: name}
}

// fullSubnets are the reasons for which a resource has no address at all.
func fullSubnets(m *cloud.Model, label string, endpoint cloud.EndpointID) []Reason {
	if e, ok := m.Endpoint(endpoint); ok {
		label = e.Name
	}
	var out []Reason
	for _, e := range m.ENIsOf(label) {
		if e.Exhausted {
			out = append(out, exhausted(m, e, e.At))
		}
	}
	return out
}

// openAddress says why a resource has no address in the model.
func openAddress(m *cloud.Model, name string) cloud.Gap {
	for _, e := range m.ENIsOf(name) {
		if len(e.Open) > 0 {
			return e.Open[0]
		}
	}
	return cloud.Gap{Because: "the address of " + name + " is not known"}
}

func resolverHop(m *cloud.Model, o origin, host string, a Answer) Hop {
	v, inside := m.VPC(o.vpc)
	h := Hop{Component: "public DNS", Kind: "dns", Direction: "egress", Verdict: "forward", Detail: host + " has no address"}
	if inside {
		h.Component = v.Name + " resolver"
	}
	if len(a.Addrs) == 0 {
		h.Verdict = "deny"
		return h
	}
	h.Detail = strings.Join(append([]string{host}, chain(a.Via, host)...), " is ") + " is " + bothFamilies(a.Addrs)
	if e, ok := m.Endpoint(a.Endpoint); ok {
		h.Detail += " (private DNS of " + e.Name + ")"
	}
	return h
}

// chain are the further names of a CNAME chain.
func chain(via []string, host string) []string {
	if len(via) > 0 && via[0] == host {
		return via[1:]
	}
	return nil
}

// sourcePorts splits the ports from which the source dials into ranges that
// every network ACL treats alike; each is walked once, from its first port.
// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
func (q Question) sourcePorts(m *cloud.Model, o origin) []netset.PortRange {
	if !q.Protocol.HasPorts() {
		return []netset.PortRange{{}}
	}
	if q.SrcPort != 0 {
		return []netset.PortRange{netset.Port(q.SrcPort)}
	}
	all := netset.PortRange{Lo: 1024, Hi: 65535} // Lambda, NAT, and what is not known
	if o.kind == cloud.InstanceENI || o.kind == cloud.LightsailENI {
		all = netset.PortRange{Lo: 32768, Hi: 61000} // Linux
	}
	return cutAtACLs(m, all)
}

// cutsOf is the key under which a model keeps how its network ACLs cut a range.
type cutsOf netset.PortRange

// cutAtACLs splits a range at every port at which an entry begins or ends.
func cutAtACLs(m *cloud.Model, all netset.PortRange) []netset.PortRange {
	return cloud.Once(m, cutsOf(all), func() []netset.PortRange { return cuts(m, all) })
}

func cuts(m *cloud.Model, all netset.PortRange) []netset.PortRange {
	cuts := []int{int(all.Lo), int(all.Hi) + 1}
	for acl := range m.NetworkACLs() {
		for _, e := range slices.Concat(acl.Ingress, acl.Egress) {
			for _, c := range []int{int(e.Ports.Lo), int(e.Ports.Hi) + 1} {
				if c > int(all.Lo) && c <= int(all.Hi) {
					cuts = append(cuts, c)
				}
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	out := make([]netset.PortRange, 0, len(cuts)-1)
	for i := range len(cuts) - 1 {
		out = append(out, netset.PortRange{Lo: uint16(cuts[i]), Hi: uint16(cuts[i+1] - 1)})
	}
	return out
}
