package fabric

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"bailey/netset"
	"bailey/path"
)

func TestEndOfTCP(t *testing.T) {
	type step struct {
		from  string
		flags byte
	}
	for _, tt := range []struct {
		name  string
		steps []step
		ended bool
	}{
		{"open", []step{{"b", tcpSYN | tcpACK}, {"a", tcpACK}}, false},
		{"half closed", []step{{"a", tcpFIN | tcpACK}, {"b", tcpACK}}, false},
		{"closed by both, last ACK missing", []step{{"a", tcpFIN | tcpACK}, {"b", tcpFIN | tcpACK}}, false},
		{"closed", []step{{"a", tcpFIN | tcpACK}, {"b", tcpFIN | tcpACK}, {"a", tcpACK}}, true},
		{"reset by the server", []step{{"b", tcpRST}}, true},
		{"reset by the client", []step{{"a", tcpRST | tcpACK}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, a, b := pair(t, Config{})
			a.send(syn())
			for _, s := range tt.steps {
				if s.from == "a" {
					a.send(tcp("10.0.0.2:4000", "10.0.1.2:80", s.flags, ""))
				} else {
					b.send(tcp("10.0.1.2:80", "10.0.0.2:4000", s.flags, ""))
				}
			}
			if open := n.Flows()[0].Open; open == tt.ended {
				t.Errorf("open: %v", open)
			}
			n.pass(2 * time.Second)
			if forgotten := n.Stats().Flows == 0; forgotten != tt.ended {
				t.Errorf("forgotten: %v", forgotten)
			}
			if tt.ended {
				if r := n.record(); r.Action != Accept || int(r.Sent.Packets+r.Received.Packets) != 1+len(tt.steps) {
					t.Errorf("record %+v", r)
				}
			}
			n.noRecord()
		})
	}
}

// A port that is used again at once starts a flow of its own.
func TestSynAfterTheEnd(t *testing.T) {
	d := decide(toENI("10.0.1.2", "eni-b"))
	_, a, b := pair(t, Config{Decider: d})
	a.send(syn())
	b.send(tcp("10.0.1.2:80", "10.0.0.2:4000", tcpRST, ""))
	a.send(syn())
	expect(t, "b", b.got(t), "6 "+ab, "6 "+ab)
	if n := len(d.flows()); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestIdle(t *testing.T) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.NATPort, nat.delivery.Through = true, "NAT"
	for _, tt := range []struct {
		name  string
		rule  rule
		frame []byte
		limit time.Duration
	}{
		{"TCP", toENI("10.0.1.2", "eni-b"), syn(), 5 * 24 * time.Hour},
		{"UDP", toENI("10.0.1.2", "eni-b"), udp("10.0.0.2:4000", "10.0.1.2:53", ""), 180 * time.Second},
		{"UDP through NAT", nat, udp("10.0.0.2:4000", "10.0.1.2:53", ""), 350 * time.Second},
		{"dropped", refuse("10.0.1.2", path.NoRoute), syn(), 60 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, a, _ := pair(t, Config{Decider: decide(tt.rule)})
			a.send(slices.Clone(tt.frame))
			n.pass(tt.limit - time.Second)
			a.send(slices.Clone(tt.frame)) // starts the clock anew
			n.pass(tt.limit - time.Second)
			if n.Stats().Flows != 1 {
				t.Fatal("forgotten too early")
			}
			n.pass(time.Second)
			if n.Stats().Flows != 0 {
				t.Error("not forgotten")
			}
		})
	}
}

// A NAT gateway resets who goes on after 350 s, even where all else is silent.
func TestNATTimeoutResets(t *testing.T) {
	nat := toENI("10.0.1.2", "eni-b")
	nat.delivery.NATPort, nat.delivery.Through = true, "NAT"
	n, a, b := pair(t, Config{Decider: decide(nat)})
	a.send(syn())
	n.pass(350 * time.Second)
	b.got(t)
	if r := n.record(); r.Action != Accept {
		t.Errorf("record %+v", r)
	}
	a.send(tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, "still there?"))
	expect(t, "a", a.got(t), "6 "+ba)
	expect(t, "b", b.got(t))
	a.send(syn())
	if got := b.got(t); len(got) != 1 {
		t.Errorf("a new connection: b got %q", got)
	}
}

func TestTableFull(t *testing.T) {
	n, a, b := pair(t, Config{MaxFlows: 3})
	port := func(i int) string { return fmt.Sprint("10.0.0.2:", 4000+i) }
	for i := range 5 {
		a.send(tcp(port(i), "10.0.1.2:80", tcpSYN, ""))
	}
	if got := b.got(t); len(got) != 3 || n.Stats().Flows != 3 {
		t.Errorf("b got %q, %d flows", got, n.Stats().Flows)
	}
	if r := n.record(); r.Action != Reject || r.Reasons[0].Code != TableFull {
		t.Errorf("record %+v", r)
	}
	n.noRecord() // one for all that are turned away
	b.send(tcp("10.0.1.2:80", port(1), tcpRST, ""))
	n.sweep()
	a.send(tcp(port(9), "10.0.1.2:80", tcpSYN, ""))
	if got := b.got(t); len(got) != 1 {
		t.Errorf("after one had ended: b got %q", got)
	}
}

func TestDroppedFlowsMakeRoom(t *testing.T) {
	n, a, b := pair(t, Config{MaxFlows: 3})
	for i := range 10 {
		a.send(tcp(fmt.Sprint("10.0.0.2:", 4000+i), "10.0.2.2:80", tcpSYN, ""))
	}
	a.send(syn())
	expect(t, "b", b.got(t), "6 "+ab)
	if n.Stats().Flows > 3 {
		t.Errorf("%+v", n.Stats())
	}
}

func TestRecheck(t *testing.T) {
	elsewhere := toENI("10.0.1.2", "eni-c")
	for _, tt := range []struct {
		name        string
		before      rule
		after       rule
		wantBefore  int
		wantAfter   int // packets at b after a SYN
		wantRecords []Action
	}{
		{"still allowed", toENI("10.0.1.2", "eni-b"), toENI("10.0.1.2", "eni-b"), 1, 1, nil},
		{"no longer allowed", toENI("10.0.1.2", "eni-b"), refuse("10.0.1.2", path.SubnetACL), 1, 0, []Action{Reject, Reject}},
		{"allowed now", refuse("10.0.1.2", path.SubnetACL), toENI("10.0.1.2", "eni-b"), 0, 1, []Action{Reject}},
		{"still dropped", refuse("10.0.1.2", path.SubnetACL), refuse("10.0.1.2", path.NoRoute), 0, 0, []Action{Reject}},
		{"goes elsewhere", toENI("10.0.1.2", "eni-b"), elsewhere, 1, 0, []Action{Reject, Reject}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := decide(tt.before)
			n, a, b := pair(t, Config{Decider: d})
			a.send(syn())
			if got := b.got(t); len(got) != tt.wantBefore {
				t.Errorf("before: b got %q", got)
			}
			d.set(tt.after)
			n.Recheck()
			a.send(syn())
			if got := b.got(t); len(got) != tt.wantAfter {
				t.Errorf("after: b got %q", got)
			}
			for _, want := range tt.wantRecords {
				if r := n.record(); r.Action != want || len(r.Reasons) == 0 {
					t.Errorf("record %+v, want %s", r, want)
				}
			}
			n.noRecord()
		})
	}
}

// slow is a Decider that answers when the test says so.
type slow struct {
	asked  chan struct{}
	answer chan path.Result
}

func (s slow) Decide(path.From, netset.Flow) path.Result {
	s.asked <- struct{}{}
	return <-s.answer
}

func (s slow) DecideVia(from path.From, fl netset.Flow, _ uint16) path.Result {
	return s.Decide(from, fl)
}

// An answer of the model before Recheck must not stand after it.
func TestRecheckWhileAsking(t *testing.T) {
	d := slow{make(chan struct{}), make(chan path.Result)}
	n, a, b := pair(t, Config{Decider: d})
	sent := make(chan struct{})
	go func() { a.send(syn()); close(sent) }()
	<-d.asked
	n.Recheck()
	d.answer <- path.Result{Verdict: path.Reachable, Delivery: path.Delivery{To: path.ToENI, ENI: "eni-b"}}
	<-d.asked // asked again
	d.answer <- path.Result{Verdict: path.Blocked}
	<-sent
	expect(t, "b", b.got(t))
}

func TestCloseOfATap(t *testing.T) {
	n, a, b := pair(t, Config{})
	a.send(syn())
	b.got(t)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if r := n.record(); r.Action != Accept || r.Open {
		t.Errorf("record %+v", r)
	}
	a.send(tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, "x"))
	a.send(tcp("10.0.0.2:4001", "10.0.1.2:80", tcpSYN, ""))
	expect(t, "b", b.got(t))
	if r := n.record(); r.Reasons[0].Code != NoWorkload {
		t.Errorf("record %+v", r)
	}
	b.Close()
}
