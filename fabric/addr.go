package fabric

import (
	"encoding/binary"
	"net/netip"
)

// An addr is an address as a number that compares fast: 128 bits, of which
// IPv4 has those of RFC 4291, section 2.5.5.2. The zero addr is ::, which
// nobody has.
type addr struct{ hi, lo uint64 }

const mappedIPv4 = 0xffff << 32

func addr4(v uint32) addr { return addr{0, mappedIPv4 | uint64(v)} }

func addr6(b []byte) addr {
	return addr{binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])}
}

// addrOf is the number of an address; zero for none.
func addrOf(a netip.Addr) addr {
	if !a.IsValid() {
		return addr{}
	}
	b := a.As16()
	return addr6(b[:])
}

func (a addr) is6() bool { return a.hi != 0 || a.lo>>32 != 0xffff }

func (a addr) netip() netip.Addr {
	var b [16]byte
	a.put(b[:])
	return netip.AddrFrom16(b).Unmap()
}

// put writes the 16 bytes of a.
func (a addr) put(b []byte) {
	binary.BigEndian.PutUint64(b, a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
}

// sum is what a adds to a sum over a pseudo-header.
func (a addr) sum() uint32 {
	if !a.is6() {
		return uint32(a.lo)>>16 + uint32(a.lo)&0xffff
	}
	var sum uint32
	for _, v := range [2]uint64{a.hi, a.lo} {
		sum += uint32(v>>48) + uint32(v>>32&0xffff) + uint32(v>>16&0xffff) + uint32(v&0xffff)
	}
	return sum
}

// multicast reports multicast and broadcast addresses.
func (a addr) multicast() bool {
	if a.is6() {
		return a.hi>>56 == 0xff
	}
	return uint32(a.lo)>>28 == 0xe || uint32(a.lo) == 0xffffffff
}

// deltaAddr is what replacing old by new, of one family, adds to a sum.
func deltaAddr(old, new addr) uint32 {
	sum := delta32(uint32(old.lo), uint32(new.lo))
	if old.is6() {
		sum += delta32(uint32(old.lo>>32), uint32(new.lo>>32)) + delta32(uint32(old.hi), uint32(new.hi)) + delta32(uint32(old.hi>>32), uint32(new.hi>>32))
	}
	return sum
}

// both are the addresses of something in either family.
type both struct{ v4, v6 addr }

// like is the one of the family of a.
func (b both) like(a addr) addr {
	if a.is6() {
		return b.v6
	}
	return b.v4
}

// IdentitiesIPv6 are the addresses by which the services namespace knows who
// connects over IPv6: those of Config.Identities, in the last 32 bits.
var IdentitiesIPv6 = netip.MustParsePrefix("fdba:11e4::/96")

// identityLike is an identity in the family of a.
func identityLike(id uint32, a addr) addr {
	if !a.is6() {
		return addr4(id)
	}
	base := addrOf(IdentitiesIPv6.Addr())
	return addr{base.hi, base.lo | uint64(id)}
}
