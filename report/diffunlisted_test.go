package report

import (
	"encoding/json"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/diff"
	"bailey/source"
)

// What the old side does not tell is said with the call that would, in every
// format, and nothing is said to open.
func TestWhatNobodyDescribedIsNotOpened(t *testing.T) {
	gap := cloud.Gap{Because: "no file has RestApis (aws apigateway get-rest-apis)", At: source.Span{File: "snap"}}
	e := diff.Entry{Kind: diff.Routes, Of: "Api", Names: []string{"GET /"}, Was: diff.Admission{Who: diff.Unsure, Text: "nobody knows whom", Why: &gap}, Now: diff.Admission{Who: diff.Anybody, Text: "anybody"},
		At: source.Span{File: "new.yaml", Line: 9}}
	d := Diff{Old: "snap", New: "new.yaml", Report: diff.Report{Entries: []diff.Entry{e}, Added: []cloud.Meta{{Name: "Api", Type: "AWS::ApiGateway::RestApi"}}, Unlisted: []cloud.Gap{gap}}}
	var text, markdown, data strings.Builder
	Text{W: &text}.Diff(d)
	if err := DiffMarkdown(&markdown, d); err != nil {
		t.Fatal(err)
	}
	if err := DiffJSON(&data, d); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"text": text.String(), "markdown": markdown.String(), "JSON": data.String()} {
		if strings.Count(got, "aws apigateway get-rest-apis") != 2 || strings.Contains(got, "OPENS") || strings.Contains(got, `"kind": "opens"`) {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	var out struct {
		Entries []struct{ Kind, Severity string }
		Worst   string
	}
	if err := json.Unmarshal([]byte(data.String()), &out); err != nil || out.Entries[0].Kind != "unknown" || out.Worst != "none" {
		t.Errorf("%v: %+v", err, out)
	}
}
