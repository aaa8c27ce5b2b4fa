package fabric

import (
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Priorities of the services namespace's rules, in place of the kernel's first
// one, which looks into table local before all else.
const (
	outwardRule  = 10
	localRule    = 20
	outwardTable = 100
)

// anyAddressLocal makes every address local in ns, so that a listener on
// 0.0.0.0 accepts connections to any, but for what ns itself sends to
// identities: that goes out through eth0. What arrives for an address in that
// range is local all the same, since a VPC may use it too.
func anyAddressLocal(ns Namespace, identities netip.Prefix) error {
	return ns.Do(func() error {
		for _, dev := range []string{"all", deviceName} {
			if err := os.WriteFile("/proc/sys/net/ipv4/conf/"+dev+"/rp_filter", []byte("0"), 0); err != nil {
				return fmt.Errorf("switch source validation off: %w", err)
			}
		}
		lo, err := netlink.LinkByName("lo")
		if err != nil {
			return fmt.Errorf("lo: %w", err)
		}
		eth0, err := netlink.LinkByName(deviceName)
		if err != nil {
			return fmt.Errorf("%s: %w", deviceName, err)
		}
		return inOrder(
			func() error { return replaceLocalRule(netlink.FAMILY_V4, identities) },
			func() error {
				return netlink.RouteAdd(&netlink.Route{
					LinkIndex: eth0.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: ipNet(identities), Table: outwardTable,
				})
			},
			func() error {
				return netlink.RouteAdd(&netlink.Route{
					LinkIndex: lo.Attrs().Index, Scope: netlink.SCOPE_HOST, Type: unix.RTN_LOCAL,
					Dst: ipNet(netip.PrefixFrom(netip.IPv4Unspecified(), 0)), Table: unix.RT_TABLE_LOCAL,
				})
			},
		)
	})
}

// replaceLocalRule puts a rule for what leaves the namespace before the local
// table. "iif lo" means: sent by a socket here.
func replaceLocalRule(family int, identities netip.Prefix) error {
	outward, local, first := netlink.NewRule(), netlink.NewRule(), netlink.NewRule()
	outward.Priority, outward.Table, outward.IifName, outward.Dst = outwardRule, outwardTable, "lo", ipNet(identities)
	local.Priority, local.Table = localRule, unix.RT_TABLE_LOCAL
	first.Priority, first.Table = 0, unix.RT_TABLE_LOCAL
	outward.Family, local.Family, first.Family = family, family, family
	return inOrder(
		func() error { return netlink.RuleAdd(outward) },
		func() error { return netlink.RuleAdd(local) },
		func() error { return netlink.RuleDel(first) },
	)
}

func inOrder(steps ...func() error) error {
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("routing: step %d: %w", i+1, err)
		}
	}
	return nil
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
