package report

import (
	"fmt"
	"slices"
	"strings"

	"bailey/diff"
	"bailey/netset"
	"bailey/path"
)

// A Diff is everything that `bailey diff` has to say.
type Diff struct {
	Old, New string // as they were named
	// FailOn is the least severity that counts; zero: the least there is.
	FailOn Severity
	diff.Report
}

// SeverityOf says how bad it is that something opened; 0 for what did not.
func SeverityOf(c diff.Change) Severity {
	switch {
	case !c.Opens():
		return 0
	case c.From.Kind == diff.Internet && !c.Hosts.IsEmpty() && c.Except.IsEmpty():
		return Critical
	case c.From.Kind == diff.Internet:
		return High
	case c.To.Kind == diff.Resolver:
		return Low
	}
	return Medium
}

// severityOfPath is that of check: high for a needed path that broke, critical
// for one that is open against what is expected.
func severityOfPath(p diff.PathChange) Severity {
	switch {
	case !p.Broke():
		return 0
	case p.Now.Verdict == path.Reachable:
		return Critical
	}
	return High
}

// severityOfRight is that of what a role may do otherwise.
func severityOfRight(r diff.Right) Severity {
	switch r.What {
	case diff.VPCRightsLack:
		return High
	case diff.RightsGained, diff.VPCRightsLeft:
		return Low
	}
	return 0
}

// Worst is the greatest severity of all that opened or broke; 0 if nothing did.
func (d Diff) Worst() Severity {
	var worst Severity
	for _, c := range d.Changes {
		worst = max(worst, SeverityOf(c))
	}
	for _, e := range d.Entries {
		worst = max(worst, SeverityOfEntry(e))
	}
	for _, p := range d.Paths {
		worst = max(worst, severityOfPath(p))
	}
	for _, r := range d.Rights {
		worst = max(worst, severityOfRight(r))
	}
	return worst
}

// Unknown reports whether something is no longer known that was.
func (d Diff) Unknown() bool {
	return slices.ContainsFunc(d.Changes, func(c diff.Change) bool { return c.Now == path.Unknown }) ||
		slices.ContainsFunc(d.Entries, diff.Entry.Unclear) ||
		slices.ContainsFunc(d.Paths, func(p diff.PathChange) bool { return p.Now.Verdict == path.Unknown })
}

// kindOfChange is the word for a change.
func kindOfChange(c diff.Change) string {
	switch {
	case c.Opens():
		return "opens"
	case c.Closes():
		return "closes"
	}
	return "unknown"
}

// diffSummary counts what there is, in a fixed order.
type diffSummary struct {
	Opens   int     `json:"opens"`
	Closes  int     `json:"closes"`
	Unknown int     `json:"unknown"`
	Broken  int     `json:"broken_paths"`
	Rights  int     `json:"rights"` // gained, left over or lacking
	USD     float64 `json:"usd_per_year"`
}

func (d Diff) summary() diffSummary {
	s := diffSummary{USD: cents(d.USDPerYear())}
	count := map[string]*int{"opens": &s.Opens, "closes": &s.Closes, "unknown": &s.Unknown}
	for _, c := range d.Changes {
		*count[kindOfChange(c)]++
	}
	for _, e := range d.Entries {
		if n := count[kindOfEntry(e)]; n != nil {
			*n++
		}
	}
	for _, p := range d.Paths {
		if p.Broke() {
			s.Broken++
		}
	}
	for _, r := range d.Rights {
		if severityOfRight(r) > 0 {
			s.Rights++
		}
	}
	return s
}

// cents rounds a sum of prices, so that it is written as a person would.
func cents(usd float64) float64 {
	if usd < 0 {
		return -cents(-usd)
	}
	return float64(int(usd*100+0.5)) / 100
}

// sentence is a summary in words.
func (s diffSummary) sentence() string {
	parts := []string{fmt.Sprintf("%d opens, %d closes, %d unknown", s.Opens, s.Closes, s.Unknown)}
	if s.Broken > 0 {
		parts = append(parts, plural(s.Broken, "path")+" broken")
	}
	if s.Rights > 0 {
		parts = append(parts, plural(s.Rights, "change")+" of rights")
	}
	if s.USD != 0 {
		parts = append(parts, yearly(s.USD))
	}
	return strings.Join(parts, "; ")
}

func yearly(usd float64) string {
	if usd < 0 {
		return "saves " + money(-usd) + " a year"
	}
	return "costs " + money(usd) + " a year more"
}

// anywhere is every address on the internet.
const anywhere = "anywhere"

// partyText names who is meant: two by name, of more the first and how many.
func partyText(p diff.Party) string {
	s := strings.Join(p.Names, " and ")
	if n := len(p.Names); n > 2 {
		s = fmt.Sprintf("%s and %d more", p.Names[0], n-1)
	}
	if p.Service != "" {
		s += " (" + p.Service + ")"
	}
	return s
}

// endsText is "internet -> Web", with what is meant of either.
func endsText(c diff.Change) string {
	to := partyText(c.To)
	if byPublicAddress(c) {
		to += "'s public address"
	}
	return partyText(c.From) + " -> " + to
}

// byPublicAddress reports whether that is worth saying: the internet has no
// other way.
func byPublicAddress(c diff.Change) bool { return c.To.Public && c.From.Kind != diff.Internet }

// trafficText says which packets: "tcp 22,80; icmp from 203.0.113.0/24".
func trafficText(c diff.Change) string {
	s := portsText(c.Traffic)
	if hosts := hostsText(c); c.From.Kind == diff.Internet {
		s += " from " + hosts
	} else if c.Hosts != nil && hosts != anywhere {
		s += " to " + hosts
	}
	if len(c.Within) > 0 {
		s += ", " + within(c) + " " + strings.Join(c.Within, ", ")
	}
	return s
}

func within(c diff.Change) string {
	if c.From.Kind == diff.Internet {
		return "only in"
	}
	return "only from"
}

// portsText joins neighbours of one protocol: "tcp 22,80" for "tcp 22; tcp 80".
func portsText(t netset.Traffic) string {
	var out []string
	for _, part := range strings.Split(t.String(), "; ") {
		proto, ports, ok := strings.Cut(part, " ")
		last := len(out) - 1
		if ok && last >= 0 && strings.HasPrefix(out[last], proto+" ") && !strings.Contains(part+out[last], " from ") {
			out[last] += "," + ports
			continue
		}
		out = append(out, part)
	}
	return strings.Join(out, "; ")
}

// hostsText names hosts on the internet: anywhere, anywhere but a few, or the
// ranges, of which the first three.
func hostsText(c diff.Change) string {
	switch {
	case c.Hosts == nil:
		return ""
	case c.Except.IsEmpty():
		return anywhere + overIPv6(c.Hosts)
	case len(c.Except) < len(c.Hosts) && len(c.Except) <= 3:
		return anywhere + overIPv6(c.Hosts) + " but " + rangesText(c.Except)
	}
	return rangesText(c.Hosts)
}

// overIPv6 says which hosts are meant where not those of IPv4 alone are.
func overIPv6(hosts netset.Addrs) string {
	switch first, last := hosts[0].Lo(), hosts[len(hosts)-1].Lo(); {
	case first.Is6():
		return " over IPv6"
	case last.Is6():
		return " over IPv4 and IPv6"
	}
	return ""
}

func rangesText(a netset.Addrs) string {
	var out []string
	for i, r := range a {
		if i == 3 {
			out = append(out, fmt.Sprintf("%d more ranges", len(a)-3))
			break
		}
		out = append(out, blockText(r))
	}
	return strings.Join(out, ", ")
}

// blockText is a range as a block where it is one.
func blockText(r netset.AddrRange) string {
	p, ok := r.Prefix()
	if !ok || p.IsSingleIP() {
		return r.String()
	}
	return p.String()
}
