//go:build linux

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
)

// openPairs holds the proof of all pairs of a fleet, every packet of each,
// against walking one packet for each pair of interfaces: as many walks are
// timed as a round bears, and the rest reckoned.
func openPairs(f fleet) func(*bench) (pair, error) {
	return func(b *bench) (pair, error) {
		m, err := b.fleet(f)
		if err != nil {
			return pair{}, err
		}
		return pair{
			ours: each(1, func() error { return allPairs(reach.Compile(m)) }),
			peer: walks(m, b.questions),
		}, nil
	}
}

// openClasses holds a fleet against one with a tenth of its instances, which
// fall into the same classes.
func openClasses(b *bench) (pair, error) {
	f := fleet{100_000, 20, 100}
	many, err1 := b.fleet(f)
	few, err2 := b.fleet(fleet{f.instances / 10, f.subnets, f.tiers})
	prove := func(m *cloud.Model) func() (float64, error) {
		return each(1, func() error { return allPairs(reach.Compile(m)) })
	}
	return pair{prove(many), prove(few)}, errors.Join(err1, err2)
}

// openReprove holds all pairs of a fleet after a rule of one group has changed,
// from the Network before, against the same afresh.
func openReprove(b *bench) (pair, error) {
	spec := fleet{1000, 20, 200}.shrunk(b).spec()
	model := func(port uint16) (*cloud.Model, error) {
		spec.SecurityGroups[7].Ingress = append(spec.SecurityGroups[7].Ingress[:4:4], fleet{}.admits(port, cloud.PeerGroup{ID: "sg-all"}))
		return built(spec)
	}
	first, err := model(0)
	if err != nil {
		return pair{}, err
	}
	n, port := reach.Compile(first), uint16(0)
	timed := func(next func(*cloud.Model) *reach.Network) func() (float64, error) {
		return func() (float64, error) {
			port++
			m, err := model(port)
			if err != nil {
				return 0, err
			}
			began := time.Now()
			n = next(m)
			err = allPairs(n)
			return time.Since(began).Seconds(), err
		}
	}
	return pair{timed(func(m *cloud.Model) *reach.Network { return n.Next(m) }), timed(reach.Compile)}, allPairs(n)
}

// fleet builds a fleet, small where a round only shows that it works.
func (b *bench) fleet(f fleet) (*cloud.Model, error) { return built(f.shrunk(b).spec()) }

func (f fleet) shrunk(b *bench) fleet {
	f.instances /= b.shrink
	return f
}

func built(s cloud.Spec) (*cloud.Model, error) {
	m, diags := cloud.New(s)
	if diags.HasErrors() {
		return nil, diags
	}
	return m, nil
}

// allPairs looks at every pair; a fleet without any is a mistake.
func allPairs(n *reach.Network) error {
	open := 0
	for e := range n.Pairs() {
		if !e.Open().IsEmpty() {
			open++
		}
	}
	if open == 0 {
		return errors.New("nothing reaches anything")
	}
	return nil
}

// walks is the time for one packet of each pair, by n walks.
func walks(m *cloud.Model, n int) func() (float64, error) {
	var all []cloud.ENI
	for e := range m.ENIs() {
		all = append(all, e)
	}
	pairs := float64(len(all)) * float64(len(all)-1)
	return func() (float64, error) {
		i := 0
		mean, err := each(n, func() error {
			from, to := all[i%len(all)], all[(i*7919+1)%len(all)]
			i++
			r := path.Decide(m, path.FromENI{ID: from.ID}, netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(from.PrivateIP, 40000), Dst: netip.AddrPortFrom(to.PrivateIP, 443)})
			if r.Verdict == path.Undecided {
				return fmt.Errorf("%s to %s is undecided", from.Name, to.Name)
			}
			return nil
		})()
		return mean * pairs, err
	}
}
