package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"bailey/cloud"
)

// vpcNames are the answers that only the VPC's own resolver has: of a resolver
// rule, an endpoint's private DNS or a private zone. The most specific domain
// that covers the name decides, and of equal ones a rule.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
func (r resolver) vpcNames(host string, via []string) (Answer, bool) {
	zone, inZone := r.zoneOf(host, true)
	rule, ruled := r.ruleFor(host)
	if e, ok := r.endpointFor(host); ok {
		svc, _ := cloud.ServiceByName(e.Service)
		own := len(svc.HostIn(r.m.Region()))
		if (!inZone || own >= len(zone.Domain)) && (!ruled || own > len(rule.Domain.Or(""))) {
			return endpointAnswer(r.m, e, host), true
		}
	}
	if ruled && (!inZone || len(rule.Domain.Or("")) >= len(zone.Domain)) {
		return Answer{Missing: []cloud.Gap{{At: rule.At, Because: fmt.Sprintf("resolver rule %s sends %s elsewhere, and nothing here says what is answered there", rule.Name, host)}}}, true
	}
	if !inZone {
		return Answer{}, false
	}
	return r.lookIn(zone, host, via), true
}

// endpointFor finds an endpoint of the VPC whose private DNS covers host.
func (r resolver) endpointFor(host string) (cloud.Endpoint, bool) {
	for e := range r.m.Endpoints() {
		if e.VPC == r.vpc.ID && e.Kind == cloud.InterfaceEndpoint && endpointAnswers(r.m, r.vpc, e, host) {
			return e, true
		}
	}
	return cloud.Endpoint{}, false
}

// zoneOf finds the most specific zone that covers host: of the private ones
// that answer in the asker's VPC, or of the public ones.
func (r resolver) zoneOf(host string, private bool) (cloud.HostedZone, bool) {
	var best cloud.HostedZone
	for z := range r.m.HostedZones() {
		if z.Private == private && cloud.InDomain(host, z.Domain) && len(z.Domain) > len(best.Domain) && (!private || r.sees(z)) {
			best = z
		}
	}
	return best, best.Domain != ""
}

// sees reports whether a private zone answers in the asker's VPC: associated,
// with both DNS attributes on.
func (r resolver) sees(z cloud.HostedZone) bool {
	return r.inside && slices.Contains(z.VPCs, r.vpc.ID) && r.vpc.DNSHostnames.Or(true)
}

// ruleFor finds the rule that forwards host from the asker's VPC. A domain that
// is not known may be any.
func (r resolver) ruleFor(host string) (cloud.ResolverRule, bool) {
	var best cloud.ResolverRule
	for rule := range r.m.ResolverRules() {
		domain, known := rule.Domain.Get()
		if !slices.Contains(rule.VPCs, r.vpc.ID) || known && domain != "" && !cloud.InDomain(host, domain) {
			continue
		}
		if best.ID == "" || len(domain) > len(best.Domain.Or("")) {
			best = rule
		}
	}
	return best, best.ID != "" && best.Forward
}

// lookIn answers from a zone's records. A zone that covers a name and has no
// record of it answers that there is none; nobody else is asked.
func (r resolver) lookIn(z cloud.HostedZone, host string, via []string) Answer {
	if gap, open := r.vpc.DNSHostnames.Gap(); open && z.Private {
		return Answer{Missing: []cloud.Gap{gap}}
	}
	var a Answer
	found := false
	for _, rec := range recordsOf(z, host) {
		switch rec.Kind {
		case "A", "AAAA", "CNAME":
			found = true
			a = merge(a, r.follow(rec, host, via).only(rec.Kind))
		case "NS":
			if rec.Host != z.Domain {
				return Answer{Missing: []cloud.Gap{{At: rec.At, Because: fmt.Sprintf("%s delegates %s to other name servers", z.Name, rec.Host)}}}
			}
		}
	}
	switch {
	case found:
		a.Declared = true
		return a
	case len(z.Open) > 0:
		return Answer{Missing: z.Open}
	}
	return Answer{Declared: true, Blockers: []Reason{{NoSuchName, z.Name, fmt.Sprintf("zone %s covers %s and has no address for it, and no other zone is asked", z.Domain, host), Forward, z.At}}}
}

// recordsOf are the records for a name: its own, else those of the wildcard
// nearest to it. https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
func recordsOf(z cloud.HostedZone, host string) []cloud.Record {
	at := func(name string) []cloud.Record {
		var out []cloud.Record
		for _, rec := range z.Records {
			if rec.Host == name || rec.Kind == "NS" && rec.Host != z.Domain && cloud.InDomain(name, rec.Host) {
				out = append(out, rec)
			}
		}
		return out
	}
	if own := at(host); len(own) > 0 {
		return own
	}
	for parent := host; parent != z.Domain; {
		_, rest, ok := strings.Cut(parent, ".")
		if !ok {
			break
		}
		parent = rest
		if wild := at("*." + parent); len(wild) > 0 {
			return wild
		}
	}
	return nil
}

// follow is what a record leads to: its addresses, or what its names mean to
// the asker. Which of several Route 53 gives, it decides by itself.
func (r resolver) follow(rec cloud.Record, host string, via []string) Answer {
	values, _ := rec.Values.Get()
	if gap, open := rec.Values.Gap(); open {
		return Answer{Missing: []cloud.Gap{gap}}
	}
	var a Answer
	for _, v := range values {
		if addr, err := netip.ParseAddr(v); err == nil {
			a = merge(a, Answer{Addrs: []netip.Addr{addr}, Public: isPublic(addr)})
			continue
		}
		target := strings.TrimPrefix(cloud.CanonicalHost(v), "dualstack.")
		a = merge(a, r.answer(target, append(slices.Clone(via), host)))
	}
	return a
}

// merge joins the answers of several values.
func merge(a, b Answer) Answer {
	for _, addr := range b.Addrs {
		if !slices.Contains(a.Addrs, addr) {
			a.Addrs = append(a.Addrs, addr)
		}
	}
	a.Public = a.Public || b.Public
	a.Blockers, a.Notes, a.Missing = append(a.Blockers, b.Blockers...), append(a.Notes, b.Notes...), append(a.Missing, b.Missing...)
	a.Servers = append(a.Servers, b.Servers...)
	if len(b.Maybe) > 0 {
		a.Maybe, a.MaybeIf = append(a.Maybe, b.Maybe...), b.MaybeIf
	}
	if a.Endpoint == "" {
		a.Endpoint, a.Service = b.Endpoint, b.Service
	}
	if a.Choice.Because == "" {
		a.Choice = b.Choice
	}
	if len(a.Via) == 0 {
		a.Via = b.Via
	}
	return a
}

// publicZone answers from the model's public zones.
func (r resolver) publicZone(host string, via []string) (Answer, bool) {
	z, ok := r.zoneOf(host, false)
	if !ok {
		return Answer{}, false
	}
	return r.lookIn(z, host, via), true
}

// zonePassedOver is the answer for a name that only a private zone has which
// does not answer here: it is not associated with the asker's VPC, or the
// VPC's DNS host names are off.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-associate-vpcs.html
func (r resolver) zonePassedOver(host string, _ []string) (Answer, bool) {
	if slices.Contains(slices.Collect(r.m.InternetHosts()), host) {
		return Answer{}, false
	}
	for z := range r.m.HostedZones() {
		if !z.Private || !cloud.InDomain(host, z.Domain) || len(recordsOf(z, host)) == 0 {
			continue
		}
		why := Reason{ZoneNotAssociated, z.Name, fmt.Sprintf("%s is a name of private zone %s, which answers only in the VPCs that it is associated with", host, z.Domain), Forward, z.At}
		switch {
		case r.inside && slices.Contains(z.VPCs, r.vpc.ID):
			why = Reason{DNSHostnamesOff, r.vpc.Name, fmt.Sprintf("%s is a name of private zone %s, which needs enableDnsHostnames in %s", host, z.Domain, r.vpc.Name), Forward, r.vpc.At}
		case r.inside:
			why.Detail += ", and " + r.vpc.Name + " is not one of them"
		}
		return Answer{Declared: true, Blockers: []Reason{why}}, true
	}
	return Answer{}, false
}
