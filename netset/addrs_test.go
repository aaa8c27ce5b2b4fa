package netset_test

import (
	"net/netip"
	"testing"

	"bailey/netset"
)

// A range that is a block says which; one that is none says so.
func TestRangesAndBlocks(t *testing.T) {
	for _, text := range []string{"10.0.0.0/8", "10.0.1.7/32", "0.0.0.0/0", "2600:9000::/56", "::/0"} {
		p := netip.MustParsePrefix(text)
		r := netset.RangeOf(p)
		if got, ok := r.Prefix(); !ok || got != p || r.Lo() != p.Addr() || !r.Contains(r.Hi()) {
			t.Errorf("%s is %v to %v, the block %v", text, r.Lo(), r.Hi(), got)
		}
	}
	odd, ok := netset.Between(netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.6"))
	if p, block := odd.Prefix(); !ok || block {
		t.Errorf("%v is taken for the block %v", odd, p)
	}
	if h := netset.Host(netip.MustParseAddr("10.0.0.1")); h.Lo() != h.Hi() || h.String() != "10.0.0.1" || !(netset.AddrRange{}).IsEmpty() {
		t.Errorf("a host is %v", h)
	}
}

func TestReply(t *testing.T) {
	f := netset.Flow{Proto: netset.TCP, Src: netip.MustParseAddrPort("10.0.1.7:41952"), Dst: netip.MustParseAddrPort("52.94.0.1:443")}
	if got := f.Reply().String(); got != "tcp 52.94.0.1:443 -> 10.0.1.7:41952" || f.Reply().Reply() != f {
		t.Errorf("the reply is %s", got)
	}
}
