package fabric

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const sysctlIPv6 = "/proc/sys/net/ipv6/conf/" + deviceName + "/"

// hasIPv6 reports whether the kernel speaks IPv6 at all.
func hasIPv6() bool {
	_, err := os.Stat("/proc/sys/net/ipv6")
	return err == nil
}

// addIPv6 gives eth0 of ns an IPv6 address and a default route. The kernel
// adds no address of its own, asks no router, and does not wait to see whether
// somebody has the address: nobody else is on the link.
func addIPv6(ns Namespace, a netip.Addr) error {
	return ns.Do(func() error {
		if !hasIPv6() {
			return errors.New("this kernel has no IPv6, which " + a.String() + " needs")
		}
		for _, s := range [][2]string{{"accept_ra", "0"}, {"autoconf", "0"}, {"addr_gen_mode", "1"}, {"accept_dad", "0"}, {"disable_ipv6", "0"}} {
			if err := os.WriteFile(sysctlIPv6+s[0], []byte(s[1]), 0); err != nil {
				return fmt.Errorf("%s: set %s: %w", deviceName, s[0], err)
			}
		}
		link, err := netlink.LinkByName(deviceName)
		if err != nil {
			return fmt.Errorf("%s: %w", deviceName, err)
		}
		return inOrder(
			// The kernel makes an IPv6 address local a moment after it was added.
			func() error { return localIPv6(deviceName, netip.PrefixFrom(a, 128)) },
			func() error {
				return netlink.AddrAdd(link, &netlink.Addr{IPNet: ipNet(netip.PrefixFrom(a, 128)), Flags: unix.IFA_F_NODAD})
			},
			func() error {
				return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Family: netlink.FAMILY_V6, Dst: ipNet(netip.PrefixFrom(netip.IPv6Unspecified(), 0))})
			},
		)
	})
}

// anyIPv6Local is anyAddressLocal for IPv6; nothing on a kernel without it.
func anyIPv6Local(ns Namespace, identities netip.Prefix) error {
	if !hasIPv6() {
		return nil
	}
	if err := addIPv6(ns, identities.Addr().Next()); err != nil {
		return err
	}
	return ns.Do(func() error {
		eth0, err := netlink.LinkByName(deviceName)
		if err != nil {
			return fmt.Errorf("%s: %w", deviceName, err)
		}
		return inOrder(
			func() error { return replaceLocalRule(netlink.FAMILY_V6, identities) },
			func() error {
				return netlink.RouteAdd(&netlink.Route{LinkIndex: eth0.Attrs().Index, Dst: ipNet(identities), Table: outwardTable})
			},
			func() error { return localIPv6("lo", netip.PrefixFrom(netip.IPv6Unspecified(), 0)) },
		)
	})
}

// localIPv6 makes addresses local in the current namespace, as long as the
// device is there.
func localIPv6(device string, p netip.Prefix) error {
	link, err := netlink.LinkByName(device)
	if err != nil {
		return fmt.Errorf("%s: %w", device, err)
	}
	return netlink.RouteAdd(&netlink.Route{LinkIndex: link.Attrs().Index, Family: netlink.FAMILY_V6, Type: unix.RTN_LOCAL, Dst: ipNet(p), Table: unix.RT_TABLE_LOCAL})
}
