package wiretest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// An Outcome is what an application sees of one call through boto3: its parsed
// result, or an exception.
type Outcome struct {
	Exception string // the class: ParameterNotFound if it is modeled, else ClientError
	Response  struct {
		Error            struct{ Code, Message, Type string }
		ResponseMetadata metadata
	}
	Result map[string]any
}

type metadata struct {
	RequestId      string
	HTTPStatusCode json.Number
}

// String gives "result {...} 200" or "Code: message 400 Sender", the last word
// where the protocol has it. Whether an error has a class of its own depends on
// the client's version; where it has, the class is called as the code is.
func (o Outcome) String() string {
	if o.Exception == "" {
		text, _ := json.Marshal(o.body())
		return "result " + string(text) + " " + o.metadata().HTTPStatusCode.String()
	}
	e, m := o.Response.Error, o.Response.ResponseMetadata
	if m.RequestId == "" && m.HTTPStatusCode != "" {
		e.Code = "NO REQUEST ID " + e.Code
	}
	if o.Exception != "ClientError" && o.Exception != e.Code {
		e.Code = "CLASS " + o.Exception + " FOR " + e.Code
	}
	return strings.TrimSpace(e.Code + ": " + e.Message + " " + m.HTTPStatusCode.String() + " " + e.Type)
}

// body is the result without what every result has.
func (o Outcome) body() map[string]any {
	body := map[string]any{}
	for k, v := range o.Result {
		if k != "ResponseMetadata" {
			body[k] = v
		}
	}
	return body
}

func (o Outcome) metadata() (m metadata) {
	raw, err := json.Marshal(o.Result["ResponseMetadata"])
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		return metadata{}
	}
	return m
}

// Is compares with the text that String gives: an exception letter for letter,
// a result as JSON, member by member.
func (o Outcome) Is(want string) bool {
	result, ok := strings.CutPrefix(want, "result ")
	if o.Exception != "" || !ok {
		return o.String() == want
	}
	space := strings.LastIndexByte(result, ' ')
	if space < 0 {
		return false
	}
	wanted, m := map[string]any{}, o.metadata()
	err := json.Unmarshal([]byte(result[:space]), &wanted)
	return err == nil && reflect.DeepEqual(o.body(), wanted) && m.HTTPStatusCode.String() == result[space+1:] && m.RequestId != ""
}

// Compare reports every step that did not come to what was wanted, every step
// that was not wanted, and every one that is missing.
func Compare(t testing.TB, got map[string]Outcome, want map[string]string) {
	t.Helper()
	for name, outcome := range got {
		if wanted, ok := want[name]; !ok {
			t.Errorf("%s: nothing is wanted of it\n got %s", name, outcome)
		} else if !outcome.Is(wanted) {
			t.Errorf("%s\n got %s\nwant %s", name, outcome, wanted)
		}
	}
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s: no such step", name)
		}
	}
}
