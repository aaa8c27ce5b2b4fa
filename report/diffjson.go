package report

import (
	"io"

	"bailey/cloud"
	"bailey/diff"
	"bailey/path"
)

// diffJSON is the shape of `diff -o json`. Its order is that of the text: what
// matters most first.
type diffJSON struct {
	Old       string           `json:"old"`
	New       string           `json:"new"`
	Changes   []changeJSON     `json:"changes"`
	Entries   []entryJSON      `json:"entries"`
	Paths     []pathChangeJSON `json:"paths"`
	Rights    []rightJSON      `json:"rights"`
	Costs     []costJSON       `json:"costs"`
	Added     []resourceJSON   `json:"added"`
	Removed   []resourceJSON   `json:"removed"`
	Unlisted  []missingJSON    `json:"unlisted,omitempty"` // why some of these may be on both sides
	Summary   diffSummary      `json:"summary"`
	WorstOpen string           `json:"worst"` // of all that opened or broke: none, low, medium, high, critical
}

type changeJSON struct {
	Kind     string       `json:"kind"` // opens, closes, unknown
	Severity string       `json:"severity"`
	Was      path.Verdict `json:"was"`
	Now      path.Verdict `json:"now"`
	From     partyJSON    `json:"from"`
	To       partyJSON    `json:"to"`
	Traffic  string       `json:"traffic"`
	Hosts    []string     `json:"hosts,omitempty"` // ranges on the internet
	Within   []string     `json:"within,omitempty"`
	Before   lookJSON     `json:"before"`
	After    lookJSON     `json:"after"`
	Because  []editJSON   `json:"because"`
}

type partyJSON struct {
	Kind    diff.Kind `json:"kind"`
	Names   []string  `json:"names"`
	Service string    `json:"service,omitempty"`
	Public  bool      `json:"public,omitempty"`
}

type lookJSON struct {
	Absent   string        `json:"absent,omitempty"`
	Verdict  path.Verdict  `json:"verdict"`
	Protocol string        `json:"protocol,omitempty"`
	Witness  *witnessJSON  `json:"witness"`
	Blockers []blockerJSON `json:"blockers"`
	Missing  []missingJSON `json:"missing"`
}

type editJSON struct {
	Verb   diff.Verb   `json:"verb"`
	Type   string      `json:"type"`
	Name   string      `json:"name"`
	Detail string      `json:"detail"`
	Source *sourceJSON `json:"source"`
}

type pathChangeJSON struct {
	From     string        `json:"from"`
	To       string        `json:"to"`
	Was      path.Verdict  `json:"was"`
	Now      path.Verdict  `json:"now"`
	Expected string        `json:"expected,omitempty"`
	Because  string        `json:"because,omitempty"`
	Broke    bool          `json:"broke"`
	Blockers []blockerJSON `json:"blockers"`
	Missing  []missingJSON `json:"missing"`
	Source   *sourceJSON   `json:"source"`
}

type rightJSON struct {
	What      diff.RightChange `json:"what"`
	Role      string           `json:"role"`
	Functions []string         `json:"functions"`
	Actions   []string         `json:"actions"`
	Resource  string           `json:"resource"`
	Detail    string           `json:"detail"`
	Source    *sourceJSON      `json:"source"`
}

type costJSON struct {
	Resource string        `json:"resource"`
	Was      float64       `json:"was_usd_per_year"`
	Now      float64       `json:"now_usd_per_year"`
	Missing  []missingJSON `json:"missing"`
	Source   *sourceJSON   `json:"source"`
}

type resourceJSON struct {
	Name   string      `json:"name"`
	Type   string      `json:"type"`
	Source *sourceJSON `json:"source"`
}

// DiffJSON writes a Diff for a program.
func DiffJSON(w io.Writer, d Diff) error {
	return write(w, diffJSON{Old: d.Old, New: d.New, Changes: list(d.Changes, changeToJSON), Entries: list(d.Entries, entryToJSON), Paths: list(d.Paths, pathChangeToJSON),
		Rights: list(d.Rights, rightToJSON), Costs: list(d.Costs, costToJSON), Added: list(d.Added, resourceToJSON),
		Removed: list(d.Removed, resourceToJSON), Unlisted: list(d.Unlisted, func(g cloud.Gap) missingJSON { return missingJSON{g.Because, place(g.At)} }), Summary: d.summary(), WorstOpen: d.Worst().String()})
}

func changeToJSON(c diff.Change) changeJSON {
	out := changeJSON{Kind: kindOfChange(c), Severity: SeverityOf(c).String(), Was: c.Was, Now: c.Now, From: partyToJSON(c.From), To: partyToJSON(c.To),
		Traffic: portsText(c.Traffic), Within: c.Within, Before: lookToJSON(c.Old, c.Was), After: lookToJSON(c.New, c.Now)}
	for _, r := range c.Hosts {
		out.Hosts = append(out.Hosts, blockText(r))
	}
	out.Because = list(c.Because, func(e diff.Edit) editJSON { return editJSON{e.Verb, e.Type, e.Name, e.Detail, place(e.At)} })
	return out
}

func partyToJSON(p diff.Party) partyJSON { return partyJSON{p.Kind, p.Names, p.Service, p.Public} }

func lookToJSON(l diff.Look, v path.Verdict) lookJSON {
	out := lookJSON{Absent: l.Absent, Verdict: v, Blockers: blockersToJSON(l.Blockers), Missing: missingToJSON(l.Missing)}
	if l.Flow.Dst.IsValid() {
		out.Protocol, out.Witness = l.Flow.Proto.String(), &witnessJSON{l.Flow.Src.String(), l.Flow.Dst.String()}
	}
	return out
}

func blockersToJSON(reasons []path.Reason) []blockerJSON {
	return list(reasons, func(r path.Reason) blockerJSON {
		return blockerJSON{r.Code, r.Component, r.Detail, r.Direction.String(), place(r.At)}
	})
}

func missingToJSON(gaps []cloud.Gap) []missingJSON {
	return list(gaps, func(g cloud.Gap) missingJSON { return missingJSON{g.Because, place(g.At)} })
}

func pathChangeToJSON(p diff.PathChange) pathChangeJSON {
	out := pathChangeJSON{From: p.From, To: p.To, Was: p.Was.Verdict, Now: p.Now.Verdict, Because: p.Because, Broke: p.Broke(),
		Blockers: blockersToJSON(p.Now.Blockers), Missing: missingToJSON(p.Now.Missing), Source: place(p.At)}
	if p.Expected != path.Undecided {
		out.Expected = p.Expected.String()
	}
	return out
}

func rightToJSON(r diff.Right) rightJSON {
	same := func(s string) string { return s }
	return rightJSON{r.What, r.Role, list(r.Functions, same), list(r.Actions, same), r.Resource, r.Detail, place(r.At)}
}

func costToJSON(c diff.CostChange) costJSON {
	return costJSON{c.Name, c.Was, c.Now, missingToJSON(c.Open), place(c.At)}
}

func resourceToJSON(m cloud.Meta) resourceJSON { return resourceJSON{m.Name, m.Type, place(m.At)} }
