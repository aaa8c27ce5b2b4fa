package cfn

import (
	"strings"

	"bailey/source"
)

// Suppressions are what a template says of findings about its resources: in
// comments on the lines of a resource or right above it,
//
//	Function: # bailey:ignore required-path it leaves the VPC in May expires=2027-05-31
//
// and in its Metadata, which the CDK writes with addMetadata:
//
//	Metadata: {bailey: {ignore: [{id: required-path, reason: ..., expires: 2027-05-31}]}}
//
// One without a reason, or of no resource, is an error. Those of other tools
// (cfn_nag, checkov, cdk_nag) are not read: none of their rules asks whether a
// path is open.
func Suppressions(file string, text []byte, root source.Node) ([]source.Suppression, source.Diags) {
	var diags source.Diags
	var out []source.Suppression
	resources, _ := root.Get("Resources")
	for _, s := range source.Inline(file, text) {
		s.Resource = resourceOn(resources, s.At.Line, strings.Split(string(text), "\n"))
		if s.Resource == "" {
			diags.Add(source.Diag{Code: source.CodeSuppression, At: s.At, Summary: "this comment is on no resource's lines", Hint: "put it behind or right above the resource's name"})
			continue
		}
		out = append(out, s)
	}
	for _, e := range resources.Entries {
		list, _ := e.Value.Path("Metadata", "bailey", "ignore")
		for item := range list.Each() {
			if item.Kind == source.Null {
				continue
			}
			text := func(key string) string { v, _ := item.Get(key); return v.Text }
			out = append(out, source.Suppression{ID: text("id"), Resource: e.Key, Reason: text("reason"), Expires: text("expires"), At: item.At})
		}
	}
	for _, s := range out {
		if d, ok := s.Check(); !ok {
			diags.Add(d)
		}
	}
	return out, diags
}

// resourceOn finds the resource on whose lines a comment stands. A line of
// nothing but comment, followed by a resource's name, belongs to that one.
func resourceOn(resources source.Node, line int, lines []string) string {
	for line <= len(lines) && strings.HasPrefix(strings.TrimLeft(lines[line-1], " \t"), "#") {
		line++
	}
	found := ""
	for i, e := range resources.Entries {
		last := lastLine(e.Value)
		if i+1 < len(resources.Entries) {
			last = resources.Entries[i+1].KeyAt.Line - 1
		}
		if e.KeyAt.Line <= line && line <= max(last, e.KeyAt.Line) {
			found = e.Key
		}
	}
	return found
}

// lastLine is the last line on which a part of n begins.
func lastLine(n source.Node) int {
	last := n.At.Line
	for _, item := range n.Items {
		last = max(last, lastLine(item))
	}
	for _, e := range n.Entries {
		last = max(last, e.KeyAt.Line, lastLine(e.Value))
	}
	return last
}
