package report

import (
	"strings"

	"bailey/audit"
)

// The rules that paths are held against.
const (
	requiredPath = "required-path"
	expectedPath = "expected-path"
)

// A rule is what a finding broke. Its severity is the worst that a finding of
// it can have, since code scanning takes severities from rules, not results.
type rule struct {
	id, name string
	severity Severity
	short    string
	full     string
	page     string // AWS's, on the matter
}

// rules are all rules, in the order in which they are listed: those of paths,
// then package audit's.
var rules = append([]rule{
	{requiredPath, "RequiredPath", High,
		"A path that the application needs is not open",
		"A role may call an AWS service, or an environment variable holds an address, and the function that has it cannot get there, or not from every subnet and source port. The call would hang until the function's timeout.",
		"https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html"},
	{expectedPath, "ExpectedPath", Critical,
		"A path is not what bailey.yaml expects",
		"The team has stated whether this path is reachable or blocked, and the template says otherwise. A path that is open and was meant to be shut is critical.",
		"https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
}, audited()...)

func audited() []rule {
	var out []rule
	for _, r := range audit.Rules() {
		out = append(out, rule{string(r.Code), camel(string(r.Code)), r.Severity, sentence(r.Title), r.Text + " To mend it: " + r.Mend + ".", r.Source})
	}
	return out
}

// camel writes API_ROUTE as ApiRoute.
func camel(code string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(strings.ToLower(code), "_") {
		b.WriteString(sentence(word))
	}
	return b.String()
}

// sentence begins with a capital.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// titleOf is what a rule is about, in one line.
func titleOf(id string) string {
	if i := ruleIndex(id); i >= 0 {
		return rules[i].short
	}
	return ""
}

// ruleIndex is where a rule stands in rules; -1 for none of them.
func ruleIndex(id string) int {
	for i, r := range rules {
		if r.id == id {
			return i
		}
	}
	return -1
}
