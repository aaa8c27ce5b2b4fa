package reach

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/path"
	"bailey/source"
)

// mended proves expectations of reachability and says what mends them all.
func mended(t *testing.T, m *cloud.Model, paths ...string) string {
	t.Helper()
	var expected []Expectation
	for _, p := range paths {
		from, to, _ := strings.Cut(p, " ")
		expected = append(expected, Expectation{Question: path.Question{From: from, To: to}, Verdict: path.Reachable, At: source.Span{File: "bailey.yaml"}})
	}
	proofs, diags := Prove(m, expected)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	r, ok := Mend(m, proofs, expected)
	if !ok {
		return "none"
	}
	out := fmt.Sprintf("%d paths $%.2f ($%.2f) %s", r.Paths, r.USDPerYear, r.USDInAllZones, r.Summary)
	if r.Other != nil {
		out += fmt.Sprintf("\nor $%.2f ($%.2f)", r.Other.USDPerYear, r.Other.USDInAllZones)
	}
	if len(r.Left) > 0 {
		out += "\nleft " + strings.Join(r.Left, ", ")
	}
	return out
}

// Three endpoints in two zones are $525.60, one NAT gateway $438: which is
// cheaper depends on the zones and on how many services there are.
func TestTheCheapestSetForAllPaths(t *testing.T) {
	needed := []string{"F Web:80"} // the reason to be in the VPC
	m := model(t, lightsail())
	for _, c := range []struct {
		name  string
		paths []string
		want  string
	}{
		{"one path has its own fixes", []string{"F aws:ssm"}, "none"},
		{"three endpoints", []string{"F aws:ssm", "F aws:sqs", "F aws:sns"},
			"3 paths $262.80 ($525.60) add an interface endpoint for ssm in subnet-a (one zone; in all 2: $175.20), and add an interface endpoint for sqs in subnet-a (one zone; in all 2: $175.20), and add an interface endpoint for sns in subnet-a (one zone; in all 2: $175.20)\nor $438.00 ($876.00)"},
		{"six and more services: one NAT gateway", []string{"F aws:ssm", "F aws:sqs", "F aws:sns", "F aws:kms", "F aws:events", "F aws:states"},
			"6 paths $438.00 ($876.00) add a NAT gateway in subnet-a and move F into a private subnet that routes to it\nor $525.60 ($1051.20)"},
		{"a host on the internet needs the NAT gateway, which does for the service too", []string{"F api.example.com", "F aws:ssm"},
			"2 paths $438.00 ($876.00) add a NAT gateway in subnet-a and move F into a private subnet that routes to it"},
		{"S3 is free beside it", []string{"F aws:ssm", "F aws:s3"},
			"2 paths $87.60 ($175.20) add an interface endpoint for ssm in subnet-a (one zone; in all 2: $175.20), and add a gateway endpoint for s3\nor $438.00 ($876.00)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mended(t, m, append(c.paths, needed...)...); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// Functions in the same place with the same need are mended at once, and each
// says whose fixes it has.
func TestFunctionsAlikeShareTheirFixes(t *testing.T) {
	m := model(t, lightsail(func(s *cloud.Spec) {
		g := s.Functions[0]
		g.Name, g.FunctionName = "G", "G"
		s.Functions = append(s.Functions, g)
	}))
	expected := []Expectation{}
	for _, name := range []string{"F", "G"} {
		expected = append(expected, Expectation{Question: path.Question{From: name, To: "aws:ssm"}, Verdict: path.Reachable},
			Expectation{Question: path.Question{From: name, To: "Web:80"}, Verdict: path.Reachable})
	}
	proofs, _ := Prove(m, expected)
	first, second := proofs[0], proofs[2]
	if first.Like != "" || second.Like != "F -> aws:ssm" || len(first.Fixes) == 0 || len(first.Fixes) != len(second.Fixes) {
		t.Fatalf("got %q with %d fixes and %q with %d", first.Like, len(first.Fixes), second.Like, len(second.Fixes))
	}
	all := ""
	for _, f := range second.Fixes {
		all += f.Summary + "\n"
	}
	if !strings.Contains(all, "move F, G into a private subnet") || !strings.Contains(all, "take F, G out of the VPC") {
		t.Errorf("got %s", all)
	}
}
