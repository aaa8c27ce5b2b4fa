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
	ds.Add(Diag{Code: "B", At: Span{"t.yaml", 9, 3}, Summary: "second", Hint: "mend it"})
	ds.Errorf("A", Span{"t.yaml", 2, 0}, "no %s", "name")
	ds.Errorf("A", Span{"t.yaml", 2, 0}, "no %s", "name")
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
	for want, s := range map[string]Span{"": {}, "f": {"f", 0, 0}, "f:2": {"f", 2, 0}, "f:2:7": {"f", 2, 7}} {
		if s.String() != want {
			t.Errorf("%#v is %q, want %q", s, s, want)
		}
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
