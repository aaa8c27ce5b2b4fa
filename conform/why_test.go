package conform

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"bailey/cloud"
	"bailey/path"
)

// A report of path.Why explains itself, and its witness is a packet that
// bears it out.
func TestWitnessesBearReportsOut(t *testing.T) {
	tally := map[path.Verdict]int{}
	check(t, 2000, func(t *rapid.T) {
		m := anyModel(t, true)
		q, ok := anyQuestion(t, m)
		if !ok {
			return
		}
		r, err := path.Why(m, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		tally[r.Verdict]++
		if problem := unexplained(r.Verdict, r.Blockers, r.Missing); problem != "" && r.Verdict != path.Partial {
			t.Fatalf("%+v: %s: %+v", q, problem, r)
		}
		witnessed(t, m, q, r)
	})
	t.Log(tally)
}

// witnessed traces a report's witness again.
func witnessed(t *rapid.T, m *cloud.Model, q path.Question, r path.Report) {
	if !r.Witness.Dst.IsValid() {
		return // a name that did not resolve has no packet
	}
	got := path.Trace(m, startOf(m, q, r), r.Witness).Verdict
	switch r.Verdict {
	case path.Reachable:
		if got != path.Reachable {
			t.Fatalf("%+v is reachable, but its witness %v is %v", q, r.Witness, got)
		}
	case path.Blocked:
		if got != path.Blocked {
			t.Fatalf("%+v is blocked, but its witness %v is %v", q, r.Witness, got)
		}
	case path.Partial:
		if got == path.Reachable || len(r.Parts) < 2 || len(r.Blockers) == 0 {
			t.Fatalf("%+v is partial, its witness %v %v, %d parts, for %v", q, r.Witness, got, len(r.Parts), r.Blockers)
		}
	}
}

// startOf is where a report's witness starts.
func startOf(m *cloud.Model, q path.Question, r path.Report) path.From {
	if q.From == "internet" {
		return fromInternet
	}
	for _, e := range m.ENIsOf(q.From) {
		if e.AddrLike(r.Witness.Dst.Addr()) == r.Witness.Src.Addr() {
			return fromENI(e.ID)
		}
	}
	return fromLambda
}

// anyQuestion asks from one name for another.
func anyQuestion(t *rapid.T, m *cloud.Model) (path.Question, bool) {
	from, to := []string{"internet"}, []string{"aws:sqs", "ssm.us-west-2.api.aws", "[2001:2::7]:443", "aws:ssm", "aws:s3", "internet", "198.18.200.1:443"}
	for f := range m.Functions() {
		from = append(from, f.Name, f.Name)
	}
	for e := range m.ENIs() {
		if e.Kind == cloud.InstanceENI || e.Kind == cloud.LightsailENI {
			from = append(from, e.Name)
			to = append(to, fmt.Sprint(e.Name, ":", pick(t, "port", ports...)))
		}
	}
	q := path.Question{From: pick(t, "from", from...), To: pick(t, "to", to...)}
	return q, q.From != "internet" || q.To != "internet"
}
