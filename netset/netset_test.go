package netset

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var anyPorts = rapid.Custom(func(t *rapid.T) Ports {
	return PortsOf(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) PortRange {
		return PortRange{rapid.Uint16Range(0, 40).Draw(t, "lo"), rapid.Uint16Range(0, 40).Draw(t, "hi")}
	}), 0, 6).Draw(t, "ranges")...)
})

// slow is the readable oracle: a set as the list of its members.
func slow(keep func(uint16) bool) Ports {
	var out []PortRange
	for p := range uint16(50) {
		if keep(p) {
			out = append(out, Port(p))
		}
	}
	return PortsOf(out...)
}

func TestPortsAlgebraMatchesBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyPorts.Draw(t, "a"), anyPorts.Draw(t, "b")
		same := func(name string, got Ports, keep func(uint16) bool) {
			if want := slow(keep); !slices.Equal(got, want) {
				t.Fatalf("%s of %v and %v: got %v, want %v", name, a, b, got, want)
			}
		}
		same("union", a.Union(b), func(p uint16) bool { return a.Contains(p) || b.Contains(p) })
		same("intersection", a.Intersect(b), func(p uint16) bool { return a.Contains(p) && b.Contains(p) })
		same("difference", a.Minus(b), func(p uint16) bool { return a.Contains(p) && !b.Contains(p) })
	})
}

func TestPortsAreCanonicalAtTheEdges(t *testing.T) {
	all := PortsOf(AllPorts)
	for _, c := range []struct {
		got  Ports
		want string
	}{
		{PortsOf(PortRange{5, 4}), "none"},
		{PortsOf(PortRange{1, 4}, PortRange{5, 9}), "1-9"},
		{all.Minus(PortsOf(Port(0), Port(65535))), "1-65534"},
		{all.Minus(all), "none"},
		{PortsOf(PortRange{1024, 65535}).Minus(PortsOf(PortRange{32768, 61000})), "1024-32767,61001-65535"},
	} {
		if c.got.String() != c.want {
			t.Errorf("got %v, want %s", c.got, c.want)
		}
	}
}

func TestParseProtocol(t *testing.T) {
	for in, want := range map[string]Protocol{"tcp": TCP, "TCP": TCP, "6": TCP, "-1": AnyProtocol, "icmpv6": ICMPv6, "50": 50} {
		if got, err := ParseProtocol(in); err != nil || got != want {
			t.Errorf("ParseProtocol(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "htpp", "256", "-2"} {
		if p, err := ParseProtocol(in); err == nil {
			t.Errorf("ParseProtocol(%q) = %v, want an error", in, p)
		}
	}
}
