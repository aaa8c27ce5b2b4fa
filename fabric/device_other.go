//go:build !linux

package fabric

import (
	"errors"
	"net/netip"
	"syscall"
)

var errLinux = errors.New("network namespaces and TUN devices need Linux")

func openDevice(Namespace, netip.Addr, int) (device, error) { return nil, errLinux }

func anyAddressLocal(Namespace, netip.Prefix) error { return errLinux }

func withPacketInfo(_, _ string, _ syscall.RawConn) error { return errLinux }

func packetInfo([]byte) (netip.Addr, bool) { return netip.Addr{}, false }

func packetInfoFrom(netip.Addr, bool) []byte { return nil }

func hasIPv6() bool { return false }

func addIPv6(Namespace, netip.Addr) error { return errLinux }

func anyIPv6Local(Namespace, netip.Prefix) error { return errLinux }
