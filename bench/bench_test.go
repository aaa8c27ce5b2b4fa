//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"bailey/sandbox"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(act(role))
	}
	os.Exit(m.Run())
}

// tiny are sizes at which a row only shows that it works.
var tiny = sizes{
	rounds: 1, stream: time.Millisecond, roundTrips: 3, connecting: time.Millisecond, coldStarts: 1, invocations: 3, rested: 2,
	questions: 3, shrink: 100, resources: 200, loads: 1, planModules: 1, modules: 1, processes: 1, worlds: 1, requests: 3, requesting: time.Millisecond,
	sustained: 60 * time.Millisecond,
}

// Every row gives figures of both sides. What they are is not looked at.
func TestRows(t *testing.T) {
	if err := sandbox.Supported(); err != nil {
		t.Skip(err)
	}
	b, err := newBench(tiny)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(b.dir) })
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			if lack := r.lacks(); strings.Contains(lack, "cfn-lint") || strings.Contains(lack, "serverless-offline") {
				t.Log(lack) // no package of Debian's has it, so no machine can be asked to
				return
			} else if lack != "" {
				t.Skip(lack)
			}
			f, err := b.measure(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Ours) != 1 || len(f.Peer) != 1 || f.Ours[0] <= 0 || f.Peer[0] <= 0 {
				t.Errorf("figures: ours %v, peer %v", f.Ours, f.Peer)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	got, err := choose([]string{"warm", "roundtrip"})
	if err != nil || len(got) != 2 || got[0].name != "roundtrip" || got[1].name != "warm" {
		t.Errorf("choose gives %v, %v; want the table's order", got, err)
	}
	if all, err := choose(nil); err != nil || len(all) != len(rows) {
		t.Errorf("no name chooses %d rows of %d, %v", len(all), len(rows), err)
	}
	if _, err := choose([]string{"warm", "hot"}); err == nil || !strings.Contains(err.Error(), "hot") {
		t.Errorf("an unknown name gives %v", err)
	}
}

func TestLacks(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if got, want := (row{needs: []string{"nft"}}).lacks(), "there is no nft: apt-get install nftables"; got != want {
		t.Errorf("lacks: %q, want %q", got, want)
	}
	if got := (row{}).lacks(); got != "" {
		t.Errorf("a row without needs lacks %q", got)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"nothing"}, {"-o", "yaml"}, {"-rounds", "0"}, {"-install"}} {
		var stderr bytes.Buffer
		if status := run(t.Context(), args, io.Discard, &stderr); status != 2 || stderr.Len() == 0 {
			t.Errorf("%v: exit status %d, %q", args, status, stderr.String())
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.of); got != c.want {
			t.Errorf("median of %v: %v, want %v", c.of, got, c.want)
		}
	}
}

func TestRatioIsOfEachRound(t *testing.T) {
	f := figures{Ours: []float64{10, 2, 30}, Peer: []float64{10, 1, 10}, target: ratioAtMost(2)}
	f.sum()
	if want := (spread{2, 1, 3}); f.Ratio != want || f.Met == nil || !*f.Met {
		t.Errorf("ratio %v, met %v; want %v, true", f.Ratio, f.Met, want)
	}
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		name        string
		target      target
		ours, ratio float64
		text        string
		met         bool
	}{
		{"at least, reached", ratioAtLeast(0.5), 1, 0.5, "at least 0.5", true},
		{"at least, missed", ratioAtLeast(0.5), 1, 0.49, "at least 0.5", false},
		{"at most, reached", ratioAtMost(3), 1, 3, "at most 3", true},
		{"at most, missed", ratioAtMost(3), 1, 3.1, "at most 3", false},
		{"below, reached", oursBelow(0.05), 0.04, 9, "ours under 50.0 ms", true},
		{"below, missed", oursBelow(0.05), 0.05, 0.1, "ours under 50.0 ms", false},
	} {
		if met := c.target.met(c.ours, c.ratio); met == nil || *met != c.met {
			t.Errorf("%s: met %v, want %v", c.name, met, c.met)
		}
		if got := c.target.text(seconds); got != c.text {
			t.Errorf("%s: %q, want %q", c.name, got, c.text)
		}
	}
	if (target{}).met(1, 1) != nil {
		t.Error("no target is met or missed")
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		unit unit
		of   float64
		want string
	}{
		{bitsPerSecond, 12.34e9, "12.3 Gbit/s"}, {perSecond, 10400.4, "10400/s"}, {bytesResident, 41.26e6, "41.3 MB"},
		{seconds, 0.3, "300 ms"}, {seconds, 0.0123, "12.3 ms"}, {seconds, 0.000041, "41 us"}, {seconds, 0.0000041, "4.10 us"},
	} {
		if got := c.unit.text(c.of); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.of, c.unit, got, c.want)
		}
	}
}

// What is missing is said by name, in both formats.
func TestReport(t *testing.T) {
	yes := true
	r := &report{Machine: "a machine", Rounds: 1,
		Rows:    []figures{{Name: "warm", Measure: "ours here", PeerName: "the floor", Unit: seconds, Ours: []float64{0.002}, Peer: []float64{0.001}, Ratio: spread{2, 2, 2}, Target: "at most 2", Met: &yes}},
		LeftOut: []absence{{"roundtrip", "there is no nft: apt-get install nftables"}},
		Failed:  []absence{{"up", "it did not start"}}}
	var text bytes.Buffer
	if err := r.write(&text, "text"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a machine", "ours here", "2.0 ms", "1.0 ms", "the floor", "2.00 (2.00-2.00)", "at most 2: yes",
		"left out: roundtrip: there is no nft: apt-get install nftables\n", "failed: up: it did not start\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text does not say %q:\n%s", want, text.String())
		}
	}
	var doc bytes.Buffer
	if err := r.write(&doc, "json"); err != nil {
		t.Fatal(err)
	}
	var back report
	if err := json.Unmarshal(doc.Bytes(), &back); err != nil || len(back.Rows) != 1 || back.Rows[0].Ours[0] != 0.002 || len(back.LeftOut) != 1 || len(back.Failed) != 1 {
		t.Errorf("the JSON reads back as %+v, %v", back, err)
	}
}
