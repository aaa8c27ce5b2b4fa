package path

import (
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// A Family is what becomes of a question over IPv4 or over IPv6 alone.
type Family struct {
	Name     string // IPv4 or IPv6
	Verdict  Verdict
	Blockers []Reason
	Missing  []cloud.Gap
}

// dials are the addresses that a client on the interface tries: those of a
// family of which it has no address itself only where there are no others. A
// client without IPv6 finds no IPv6 destination usable (RFC 6724, section 5,
// rule 1).
func (o origin) dials(addrs []netip.Addr) []netip.Addr {
	usable := slices.DeleteFunc(slices.Clone(addrs), func(a netip.Addr) bool {
		return a.Is6() && !o.ipv6.IsValid() && !o.maybe6 || a.Is4() && !o.src.IsValid() && o.ipv6.IsValid()
	})
	if len(usable) == 0 {
		return addrs
	}
	return usable
}

// srcLike is the interface's own address of the family of dst.
func (o origin) srcLike(dst netip.Addr) netip.Addr {
	if dst.Is4() {
		return o.src
	}
	return o.ipv6
}

// protocolOver is the protocol that a person means over the family of dst: a
// ping over IPv6 is ICMPv6.
func protocolOver(p netset.Protocol, dst netip.Addr) netset.Protocol {
	if p == netset.ICMP {
		return pingLike(dst)
	}
	return p
}

// family is 0 for IPv4 and 1 for IPv6.
func family(a netip.Addr) int {
	if a.Is6() {
		return 1
	}
	return 0
}

// prefer sets the parts of one family aside where the other one works:
// clients that find a family of no use try the other one.
// https://www.rfc-editor.org/rfc/rfc8305
func prefer(parts []part) []part {
	var fails, any [2]bool // of IPv4, of IPv6
	for i := range parts {
		of := family(parts[i].Dst)
		any[of], fails[of] = true, fails[of] || parts[i].Verdict != Reachable
	}
	for i := range parts {
		of := family(parts[i].Dst)
		parts[i].aside = fails[of] && any[1-of] && !fails[1-of]
	}
	return parts
}

// walkMaybe tries the addresses that a name may have, where those that it has
// do not do: what is not known matters only if it would help.
func (q Question) walkMaybe(m *cloud.Model, o origin, a Answer, port uint16, known []part) []part {
	works := slices.ContainsFunc(prefer(known), func(p part) bool { return p.aside }) ||
		!slices.ContainsFunc(known, func(p part) bool { return p.Verdict != Reachable })
	if works && len(known) > 0 || !o.ipv6.IsValid() && !o.maybe6 {
		return nil
	}
	var out []part
	for _, addr := range a.Maybe {
		for _, p := range q.walkTo(nil, m, o, netip.AddrPortFrom(addr, port)) {
			if p.Verdict != Reachable && p.Verdict != Unknown {
				continue
			}
			p.Verdict = Unknown
			p.res.Missing = append(p.res.Missing, a.MaybeIf)
			out = append(out, p)
		}
	}
	return out
}

// families sums up each family by itself, where there are both.
func families(all []part) []Family {
	has := func(v6 bool) bool {
		return slices.ContainsFunc(all, func(p part) bool { return p.Dst.IsValid() && p.Dst.Is6() == v6 })
	}
	if !has(false) || !has(true) {
		return nil
	}
	var out []Family
	for i, name := range []string{"IPv4", "IPv6"} {
		var r Report
		of := slices.DeleteFunc(slices.Clone(all), func(p part) bool { return !p.Dst.IsValid() || p.Dst.Is6() != (i == 1) })
		r.weigh(of)
		out = append(out, Family{name, r.Verdict, r.Blockers, r.Missing})
	}
	return out
}

// bothFamilies names the first address of each family.
func bothFamilies(addrs []netip.Addr) string {
	text := addrs[0].String()
	for _, a := range addrs[1:] {
		if a.Is6() != addrs[0].Is6() {
			return text + " and " + a.String()
		}
	}
	return text
}
