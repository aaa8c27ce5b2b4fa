//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
)

// A report is everything of one run. Its JSON has figures in the rows' units.
type report struct {
	Machine string    `json:"machine"`
	Rounds  int       `json:"rounds"`
	Rows    []figures `json:"rows"`
	LeftOut []absence `json:"left_out,omitempty"` // the machine lacks something
	Failed  []absence `json:"failed,omitempty"`
}

// An absence is a row without figures.
type absence struct {
	Name    string `json:"name"`
	Because string `json:"because"`
}

// figures are what a row came to, round by round.
type figures struct {
	Name     string    `json:"name"`
	Measure  string    `json:"measure"`
	PeerName string    `json:"compared_with"`
	Unit     unit      `json:"unit"`
	Ours     []float64 `json:"ours"`
	Peer     []float64 `json:"peer"`
	Ratio    spread    `json:"ratio"` // of each round, ours to the peer's
	Target   string    `json:"target,omitempty"`
	Met      *bool     `json:"met,omitempty"`
	target   target
}

// A spread is the middle and the ends of several figures.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

// sum works out the ratio and whether it is as it should be.
func (f *figures) sum() {
	var ratios []float64
	for i := range f.Ours {
		ratios = append(ratios, f.Ours[i]/f.Peer[i])
	}
	f.Ratio = spread{median(ratios), slices.Min(ratios), slices.Max(ratios)}
	f.Target, f.Met = f.target.text(f.Unit), f.target.met(median(f.Ours), f.Ratio.Median)
}

// verdict is the last column.
func (f figures) verdict() string {
	switch {
	case f.Met == nil:
		return "none"
	case *f.Met:
		return f.Target + ": yes"
	}
	return f.Target + ": no"
}

func (r *report) write(w io.Writer, format string) error {
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	fmt.Fprintf(w, "%s; ratio: ours to the peer's, median (lowest-highest) of %d rounds in turns\n\n", r.Machine, r.Rounds)
	tw := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "NAME\tMEASURE\tOURS\tPEER\tCOMPARED WITH\tRATIO\tTARGET")
	for _, f := range r.Rows {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%.2f (%.2f-%.2f)\t%s\n", f.Name, f.Measure, f.Unit.text(median(f.Ours)), f.Unit.text(median(f.Peer)),
			f.PeerName, f.Ratio.Median, f.Ratio.Min, f.Ratio.Max, f.verdict())
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, a := range r.LeftOut {
		fmt.Fprintf(w, "left out: %s: %s\n", a.Name, a.Because)
	}
	for _, a := range r.Failed {
		fmt.Fprintf(w, "failed: %s: %s\n", a.Name, strings.TrimSpace(a.Because))
	}
	return nil
}

// machine names what the figures are of.
func machine() string {
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		kernel = []byte("unknown")
	}
	return fmt.Sprintf("%d processors, Linux %s, %s", runtime.NumCPU(), strings.TrimSpace(string(kernel)), runtime.Version())
}
