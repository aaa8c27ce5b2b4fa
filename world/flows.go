package world

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"bailey/fabric"
	"bailey/netset"
)

// flowLog keeps the latest records of flows that are over or were dropped.
type flowLog struct {
	mu      sync.Mutex
	records []fabric.Record
	waiters []chan struct{}
}

const maxRecords = 10000

func newFlowLog() *flowLog { return &flowLog{} }

func (l *flowLog) add(r fabric.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.records) >= maxRecords {
		l.records = append(l.records[:0:0], l.records[maxRecords/2:]...)
	}
	l.records = append(l.records, r)
	for _, w := range l.waiters {
		close(w)
	}
	l.waiters = nil
}

// since gives the records from the n-th on, and a channel that is closed when
// there are more.
func (l *flowLog) since(n int) ([]fabric.Record, int, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	more := make(chan struct{})
	l.waiters = append(l.waiters, more)
	n = min(n, len(l.records))
	return append([]fabric.Record(nil), l.records[n:]...), len(l.records), more
}

// dropped gives the records of flows that were refused to an environment or an
// instance since a time.
func (l *flowLog) dropped(label string, since time.Time) []fabric.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []fabric.Record
	for _, r := range l.records {
		if r.Action == fabric.Reject && strings.HasPrefix(r.Label, label) && !r.Start.Before(since) {
			out = append(out, r)
		}
	}
	return out
}

// record takes each record from fabric: it is kept, and a drop is told beside
// the log of the function that met it.
func (w *World) record(r fabric.Record) {
	w.flows.add(r)
	if r.Action != fabric.Reject {
		return
	}
	if _, environment, ok := strings.Cut(r.Label, " "); ok && w.lambda != nil {
		w.lambda.Annotate(environment, DescribeDrop(r))
	}
}

// Dropped names what was dropped: "connect 52.94.0.1:443 (ssm...)".
func Dropped(r fabric.Record) string {
	verb := "send to"
	if r.Flow.Proto == netset.TCP {
		verb = "connect"
	}
	if r.Host == "" {
		return fmt.Sprintf("%s %s", verb, r.Flow.Dst)
	}
	return fmt.Sprintf("%s %s (%s)", verb, r.Flow.Dst, r.Host)
}

// DescribeDrop says in one line what was dropped and why:
// "connect 52.94.0.1:443 (ssm.us-west-2.amazonaws.com) dropped: CODE: ...".
func DescribeDrop(r fabric.Record) string {
	var b strings.Builder
	b.WriteString(Dropped(r) + " dropped")
	for i, why := range r.Reasons {
		b.WriteString([]string{": ", "; "}[min(i, 1)])
		b.WriteString(why.String())
		if at := strings.TrimSpace(why.At.String() + " " + why.At.Construct.String()); at != "" {
			fmt.Fprintf(&b, " [%s]", at)
		}
	}
	for _, gap := range r.Missing {
		fmt.Fprintf(&b, ": not known: %s", gap)
	}
	return b.String()
}
