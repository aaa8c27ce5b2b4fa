package fabric

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
)

// The slow and readable twin of packet.go, checksum.go and rewrite.go.

// sumOf is the one's complement sum of RFC 1071, word by word, in full width.
func sumOf(b []byte) uint64 {
	var sum uint64
	for i, x := range b {
		if i%2 == 0 {
			sum += uint64(x) << 8
		} else {
			sum += uint64(x)
		}
	}
	for sum > 0xffff {
		sum = sum&0xffff + sum>>16
	}
	return sum
}

// pseudo is the pseudo-header of TCP and UDP.
func pseudo(ip []byte) []byte {
	n := len(ip) - headerLen(ip)
	if isIPv6(ip) {
		return append(append([]byte{}, ip[8:40]...), 0, 0, byte(n>>8), byte(n), 0, 0, 0, protoOf(ip))
	}
	return append(append([]byte{}, ip[12:20]...), 0, ip[9], byte(n>>8), byte(n))
}

func isIPv6(ip []byte) bool { return ip[0]>>4 == 6 }

// headerLen is that of a packet without extension headers.
func headerLen(ip []byte) int {
	if isIPv6(ip) {
		return 40
	}
	return int(ip[0]&15) * 4
}

func protoOf(ip []byte) uint8 {
	if isIPv6(ip) {
		return ip[6]
	}
	return ip[9]
}

// transportSum is the sum that the transport checksum is the complement of,
// the field itself taken as zero.
func transportSum(ip []byte, field int) uint16 {
	b := append([]byte{}, ip[headerLen(ip):]...)
	b[field], b[field+1] = 0, 0
	if protoOf(ip) != protoICMP {
		b = append(pseudo(ip), b...)
	}
	return uint16(sumOf(b))
}

// fieldOf is where a protocol keeps its checksum.
func fieldOf(proto uint8) int {
	return map[uint8]int{protoTCP: 16, protoUDP: 6, protoICMP: 2, protoICMPv6: 2}[proto]
}

// seal computes all checksums of a frame from nothing.
func seal(frame []byte) []byte {
	ip := frame[virtioLen:]
	if !isIPv6(ip) {
		ip[10], ip[11] = 0, 0
		binary.BigEndian.PutUint16(ip[10:], ^uint16(sumOf(ip[:headerLen(ip)])))
	}
	if field := fieldOf(protoOf(ip)); field != 0 {
		sum := ^transportSum(ip, field)
		if sum == 0 && protoOf(ip) == protoUDP {
			sum = 0xffff
		}
		binary.BigEndian.PutUint16(ip[headerLen(ip)+field:], sum)
	}
	return frame
}

// leave makes of a frame what the kernel hands to a device that computes
// checksums: the field holds the pseudo-header's sum.
func leave(frame []byte) []byte {
	ip := frame[virtioLen:]
	frame[0] = virtioNeedsChecksum
	binary.LittleEndian.PutUint16(frame[6:], uint16(headerLen(ip)))
	binary.LittleEndian.PutUint16(frame[8:], uint16(fieldOf(protoOf(ip))))
	binary.BigEndian.PutUint16(ip[headerLen(ip)+fieldOf(protoOf(ip)):], uint16(sumOf(pseudo(ip))))
	return frame
}

// check reports what is wrong with a frame's checksums.
func check(frame []byte) error {
	ip := frame[virtioLen:]
	if got := sumOf(ip[:headerLen(ip)]); got != 0xffff && !isIPv6(ip) {
		return fmt.Errorf("IPv4 header: the words add up to %#x", got)
	}
	field := fieldOf(protoOf(ip))
	if field == 0 {
		return nil
	}
	value := binary.BigEndian.Uint16(ip[headerLen(ip)+field:])
	if frame[0]&virtioNeedsChecksum != 0 {
		if want := uint16(sumOf(pseudo(ip))); value != want {
			return fmt.Errorf("left checksum %#x, the pseudo-header's sum is %#x", value, want)
		}
		return nil
	}
	if protoOf(ip) == protoUDP && value == 0 && !isIPv6(ip) {
		return nil
	}
	if got := sumOf([]byte{byte(value >> 8), byte(value), byte(transportSum(ip, field) >> 8), byte(transportSum(ip, field))}); got != 0xffff {
		return fmt.Errorf("protocol %d: checksum %#x, the rest adds up to %#x", protoOf(ip), value, transportSum(ip, field))
	}
	return nil
}

// sealed builds a sealed frame around a transport header and payload, an IPv6 one
// where the addresses are.
func sealed(proto uint8, src, dst netip.Addr, transport []byte) []byte {
	if src.Is6() {
		frame := make([]byte, virtioLen+40, virtioLen+40+len(transport))
		ip := frame[virtioLen:]
		ip[0], ip[6], ip[7] = 0x60, proto, 64
		binary.BigEndian.PutUint16(ip[4:], uint16(len(transport)))
		copy(ip[8:], src.AsSlice())
		copy(ip[24:], dst.AsSlice())
		return seal(append(frame, transport...))
	}
	frame := make([]byte, virtioLen+20, virtioLen+20+len(transport))
	ip := frame[virtioLen:]
	ip[0], ip[8], ip[9] = 0x45, 64, proto
	binary.BigEndian.PutUint16(ip[2:], uint16(20+len(transport)))
	copy(ip[12:], src.AsSlice())
	copy(ip[16:], dst.AsSlice())
	return seal(append(frame, transport...))
}

func ports(src, dst netip.AddrPort) []byte {
	b := binary.BigEndian.AppendUint16(nil, src.Port())
	return binary.BigEndian.AppendUint16(b, dst.Port())
}

func tcp(src, dst string, flags byte, payload string) []byte {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	b := append(ports(s, d), 0, 0, 0, 100, 0, 0, 0, 200, 5<<4, flags, 1, 0, 0, 0, 0, 0)
	return sealed(protoTCP, s.Addr(), d.Addr(), append(b, payload...))
}

func udp(src, dst string, payload string) []byte {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	b := append(ports(s, d), 0, byte(8+len(payload)), 0, 0)
	return sealed(protoUDP, s.Addr(), d.Addr(), append(b, payload...))
}

func ping(src, dst string, kind byte, id uint16) []byte {
	b := []byte{kind, 0, 0, 0, byte(id >> 8), byte(id), 0, 1, 'p', 'i', 'n', 'g'}
	return sealed(protoICMP, netip.MustParseAddr(src), netip.MustParseAddr(dst), b)
}

// unreachable is the ICMP error with which a host answers frame.
func unreachable(frame []byte) []byte {
	ip := frame[virtioLen:]
	b := append([]byte{icmpUnreachable, 3, 0, 0, 0, 0, 0, 0}, ip[:min(len(ip), headerLen(ip)+8)]...)
	return sealed(protoICMP, netip.AddrFrom4([4]byte(ip[16:20])), netip.AddrFrom4([4]byte(ip[12:16])), b)
}

// cut makes two fragments of a frame, the first with n bytes of payload, a
// multiple of 8.
func cut(frame []byte, id uint16, n int) (first, second []byte) {
	ip := frame[virtioLen:]
	part := func(payload []byte, field uint16) []byte {
		out := append(append([]byte{}, frame[:virtioLen+20]...), payload...)
		o := out[virtioLen:]
		binary.BigEndian.PutUint16(o[2:], uint16(len(o)))
		binary.BigEndian.PutUint16(o[4:], id)
		binary.BigEndian.PutUint16(o[6:], field)
		o[10], o[11] = 0, 0
		binary.BigEndian.PutUint16(o[10:], ^uint16(sumOf(o[:20])))
		return out
	}
	return part(ip[20:20+n], 0x2000), part(ip[20+n:], uint16(n/8))
}

// read is the key of a frame, for comparing.
func read(t testing.TB, frame []byte) string {
	t.Helper()
	var p packet
	switch p.parse(frame) {
	case whole, icmpError, laterFragment:
		return fmt.Sprintf("%d %v:%d > %v:%d", p.key.proto, p.key.src.netip(), p.key.sport, p.key.dst.netip(), p.key.dport)
	}
	t.Fatalf("not a packet: % x", frame)
	return ""
}
