package diff

import (
	"bailey/netset"
	"bailey/path"
)

// packets is a set of them: of one pair's, or of one party's with the internet.
type packets[T any] interface {
	netset.Traffic | netset.Set
	Union(T) T
	Intersect(T) T
	Minus(T) T
	Equal(T) bool
	IsEmpty() bool
}

// A state divides all packets: those that pass, those of which it is not known,
// and the rest, which are blocked. The two sets have nothing in common.
type state[T packets[T]] struct{ open, unknown T }

// best is the better fate that a packet has in any of the states: blocked in
// all of none.
func best[T packets[T]](list []state[T]) state[T] {
	var s state[T]
	for _, o := range list {
		s.open, s.unknown = s.open.Union(o.open), s.unknown.Union(o.unknown)
	}
	s.unknown = s.unknown.Minus(s.open)
	return s
}

// worst is the worse fate that a packet has in any of the states: blocked in
// all of none.
func worst[T packets[T]](list []state[T]) state[T] {
	if len(list) == 0 {
		return state[T]{}
	}
	s := list[0]
	for _, o := range list[1:] {
		possible := s.open.Union(s.unknown).Intersect(o.open.Union(o.unknown))
		s.open = s.open.Intersect(o.open)
		s.unknown = possible.Minus(s.open)
	}
	return s
}

// at is the fate of the packets in t, of which all have the same.
func (s state[T]) at(t T) path.Verdict {
	switch {
	case t.Minus(s.open).IsEmpty():
		return path.Reachable
	case t.Minus(s.unknown).IsEmpty():
		return path.Unknown
	}
	return path.Blocked
}

// A shift is a change of fate.
type shift struct{ was, now path.Verdict }

// gains and losses are all shifts, the best and the worst first.
var (
	gains  = []shift{{path.Blocked, path.Reachable}, {path.Unknown, path.Reachable}, {path.Blocked, path.Unknown}}
	losses = []shift{{path.Reachable, path.Blocked}, {path.Unknown, path.Blocked}, {path.Reachable, path.Unknown}}
)

// shifted is the packets that had one fate in was and have another in now.
func shifted[T packets[T]](was, now state[T], s shift) T {
	switch s {
	case shift{path.Blocked, path.Reachable}:
		return now.open.Minus(was.open).Minus(was.unknown)
	case shift{path.Unknown, path.Reachable}:
		return now.open.Intersect(was.unknown)
	case shift{path.Blocked, path.Unknown}:
		return now.unknown.Minus(was.open).Minus(was.unknown)
	case shift{path.Reachable, path.Blocked}:
		return was.open.Minus(now.open).Minus(now.unknown)
	case shift{path.Unknown, path.Blocked}:
		return was.unknown.Minus(now.open).Minus(now.unknown)
	}
	return was.open.Intersect(now.unknown)
}

// A line is one way from one party to another: from one interface of the first
// to one of the second. The key tells it from the others, in both models.
type line[T packets[T]] struct {
	key      string
	from, to unit
	state[T]
}

// A move is packets of one line whose fate changed.
type move[T packets[T]] struct {
	shift
	in T
	at line[T] // of the new model, or of the old one where it is gone
}

// moves compares the lines of two models. A line that both have is compared
// with itself. One that is new gains what no line passed before, and loses what
// every line passed; one that is gone likewise, the other way about. So what
// opens from one model to the other closes on the way back.
func moves[T packets[T]](old, now []line[T]) []move[T] {
	var out []move[T]
	compare := func(l line[T], was, is state[T], shifts []shift) {
		for _, s := range shifts {
			if in := shifted(was, is, s); !in.IsEmpty() {
				out = append(out, move[T]{s, in, l})
			}
		}
	}
	before, after := statesOf(old), statesOf(now)
	for _, l := range now {
		if was, ok := find(old, l.key); ok {
			compare(l, was.state, l.state, gains)
			compare(l, was.state, l.state, losses)
			continue
		}
		compare(l, best(before), l.state, gains)
		compare(l, worst(before), l.state, losses)
	}
	for _, l := range old {
		if _, ok := find(now, l.key); !ok {
			compare(l, l.state, worst(after), gains)
			compare(l, l.state, best(after), losses)
		}
	}
	return out
}

func statesOf[T packets[T]](lines []line[T]) []state[T] {
	out := make([]state[T], len(lines))
	for i, l := range lines {
		out[i] = l.state
	}
	return out
}

func find[T packets[T]](lines []line[T], key string) (line[T], bool) {
	for _, l := range lines {
		if l.key == key {
			return l, true
		}
	}
	return line[T]{}, false
}

// A bundle is moves that are alike, of several lines.
type bundle[T packets[T]] struct {
	shift
	in    T
	lines []line[T]
	all   bool // every line that there is moved so
}

// bundles puts like moves together.
func bundles[T packets[T]](old, now []line[T]) []bundle[T] {
	total := len(now)
	for _, l := range old {
		if _, ok := find(now, l.key); !ok {
			total++
		}
	}
	var out []bundle[T]
	for _, m := range moves(old, now) {
		i := 0
		for i < len(out) && (out[i].shift != m.shift || !out[i].in.Equal(m.in)) {
			i++
		}
		if i == len(out) {
			out = append(out, bundle[T]{shift: m.shift, in: m.in})
		}
		out[i].lines = append(out[i].lines, m.at)
		out[i].all = len(out[i].lines) == total
	}
	return out
}

// shows finds the line in which a packet has the fate v: the one with that key
// if there is one.
func shows[T packets[T]](lines []line[T], key string, packet T, v path.Verdict) (line[T], bool) {
	if l, ok := find(lines, key); ok {
		return l, true
	}
	for _, l := range lines {
		if l.at(packet) == v {
			return l, true
		}
	}
	return line[T]{}, false
}
