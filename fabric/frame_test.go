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
	return append(append([]byte{}, ip[12:20]...), 0, ip[9], byte(n>>8), byte(n))
}

func headerLen(ip []byte) int { return int(ip[0]&15) * 4 }

// transportSum is the sum that the transport checksum is the complement of,
// the field itself taken as zero.
func transportSum(ip []byte, field int) uint16 {
	b := append([]byte{}, ip[headerLen(ip):]...)
	b[field], b[field+1] = 0, 0
	if ip[9] != protoICMP {
		b = append(pseudo(ip), b...)
	}
	return uint16(sumOf(b))
}

// fieldOf is where a protocol keeps its checksum.
func fieldOf(proto uint8) int {
	return map[uint8]int{protoTCP: 16, protoUDP: 6, protoICMP: 2}[proto]
}

// seal computes all checksums of a frame from nothing.
func seal(frame []byte) []byte {
	ip := frame[virtioLen:]
	ip[10], ip[11] = 0, 0
	binary.BigEndian.PutUint16(ip[10:], ^uint16(sumOf(ip[:headerLen(ip)])))
	if field := fieldOf(ip[9]); field != 0 {
		sum := ^transportSum(ip, field)
		if sum == 0 && ip[9] == protoUDP {
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
	binary.LittleEndian.PutUint16(frame[8:], uint16(fieldOf(ip[9])))
	binary.BigEndian.PutUint16(ip[headerLen(ip)+fieldOf(ip[9]):], uint16(sumOf(pseudo(ip))))
	return frame
}

// check reports what is wrong with a frame's checksums.
func check(frame []byte) error {
	ip := frame[virtioLen:]
	if got := sumOf(ip[:headerLen(ip)]); got != 0xffff {
		return fmt.Errorf("IPv4 header: the words add up to %#x", got)
	}
	field := fieldOf(ip[9])
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
	if ip[9] == protoUDP && value == 0 {
		return nil
	}
	if got := sumOf([]byte{byte(value >> 8), byte(value), byte(transportSum(ip, field) >> 8), byte(transportSum(ip, field))}); got != 0xffff {
		return fmt.Errorf("protocol %d: checksum %#x, the rest adds up to %#x", ip[9], value, transportSum(ip, field))
	}
	return nil
}

// ipv4 builds a sealed frame around a transport header and payload.
func ipv4(proto uint8, src, dst netip.Addr, transport []byte) []byte {
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
	return ipv4(protoTCP, s.Addr(), d.Addr(), append(b, payload...))
}

func udp(src, dst string, payload string) []byte {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	b := append(ports(s, d), 0, byte(8+len(payload)), 0, 0)
	return ipv4(protoUDP, s.Addr(), d.Addr(), append(b, payload...))
}

func ping(src, dst string, kind byte, id uint16) []byte {
	b := []byte{kind, 0, 0, 0, byte(id >> 8), byte(id), 0, 1, 'p', 'i', 'n', 'g'}
	return ipv4(protoICMP, netip.MustParseAddr(src), netip.MustParseAddr(dst), b)
}

// unreachable is the ICMP error with which a host answers frame.
func unreachable(frame []byte) []byte {
	ip := frame[virtioLen:]
	b := append([]byte{icmpUnreachable, 3, 0, 0, 0, 0, 0, 0}, ip[:min(len(ip), headerLen(ip)+8)]...)
	return ipv4(protoICMP, addr4(binary.BigEndian.Uint32(ip[16:])), addr4(binary.BigEndian.Uint32(ip[12:])), b)
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
		return fmt.Sprintf("%d %v:%d > %v:%d", p.key.proto, addr4(p.key.src), p.key.sport, addr4(p.key.dst), p.key.dport)
	}
	t.Fatalf("not a packet: % x", frame)
	return ""
}
