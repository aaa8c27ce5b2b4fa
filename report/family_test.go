package report

import (
	"encoding/json"
	"strings"
	"testing"

	"bailey/path"
	"bailey/reach"
)

// Where one family works and the other does not, every form shows both.
func TestBothFamiliesArePrinted(t *testing.T) {
	p := reach.Proof{Report: path.Report{From: "F", To: "host", Verdict: path.Reachable, Families: []path.Family{
		{Name: "IPv4", Verdict: path.Blocked, Blockers: []path.Reason{{Code: path.NoRoute, Component: "table"}}},
		{Name: "IPv6", Verdict: path.Reachable},
	}}}
	var text, md, js strings.Builder
	Text{W: &text}.Why(p)
	markdown{b: &md}.reasons(p)
	if err := WhyJSON(&js, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"IPv4      blocked (NO_ROUTE_TO_DESTINATION)", "IPv6      reachable"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("text lacks %q:\n%s", want, text.String())
		}
	}
	if !strings.Contains(md.String(), "over IPv4: blocked") || !strings.Contains(md.String(), "over IPv6: reachable") {
		t.Errorf("markdown: %s", md.String())
	}
	var got struct {
		Families []struct {
			Family, Verdict string
			Blockers        []struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(js.String()), &got); err != nil || len(got.Families) != 2 || got.Families[0].Blockers[0].Code != "NO_ROUTE_TO_DESTINATION" {
		t.Errorf("JSON: %v %+v", err, got)
	}
}
