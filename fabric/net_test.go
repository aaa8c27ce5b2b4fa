package fabric

import (
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
)

// rules is a Decider in a few words: the first rule that speaks of the flow
// decides, and what none speaks of is blocked.
type rules struct {
	mu    sync.Mutex
	list  []rule
	asked []netset.Flow
	shut  func(natPort uint16) bool // which ports of a NAT gateway get no reply; nil: none
}

type rule struct {
	dst      string // address or prefix
	port     uint16 // 0: any
	delivery path.Delivery
	blocked  path.Code
}

func (r *rules) set(list ...rule) *rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = list
	return r
}

func decide(list ...rule) *rules { return (&rules{}).set(list...) }

func (r *rules) Decide(_ path.From, fl netset.Flow) path.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, fl)
	for _, rule := range r.list {
		if rule.speaksOf(fl) {
			return rule.result(fl)
		}
	}
	return blocked(fl, path.NoRoute, "no route to "+fl.Dst.Addr().String())
}

func (r rule) speaksOf(fl netset.Flow) bool {
	p, err := netip.ParsePrefix(r.dst)
	if err != nil {
		p = netip.PrefixFrom(netip.MustParseAddr(r.dst), 32)
	}
	return p.Contains(fl.Dst.Addr()) && (r.port == 0 || r.port == fl.Dst.Port())
}

func (r rule) result(fl netset.Flow) path.Result {
	if r.blocked != "" {
		return blocked(fl, r.blocked, "a rule")
	}
	return path.Result{Verdict: path.Reachable, Flow: fl, Delivery: r.delivery}
}

func blocked(fl netset.Flow, code path.Code, detail string) path.Result {
	return path.Result{Verdict: path.Blocked, Flow: fl, Blockers: []path.Reason{{Code: code, Component: "test", Detail: detail}}}
}

func (r *rules) flows() []netset.Flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]netset.Flow(nil), r.asked...)
}

// verdict answers the same about everything.
type verdict struct {
	verdict  path.Verdict
	delivery path.Delivery
}

// DecideVia lets what Decide let through go on by the port that was drawn,
// unless shut says that replies to that port are denied.
func (r *rules) DecideVia(_ path.From, fl netset.Flow, natPort uint16) path.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut != nil && r.shut(natPort) {
		return blocked(fl, path.SubnetACL, "no entry for the reply")
	}
	return path.Result{Verdict: path.Reachable, Flow: fl}
}

func (v verdict) DecideVia(from path.From, fl netset.Flow, _ uint16) path.Result {
	return v.Decide(from, fl)
}

func (v verdict) Decide(_ path.From, fl netset.Flow) path.Result {
	return path.Result{Verdict: v.verdict, Flow: fl, Delivery: v.delivery}
}

// toENI and the like are rules.
func toENI(dst, eni string) rule {
	return rule{dst: dst, delivery: path.Delivery{To: path.ToENI, ENI: cloud.ENIID(eni)}}
}
func toService(dst, service, endpoint string) rule {
	return rule{dst: dst, delivery: path.Delivery{To: path.ToService, Service: service, Endpoint: cloud.EndpointID(endpoint)}}
}
func refuse(dst string, code path.Code) rule { return rule{dst: dst, blocked: code} }

// patience ends a test that fails; none that passes waits that long.
const patience = 10 * time.Second

// testNet is a fabric and the records that it wrote.
type testNet struct {
	*Fabric
	t       testing.TB
	records chan Record
}

func newNet(t testing.TB, c Config) *testNet {
	t.Helper()
	n := &testNet{t: t, records: make(chan Record, 10000)}
	c.Log = n.keep
	n.Fabric = New(c)
	t.Cleanup(func() {
		n.Close()
		noGoroutines(t)
	})
	return n
}

// keep drops what no test will ever look at.
func (n *testNet) keep(r Record) {
	select {
	case n.records <- r:
	default:
	}
}

// running are the functions that the fabric's goroutines start with.
var running = []string{"(*Fabric).sweepOften", "(*Fabric).attach.func", "(*journal).run", "(*delayLine).release"}

// noGoroutines fails where one of the fabric's is left. Close has waited for
// their functions to return; the runtime may take a moment more.
func noGoroutines(t testing.TB) {
	t.Helper()
	buf := make([]byte, 1<<20)
	var left string
	for range 1000 {
		left = ""
		stacks := string(buf[:runtime.Stack(buf, true)])
		for _, f := range running {
			if strings.Contains(stacks, "fabric."+f) {
				left = f
			}
		}
		if left == "" {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("a goroutine in %s is left", left)
}

// record waits for the next record.
func (n *testNet) record() Record {
	n.t.Helper()
	select {
	case r := <-n.records:
		return r
	case <-time.After(patience):
		n.t.Fatal("no record came")
		return Record{}
	}
}

func (n *testNet) noRecord() {
	n.t.Helper()
	select {
	case r := <-n.records:
		n.t.Errorf("a record came: %v", r)
	default:
	}
}
