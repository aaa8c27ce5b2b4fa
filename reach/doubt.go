package reach

import (
	"fmt"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// doubtsAbout are the facts by which an interface, its subnet or its groups may
// not be there, where no part of the model says so itself. Doubts about a whole
// VPC are about the names that it resolves, and no packet meets those.
func (n *Network) doubtsAbout(e cloud.ENI) []cloud.Gap {
	var names []string
	var out []cloud.Gap
	for d := range n.model.Doubts() {
		if !d.Network || d.Aside || d.Adds {
			continue
		}
		if names == nil {
			names = n.namesOf(e)
		}
		if d.About(names) && !slices.Contains(out, d.Gap) {
			out = append(out, d.Gap)
		}
	}
	return out
}

func (n *Network) namesOf(e cloud.ENI) []string {
	names := append([]string{e.Name}, e.Owners...)
	sub, _ := n.model.Subnet(e.Subnet)
	names = append(names, sub.Name)
	for _, id := range e.Groups {
		g, _ := n.model.SecurityGroup(id)
		names = append(names, g.Name)
	}
	return names
}

// doubted is the fate of packets that would pass if an interface were there.
func (n *Network) doubted(gaps []cloud.Gap) fateID {
	if len(gaps) == 0 {
		return passes
	}
	return n.proofs.hangs(netset.AllTraffic(), gaps...)
}

// Doubts are the facts that decide whether the members, their subnet or their
// groups are there.
func (c *Class) Doubts() []cloud.Gap { return c.doubts }

// keyOfDoubts tells classes apart whose members hang on different facts.
func keyOfDoubts(gaps []cloud.Gap) string {
	if len(gaps) == 0 {
		return ""
	}
	return fmt.Sprint(gaps)
}
