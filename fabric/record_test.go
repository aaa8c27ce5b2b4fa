package fabric

import (
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRecordLine(t *testing.T) {
	n, a, b := pair(t, Config{Account: "123456789012"})
	n.Note(a.Tap, netip.MustParseAddr("10.0.1.2"), "db.example.internal")
	a.send(syn())
	n.mu.Lock()
	n.now = n.now.Add(3 * time.Second)
	n.mu.Unlock()
	b.send(tcp("10.0.1.2:80", "10.0.0.2:4000", tcpRST, ""))
	r := n.record()
	const want = "2 123456789012 eni-a 10.0.0.2 10.0.1.2 4000 80 6 1 40 1700000000 1700000003 ACCEPT OK"
	if r.String() != want {
		t.Errorf("got  %s\nwant %s", r, want)
	}
	const reply = "2 123456789012 eni-a 10.0.1.2 10.0.0.2 80 4000 6 1 40 1700000000 1700000003 ACCEPT OK"
	if r.Reply() != reply {
		t.Errorf("got  %s\nwant %s", r.Reply(), reply)
	}
	if r.Host != "db.example.internal" || r.Label != "a" {
		t.Errorf("host %q, label %q", r.Host, r.Label)
	}
}

func TestSegmentsAreCountedAsOnAWire(t *testing.T) {
	n, a, _ := pair(t, Config{})
	a.send(syn())
	frame := leave(tcp("10.0.0.2:4000", "10.0.1.2:80", tcpACK, strings.Repeat("x", 2500)))
	frame[1], frame[2], frame[4], frame[5] = 1, 40, 1000&0xff, 1000>>8 // GSO TCPv4, 40 bytes of headers, segments of 1000
	a.send(frame)
	if got, want := n.Flows()[0].Sent, (Count{1 + 3, 40 + 2500 + 3*40}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

func TestSlowSubscriber(t *testing.T) {
	first, release := make(chan struct{}), make(chan struct{})
	var got []Record
	n, a, _ := pair(t, Config{Decider: decide(), Log: func(r Record) {
		if got = append(got, r); len(got) == 1 {
			close(first)
			<-release
		}
	}})
	a.send(syn())
	<-first
	n.mu.Lock()
	for range maxWaiting + 5 {
		n.journal.write(Record{})
	}
	n.mu.Unlock()
	if s := n.Stats(); s.Unlogged != 5 {
		t.Errorf("stats %+v", s)
	}
	close(release)
	n.Close()
	if len(got) != maxWaiting+1 {
		t.Errorf("%d records, want %d", len(got), maxWaiting+1)
	}
}

func TestSubscribe(t *testing.T) {
	n, a, _ := pair(t, Config{Decider: decide()})
	got := 0
	n.Subscribe(func(Record) { got++ })
	n.Subscribe(func(Record) { t.Error("called after stop") })()
	a.send(syn())
	n.Close()
	if got != 1 {
		t.Errorf("%d records", got)
	}
}

func TestSkippedIsMarked(t *testing.T) {
	j := &journal{wake: sync.NewCond(&sync.Mutex{})}
	j.waiting = make([]Record, maxWaiting)
	j.write(Record{})
	j.waiting = nil
	j.write(Record{})
	j.write(Record{})
	if !j.waiting[0].Skipped || j.waiting[1].Skipped || !strings.HasSuffix(j.waiting[0].String(), "SKIPDATA") {
		t.Errorf("%v", j.waiting)
	}
}
