//go:build linux

package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// A row is one measure: ours, and what it is held against.
type row struct {
	name    string // on the command line
	measure string
	peer    string
	unit    unit
	target  target
	needs   []string // commands, beyond Go
	once    bool     // one round is enough, and long
	open    func(*bench) (pair, error)
}

// A pair measures one round of each side; the figures are in the row's unit.
type pair struct{ ours, peer func() (float64, error) }

// rows are all measures, in the order of the table.
var rows = []row{
	{name: "throughput", measure: "fabric, one TCP stream", peer: "veth + nftables router", unit: bitsPerSecond, target: ratioAtLeast(0.5), needs: []string{"nft"}, open: openThroughput},
	{name: "roundtrip", measure: "fabric, 1-byte TCP round trip, p50", peer: "veth + nftables router", unit: seconds, target: ratioAtMost(3), needs: []string{"nft"}, open: openRoundTrip},
	{name: "connections", measure: "fabric, new TCP connections", peer: "veth + nftables router", unit: perSecond, needs: []string{"nft"}, open: openConnections},
	{name: "coldstart", measure: "Invoke in a fresh environment, p50", peer: "fork and exec into all namespaces", unit: seconds, target: ratioAtMost(3), open: openColdStart},
	{name: "warm", measure: "Invoke again at once, p50", peer: "bare HTTP long poll", unit: seconds, target: ratioAtMost(2), open: openWarm},
	{name: "rested", measure: "Invoke in a frozen environment, p50", peer: "bare HTTP long poll, as rested", unit: seconds, target: ratioAtMost(2), open: openRested},
	{name: "why", measure: "path.Why, a machine by name", peer: "a linear scan of all rules", unit: seconds, target: oursBelow(20e-6), open: openWhy("why")},
	{name: "why-address", measure: "path.Why, an address", peer: "a linear scan of all rules", unit: seconds, target: oursBelow(20e-6), open: openWhy("why-address")},
	{name: "why-blocked", measure: "path.Why, the internet, blocked", peer: "a linear scan of all rules", unit: seconds, target: oursBelow(20e-6), open: openWhy("why-blocked")},
	{name: "why-service", measure: "path.Why, an AWS service, 4 subnets to 4", peer: "a linear scan of all rules", unit: seconds, open: openWhy("why-service")},
	{name: "pairs-1000", measure: "reach, all pairs of 1,000 interfaces, 200 groups", peer: "path.Decide, one packet a pair, reckoned", unit: seconds, target: oursBelow(0.100), open: openPairs(fleet{1_000, 20, 200})},
	{name: "pairs-10000", measure: "reach, all pairs of 10,000 interfaces, 200 groups", peer: "path.Decide, one packet a pair, reckoned", unit: seconds, target: oursBelow(1), open: openPairs(fleet{10_000, 20, 200})},
	{name: "pairs-100000", measure: "reach, all pairs of 100,000 in 2,000 classes", peer: "path.Decide, one packet a pair, reckoned", unit: seconds, target: oursBelow(10), open: openPairs(fleet{100_000, 20, 100})},
	{name: "classes", measure: "reach, 100,000 interfaces in 2,000 classes", peer: "10,000 interfaces in 2,000 classes", unit: seconds, target: ratioAtMost(3), open: openClasses},
	{name: "reprove", measure: "reach, a rule changed: Next, all pairs of 1,000", peer: "Compile, all pairs of 1,000", unit: seconds, target: ratioAtMost(1), open: openReprove},
	{name: "check", measure: "bailey check examples/rootski/states", peer: "bailey --help", unit: seconds, target: oursBelow(0.050), open: openCheck},
	{name: "load", measure: "a template of 5,000 resources to a model", peer: "cfn-lint, the same file, once", unit: seconds, target: oursBelow(0.300), needs: []string{"cfn-lint"}, open: openLoad},
	{name: "load-memory", measure: "bailey why on 5,000 resources, largest RSS", peer: "cfn-lint, the same file, once", unit: bytesResident, target: oursBelow(200e6), needs: []string{"cfn-lint"}, open: openLoadMemory},
	{name: "growth", measure: "a template of 20,000 resources, per 1,000", peer: "the same of 1,000 resources", unit: seconds, target: ratioAtMost(1.5), open: openGrowth},
	{name: "plan", measure: "a Terraform plan of 20 MB to a model", peer: "encoding/json, the same bytes", unit: seconds, target: oursBelow(1), open: openPlan},
	{name: "plan-growth", measure: "the plan, for each tenth of it", peer: "a tenth of it by itself", unit: seconds, target: ratioAtMost(1.5), open: openPlanGrowth},
	{name: "terraform", measure: "a configuration of 50 modules to a model", peer: "HCL's parser, the same bytes", unit: seconds, target: oursBelow(1), open: openConfiguration},
	{name: "terraform-growth", measure: "a configuration of 200 modules, per 10", peer: "one of 10 modules", unit: seconds, target: ratioAtMost(1.5), open: openConfigurationGrowth},
	{name: "snapshot", measure: "a snapshot of 10,000 interfaces to a model", peer: "encoding/json, the same bytes", unit: seconds, target: oursBelow(2), open: openSnapshot},
	{name: "snapshot-memory", measure: "bailey why on 10,000 interfaces, largest RSS", peer: "the files' own bytes", unit: bytesResident, target: oursBelow(500e6), open: openSnapshotMemory},
	{name: "snapshot-growth", measure: "a snapshot of 20,000 interfaces, per 1,000", peer: "the same of 2,000 interfaces", unit: seconds, target: ratioAtMost(1.5), open: openSnapshotGrowth},
	{name: "up", measure: "bailey up examples/rootski/states, until ready", peer: "as many namespaces and processes, bare", unit: seconds, target: oursBelow(0.300), open: openUp},
	{name: "memory", measure: "bailey up examples/rootski/states, idle RSS", peer: "an empty net/http server", unit: bytesResident, target: oursBelow(60e6), open: openMemory},
	{name: "ssm", measure: "ssm GetParameter, signed, 1 connection, p50", peer: "net/http, the same bytes", unit: seconds, open: openSSM},
	{name: "ssm-rate", measure: "ssm GetParameter, signed, 8 connections", peer: "net/http, the same bytes", unit: perSecond, open: openSSMRate},
	{name: "gateway", measure: "HTTP API: JWT, throttle, access log, 8 connections", peer: "net/http, the same bytes", unit: perSecond, target: ratioAtLeast(0.6), open: openGateway},
	{name: "proxied", measure: "HTTP API to a warm Go function, p50", peer: "bare HTTP and bare long poll", unit: seconds, target: ratioAtMost(1.5), open: openProxied},
	{name: "proxied-rate", measure: "HTTP API to a Go function, 8 connections", peer: "bare HTTP and bare long poll", unit: perSecond, open: openProxiedRate},
	{name: "offline", measure: "HTTP API to a Go function, 8 connections", peer: "serverless-offline, to Node.js", unit: perSecond, target: ratioAtLeast(4), needs: []string{"node", "serverless-offline"}, open: openOffline()},
	{name: "offline-inprocess", measure: "HTTP API to a Go function, 8 connections", peer: "serverless-offline --useInProcess", unit: perSecond, target: ratioAtLeast(1), needs: []string{"node", "serverless-offline"}, open: openOffline("--useInProcess")},
	{name: "offline-floor", measure: "bare HTTP and bare long poll, 8 connections", peer: "serverless-offline, to Node.js", unit: perSecond, needs: []string{"node", "serverless-offline"}, open: openOfflineFloor},
	{name: "sustained", measure: "HTTP API to a function, 1 min, p99", peer: "net/http, 10 s, p99", unit: seconds, once: true, open: openSustained},
	{name: "sustained-memory", measure: "bailey up after a minute of that, RSS", peer: "the same after 10 s", unit: bytesResident, target: ratioAtMost(1.2), once: true, open: openGrowing},
}

// names are those of all rows.
func names() []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.name)
	}
	return out
}

// choose gives the rows with these names, in the order of the table; all if
// none is named.
func choose(wanted []string) ([]row, error) {
	for _, n := range wanted {
		if !slices.Contains(names(), n) {
			return nil, fmt.Errorf("there is no row %s; there are: %s", n, strings.Join(names(), " "))
		}
	}
	if len(wanted) == 0 {
		return rows, nil
	}
	var out []row
	for _, r := range rows {
		if slices.Contains(wanted, r.name) {
			out = append(out, r)
		}
	}
	return out, nil
}

// packages are the Debian packages of the commands that rows need.
var packages = map[string]string{"nft": "nftables", "ip": "iproute2", "node": "nodejs"}

// lacks says in one line what the machine does not have for r, or nothing.
func (r row) lacks() string {
	for _, command := range r.needs {
		if command == "serverless-offline" {
			if lack := offlineLacks(); lack != "" {
				return lack
			}
			continue
		}
		if _, err := exec.LookPath(command); err != nil && packages[command] == "" {
			return fmt.Sprintf("there is no %s: pip install %s", command, command)
		} else if err != nil {
			return fmt.Sprintf("there is no %s: apt-get install %s", command, packages[command])
		}
	}
	return ""
}
