package report

import (
	"fmt"
	"strings"

	"bailey/path"
)

// mends says what to do about what breaks the rules of paths and of changes.
var mends = map[string]string{
	requiredPath:     "take one of the fixes that check prints below the path; if the path is not needed, take away what asks for it, or expect it to be blocked in bailey.yaml",
	expectedPath:     "change the template, or the expectation in bailey.yaml if it is out of date",
	"opened-path":    "take back the edits that are named under because, or narrow them to whom you mean",
	"opened-entry":   "give the route its authorizer back, or the permission the resource that it is for",
	"broken-path":    "take back the edit that closed it; check on the new version prints the fixes",
	"changed-rights": "leave the role what its functions call, and nothing else",
}

// Explanations are what the rules of paths and of changes mean; those of the
// audit are package audit's.
func Explanations() []path.Explanation {
	var out []path.Explanation
	for _, r := range append(rules[:2:2], diffRules...) {
		out = append(out, path.Explanation{Code: path.Code(r.id), Title: r.short, Text: r.full, Mend: mends[r.id], Source: r.page})
	}
	return out
}

// Explanation writes one explanation.
func (t Text) Explanation(e path.Explanation) {
	head := wrap(string(e.Code)+": "+e.Title, 0, width)
	fmt.Fprintf(t.W, "%s\n%s\n", strings.Replace(head, string(e.Code), t.bold(string(e.Code)), 1), wrap(e.Text, 0, width))
	fmt.Fprintf(t.W, "mend it: %s\nsource:  %s\n", flush(e.Mend, 9), e.Source)
}

// codeColumn is where the titles stand in a list of codes.
const codeColumn = 38

// Codes lists what can be explained.
func (t Text) Codes(all []path.Explanation) {
	for _, e := range all {
		code := fmt.Sprintf("%-*s", codeColumn-1, e.Code)
		if len(code) >= codeColumn {
			code += fmt.Sprintf("\n%*s", codeColumn-1, "")
		}
		fmt.Fprintf(t.W, "%s %s\n", code, flush(e.Title, codeColumn))
	}
}
