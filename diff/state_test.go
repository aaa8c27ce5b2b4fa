package diff

import (
	"testing"

	"pgregory.net/rapid"

	"bailey/netset"
	"bailey/path"
)

// anyState is any two sets that have nothing in common.
func anyState(t *rapid.T) state[netset.Traffic] {
	any := func(what string) netset.Traffic {
		var out netset.Traffic
		for range rapid.IntRange(0, 3).Draw(t, what) {
			lo := rapid.Uint16Range(0, 9).Draw(t, "from")
			out = out.Union(netset.Match(netset.TCP, netset.PortRange{Lo: lo, Hi: lo + rapid.Uint16Range(0, 3).Draw(t, "more")}, netset.AllPorts))
		}
		return out
	}
	s := state[netset.Traffic]{open: any("open")}
	s.unknown = any("unknown").Minus(s.open)
	return s
}

func port(n uint16) netset.Traffic { return exactly(netset.TCP, n, 1) }

// fates are in their order, the worst first.
var fates = map[path.Verdict]int{path.Blocked: 0, path.Unknown: 1, path.Reachable: 2}

// Port by port: the best and the worst of several states, and what shifted
// from one to another.
func TestStatesPortByPort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []state[netset.Traffic]
		for range rapid.IntRange(1, 4).Draw(t, "states") {
			list = append(list, anyState(t))
		}
		high, low := best(list), worst(list)
		was, now := list[0], list[len(list)-1]
		for n := range uint16(14) {
			most, least := path.Blocked, path.Reachable
			for _, s := range list {
				if v := s.at(port(n)); fates[v] > fates[most] {
					most = v
				}
				if v := s.at(port(n)); fates[v] < fates[least] {
					least = v
				}
			}
			if high.at(port(n)) != most || low.at(port(n)) != least {
				t.Fatalf("port %d of %v: best %v, worst %v", n, list, high.at(port(n)), low.at(port(n)))
			}
			for _, s := range append(gains[:len(gains):len(gains)], losses...) {
				if in := shifted(was, now, s).Contains(netset.TCP, n, 1); in != (was.at(port(n)) == s.was && now.at(port(n)) == s.now) {
					t.Fatalf("port %d from %v to %v: in %v is %v", n, was, now, s, in)
				}
			}
		}
	})
}

// Without any state everything is blocked.
func TestNoStateIsBlocked(t *testing.T) {
	for _, s := range []state[netset.Traffic]{best[netset.Traffic](nil), worst[netset.Traffic](nil)} {
		if s.at(port(1)) != path.Blocked {
			t.Error(s)
		}
	}
}
