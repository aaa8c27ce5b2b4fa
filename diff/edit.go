package diff

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/source"
)

// An Edit is one thing of which the network is made that is declared otherwise
// in the new model: a rule, a route, an entry, or a whole resource.
type Edit struct {
	Verb   Verb
	Type   string // AWS::EC2::SecurityGroup
	Name   string // of the resource, or of the one that a rule or route belongs to
	Detail string // "tcp 5432 from 0.0.0.0/0", "in no VPC, was in subnet-a"
	At     source.Span
}

// Verb says what was done.
type Verb string

// What can be done to a thing.
const (
	Added   Verb = "added"
	Removed Verb = "removed"
	Changed Verb = "changed"
)

// A fact is one thing that a model declares, in words that mean the same in
// both models: without the IDs that are made up.
type fact struct {
	id string // what it is, and remains if it changes
	// parts are what it says, the most important first: one that differs makes
	// the rest not worth telling.
	parts []string
	name  string
	typ   string
	at    source.Span
	sieve
}

// A sieve tells which packets a rule, a route or an entry is about; the zero
// sieve belongs to what is about a resource as a whole. Routes and entries of
// network ACLs have no traffic: they stop as well as let through, and decide on
// replies too.
type sieve struct {
	traffic *netset.Traffic       // nil: any
	peers   func(netip.Addr) bool // nil: any
	group   cloud.SecurityGroupID // of a rule
	egress  bool                  // of a rule
}

// An edit is an Edit with what it may be to blame for.
type edit struct {
	Edit
	sieve
}

// editsOf compares what two models declare.
func editsOf(a, b *cloud.Model) []edit {
	old, now := factsOf(a), factsOf(b)
	was, is := byID(old), byID(now)
	var out []edit
	for _, f := range now {
		o, ok := was[f.id]
		switch {
		case !ok:
			out = append(out, edit{Edit{Added, f.typ, f.name, f.parts[0], f.at}, f.sieve})
		case !slices.Equal(o.parts, f.parts):
			out = append(out, edit{Edit{Changed, f.typ, f.name, difference(o.parts, f.parts), f.at}, f.sieve})
		}
	}
	for _, f := range old {
		if _, ok := is[f.id]; !ok {
			out = append(out, edit{Edit{Removed, f.typ, f.name, f.parts[0], f.at}, f.sieve})
		}
	}
	slices.SortStableFunc(out, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.Detail, b.Detail))
	})
	return out
}

// difference tells the parts that differ, or the first alone if it does.
func difference(was, is []string) string {
	var out []string
	for i := range is {
		if was[i] == is[i] {
			continue
		}
		out = append(out, is[i]+", was "+was[i])
		if i == 0 {
			break
		}
	}
	return strings.Join(out, "; ")
}

func byID(facts []fact) map[string]fact {
	out := map[string]fact{}
	for _, f := range facts {
		out[f.id] = f
	}
	return out
}

// because are the edits that a change's witness meets, in either model: those
// of what it passes or stops at, and of the rules, routes and entries there that
// speak of the packets that changed.
func (c *comparison) because(ch Change) []Edit {
	way := c.wayOf(ch)
	var out []Edit
	for _, e := range c.edits {
		if way.names[e.Name] && way.rules(e.sieve) && e.concerns(ch) {
			out = append(out, e.Edit)
		}
	}
	return out
}

// A way is what a witness meets, in both models.
type way struct {
	names map[string]bool
	// The groups of its two ends. A group that is new or gone is told by
	// whatever is in it, not rule by rule.
	from, to map[cloud.SecurityGroupID]bool
}

func (w way) rules(s sieve) bool {
	switch {
	case s.group == "":
		return true
	case s.egress:
		return w.from[s.group]
	}
	return w.to[s.group]
}

func (c *comparison) wayOf(ch Change) way {
	w := way{map[string]bool{}, map[cloud.SecurityGroupID]bool{}, map[cloud.SecurityGroupID]bool{}}
	for i, look := range []Look{ch.Old, ch.New} {
		n := c.both()[i]
		for _, h := range look.Hops {
			w.names[h.Component] = true
		}
		for _, b := range look.Blockers {
			w.names[b.Component] = true
		}
		if e, ok := look.From.(path.FromENI); ok {
			in, _ := n.m.ENI(e.ID)
			n.nameSurroundings(in, w.names)
			c.noteGroups(w.from, in)
		}
		if in, ok := n.receiver(look.Flow.Dst.Addr(), ch.To); ok {
			n.nameSurroundings(in, w.names)
			c.noteGroups(w.to, in)
		}
	}
	for _, p := range []Party{ch.From, ch.To} {
		for _, name := range p.Names {
			w.names[name] = true
		}
	}
	return w
}

// receiver finds the interface that a witness is for.
func (n *network) receiver(addr netip.Addr, to Party) (cloud.ENI, bool) {
	for _, name := range to.Names {
		for _, e := range n.m.ENIsOf(name) {
			if addr.IsValid() && (e.PrivateIP == addr || e.PublicIP == addr || e.IPv6 == addr) {
				return e, true
			}
		}
	}
	return cloud.ENI{}, false
}

// noteGroups notes the groups of an interface that both models have.
func (c *comparison) noteGroups(to map[cloud.SecurityGroupID]bool, e cloud.ENI) {
	for _, id := range e.Groups {
		to[id] = c.inBoth[id]
	}
}

// nameSurroundings adds what an interface stands in.
func (n *network) nameSurroundings(e cloud.ENI, names map[string]bool) {
	names[e.Name] = true
	sub, _ := n.m.Subnet(e.Subnet)
	vpc, _ := n.m.VPC(e.VPC)
	table, _ := n.m.RouteTableOf(sub)
	acl, _ := n.m.ACLOf(sub)
	for _, name := range []string{sub.Name, vpc.Name, table.Name, acl.Name} {
		names[name] = true
	}
	for _, id := range e.Groups {
		g, _ := n.m.SecurityGroup(id)
		names[g.Name] = true
	}
	delete(names, "")
}

// concerns reports whether an edit may have brought the change about. A group's
// rules only ever admit: a new one opens, one that is gone closes.
func (e edit) concerns(ch Change) bool {
	if e.traffic != nil {
		gained := ch.Opens() || ch.Was == path.Blocked
		if e.Verb != Changed && gained != (e.Verb == Added) || e.traffic.Intersect(ch.Traffic).IsEmpty() {
			return false
		}
	}
	return e.meets(ch)
}

// meets reports whether one of the witness's addresses is among the edit's
// peers.
func (e edit) meets(ch Change) bool {
	if e.peers == nil {
		return true
	}
	for _, f := range []netset.Flow{ch.Old.Flow, ch.New.Flow} {
		for _, addr := range []netset.Flow{f, f.Reply()} {
			if a := addr.Dst.Addr(); a.IsValid() && e.peers(a) {
				return true
			}
		}
	}
	return false
}
