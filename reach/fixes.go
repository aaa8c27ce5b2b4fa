package reach

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
)

// A Fix is a change that opens a path, proved by walking it again.
type Fix struct {
	Summary    string
	USDPerYear float64
	Proved     bool
	Patch      string   // what to add or change, in the template's own format
	Breaks     []string // needed paths that the change would close
	opens      int      // how much else it lets through: the fewer the better
}

// A change is one candidate: what it does to the model and to the template.
type change struct {
	Fix
	apply func(*cloud.Spec)
	// instead is the destination to dial from then on; empty: the same.
	instead string
}

// Fixes gives the changes that would make q reachable, the cheapest first,
// then those that open least. needs are the paths that must stay open.
func Fixes(m *cloud.Model, q path.Question, r path.Report, needs []Need) []Fix {
	if r.Verdict != path.Blocked && r.Verdict != path.Partial || q.From == "internet" {
		return nil // nobody is advised to let the whole internet in
	}
	p := proposal{m: m, q: q, r: r}
	p.collect()
	var out []Fix
	for _, c := range append(p.changes, p.together()...) {
		if fix, ok := p.prove(c, needs); ok {
			out = append(out, fix)
		}
	}
	slices.SortStableFunc(out, func(a, b Fix) int {
		return cmp.Or(cmp.Compare(len(a.Breaks), len(b.Breaks)), cmp.Compare(a.USDPerYear, b.USDPerYear), cmp.Compare(a.opens, b.opens))
	})
	return out
}

// prove applies a candidate to a copy of the model and asks again.
func (p *proposal) prove(c change, needs []Need) (Fix, bool) {
	next, diags := p.m.With(c.apply)
	if diags.HasErrors() {
		return Fix{}, false
	}
	q := p.q
	q.To = cmp.Or(c.instead, q.To)
	r, err := path.Why(next, q)
	if err != nil || r.Verdict != path.Reachable {
		return Fix{}, false
	}
	c.Proved = true
	for _, n := range needs {
		if n.Question == p.q {
			continue
		}
		before, err1 := path.Why(p.m, n.Question)
		after, err2 := path.Why(next, n.Question)
		if err1 == nil && err2 == nil && before.Verdict != path.Blocked && after.Verdict == path.Blocked {
			c.Breaks = append(c.Breaks, n.From+" -> "+n.To)
		}
	}
	return c.Fix, true
}

// together joins one change for each blocker where no single one may suffice.
func (p *proposal) together() []change {
	if len(p.steps) < 2 {
		return nil
	}
	return []change{join(p.steps)}
}

// join makes one change of several.
func join(steps []change) change {
	var summaries, patches []string
	joint := change{}
	for _, c := range steps {
		summaries = append(summaries, c.Summary)
		patches = append(patches, c.Patch)
		joint.USDPerYear += c.USDPerYear
		joint.opens += c.opens
	}
	joint.Summary, joint.Patch = strings.Join(summaries, ", and "), strings.Join(patches, "\n")
	joint.apply = func(s *cloud.Spec) {
		for _, c := range steps {
			c.apply(s)
		}
	}
	return joint
}

// A proposal collects the candidates for one question.
type proposal struct {
	m       *cloud.Model
	q       path.Question
	r       path.Report
	changes []change // each may open the path by itself
	steps   []change // the first change of each blocker, to be made together
}

// collect asks for candidates, blocker by blocker, then for those that go
// around all of them.
func (p *proposal) collect() {
	for _, b := range p.r.Blockers {
		found := p.forBlocker(b)
		p.changes = append(p.changes, found...)
		if len(found) > 0 {
			p.steps = append(p.steps, found[0])
		}
	}
	p.changes = append(p.changes, p.dialInstead()...)
	around := p.around()
	p.changes = append(p.changes, around...)
	if allowed := p.allowances(); len(allowed) > 0 {
		for _, c := range around {
			p.changes = append(p.changes, join(append(slices.Clone(allowed), c)))
		}
	}
}

// around are the candidates that need not know the blockers: another way out.
func (p *proposal) around() []change {
	for e := range p.m.EventSourceMappings() {
		if network := e.Network(); e.Name == p.q.From && network != nil {
			return p.endpoint(cloud.Function{Meta: e.Meta, Network: network})
		}
	}
	f, ok := p.m.Function(p.q.From)
	if !ok || f.Network == nil {
		return nil
	}
	return slices.Concat(p.endpoint(f), p.nat(f), p.outOfVPC(f))
}

// forBlocker gives the changes that mend one blocker.
func (p *proposal) forBlocker(b path.Reason) []change {
	switch b.Code {
	case path.SGRulesMismatch, path.SGHasNoRules:
		return p.groupRule(b)
	case path.SubnetACL:
		return p.aclEntry(b)
	case path.NoRoute, path.BadStateRoute, path.IGWPrivateDest:
		return append(p.peeringRoute(b), p.transitRoute(b)...)
	case path.TransitNoAssociation, path.TransitNoRoute, path.SGReferencing:
		return p.transitSetting(b)
	case path.TransitZone:
		return p.transitZone(b)
	case path.ENISourceDestCheck:
		return p.sourceDestCheck(b)
	case path.PrivateDNSOff, path.DNSHostnamesOff, path.DNSSupportOff:
		return p.dns(b)
	case path.RoleCannotCreateENI:
		return p.startable(b)
	case path.InvokeDenied:
		return p.invokable(b)
	case path.PermissionMissing:
		return p.permitted()
	case path.InterfaceQuota:
		return p.sharing()
	case path.NoConcurrency:
		return p.unreserved(b)
	case path.PublicAPIByEndpoint:
		return p.uncaptured(b)
	case path.PeeringDNSOff:
		return p.peeringDNS(b)
	case path.ZoneNotAssociated:
		return p.associateZone(b)
	}
	return nil
}

// logical makes a name for a new resource out of the names it is for.
func logical(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		for _, w := range strings.FieldsFunc(p, func(r rune) bool { return !isAlnum(r) }) {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return b.String()
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// yaml lays out a CloudFormation resource: lines of properties.
func yaml(name, typ string, properties ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s:\n    Type: %s\n    Properties:\n", name, typ)
	for _, p := range properties {
		b.WriteString("      " + p + "\n")
	}
	return b.String()
}
