//go:build linux

package main

import (
	"errors"
	"net/netip"
	"time"

	"bailey/cloud"
	"bailey/path"
)

// pings are what is asked about the example's function: a machine behind a
// peering, by name; an AWS service, by its host name, from four subnets to the
// four of an endpoint; an address; and a host that nothing leads to.
var pings = map[string]struct {
	to      string
	verdict path.Verdict
}{
	"why":         {"Web:80", path.Reachable},
	"why-service": {"aws:ssm", path.Reachable},
	"why-address": {"198.51.100.7:443", path.Blocked},
	"why-blocked": {"internet", path.Blocked},
}

// openWhy holds an explained answer over the example's model against the
// least that any answer has to do: look at each rule, route and entry once.
// The scan explains nothing, follows nothing and looks one way only.
func openWhy(name string) func(*bench) (pair, error) {
	return func(b *bench) (pair, error) {
		m, err := b.model()
		if err != nil {
			return pair{}, err
		}
		to := m.ENIsOf("Web")
		if len(to) == 0 {
			return pair{}, errors.New("examples/rootski: Web has no interface")
		}
		question, want := path.Question{From: "PingFunction", To: pings[name].to}, pings[name].verdict
		return pair{
			ours: each(b.questions, func() error {
				r, err := path.Why(m, question)
				if err == nil && r.Verdict != want {
					err = errors.New("PingFunction to " + question.To + " is " + r.Verdict.String())
				}
				return err
			}),
			peer: each(b.questions, func() error {
				if scan(m, to[0].PrivateIP) == 0 {
					return errors.New("no rule speaks of " + to[0].PrivateIP.String())
				}
				return nil
			}),
		}, nil
	}
}

// each is the mean time of f over n calls, in seconds.
func each(n int, f func() error) func() (float64, error) {
	return func() (float64, error) {
		began := time.Now()
		for range n {
			if err := f(); err != nil {
				return 0, err
			}
		}
		return time.Since(began).Seconds() / float64(n), nil
	}
}

// scan counts what speaks of dst.
func scan(m *cloud.Model, dst netip.Addr) (n int) {
	for g := range m.SecurityGroups() {
		for _, rules := range [][]cloud.Rule{g.Ingress, g.Egress} {
			for _, r := range rules {
				if p, ok := r.Peer.(cloud.PeerCIDR); ok && p.Contains(dst) {
					n++
				}
			}
		}
	}
	for t := range m.RouteTables() {
		for _, r := range t.Routes {
			if p, ok := r.Dest.(cloud.PrefixDest); ok && p.Contains(dst) {
				n++
			}
		}
	}
	for e := range m.ENIs() {
		if e.PrivateIP == dst {
			n++
		}
	}
	return n
}
