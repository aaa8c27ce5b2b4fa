package gateway

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// The fast writer says what encoding/json says.
func TestTheFastWriterAgreesWithEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "\x00\x1f\"\\/<>&", "\xff\xfe", "a\xc3", "\u2028ä€😀", "}{][,:"}))
		texts := rapid.MapOfN(text, text, 0, 4)
		list := rapid.SliceOfN(text, 0, 3)
		encoded := rapid.Bool().Draw(t, "encoded")
		body := text.Draw(t, "body")
		e := event2{Version: "2.0", RouteKey: text.Draw(t, "key"), RawPath: text.Draw(t, "path"), RawQuery: text.Draw(t, "query"), Cookies: list.Draw(t, "cookies"),
			Headers: texts.Draw(t, "headers"), Query: texts.Draw(t, "parameters"), PathParams: texts.Draw(t, "params"), Variables: texts.Draw(t, "variables"), Base64: &encoded,
			Context: context2{AccountID: "1", DomainName: text.Draw(t, "domain"), Time: "t", TimeEpoch: rapid.Int64().Draw(t, "epoch"), HTTP: http2{UserAgent: text.Draw(t, "agent")}}}
		if rapid.Bool().Draw(t, "has body") {
			e.Body = &body
		}
		switch rapid.IntRange(0, 3).Draw(t, "authorizer") {
		case 1:
			e.Context.Authorizer = &authorizer2{JWT: &jwt2{Claims: texts.Draw(t, "claims")}}
		case 2:
			e.Context.Authorizer = &authorizer2{JWT: &jwt2{Claims: texts.Draw(t, "claims"), Scopes: append([]string{}, list.Draw(t, "scopes")...)}}
		case 3:
			e.Context.Authorizer = &authorizer2{Lambda: map[string]any{"k": []any{body, 1.5, nil}}}
		}
		slow, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		if err := json.Unmarshal(e.append2(nil), &got); err != nil {
			t.Fatalf("%v: %s", err, e.append2(nil))
		}
		if json.Unmarshal(slow, &want); !reflect.DeepEqual(got, want) {
			t.Fatalf("\n got %s\nwant %s", e.append2(nil), slow)
		}
	})
}
