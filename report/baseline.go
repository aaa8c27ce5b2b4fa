package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"bailey/source"
)

// A Baseline holds the findings that a team accepts for now, by fingerprint. A
// finding is accepted while it is no worse than it was: one that has become
// critical counts again. The zero Baseline accepts nothing.
type Baseline struct{ entries []baselineEntry }

type baselineJSON struct {
	Version  int             `json:"version"`
	Findings []baselineEntry `json:"findings"`
}

// baselineEntry is one finding. Only the fingerprint, the severity and the
// justification matter; the rest is for whoever reads the file.
type baselineEntry struct {
	Fingerprint   string `json:"fingerprint"`
	Rule          string `json:"rule"`
	Path          string `json:"path"`
	Severity      string `json:"severity"`
	Justification string `json:"justification"`
}

const (
	baselineVersion = 1
	// unexplained stands where nobody wrote a justification of their own.
	unexplained = "was there when the baseline was written"
)

// accepts gives the justification for a finding that the baseline has.
func (b Baseline) accepts(f Finding) (string, bool) {
	if len(b.entries) == 0 {
		return "", false
	}
	print := f.Fingerprint()
	for _, e := range b.entries {
		if worst, _ := ParseSeverity(e.Severity); e.Fingerprint == print && f.Severity <= worst {
			return cmp.Or(e.Justification, unexplained), true
		}
	}
	return "", false
}

// ReadBaseline reads what WriteBaseline wrote; file is its name, for messages.
// The error is source.Diags. An unknown key or version is refused: half a
// baseline would hide findings or bring them back.
func ReadBaseline(file string, data []byte) (Baseline, error) {
	var in baselineJSON
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return Baseline{}, source.Diags{notBaseline(file, data, err)}
	}
	var diags source.Diags
	at := source.Span{File: file}
	if _, err := dec.Token(); err != io.EOF {
		diags.Errorf("BASELINE_INVALID", at, "something follows the baseline's closing brace")
	}
	if in.Version != baselineVersion {
		diags.Errorf("BASELINE_VERSION", at, "a baseline of version %d cannot be read: this is version %d", in.Version, baselineVersion)
	}
	for i, e := range in.Findings {
		if _, ok := ParseSeverity(e.Severity); !ok || e.Fingerprint == "" {
			diags.Errorf("BASELINE_INVALID", at, "finding %d needs a fingerprint, and a severity that is low, medium, high or critical", i+1)
		}
	}
	if diags.HasErrors() {
		return Baseline{}, diags
	}
	return Baseline{in.Findings}, nil
}

// notBaseline says where data stops being a baseline.
func notBaseline(file string, data []byte, err error) source.Diag {
	d := source.Diag{Code: "BASELINE_INVALID", At: source.Span{File: file}, Summary: "not a baseline: " + err.Error(), Hint: "write it anew from a run"}
	offset := int64(-1)
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = e.Offset
	} else if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = e.Offset
	}
	if offset >= 0 {
		d.At.Line = 1 + bytes.Count(data[:min(int(offset), len(data))], []byte("\n"))
	}
	return d
}

// WriteBaseline accepts every finding of the checks. What an older baseline
// accepted keeps its justification; what is no longer found is left out.
func WriteBaseline(w io.Writer, checks ...Check) error {
	var out []baselineEntry
	for _, c := range checks {
		for _, f := range c.Findings() {
			out = append(out, baselineEntry{f.Fingerprint(), f.Rule, f.subject(), f.Severity.String(), c.Baseline.justification(f)})
		}
	}
	slices.SortStableFunc(out, func(a, b baselineEntry) int {
		sa, _ := ParseSeverity(a.Severity)
		sb, _ := ParseSeverity(b.Severity)
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Fingerprint, b.Fingerprint), cmp.Compare(sb, sa))
	})
	out = slices.CompactFunc(out, func(a, b baselineEntry) bool { return a.Fingerprint == b.Fingerprint })
	if err := write(w, baselineJSON{baselineVersion, append([]baselineEntry{}, out...)}); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	return nil
}

// justification is what the baseline says of a finding, however severe it was.
func (b Baseline) justification(f Finding) string {
	print := f.Fingerprint()
	for _, e := range b.entries {
		if e.Fingerprint == print && e.Justification != "" {
			return e.Justification
		}
	}
	return unexplained
}
