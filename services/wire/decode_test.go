package wire

import (
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

type shape struct {
	Name   string
	Count  int
	On     *bool
	Ratio  float64
	Blob   []byte
	At     Time
	Names  []string
	Items  []struct{ Key string }
	ByName map[string]int
	Deep   *shape          `json:"deep"`
	Any    json.RawMessage `json:",omitempty"`
}

func decodeInto(protocol Protocol, tree any, dst any) error {
	c := Call{Service: &Service{Protocol: protocol}, input: tree}
	return c.Decode(dst)
}

type target struct{ Name string }

// The members of an embedded struct are its embedder's.
func TestDecodeEmbedded(t *testing.T) {
	var got struct {
		target
		Limit int
	}
	tree, _ := jsonTree([]byte(`{"Name": "n", "Limit": 2, "target": {"Name": "other"}}`))
	if err := decodeInto(AwsJSON11, tree, &got); err != nil || got.Name != "n" || got.Limit != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestDecode(t *testing.T) {
	on := true
	want := shape{
		Name: "n", Count: -3, On: &on, Ratio: 0.5, Blob: []byte("\x00a"), At: Time{time.UnixMilli(1700000000250).UTC()},
		Names: []string{"a", "b"}, Items: []struct{ Key string }{{"k"}}, ByName: map[string]int{"x": 1}, Deep: &shape{Name: "d"},
	}
	body := `{"Name": "n", "name": "other", "Count": -3, "On": true, "Ratio": 0.5, "Blob": "AGE=", "At": 1700000000.25,
		"Names": ["a", "b"], "Items": [{"Key": "k", "More": 1}], "ByName": {"x": 1}, "deep": {"Name": "d"}, "Deep": {"Name": "e"}}`
	tree, err := jsonTree([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON shape
	if err := decodeInto(AwsJSON11, tree, &fromJSON); err != nil || !reflect.DeepEqual(fromJSON, want) {
		t.Errorf("JSON: %+v, %v\nwant %+v", fromJSON, err, want)
	}
	form := url.Values{
		"Name": {"n"}, "Count": {"-3"}, "On": {"true"}, "Ratio": {"0.5"}, "Blob": {"AGE="}, "At": {"2023-11-14T22:13:20.25Z"},
		"Names.member.2": {"b"}, "Names.member.1": {"a"}, "Items.1.Key": {"k"},
		"ByName.entry.1.key": {"x"}, "ByName.entry.1.value": {"1"}, "deep.Name": {"d"},
	}
	formed, err := formTree(form)
	if err != nil {
		t.Fatal(err)
	}
	var fromForm shape
	if err := decodeInto(AwsQuery, formed, &fromForm); err != nil || !reflect.DeepEqual(fromForm, want) {
		t.Errorf("form: %+v, %v\nwant %+v", fromForm, err, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct{ body, message string }{
		{`{"Name": 1}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Name": true}`, "TRUE_VALUE can not be converted to a String"},
		{`{"Name": {}}`, "Start of structure or map found where not expected"},
		{`{"Name": []}`, "Start of list found where not expected"},
		{`{"Count": "1"}`, "STRING_VALUE can not be converted to an Integer"},
		{`{"Count": 99999999999999999999}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"On": "true"}`, "STRING_VALUE can not be converted to a Boolean"},
		{`{"Names": "a"}`, "STRING_VALUE can not be converted to a list"},
		{`{"deep": "a"}`, "STRING_VALUE can not be converted to a structure"},
		{`{"ByName": "a"}`, "STRING_VALUE can not be converted to a map"},
		{`{"Blob": "*"}`, "a blob is not base64"},
		{`{"At": "now"}`, "STRING_VALUE can not be converted to a Timestamp"},
		{`{"At": 1e300}`, "NUMBER_VALUE can not be converted to a Timestamp"},
		{`{"deep": {"deep": {"Count": false}}}`, "FALSE_VALUE can not be converted to an Integer"},
	}
	for _, tt := range tests {
		tree, err := jsonTree([]byte(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		wantError(t, decodeInto(AwsJSON11, tree, &shape{}), "SerializationException", tt.message)
	}
}

func TestFormTreeRefuses(t *testing.T) {
	for _, form := range []url.Values{
		{"a": {"1"}, "a.b": {"2"}},
		{"a.b": {"1"}, "a.b.c": {"2"}},
		{"a" + strings.Repeat(".a", maxFormDepth): {"1"}},
	} {
		if tree, err := formTree(form); err == nil {
			t.Errorf("formTree(%v) = %v", form, tree)
		}
	}
}

func TestTimeJSON(t *testing.T) {
	for ms, want := range map[int64]string{1700000000000: "1700000000", 1700000000250: "1700000000.25", 1700000000001: "1700000000.001", -500: "-0.5"} {
		b, err := json.Marshal(Time{time.UnixMilli(ms)})
		var back Time
		if err != nil || string(b) != want || json.Unmarshal(b, &back) != nil || back.UnixMilli() != ms {
			t.Errorf("%d ms is %s, back %v, %v; want %s", ms, b, back, err, want)
		}
	}
	if b, _ := json.Marshal(Time{}); string(b) != "null" {
		t.Errorf("no time is %s", b)
	}
}

func TestConstraints(t *testing.T) {
	var c Constraints
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	c.Required("name", false)
	c.Range("maxResults", 11, 1, 10)
	c.Enum("type", "Text", "String", "StringList")
	wantError(t, c.Err(), "ValidationException", "3 validation errors detected: "+
		"Value null at 'name' failed to satisfy constraint: Member must not be null; "+
		"Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10; "+
		"Value 'Text' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [String, StringList]")

	secret := Constraints{Code: "InvalidParameterException", Hidden: []string{"password"}}
	secret.Length("password", "needle", 8, 99)
	wantError(t, secret.Err(), "InvalidParameterException", "1 validation error detected: "+
		"Value at 'password' failed to satisfy constraint: Member must have length greater than or equal to 8")
}
