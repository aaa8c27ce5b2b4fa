package conform

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/netset"
	"bailey/path"
)

const flowsPerModel = 20

// What path says is what happens to packets: a connection or datagram gets
// through, there and back, where path says reachable, from the source and to
// the place that path says, and nowhere else; what does not get through is on
// record with path's own reasons.
func TestPacketsDoWhatPathSays(t *testing.T) {
	y := newYard(t)
	tally, by := map[path.Verdict]int{}, map[string]int{}
	check(t, 150, func(t *rapid.T) {
		m := build(t, withoutNAT64(hopping(t, anySpec(t, true))))
		s := newStage(t, y, m, fabric.Config{FailFast: true})
		defer s.Close()
		for _, p := range probes(t, m, flowsPerModel) {
			verdict := s.conforms(t, p)
			tally[verdict]++
			if verdict == path.Reachable {
				count(by, p.trace(m))
			}
		}
		s.Close()
		s.logIsComplete(t)
	})
	t.Log(tally, by)
	for _, kind := range []string{"transit-gateway", "nat-instance", "on-premises"} {
		if by[kind] == 0 {
			t.Errorf("no packet of all models came by a %s", kind)
		}
	}
	for _, v := range []path.Verdict{path.Reachable, path.Blocked, path.Unknown} {
		if tally[v] == 0 {
			t.Errorf("no packet of all models was %v", v)
		}
	}
}

// count notes by what kinds of hop a flow came.
func count(by map[string]int, r path.Result) {
	seen := map[string]bool{}
	for _, h := range r.Hops {
		if !seen[h.Kind] {
			seen[h.Kind] = true
			by[h.Kind]++
		}
	}
}

// Without FailFast the sender of what does not pass hears nothing at all.
func TestWhatIsBlockedIsSilent(t *testing.T) {
	y := newYard(t)
	check(t, 5, func(t *rapid.T) {
		m := build(t, withoutNAT64(anySpec(t, false)))
		s := newStage(t, y, m, fabric.Config{})
		defer s.Close()
		for _, p := range probes(t, m, 3) {
			want := p.trace(m)
			if want.Verdict != path.Blocked {
				continue
			}
			o, err := s.try(p, 30*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if !timedOut(o.err) {
				t.Fatalf("%v: %v, where nothing should have been heard", p, o.err)
			}
			s.nothingArrived(t, p, o)
		}
	})
}

// probes are flows of m, no two alike, most from a source port of its own.
func probes(t *rapid.T, m *cloud.Model, n int) []probe {
	from := senders(m)
	var out []probe
	seen := map[netset.Flow]bool{}
	for range n {
		if len(from) == 0 {
			break
		}
		p := anyProbe(t, m, pick(t, "from", from...), netset.TCP, netset.TCP, netset.UDP)
		key := p.flow
		if !seen[key] {
			seen[key] = true
			out = append(out, p)
		}
	}
	return out
}

// conforms sends p and compares what happens with what path says beforehand.
// It returns path's verdict.
func (s *stage) conforms(t *rapid.T, p probe) path.Verdict {
	o, err := s.try(p, patience)
	if err != nil {
		t.Fatal(err)
	}
	flow := s.asSeen(t, p, o.record)
	want := s.truth(p.from, flow)
	if want.Verdict == path.Reachable {
		s.arrived(t, p, o, want)
		return want.Verdict
	}
	if o.err == nil {
		t.Fatalf("%v: %v %v, but it arrived: %+v", p, want.Verdict, want.Blockers, o.answer)
	}
	if timedOut(o.err) {
		t.Fatalf("%v: %v instead of a refusal", p, o.err)
	}
	s.nothingArrived(t, p, o)
	r := o.record
	if r.Action != fabric.Reject || !slices.Equal(r.Reasons, want.Blockers) || !slices.Equal(r.Missing, want.Missing) {
		t.Fatalf("%v:\nrecorded %v %v, missing %v\n    path %v %v, missing %v", p, r.Action, r.Reasons, r.Missing, want.Verdict, want.Blockers, want.Missing)
	}
	return want.Verdict
}

// asSeen is p's flow as the network sees it: Lambda's own translation chooses
// the source port of a function, from 1024 to 65535.
// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
func (s *stage) asSeen(t *rapid.T, p probe, r fabric.Record) netset.Flow {
	want := p.flow
	if p.kind == cloud.FunctionENI {
		if r.Flow.Src.Port() < 1024 {
			t.Fatalf("%v: sent from port %d", p, r.Flow.Src.Port())
		}
		want.Src = r.Flow.Src
	}
	if r.Flow != want || r.Label != p.workload() || r.Flow.Src.Addr() != p.addr {
		t.Fatalf("%v: on record as %s: %v", p, r.Label, r.Flow)
	}
	return want
}

// arrived compares where the flow came out with path's Delivery.
func (s *stage) arrived(t *rapid.T, p probe, o outcome, want path.Result) {
	if o.err != nil {
		t.Fatalf("%v: reachable as %+v, but %v; record %+v", p, want.Delivery, o.err, o.record)
	}
	got, ok, accepted := s.seen.of(o.nonce)
	if tcp := p.flow.Proto == netset.TCP; !ok || tcp && accepted != 1 || !tcp && accepted != 0 {
		t.Fatalf("%v: arrived %v, %d connections", p, ok, accepted)
	}
	if o.answer.Remote != got.Remote || o.answer.Local != got.Local || o.answer.Place != got.Place {
		t.Fatalf("%v: answered by %+v, arrived at %+v", p, o.answer, got)
	}
	if r := o.record; r.Action != fabric.Accept || r.Delivery != want.Delivery || len(r.Reasons)+len(r.Missing) > 0 {
		t.Fatalf("%v: record %+v, path %+v", p, r, want.Delivery)
	}
	d := want.Delivery
	if got.Local.Addr() != d.Dst || got.Local.Port() != p.flow.Dst.Port() {
		t.Fatalf("%v: arrived for %v, want %v", p, got.Local, d.Dst)
	}
	if d.To == path.ToENI {
		s.arrivedAtENI(t, p, got, want)
		return
	}
	origin := fabric.Origin{Tap: s.cast[p.label].tap, From: p.from, Flow: want.Flow, Delivery: d}
	if got.Place != servicesPlace || !got.Known || !reflect.DeepEqual(got.Origin, origin) {
		t.Fatalf("%v: arrived at %s from %+v (%v)\nwant %+v", p, got.Place, got.Origin, got.Known, origin)
	}
}

func (s *stage) arrivedAtENI(t *rapid.T, p probe, got arrival, want path.Result) {
	d := want.Delivery
	if got.Place != s.placeOf[d.ENI] {
		t.Fatalf("%v: arrived at %s, want %s behind %s", p, got.Place, s.placeOf[d.ENI], d.ENI)
	}
	port := got.Remote.Port()
	if got.Remote.Addr() != d.Src || !d.NATPort && port != want.Flow.Src.Port() || d.NATPort && port < 1024 {
		t.Fatalf("%v: arrived from %v, want %v port %d (NAT %v)", p, got.Remote, d.Src, want.Flow.Src.Port(), d.NATPort)
	}
}

func (s *stage) nothingArrived(t *rapid.T, p probe, o outcome) {
	if v, ok, accepted := s.seen.of(o.nonce); ok || accepted > 0 {
		t.Fatalf("%v: %d connections taken, and at a server came %+v", p, accepted, v)
	}
}

// logIsComplete compares what subscribers were told with what Flows said at
// the time: every flow once, and for the same reasons.
func (s *stage) logIsComplete(t *rapid.T) {
	left := maps.Clone(s.known)
	for _, r := range s.logs {
		key := r.Label + " " + r.Flow.String()
		was, ok := left[key]
		if !ok || r.Open || r.Action != was.Action || !slices.Equal(r.Reasons, was.Reasons) || !slices.Equal(r.Missing, was.Missing) {
			t.Fatalf("logged %+v\n  flow %+v (%v)", r, was, ok)
		}
		delete(left, key)
	}
	if len(left) > 0 {
		t.Fatalf("no log of %v", slices.Collect(maps.Keys(left)))
	}
}
