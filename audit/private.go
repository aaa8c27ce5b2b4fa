package audit

import (
	"fmt"
	"net/netip"

	"bailey/cloud"
	"bailey/path"
)

// publicAsPrivate: a rule for "the private network" that is wider than it.
var publicAsPrivate = Rule{
	Explanation: path.Explanation{
		Code: "PRIVATE_RANGE_TOO_WIDE", Title: "a rule for private addresses admits public ones",
		Text: "The private ranges are 10.0.0.0/8, 172.16.0.0/12 and 192.168.0.0/16. 172.0.0.0/8 looks private and is not: 15 of its 16 parts belong to strangers on the internet. The same goes for 192.0.0.0/8.",
		Mend: "write 172.16.0.0/12, 192.168.0.0/16, or better the CIDR of the network that is meant", Source: "https://www.rfc-editor.org/rfc/rfc1918"},
	Severity: High,
	find: func(m *cloud.Model, report func(Finding)) {
		tell := func(owner string, meta cloud.Meta, p netip.Prefix) {
			if private, wide := widerThanPrivate(p); wide {
				report(Finding{Resource: owner, At: meta.At, Message: fmt.Sprintf("%s admits %s as if it were private: only %s of it is", owner, p, private)})
			}
		}
		for g := range m.SecurityGroups() {
			for _, r := range g.Ingress {
				if peer, ok := r.Peer.(cloud.PeerCIDR); ok {
					tell(g.Name, r.Meta, peer.Prefix)
				}
			}
		}
		for a := range m.NetworkACLs() {
			for _, e := range a.Ingress {
				if p, known := e.CIDR.Get(); known && e.Allow {
					tell(a.Name, e.Meta, p)
				}
			}
		}
	},
}

var private = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16")}

// widerThanPrivate finds the private range that a rule seems to mean and goes
// beyond. What covers half of all addresses or more means the internet.
func widerThanPrivate(p netip.Prefix) (netip.Prefix, bool) {
	for _, r := range private {
		if p.IsValid() && p.Bits() < r.Bits() && p.Bits() >= 4 && p.Contains(r.Addr()) {
			return r, true
		}
	}
	return netip.Prefix{}, false
}
