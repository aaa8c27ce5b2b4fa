//go:build linux

package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"strings"

	"github.com/vishvananda/netlink"

	"bailey/sandbox"
)

// The peer of the fabric: three namespaces and the kernel's own forwarding.
//
//	client eth0 ── veth ── near  router, nftables  far ── veth ── eth0 server
//	10.0.1.2              10.0.1.1           10.0.2.1             10.0.2.2

// routerMTU is that of the fabric's devices.
const routerMTU = 9001

// ruleset filters as the example does: one port, and the answers.
const ruleset = `
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ip saddr 10.0.1.0/24 ip daddr 10.0.2.0/24 tcp dport 80 ct state new accept
	}
}
`

func (b *bench) openRouter() (network, error) {
	var all [3]*sandbox.Namespace
	for i := range all {
		var err error
		if all[i], err = b.newNamespace(); err != nil {
			return network{}, err
		}
	}
	near, router, far := all[0], all[1], all[2]
	err := errors.Join(link(router, "near", near, netip.MustParsePrefix("10.0.1.2/24")),
		link(router, "far", far, netip.MustParsePrefix("10.0.2.2/24")))
	if err == nil {
		err = router.Do(forwarding)
	}
	if err != nil {
		return network{}, fmt.Errorf("veth and nftables: %w", err)
	}
	return b.openEnds(near, far, netip.MustParseAddr("10.0.2.2"))
}

// forwarding makes a router of the current namespace.
func forwarding() error {
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0); err != nil {
		return err
	}
	cmd := exec.Command("nft", "-f", "-")
	cmd.Stdin = strings.NewReader(ruleset)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nft: %w: %s", err, out)
	}
	return nil
}

// link joins router to an end by a pair of devices, called name there and eth0
// at the end. The router has the first address of addr's network.
func link(router *sandbox.Namespace, name string, end *sandbox.Namespace, addr netip.Prefix) error {
	gateway := addr.Masked().Addr().Next()
	var handle *os.File
	err := end.Do(func() (err error) {
		handle, err = os.Open("/proc/thread-self/ns/net")
		return err
	})
	if err != nil {
		return err
	}
	defer handle.Close()
	err = router.Do(func() error {
		veth := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: "eth0", PeerNamespace: netlink.NsFd(handle.Fd())}
		if err := netlink.LinkAdd(veth); err != nil {
			return fmt.Errorf("add %s: %w", name, err)
		}
		return bringUp(name, netip.PrefixFrom(gateway, addr.Bits()))
	})
	if err != nil {
		return err
	}
	return end.Do(func() error {
		if err := bringUp("eth0", addr); err != nil {
			return err
		}
		return netlink.RouteAdd(&netlink.Route{Gw: gateway.AsSlice()})
	})
}

func bringUp(name string, addr netip.Prefix) error {
	dev, err := netlink.LinkByName(name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	network := &net.IPNet{IP: addr.Addr().AsSlice(), Mask: net.CIDRMask(addr.Bits(), 32)}
	err = errors.Join(netlink.LinkSetMTU(dev, routerMTU), netlink.AddrAdd(dev, &netlink.Addr{IPNet: network}), netlink.LinkSetUp(dev))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
