package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bailey/source"
)

// render writes a node with its places: kind, text, line:col.
func render(n source.Node) string {
	var parts []string
	for _, item := range n.Items {
		parts = append(parts, render(item))
	}
	for _, e := range n.Entries {
		parts = append(parts, fmt.Sprintf("%s@%d:%d=%s", e.Key, e.KeyAt.Line, e.KeyAt.Col, render(e.Value)))
	}
	text := n.Text
	if len(parts) > 0 {
		text = strings.Join(parts, " ")
	}
	return fmt.Sprintf("%s%s(%s)@%d:%d", n.Tag, n.Kind, text, n.At.Line, n.At.Col)
}

func TestScalarsKeepTheirTextAndPlace(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"date", "a: 2012-10-17", "map(a@1:1=string(2012-10-17)@1:4)@1:1"},
		{"leading zeros", "a: 000123456789", "map(a@1:1=number(000123456789)@1:4)@1:1"},
		{"hexadecimal", "a: 0x1f", "map(a@1:1=number(0x1f)@1:4)@1:1"},
		{"exponent", "a: 1e3", "map(a@1:1=number(1e3)@1:4)@1:1"},
		{"yes is text", "a: yes", "map(a@1:1=string(yes)@1:4)@1:1"},
		{"True is a boolean", "a: True", "map(a@1:1=boolean(True)@1:4)@1:1"},
		{"quoted", "a: 'true'", "map(a@1:1=string(true)@1:4)@1:1"},
		{"null", "a:\nb: ~", "map(a@1:1=null()@1:3 b@2:1=null(~)@2:4)@1:1"},
		{"own tags", "a: !!str 12", "map(a@1:1=string(12)@1:4)@1:1"},
		{"short forms", "a: !Sub [x, {b: !Ref c}]", "map(a@1:1=!Sublist(string(x)@1:10 map(b@1:14=!Refstring(c)@1:17)@1:13)@1:4)@1:1"},
		{"block text", "a: |\n  b\n  c\n", "map(a@1:1=string(b\nc\n)@1:4)@1:1"},
		{"key with an umlaut", "ü: {a: b}", "map(ü@1:1=map(a@1:5=string(b)@1:8)@1:4)@1:1"},
		{"byte order mark", "\ufeffa: b", "map(a@1:1=string(b)@1:4)@1:1"},
		{"JSON", "{\n \"ü\": [1, true, null, \"x\"]}", "map(ü@2:2=list(number(1)@2:8 boolean(true)@2:11 null()@2:17 string(x)@2:23)@2:7)@1:1"},
	} {
		got, diags := Read("f", []byte(c.in))
		if len(diags) > 0 || render(got) != c.want {
			t.Errorf("%s: got %s %v\nwant %s", c.name, render(got), diags, c.want)
		}
	}
}

func TestMistakesHaveAPlace(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", " \n", "f DOC_EMPTY"},
		{"comments only", "# a\n", "f DOC_EMPTY"},
		{"tab", "a:\n\t- b\n", "f:2:1 DOC_SYNTAX"},
		{"open bracket", "a: [1, 2\nb: 3\n", "f:2:2 DOC_SYNTAX"},
		{"colon in text", "a: b: c", "f:1:5 DOC_SYNTAX"},
		{"no such anchor", "a: *b", "f:1:4 DOC_SYNTAX"},
		{"two documents", "a: 1\n---\nb: 2\n", "f:2:1 DOC_SEVERAL"},
		{"key twice", "a: 1\nb: 2\na: 3\nb: 4", "f:3:1 DOC_DUPLICATE_KEY\nf:4:1 DOC_DUPLICATE_KEY"},
		{"map as a key", "? [a]\n: b", "f:1:3 DOC_SYNTAX"},
		{"not UTF-8", "a: \xff\n", "f:1:4 DOC_NOT_TEXT"},
		{"binary", "a: b\nPK\x03\x04", "f:2:3 DOC_NOT_TEXT"},
		{"alias in itself", "a: &a [*a]", "f:1:8 DOC_ALIAS\nf:1:8 DOC_ALIAS_CYCLE"},
		{"merge of text", "<<: x", "f:1:5 DOC_SYNTAX"},
		{"JSON: comma", "{\"a\": 1,}", "f:1:8 DOC_SYNTAX"},
		{"JSON: end", "{\"a\": [1", "f:1:9 DOC_SYNTAX"},
		{"JSON: key twice", "{\"a\": 1,\n \"a\": 2}", "f:2:2 DOC_DUPLICATE_KEY"},
		{"JSON: more after it", "{} x", "f DOC_SYNTAX"},
		{"YAML too deep", strings.Repeat("[", 500) + strings.Repeat("]", 500), "f:1:202 DOC_TOO_DEEP"},
		{"JSON too deep", strings.Repeat(`{"a":`, 500), "f:1:1006 DOC_TOO_DEEP"},
		{"too large", "a: " + strings.Repeat("x", MaxBytes), "f DOC_TOO_LARGE"},
		{"billion laughs", laughs(12), "f:1:1 DOC_TOO_MANY_COPIES"},
	} {
		_, diags := Read("f", []byte(c.in))
		var got []string
		for _, d := range diags {
			got = append(got, d.At.String()+" "+d.Code)
		}
		want := strings.Split(c.want, "\n")
		if c.name == "billion laughs" || c.name == "JSON: more after it" { // the place is within the text
			for i := range got {
				got[i] = got[i][strings.Index(got[i], " "):]
			}
			want = []string{want[0][strings.Index(want[0], " "):]}
			got = slices.DeleteFunc(got, func(s string) bool { return s == " DOC_ALIAS" })
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", c.name, got, want)
		}
	}
}

// laughs is a document whose aliases stand for 10^levels values.
func laughs(levels int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 x\n")
	for i := range levels {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	return b.String()
}

func TestAliasesAreResolvedAndNoted(t *testing.T) {
	got, diags := Read("f", []byte("base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nagain: *b\n"))
	want := "map(base@1:1=map(x@1:11=number(1)@1:14 y@1:17=number(2)@1:20)@1:7 " +
		"use@2:1=map(y@4:3=number(3)@4:6 x@1:11=number(1)@1:14)@3:3 " +
		"again@5:1=map(x@1:11=number(1)@1:14 y@1:17=number(2)@1:20)@1:7)@1:1"
	if render(got) != want {
		t.Errorf("got  %s\nwant %s", render(got), want)
	}
	if len(diags) != 1 || diags[0].Severity != source.Note || diags[0].At.Line != 3 {
		t.Errorf("got %v, want one note at the first alias", diags)
	}
}

func TestHintsNameTheUsualCause(t *testing.T) {
	for in, want := range map[string]string{
		"a:\n\t- b\n": "spaces only", "a: b: c": "quotes", "\"abc\n": "not closed", "a: *b": "alias",
	} {
		_, diags := Read("f", []byte(in))
		if len(diags) != 1 || !strings.Contains(diags[0].Hint, want) {
			t.Errorf("%q: got %v, want a hint about %q", in, diags, want)
		}
	}
}

func BenchmarkReadYAML(b *testing.B) {
	text := bytes.Repeat([]byte("- a: {b: [1, 2, 3], c: 'text'}\n"), 5000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Read("f", text)
	}
}

// BenchmarkReadJSON reads one long line, as tools write it.
func BenchmarkReadJSON(b *testing.B) {
	text := []byte(`{"l":[` + strings.TrimSuffix(strings.Repeat("{\"a\": {\"b\": [1, 2, 3], \"c\": \"text\"}},", 5000), ",") + "]}")
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Read("f", text)
	}
}
