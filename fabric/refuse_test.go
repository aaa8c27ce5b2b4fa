package fabric

import (
	"fmt"
	"net/netip"
	"testing"
)

func TestFailFast(t *testing.T) {
	for _, tt := range []struct {
		name string
		send []byte
		want []string
	}{
		{"a SYN is reset", syn(), []string{"6 " + ba}},
		{"UDP is prohibited", udp("10.0.0.2:4000", "10.0.1.2:53", "q"), []string{"1 10.0.1.2:0 > 10.0.0.2:0"}},
		{"an echo request is prohibited", ping("10.0.0.2", "10.0.1.2", icmpEcho, 7), []string{"1 10.0.1.2:0 > 10.0.0.2:0"}},
		{"other protocols are prohibited", sealed(50, netip.MustParseAddr("10.0.0.2"), netip.MustParseAddr("10.0.1.2"), make([]byte, 8)), []string{"1 10.0.1.2:0 > 10.0.0.2:0"}},
		{"a stray ACK is reset", tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, "x"), []string{"6 " + ba}},
		{"a stray RST is not", tcp("10.0.0.2:4000", "10.0.1.2:80", tcpRST, ""), nil},
		{"an echo reply is not", ping("10.0.0.2", "10.0.1.2", icmpEchoReply, 7), nil},
		{"multicast is not", udp("10.0.0.2:4000", "224.0.0.251:5353", "q"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, a, b := pair(t, Config{Decider: decide(), FailFast: true})
			a.send(tt.send)
			expect(t, "a", a.got(t), tt.want...)
			expect(t, "b", b.got(t))
		})
	}
}

// The reset must be one that the sender believes: for a SYN it acknowledges
// it, for data it has the number that is expected next.
func TestResetNumbers(t *testing.T) {
	_, a, _ := pair(t, Config{Decider: decide(), FailFast: true})
	for _, tt := range []struct {
		name  string
		flags byte
		want  string // sequence number, acknowledgement, flags
	}{
		{"SYN", tcpSYN, "0 101 14"},
		{"data", tcpACK, "200 0 4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a.send(tcp("10.0.0.2:4000", "10.0.1.2:80", tt.flags, ""))
			b := a.device.frames()[0][virtioLen+20:]
			a.got(t)
			if got := fmt.Sprintf("%d %d %x", b[7], b[11], b[13]); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
