package path

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
)

// A walk is one Trace under way.
type walk struct {
	m    *cloud.Model
	flow netset.Flow
	res  Result
	// back holds the checks of the reply, in the order in which the forward
	// packet passed their places; they run in reverse.
	back []func()
	mute bool // nobody will read the hops
	// natPort is the port that a NAT gateway gives the flow; 0: the flow's own,
	// or 1024 if that is lower.
	natPort uint16
	viaNAT  bool            // the flow went through a NAT gateway
	turns   int             // transit gateways that it went through
	across  cloud.PeeringID // the peering that the flow crossed
}

// Trace walks one concrete flow. For FromENI the flow's source address is that
// interface's private one; a zero source address is filled in.
func Trace(m *cloud.Model, from From, flow netset.Flow) Result {
	return (&walk{m: m, flow: flow}).from(from)
}

// Decide is Trace without the hops, which take most of its time to put into
// words: for whoever enforces the answer.
func Decide(m *cloud.Model, from From, flow netset.Flow) Result {
	return (&walk{m: m, flow: flow, mute: true}).from(from)
}

// DecideVia is Decide for a flow to which a NAT gateway has given the source
// port natPort: a NAT gateway uses 1024-65535 whoever dials.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-ephemeral-ports
func DecideVia(m *cloud.Model, from From, flow netset.Flow, natPort uint16) Result {
	return (&walk{m: m, flow: flow, mute: true, natPort: natPort}).from(from)
}

func (w *walk) from(from From) Result {
	switch from := from.(type) {
	case FromENI:
		w.fromENI(from.ID)
	case FromInternet:
		w.fromInternet()
	case FromLambda:
		w.fromLambda()
	case FromOnPremises:
		w.fromOnPremises(from.Name)
	}
	for i := len(w.back) - 1; i >= 0; i-- {
		w.back[i]()
	}
	return w.result()
}

// result gives the verdict: what blocks for certain outweighs what is missing.
func (w *walk) result() Result {
	w.res.Flow = w.flow
	switch {
	case len(w.res.Blockers) > 0:
		w.res.Verdict = Blocked
	case len(w.res.Missing) > 0:
		w.res.Verdict = Unknown
	case w.res.Delivery.To == ToNowhere:
		w.res.Verdict = Undecided
	default:
		w.res.Verdict = Reachable
	}
	return w.res
}

// hop notes that something looked at the packet and let it pass, or sent it on.
func (w *walk) hop(component, kind string, dir string, verdict string, format string, args ...any) {
	if w.mute {
		return
	}
	if w.res.Hops == nil {
		w.res.Hops = make([]Hop, 0, 16)
	}
	w.res.Hops = append(w.res.Hops, Hop{component, kind, dir, verdict, fmt.Sprintf(format, args...)})
}

// block notes a blocker, and the hop at which it sits.
func (w *walk) block(kind, dir string, r Reason) {
	w.res.Blockers = append(w.res.Blockers, r)
	if w.mute {
		return
	}
	w.res.Hops = append(w.res.Hops, Hop{r.Component, kind, dir, "deny", r.Detail})
}

// missing notes a fact that the answer depends on.
func (w *walk) missing(component, kind, dir string, g cloud.Gap) {
	w.res.Missing = append(w.res.Missing, g)
	if w.mute {
		return
	}
	w.res.Hops = append(w.res.Hops, Hop{component, kind, dir, "unknown", g.Because})
}

// later keeps a check of the reply for after the forward walk.
func (w *walk) later(check func()) { w.back = append(w.back, check) }

// A party is one end of the conversation as some place of the network sees it:
// the address there, and the interface behind it where its identity is kept.
type party struct {
	addr netip.Addr
	eni  *cloud.ENI // nil: a stranger, or one whose address was translated
	over string     // the virtual private gateway or attachment by which it comes from outside of AWS
	// lost and kept: it crossed a transit gateway behind which its groups are
	// not seen, or are by support for references to them.
	lost, kept bool
	// home is set when a reply has come back by a transit gateway, past the
	// network ACL of the sender's subnet.
	home *bool
	// outside marks IPv6 that came over the internet: the address may be one of
	// an interface's, but no rule that names a group means it there.
	outside bool
}

// fromENI walks from an interface in a subnet.
func (w *walk) fromENI(id cloud.ENIID) {
	e, ok := w.m.ENI(id)
	if !ok {
		w.missing(string(id), "eni", "egress", cloud.Gap{Because: fmt.Sprintf("the model has no interface %s", id)})
		return
	}
	dst := w.flow.Dst.Addr()
	if !w.flow.Src.Addr().IsValid() {
		w.flow.Src = withAddr(w.flow.Src, e.AddrLike(dst))
	}
	if kind, why, absent := w.absent(e); absent {
		w.block(kind, "egress", why)
		return
	}
	sub, _ := w.m.Subnet(e.Subnet)
	if !w.speaks(e, sub, dst) {
		return
	}
	for _, gap := range e.Open {
		w.missing(e.Name, "eni", "egress", gap)
	}
	vpc, ok := w.m.VPC(e.VPC)
	if len(e.Open) > 0 || !ok {
		return
	}
	if w.toResolver(vpc, e) {
		return
	}
	src := party{addr: e.AddrLike(dst), eni: &e, home: new(bool)}
	w.groups(e, egress, party{addr: dst})
	if sub.CIDRLike(dst).Contains(dst) {
		w.hop(sub.Name, "subnet", "egress", "forward", "%s is in the same subnet: no route and no network ACL applies", dst)
		w.arrive(vpc, src, &sub)
		return
	}
	w.acl(sub, egress, Forward)
	w.later(func() {
		if !*src.home {
			w.acl(sub, ingress, Return)
		}
	})
	w.route(vpc, sub, e, src)
}

// toResolver answers for packets to the VPC's resolver, which neither groups
// nor network ACLs can block.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func (w *walk) toResolver(vpc cloud.VPC, e cloud.ENI) bool {
	own, ok := vpc.Resolver()
	dst := w.flow.Dst.Addr()
	if dst != linkLocalResolver && dst != cloud.ResolverIPv6 && (!ok || dst != own) {
		return false
	}
	support, known := vpc.DNSSupport.Get()
	switch {
	case !known:
		gap, _ := vpc.DNSSupport.Gap()
		w.missing(vpc.Name, "resolver", "egress", gap)
	case !support:
		w.block("resolver", "egress", dnsSupportOff(vpc))
	default:
		w.hop(vpc.Name+" resolver", "resolver", "egress", "allow", "the VPC's own DNS resolver: no group and no network ACL applies")
		w.res.Delivery = Delivery{To: ToResolver, Src: e.AddrLike(dst), Dst: dst}
	}
	return true
}

var linkLocalResolver = netip.MustParseAddr("169.254.169.253")

func dnsSupportOff(vpc cloud.VPC) Reason {
	return Reason{DNSSupportOff, vpc.Name, fmt.Sprintf("enableDnsSupport is off in %s, so its resolver answers nothing", vpc.Name), Forward, vpc.At}
}

// fromInternet walks from a host on the internet to a public address.
func (w *walk) fromInternet() {
	dst, src := w.flow.Dst.Addr(), w.flow.Src.Addr()
	if src.IsValid() && !isPublic(src) {
		code := IGWPrivateSource
		if sharedRange.Contains(src) {
			code = IGWSharedSource
		}
		w.block("internet-gateway", "ingress", Reason{Code: code, Component: "internet", Detail: fmt.Sprintf("nothing on the internet sends from %s", src)})
	}
	if isPublic(dst) {
		w.public(stranger(src))
		return
	}
	r := Reason{Code: IGWPrivateIngress, Component: "internet", Detail: fmt.Sprintf("%s is no address that the internet routes", dst)}
	if e, ok := w.privateENI(dst); ok {
		r.Component, r.At = e.Name, w.whereOf(e)
		r.Detail = fmt.Sprintf("nothing on the internet can address %s, the private address of %s", dst, e.Name)
	}
	w.block("internet-gateway", "ingress", r)
}

// privateENI finds an interface by its private address in any VPC.
func (w *walk) privateENI(addr netip.Addr) (cloud.ENI, bool) {
	for v := range w.m.VPCs() {
		if e, ok := w.m.ENIAt(v.ID, addr); ok {
			return e, true
		}
	}
	return cloud.ENI{}, false
}

// fromLambda walks from a function outside any VPC: everything public can be
// reached, nothing private.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (w *walk) fromLambda() {
	dst := w.flow.Dst.Addr()
	if dst == linkLocalResolver {
		w.hop("Lambda service network", "resolver", "egress", "allow", "the resolver of Lambda's own network")
		w.res.Delivery = Delivery{To: ToResolver, Src: w.flow.Src.Addr(), Dst: dst}
		return
	}
	if dst.Is6() {
		w.block("lambda", "egress", Reason{Code: NoIPv6, Component: "Lambda service network", Direction: Forward,
			Detail: fmt.Sprintf("a function outside a VPC opens no IPv6 connections, so nothing can be sent to %s", dst)})
		return
	}
	if !isPublic(dst) {
		w.block("lambda", "egress", Reason{Code: NotInVPC, Component: "Lambda service network", Direction: Forward,
			Detail: fmt.Sprintf("the function is in no VPC, and %s is a private address", dst)})
		return
	}
	w.hop("Lambda service network", "lambda", "egress", "forward", "a function outside a VPC has the internet")
	w.public(party{addr: w.flow.Src.Addr()})
}

// public walks from the internet's side to a public address: an interface of
// the model, an AWS service, or some other host.
func (w *walk) public(src party) {
	dst := w.flow.Dst.Addr()
	if e, ok := w.m.ENIByPublicIP(dst); ok {
		if e.Kind == cloud.NATENI && e.Subnet == "" {
			w.owner(e)
			return
		}
		w.fromGateway(e, src)
		return
	}
	if w.ofNobody(dst) {
		return
	}
	w.res.Delivery.Src, w.res.Delivery.Dst = src.addr, dst
	if name, ok := w.m.ServiceAt(dst); ok {
		w.hop(name, "service", "ingress", "allow", "%s is %s's public address", dst, name)
		w.res.Delivery.To, w.res.Delivery.Service = ToService, name
		return
	}
	w.hop("internet", "internet", "ingress", "allow", "%s is a host on the internet", dst)
	w.res.Delivery.To = ToInternet
}

// fromGateway walks into a VPC through its internet gateway, which turns the
// public address into the private one.
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
func (w *walk) fromGateway(e cloud.ENI, src party) {
	if e.VPC == "" {
		for _, gap := range e.Open {
			w.missing(e.Name, "eni", "ingress", gap)
		}
		return
	}
	if kind, why, absent := w.absent(e); absent {
		w.block(kind, "ingress", why)
		return
	}
	vpc, _ := w.m.VPC(e.VPC)
	igw, ok := w.m.GatewayOf(e.VPC)
	switch {
	case w.closedToInternet(e), !ok && w.onlyEgressOnly(vpc, e):
	case !ok:
		w.block("internet-gateway", "ingress", Reason{BadState, vpc.Name,
			fmt.Sprintf("%s has a public address, but %s has no internet gateway", e.Name, vpc.Name), Forward, vpc.At})
	default:
		w.hop(igw.Name, "internet-gateway", "ingress", "forward", "%s is %s's %s", w.flow.Dst.Addr(), e.Name, e.AddrLike(w.flow.Dst.Addr()))
		if gap := igw.EdgeGap(); gap != nil {
			w.missing(igw.Name, "internet-gateway", "ingress", *gap)
		}
	}
	w.publicAccess(vpc, ingress, false)
	sub, _ := w.m.Subnet(e.Subnet)
	w.later(func() {
		if w.otherWayHome(sub, src) {
			return
		}
		w.replyRoute(sub, src, func(t cloud.RouteTarget) bool {
			to, ok := t.(cloud.ToInternetGateway)
			return ok && to.ID == igw.ID
		}, "an internet gateway")
	})
	w.enter(e, src, nil)
}

// isPublic reports whether an address is routed on the internet: of IPv4 what is
// neither private (RFC 1918), shared (RFC 6598) nor link-local, of IPv6 global
// unicast (RFC 4291, section 2.4).
func isPublic(a netip.Addr) bool {
	if a.Is6() {
		return globalIPv6.Contains(a)
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && !sharedRange.Contains(a)
}

var sharedRange = netip.MustParsePrefix("100.64.0.0/10")

// during runs f with another header than the one that was sent: what a filter
// sees behind a translation.
func (w *walk) during(flow netset.Flow, f func()) {
	sent := w.flow
	w.flow = flow
	f()
	w.flow = sent
}

func withAddr(ap netip.AddrPort, a netip.Addr) netip.AddrPort {
	return netip.AddrPortFrom(a, ap.Port())
}
