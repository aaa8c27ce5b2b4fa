package fabric

import (
	"errors"
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// identities are the addresses by which the services namespace knows taps and
// ways in. The first one is its own. Over IPv6 they are the same numbers in
// IdentitiesIPv6.
type identities struct {
	base, size uint32
	next       uint32
	free       []uint32 // given back, oldest first
}

func newIdentities(p netip.Prefix) identities {
	return identities{base: uint32(addrOf(p.Masked().Addr()).lo), size: 1 << (32 - p.Bits()), next: 2}
}

// take prefers addresses never used: a server may still hold connections of
// the one who had an old one.
func (i *identities) take() (uint32, bool) {
	if i.next+1 < i.size { // the last is the broadcast address
		i.next++
		return i.base + i.next - 1, true
	}
	if len(i.free) == 0 {
		return 0, false
	}
	a := i.free[0]
	i.free = i.free[1:]
	return a, true
}

func (i *identities) give(a uint32) { i.free = append(i.free, a) }

// An Origin is where a connection to a server in the services namespace really
// comes from.
type Origin struct {
	Tap      *Tap
	From     path.From
	Flow     netset.Flow   // as the network saw it: from the interface's address
	Delivery path.Delivery // endpoint, service, and the source as AWS would show it
	Host     string        // the name by which the workload knew the destination, if it asked
}

// OriginOf finds the origin of a connection that a server in the services
// namespace has accepted, or of a datagram that it has read: remote is who
// sent it, local the address that it was sent to. It reports false once the
// flow is forgotten, so ask when the connection is accepted.
func (f *Fabric) OriginOf(proto netset.Protocol, remote, local netip.AddrPort) (Origin, bool) {
	src, dst := remote.Addr().Unmap(), local.Addr().Unmap()
	if !src.IsValid() || src.BitLen() != dst.BitLen() || proto < 0 || proto > 255 {
		return Origin{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.services == nil {
		return Origin{}, false
	}
	h := f.services.table.get(key{addrOf(dst), addrOf(src), local.Port(), remote.Port(), uint8(proto)})
	if h == nil || h != &h.flow.reverse {
		return Origin{}, false
	}
	return h.flow.origin(), true
}

// origin is called with Fabric.mu held.
func (fl *flow) origin() Origin {
	return Origin{
		Tap: fl.tap, From: fl.from, Flow: fl.asked, Delivery: fl.delivery,
		Host: fl.tap.names.host(fl.asked.Dst.Addr()),
	}
}

// A way leads from the services namespace to somewhere in the network.
type way struct {
	label    string
	from     path.From
	src, dst netip.Addr
}

// Enter gives the address to dial in the services namespace to reach dst as if
// from src: for whatever Bailey plays itself, hosts on the internet
// (path.FromInternet) and gateways with an interface in a subnet. The Decider
// is asked for every flow, as for any other. Leave takes the address back.
func (f *Fabric) Enter(label string, from path.From, src, dst netip.Addr) (netip.Addr, error) {
	if from == nil || !src.IsValid() || src.BitLen() != dst.BitLen() {
		return netip.Addr{}, fmt.Errorf("fabric: enter %s: two addresses of one family are needed, got %v and %v", label, src, dst)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.services == nil {
		return netip.Addr{}, errors.New("fabric: enter " + label + ": there is no services namespace")
	}
	id, ok := f.identities.take()
	if !ok {
		return netip.Addr{}, fmt.Errorf("fabric: enter %s: no identity is left in %v", label, f.config.Identities)
	}
	in := identityLike(id, addrOf(dst))
	f.ways[in] = way{label, from, src, dst}
	return in.netip(), nil
}

// Leave ends what Enter began; flows that are open stay.
func (f *Fabric) Leave(entrance netip.Addr) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := addrOf(entrance)
	if _, ok := f.ways[in]; ok {
		delete(f.ways, in)
		f.identities.give(uint32(in.lo))
	}
}

// owner names the holder of a source address in leases.
func owner(from path.From) string {
	switch from := from.(type) {
	case path.FromENI:
		return "eni " + string(from.ID)
	case path.FromLambda:
		return "lambda"
	}
	return "internet"
}

// interfaceOf is the interface-id of a record.
func interfaceOf(from path.From) cloud.ENIID {
	if from, ok := from.(path.FromENI); ok {
		return from.ID
	}
	return ""
}
