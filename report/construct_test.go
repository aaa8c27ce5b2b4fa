package report

import (
	"bytes"
	"strings"
	"testing"

	"bailey/reach"
	"bailey/source"
)

// What comes from a CDK app is told with its construct in every format; formats
// that mark a line in a repository mark the app's, since the template is not
// in it.
func TestConstructsAreInEveryFormat(t *testing.T) {
	at := source.Span{File: "cdk.out/App.template.json", Line: 41, Construct: source.MakeConstruct("App/Vpc/Route", source.Span{File: "lib/app.ts", Line: 7})}
	p := blocked()
	p.Blockers[0].At = at
	c := Check{Input: "cdk.out", Proofs: []reach.Proof{p}, Notes: source.Diags{{Code: "N", Severity: source.Note, At: at, Summary: "noted"}}}
	want := map[string][]string{
		"check.sarif":      {`"name": "App/Vpc/Route",`, `"uri": "lib/app.ts"`, `"startLine": 7`, `noted\nConstruct App/Vpc/Route`},
		"check.junit.xml":  {`file="lib/app.ts" line="7"`, "App/Vpc/Route lib/app.ts:7"},
		"check.md":         {"`cdk.out/App.template.json:41 App/Vpc/Route lib/app.ts:7`", "construct `App/Vpc/Route lib/app.ts:7`"},
		"check.github.txt": {"file=lib/app.ts,line=7,", "(cdk.out/App.template.json:41 App/Vpc/Route lib/app.ts:7)", "noted%0AConstruct App/Vpc/Route"},
		"check.json":       {`"file": "cdk.out/App.template.json",`, `"line": 41,`, `"construct": "App/Vpc/Route",`, `"code": {`},
		"check.txt":        {"NO_ROUTE_TO_DESTINATION cdk.out/App.template.json:41 App/Vpc/Route lib/app.ts:7", "construct App/Vpc/Route lib/app.ts:7"},
	}
	for _, f := range formats {
		var b bytes.Buffer
		if err := f.write(&b, c); err != nil {
			t.Fatal(err)
		}
		for _, w := range want[f.golden] {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s has no %s:\n%s", f.golden, w, b.String())
			}
		}
		delete(want, f.golden)
	}
	if len(want) > 0 {
		t.Errorf("formats that were not written: %v", want)
	}
}
