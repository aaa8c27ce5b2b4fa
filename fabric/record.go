package fabric

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// An Action is what became of a flow, in the words of flow logs.
type Action string

// The actions of flow logs.
const (
	Accept Action = "ACCEPT"
	Reject Action = "REJECT"
)

// A Count is what went one way: IP packets as they would be on a wire, and
// their bytes with IP headers.
type Count struct{ Packets, Bytes uint64 }

// A Record is the story of one flow: once when it is dropped, once when it
// ends, and from Flows at any time. Read-only.
type Record struct {
	Label     string      // of the workload that opened the flow
	Interface cloud.ENIID // empty where the flow starts outside every VPC
	Account   string      //
	Flow      netset.Flow // as the network saw it at its start
	Host      string      // the name that the workload had asked for, if it had
	Action    Action      //
	Cut       bool        // accepted at first, then stopped by Recheck
	Open      bool        // not over yet
	Start     time.Time   //
	End       time.Time   // of the last packet, as far as known
	Sent      Count       // by the one who opened the flow
	Received  Count       //
	Skipped   bool        // records before this one were lost: SKIPDATA
	Delivery  path.Delivery
	Reasons   []path.Reason // why it was rejected
	Missing   []cloud.Gap   // facts for want of which it was rejected
}

// String gives the record in the default format of flow logs, version 2:
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
func (r Record) String() string { return r.line(r.Flow, r.Sent) }

// Reply is the flow-log line of the other direction, which AWS writes too for
// an accepted flow that was answered; empty where there is none.
func (r Record) Reply() string {
	if r.Received.Packets == 0 {
		return ""
	}
	return r.line(r.Flow.Reply(), r.Received)
}

func (r Record) line(fl netset.Flow, c Count) string {
	status := "OK"
	if r.Skipped {
		status = "SKIPDATA"
	}
	return fmt.Sprintf("2 %s %s %s %s %d %d %d %d %d %d %d %s %s",
		cmp.Or(r.Account, "-"), cmp.Or(string(r.Interface), "-"), fl.Src.Addr(), fl.Dst.Addr(),
		fl.Src.Port(), fl.Dst.Port(), int(fl.Proto), c.Packets, c.Bytes,
		r.Start.Unix(), r.End.Unix(), r.Action, status)
}

// Flows are the records of all flows that are remembered now, in the order of
// their start.
func (f *Fabric) Flows() []Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.config.Now()
	out := make([]Record, 0, f.flows)
	for t := range f.taps {
		for fl := range t.opened {
			fl.idle(now)
			out = append(out, f.record(fl))
		}
	}
	slices.SortFunc(out, func(a, b Record) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Label, b.Label),
			a.Flow.Src.Compare(b.Flow.Src), a.Flow.Dst.Compare(b.Flow.Dst))
	})
	return out
}

// Subscribe calls fn for every record from now on, in order, from one
// goroutine. stop ends that; a call may be under way when it returns.
func (f *Fabric) Subscribe(fn func(Record)) (stop func()) { return f.journal.subscribe(fn) }

// log hands fl's record to the subscribers. Called with Fabric.mu held.
func (f *Fabric) log(fl *flow) {
	fl.logged = true
	r := f.record(fl)
	r.Open = false
	f.journal.write(r)
}

// record is called with Fabric.mu held.
func (f *Fabric) record(fl *flow) Record {
	r := Record{
		Label: fl.label, Interface: interfaceOf(fl.from), Account: f.config.Account, Flow: fl.asked,
		Host: fl.tap.names.host(fl.asked.Dst.Addr()), Action: Accept, Cut: fl.cut,
		Open: fl.state.Load() == passing && !fl.over.Load(), Start: fl.start, End: fl.active,
		Sent:     Count{fl.forward.packets.Load(), fl.forward.bytes.Load()},
		Received: Count{fl.reverse.packets.Load(), fl.reverse.bytes.Load()},
		Delivery: fl.delivery,
	}
	if fl.cut || fl.forward.to == nil {
		r.Action, r.Reasons, r.Missing = Reject, fl.result.Blockers, fl.result.Missing
	}
	return r
}
