package netset

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// A Protocol is an IP protocol number, or AnyProtocol.
type Protocol int16

// The protocols that rules name most often. AnyProtocol is AWS's "-1".
const (
	AnyProtocol Protocol = -1
	ICMP        Protocol = 1
	TCP         Protocol = 6
	UDP         Protocol = 17
	ICMPv6      Protocol = 58
)

// String gives tcp, udp, icmp, icmpv6, any, or the number.
func (p Protocol) String() string {
	switch p {
	case AnyProtocol:
		return "any"
	case ICMP:
		return "icmp"
	case TCP:
		return "tcp"
	case UDP:
		return "udp"
	case ICMPv6:
		return "icmpv6"
	}
	return strconv.Itoa(int(p))
}

// HasPorts reports whether the protocol's packets carry ports.
func (p Protocol) HasPorts() bool { return p == TCP || p == UDP }

// Contains reports whether a rule for p speaks of packets of q.
func (p Protocol) Contains(q Protocol) bool { return p == AnyProtocol || p == q }

// ParseProtocol reads what AWS takes as a protocol: a name, a number or -1.
func ParseProtocol(s string) (Protocol, error) {
	switch strings.ToLower(s) {
	case "-1", "all", "any":
		return AnyProtocol, nil
	case "tcp":
		return TCP, nil
	case "udp":
		return UDP, nil
	case "icmp":
		return ICMP, nil
	case "icmpv6":
		return ICMPv6, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 255 {
		return 0, fmt.Errorf("protocol %q is none of tcp, udp, icmp, icmpv6, -1 or a number up to 255", s)
	}
	return Protocol(n), nil
}

// A Flow is the header of a packet that opens a conversation. For protocols
// without ports both ports are 0.
type Flow struct {
	Proto    Protocol
	Src, Dst netip.AddrPort
}

// Reply is the header of the answering packet.
func (f Flow) Reply() Flow { return Flow{Proto: f.Proto, Src: f.Dst, Dst: f.Src} }

// String gives "tcp 10.0.1.7:41952 -> 52.94.0.1:443".
func (f Flow) String() string { return fmt.Sprintf("%s %s -> %s", f.Proto, f.Src, f.Dst) }
