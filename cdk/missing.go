package cdk

import (
	"slices"

	"bailey/source"
)

// A Missing is a context look-up to which the assembly has no answer. CDK puts
// placeholders where the answer would go.
// https://docs.aws.amazon.com/cdk/v2/guide/context.html
type Missing struct {
	Key      string // availability-zones:account=111122223333:region=eu-west-1
	Provider string
	At       source.Span
	dummies  []string
}

// placeholders are the values that aws-cdk-lib puts where a look-up has no
// answer yet, by provider. Newer assemblies state some of them in dummyValue.
// https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/lib/vpc.ts
var placeholders = map[string][]string{
	"availability-zones": {"dummy1a", "dummy1b", "dummy1c"},
	"vpc-provider": {"vpc-12345", "1.2.3.4/5", "s-12345", "s-67890", "p-12345", "p-67890",
		"rtb-12345s", "rtb-67890s", "rtb-12345p", "rtb-67890p", "dummy1a", "dummy1b", "dummy1c"},
	"ami":            {"ami-1234"},
	"hosted-zone":    {"DUMMY"},
	"security-group": {"sg-12345678", "sg-12345"},
	"key-provider":   {"1234abcd-12ab-34cd-56ef-1234567890ab"},
	"load-balancer":  {"vpc-12345", "sg-1234", "sg-123456789012"},
}

// missing reads the manifest's list of look-ups without an answer.
func (r *reader) missing(n source.Node) []Missing {
	var out []Missing
	for _, item := range r.listOf(n, "missing", "the manifest") {
		key, ok := r.text(item, "key", item.At, "a missing context value")
		if !ok {
			continue
		}
		provider, _ := item.Get("provider")
		m := Missing{Key: key.Text, Provider: provider.Text, At: item.At, dummies: slices.Clone(placeholders[provider.Text])}
		dummy, _ := item.Path("props", "dummyValue")
		for d := range dummy.Each() {
			if d.Kind == source.String && d.Text != "" {
				m.dummies = append(m.dummies, d.Text)
			}
		}
		out = append(out, m)
	}
	return out
}

// unanswered gives the look-up whose placeholder a text is.
func (s *Stack) unanswered(text string) (Missing, bool) {
	for _, m := range s.missing {
		if slices.Contains(m.dummies, text) {
			return m, true
		}
	}
	return Missing{}, false
}

// gap is the value that stands for the answer.
func (m Missing) gap() source.Node {
	return source.Node{Kind: source.Unknown, Text: "context look-up " + m.Key + " has no answer in the assembly", At: m.At}
}

// diag says that placeholders of the look-up stand in a template.
func (m Missing) diag() source.Diag {
	return source.Diag{Code: "CDK_MISSING_CONTEXT", Severity: source.Warning, At: m.At,
		Summary: "context look-up " + m.Key + " has no answer in the assembly: what it would tell is unknown",
		Hint:    "run `npx cdk synth` once with access to the account and keep the cdk.context.json that it writes"}
}
