package audit

import (
	"cmp"
	"slices"

	"bailey/cloud"
	"bailey/path"
	"bailey/source"
)

// Severity orders findings.
type Severity uint8

// The severities, from the least.
const (
	Low Severity = iota + 1
	Medium
	High
	Critical
)

// String gives low, medium, high or critical.
func (s Severity) String() string {
	return [...]string{"none", "low", "medium", "high", "critical"}[s]
}

// A Rule is one thing that can be wrong with a model.
type Rule struct {
	path.Explanation
	Severity Severity // unless the finding says otherwise
	find     func(m *cloud.Model, report func(Finding))
}

// A Finding is one place at which a rule is broken.
type Finding struct {
	Rule     path.Code
	Severity Severity
	Resource string
	Message  string
	At       source.Span
}

// rules gives the rules in the order in which they are told.
func rules() []Rule {
	return []Rule{
		routeWithoutAuthorizer, authorizerBypassed, cachedPolicy, policyNotDeployed,
		permissionWithoutSource, permissionWiderThanRoute,
		publicAsPrivate,
	}
}

// Check holds a model against every rule, in the order of the rules and then
// of the places.
func Check(m *cloud.Model) []Finding {
	var out []Finding
	for _, r := range rules() {
		from := len(out)
		r.find(m, func(f Finding) {
			f.Rule, f.Severity = r.Code, cmp.Or(f.Severity, r.Severity)
			out = append(out, f)
		})
		slices.SortStableFunc(out[from:], func(a, b Finding) int {
			return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.Resource, b.Resource))
		})
	}
	return out
}

// Rules are all rules.
func Rules() []Rule { return rules() }

// Explanations are the rules, for a person who asks what one means.
func Explanations() []path.Explanation {
	var out []path.Explanation
	for _, r := range rules() {
		out = append(out, r.Explanation)
	}
	return out
}

const (
	apiGuide    = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
	lambdaGuide = "https://docs.aws.amazon.com/lambda/latest/dg/"
)
