package fabric

import "encoding/binary"

// Internet checksums (RFC 1071), and how they change with the words that they
// cover (RFC 1624, equation 3), so that no payload is read to rewrite a header.

// fold brings a sum of 16-bit words down to 16 bits with end-around carry.
func fold(sum uint32) uint16 {
	sum = sum&0xffff + sum>>16
	return uint16(sum&0xffff + sum>>16)
}

// delta32 is what replacing the word pair old by new adds to a sum.
func delta32(old, new uint32) uint32 {
	return uint32(^uint16(old>>16)) + uint32(^uint16(old)) + new>>16 + new&0xffff
}

// delta16 is what replacing the word old by new adds to a sum.
func delta16(old, new uint16) uint32 { return uint32(^old) + uint32(new) }

// addToChecksum adjusts the complemented checksum at the start of b.
func addToChecksum(b []byte, delta uint16) {
	sum := ^binary.BigEndian.Uint16(b)
	binary.BigEndian.PutUint16(b, ^fold(uint32(sum)+uint32(delta)))
}

// addToSum adjusts the plain sum at the start of b: what a checksum field
// holds while the rest is left to the device.
func addToSum(b []byte, delta uint16) {
	binary.BigEndian.PutUint16(b, fold(uint32(binary.BigEndian.Uint16(b))+uint32(delta)))
}

// checksum is the complemented checksum of b, computed word by word, starting
// from the sum given. For the few packets that the fabric itself writes.
func checksum(b []byte, sum uint32) uint16 {
	for ; len(b) >= 2; b = b[2:] {
		sum += uint32(binary.BigEndian.Uint16(b))
		sum = sum&0xffff + sum>>16
	}
	if len(b) == 1 {
		sum += uint32(b[0]) << 8
	}
	return ^fold(sum)
}

// pseudoSum is the sum of the pseudo-header of TCP and UDP.
func pseudoSum(src, dst addr, proto uint8, length int) uint32 {
	return src.sum() + dst.sum() + uint32(proto) + uint32(length)
}
