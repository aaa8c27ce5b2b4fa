package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestDiagsTellPlaceCodeAndHintOnceInOrder(t *testing.T) {
	var ds Diags
	ds.Add(Diag{Code: "B", At: Span{File: "t.yaml", Line: 9, Col: 3}, Summary: "second", Hint: "mend it"})
	ds.Errorf("A", Span{File: "t.yaml", Line: 2, Col: 0}, "no %s", "name")
	ds.Errorf("A", Span{File: "t.yaml", Line: 2, Col: 0}, "no %s", "name")
	ds.Add(Diag{Code: "N", Severity: Note, Summary: "by the way"})
	want := "note: by the way [N]\nt.yaml:2: error: no name [A]\nt.yaml:9:3: error: second [B]\n    mend it"
	if got := ds.Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var back Diags
	if err := fmt.Errorf("loading: %w", ds.Err()); !errors.As(err, &back) || len(back) != 4 {
		t.Errorf("Diags do not come back out of an error: %v", err)
	}
}

func TestNotesAreNoErrors(t *testing.T) {
	ds := Diags{{Code: "N", Severity: Note}, {Code: "W", Severity: Warning}}
	if ds.HasErrors() || ds.Err() != nil {
		t.Error("notes and warnings made the input unusable")
	}
	if (Diag{}).Severity != Error {
		t.Error("a forgotten severity is not an error")
	}
}

func TestSpanString(t *testing.T) {
	for want, s := range map[string]Span{"": {}, "f": {File: "f"}, "f:2": {File: "f", Line: 2}, "f:2:7": {File: "f", Line: 2, Col: 7}} {
		if s.String() != want {
			t.Errorf("%#v is %q, want %q", s, s, want)
		}
	}
}

// A diagnostic of a CDK app says which construct it is about and where the app
// makes it; so does everything that passes through JSON on its way.
func TestConstructs(t *testing.T) {
	at := Span{File: "App.template.json", Line: 4, Construct: MakeConstruct("App/Fn/Resource", Span{File: "lib/app.ts", Line: 31})}
	d := Diag{Code: "C", At: at, Summary: "wrong", Hint: "mend it"}
	want := "App.template.json:4: error: wrong [C]\n    construct App/Fn/Resource lib/app.ts:31\n    mend it"
	if d.String() != want {
		t.Errorf("got\n%s\nwant\n%s", d, want)
	}
	for _, s := range []Span{at, {File: "f", Construct: MakeConstruct("App", Span{})}, {File: "f"}, {}} {
		data, err := json.Marshal(s)
		var back Span
		if err := errors.Join(err, json.Unmarshal(data, &back)); err != nil || back != s {
			t.Errorf("%s came back as %+v, %v", data, back, err)
		}
	}
	if got := at.Editable(); got.String() != "lib/app.ts:31" || got.Construct != at.Construct {
		t.Errorf("a person edits %v", got)
	}
	if plain := (Span{File: "f", Line: 2}); plain.Editable() != plain {
		t.Errorf("a person edits %v", plain.Editable())
	}
	one, same := MakeConstruct("App", Span{}), MakeConstruct("App", Span{})
	if one != same || one == (Construct{}) {
		t.Error("constructs do not compare by what they are")
	}
}

func scalar(k Kind, text string) Node { return Node{Kind: k, Text: text} }

func object(entries ...any) Node {
	n := Node{Kind: Map}
	for i := 0; i < len(entries); i += 2 {
		n.Entries = append(n.Entries, Entry{Key: entries[i].(string), Value: entries[i+1].(Node)})
	}
	return n
}

func TestNodesKeepWhatWasWritten(t *testing.T) {
	n := object("Version", scalar(Number, "2012"), "Account", scalar(String, "000123456789"), "On", scalar(Bool, "true"),
		"List", Node{Kind: List, Items: []Node{scalar(Number, "1.50"), {Kind: Null}}}, "Open", Node{Kind: Unknown, Text: "because"})
	got, err := json.Marshal(n.Plain())
	if want := `{"Account":"000123456789","List":[1.50,null],"On":true,"Open":null,"Version":2012}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
	if v, ok := n.Path("List"); !ok || v.Kind != List {
		t.Error("Path does not find List")
	}
	if _, ok := n.Path("Version", "Minor"); ok {
		t.Error("Path finds what is not there")
	}
	if u, ok := n.FirstUnknown(); !ok || u.Text != "because" {
		t.Errorf("FirstUnknown gave %v", u)
	}
}

func TestScalarsReadAsCloudFormationDoes(t *testing.T) {
	if v, ok := scalar(String, "true").Bool(); !v || !ok {
		t.Error(`"true" is not true`)
	}
	if _, ok := scalar(String, "yes").Bool(); ok {
		t.Error(`"yes" is a boolean`)
	}
	if v, ok := scalar(String, "443").Int(); v != 443 || !ok {
		t.Error(`"443" is not 443`)
	}
	if _, ok := (Node{Kind: List}).Int(); ok {
		t.Error("a list is a number")
	}
	var each []string
	for v := range scalar(String, "one").Each() {
		each = append(each, v.Text)
	}
	for v := range (Node{Kind: List, Items: []Node{scalar(String, "a"), scalar(String, "b")}}).Each() {
		each = append(each, v.Text)
	}
	if strings.Join(each, " ") != "one a b" {
		t.Errorf("Each gave %v", each)
	}
}
