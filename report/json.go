package report

import (
	"encoding/json"
	"io"
	"net/netip"

	"bailey/path"
	"bailey/reach"
	"bailey/source"
)

// pathJSON is one answer, the shape of `why -o json`.
type pathJSON struct {
	From     string        `json:"from"`
	To       string        `json:"to"`
	Host     string        `json:"host,omitempty"`
	Invokes  string        `json:"invokes,omitempty"`
	Protocol string        `json:"protocol"`
	Port     uint16        `json:"port"`
	Verdict  path.Verdict  `json:"verdict"`
	Expected string        `json:"expected,omitempty"`
	Because  string        `json:"because,omitempty"`
	Blockers []blockerJSON `json:"blockers"`
	Witness  witnessJSON   `json:"witness"`
	Hops     []hopJSON     `json:"hops"`
	Fixes    []fixJSON     `json:"fixes"`
	Missing  []missingJSON `json:"missing"`
	Parts    []partJSON    `json:"parts,omitempty"`
	Via      []viaJSON     `json:"via,omitempty"` // ways around by invoking functions
	Families []familyJSON  `json:"families,omitempty"`
}

// familyJSON is the answer over one address family, where there are two.
type familyJSON struct {
	Family   string        `json:"family"` // IPv4 or IPv6
	Verdict  path.Verdict  `json:"verdict"`
	Blockers []blockerJSON `json:"blockers"`
}

type blockerJSON struct {
	Code      path.Code   `json:"code"`
	Component string      `json:"component"`
	Detail    string      `json:"detail"`
	Direction string      `json:"direction"`
	Source    *sourceJSON `json:"source"`
}

// sourceJSON is a place; in a synthesised template with the construct and the
// line of the app that makes it.
type sourceJSON struct {
	File      string      `json:"file"`
	Line      int         `json:"line"`
	Construct string      `json:"construct,omitempty"`
	Code      *sourceJSON `json:"code,omitempty"`
}

type witnessJSON struct {
	Src string `json:"src"`
	Dst string `json:"dst"`
}

type hopJSON struct {
	Component string `json:"component"`
	Kind      string `json:"kind"`
	Direction string `json:"direction"`
	Verdict   string `json:"verdict"`
	Detail    string `json:"detail"`
}

type fixJSON struct {
	Summary    string   `json:"summary"`
	USDPerYear float64  `json:"usd_per_year"`
	Proved     bool     `json:"proved"`
	Patch      string   `json:"patch"`
	Breaks     []string `json:"breaks,omitempty"`
	Exposes    []string `json:"exposes,omitempty"` // paths expected to be blocked that it would open
	Dials      string   `json:"dials,omitempty"`   // the host to dial from then on
	// Instead: the path stays as it is and is not needed any more, if code does this.
	Instead string `json:"instead,omitempty"`
}

// remedyJSON is a set of changes, proved together.
type remedyJSON struct {
	Summary       string      `json:"summary"`
	USDPerYear    float64     `json:"usd_per_year"`
	USDInAllZones float64     `json:"usd_per_year_all_zones"`
	Proved        bool        `json:"proved"`
	Patch         string      `json:"patch"`
	Paths         int         `json:"paths"`
	Left          []string    `json:"left,omitempty"`
	Other         *remedyJSON `json:"other,omitempty"`
}

// remedyOf is always proved: there is no other.
func remedyOf(r *reach.Remedy) *remedyJSON {
	if r == nil {
		return nil
	}
	return &remedyJSON{r.Summary, cents(r.USDPerYear), cents(r.USDInAllZones), true, r.Patch, r.Paths, r.Left, remedyOf(r.Other)}
}

type missingJSON struct {
	Fact   string      `json:"fact"`
	Source *sourceJSON `json:"source"`
}

type partJSON struct {
	Subnet  string       `json:"subnet"`
	Dst     string       `json:"dst"`
	Ports   string       `json:"source_ports"`
	Route   string       `json:"route,omitempty"`
	Verdict path.Verdict `json:"verdict"`
}

type viaJSON []stepJSON

type stepJSON struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Invokes bool   `json:"invokes"`
	Because string `json:"because"`
}

func place(s source.Span) *sourceJSON {
	if s.File == "" {
		return nil
	}
	return &sourceJSON{s.File, s.Line, s.Construct.Path(), place(s.Construct.Code())}
}

// list maps every element and is never null in JSON.
func list[T, U any](in []T, f func(T) U) []U {
	out := make([]U, 0, len(in))
	for _, v := range in {
		out = append(out, f(v))
	}
	return out
}

func toJSON(p reach.Proof) pathJSON {
	out := pathJSON{From: p.From, To: p.To, Host: p.Host, Protocol: p.Protocol.String(), Port: p.Port, Verdict: p.Verdict, Because: p.Because}
	if p.Expected != path.Undecided {
		out.Expected = p.Expected.String()
	}
	if p.Witness.Dst.IsValid() {
		out.Witness.Dst = p.Witness.Dst.String()
	}
	if p.Witness.Src.IsValid() { // it is not where the source's interface is not known
		out.Witness.Src = p.Witness.Src.String()
	}
	out.Blockers = list(p.Blockers, toBlockerJSON)
	for _, f := range p.Families {
		out.Families = append(out.Families, familyJSON{f.Name, f.Verdict, list(f.Blockers, toBlockerJSON)})
	}
	out.Hops = list(p.Hops, func(h path.Hop) hopJSON {
		return hopJSON{h.Component, h.Kind, h.Direction, h.Verdict, h.Detail}
	})
	out.Fixes = list(p.Fixes, toFixJSON)
	out.Missing = make([]missingJSON, 0)
	for _, g := range p.Missing {
		out.Missing = append(out.Missing, missingJSON{g.Because, place(g.At)})
	}
	out.Invokes = p.Invokes
	for _, c := range p.Via {
		out.Via = append(out.Via, list(c.Steps, func(s reach.Step) stepJSON { return stepJSON{s.From, s.To, s.Invokes, s.Because} }))
	}
	for _, q := range p.Parts {
		out.Parts = append(out.Parts, partJSON{q.Subnet, addrText(q.Dst), q.Ports.String(), q.Route, q.Verdict})
	}
	return out
}

func toBlockerJSON(r path.Reason) blockerJSON {
	return blockerJSON{r.Code, r.Component, r.Detail, r.Direction.String(), place(r.At)}
}

func toFixJSON(f reach.Fix) fixJSON {
	return fixJSON{f.Summary, cents(f.USDPerYear), f.Proved, f.Patch, f.Breaks, f.Exposes, f.Dials, f.Instead}
}

// WhyJSON writes one answer.
func WhyJSON(w io.Writer, p reach.Proof) error { return write(w, toJSON(p)) }

type checkJSON struct {
	// Environment is there where the input has several.
	Environment string `json:"environment,omitempty"`

	Paths    []pathJSON    `json:"paths"`
	Findings []findingJSON `json:"findings"`
	Summary  summaryJSON   `json:"summary"`
}

type findingJSON struct {
	Rule       string      `json:"rule"`
	Severity   string      `json:"severity"`
	Resource   string      `json:"resource"`
	Message    string      `json:"message"`
	Source     *sourceJSON `json:"source"`
	Suppressed bool        `json:"suppressed"`
	// Justification says why it is suppressed.
	Justification string `json:"justification,omitempty"`
	// SuppressedAt is where that is said, unless in the baseline.
	SuppressedAt *sourceJSON `json:"suppressed_at,omitempty"`
	// SeverityBecause says why the severity is what it is.
	SeverityBecause string `json:"severity_because"`
	Ended           string `json:"suppression_ended,omitempty"`
}

type summaryJSON struct {
	Paths     int `json:"paths"`
	Reachable int `json:"reachable"`
	Blocked   int `json:"blocked"`
	Partial   int `json:"partial"`
	Unknown   int `json:"unknown"`
	Findings  int `json:"findings"` // without the suppressed ones
	// Remedy is the cheapest set of changes that opens every path, where there are
	// several to open.
	Remedy *remedyJSON `json:"remedy,omitempty"`
	// Prices says whose prices the costs are.
	Prices string `json:"prices,omitempty"`
	// Suppressed counts the findings that somebody has accepted.
	Suppressed int `json:"suppressed,omitempty"`
}

// CheckJSON writes everything that was proved, and the findings.
func CheckJSON(w io.Writer, c Check) error {
	out := checkJSON{Environment: c.Environment, Paths: list(c.Proofs, toJSON), Summary: c.summary()}
	out.Findings = list(c.Findings(), func(f Finding) findingJSON {
		return findingJSON{f.Rule, f.Severity.String(), f.Resource, f.Message, place(f.At), f.Suppressed, f.Justification, place(f.SuppressedAt), f.Because, f.Ended}
	})
	return write(w, out)
}

func write(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// addrText is an address, or empty where there is none.
func addrText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
