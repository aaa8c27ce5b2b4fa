package event

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// The event of AWS's page on input transformation.
var sample = Event{
	ID: "7bf73129-1428-4cd3-a780-95db273d1602", DetailType: "EC2 Instance State-change Notification", Source: "aws.ec2",
	Account: "123456789012", Time: time.Date(2015, 11, 11, 21, 29, 54, 7, time.UTC), Region: "us-east-1",
	Resources: []string{"arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"},
	Detail:    json.RawMessage(`{"instance-id":"i-0123456789","state":"RUNNING","n":[1,2.50],"quote":"say \"hi\" <b>"}`),
}

var rule = Context{RuleARN: "arn:aws:events:us-east-1:123456789012:rule/r", RuleName: "r", Ingested: time.Date(2015, 11, 11, 21, 30, 0, 0, time.UTC)}

func TestJSON(t *testing.T) {
	want := `{"version":"0","id":"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa","detail-type":"Scheduled Event","source":"aws.events",` +
		`"account":"123456789012","time":"2015-10-08T16:53:06Z","region":"us-east-1",` +
		`"resources":["arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"],"detail":{}}`
	got := Event{ID: "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", DetailType: "Scheduled Event", Source: "aws.events", Account: "123456789012",
		Time: time.Date(2015, 10, 8, 18, 53, 6, 0, time.FixedZone("", 7200)), Region: "us-east-1",
		Resources: []string{"arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule"}}.JSON()
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRender(t *testing.T) {
	paths := map[string]string{"instance": "$.detail.instance-id", "state": "$.detail.state", "n": "$.detail.n", "second": "$.detail.n[1]",
		"quote": "$.detail.quote", "none": "$.detail.none", "all": "$.detail.n[*]", "detail": "$.detail"}
	template := func(text string) Input { return Input{Template: text, Paths: paths} }
	for name, tt := range map[string]struct {
		in   Input
		want string
	}{
		"the event":        {Input{}, string(sample.JSON())},
		"constant":         {Input{Constant: `{"a": "<instance>"}`}, `{"a": "<instance>"}`},
		"path":             {Input{Path: "$.detail.n"}, `[1,2.50]`},
		"path to a string": {Input{Path: "$.source"}, `"aws.ec2"`},
		"no such path":     {Input{Path: "$.detail.none"}, `error: the event has nothing at $.detail.none`},
		"string":           {template(`"instance <instance> is in <state>"`), `"instance i-0123456789 is in RUNNING"`},
		"escaped quotes":   {template(`"<instance> is in state \"<state>\""`), `"i-0123456789 is in state \"RUNNING\""`},
		"object":           {template(`{"instance": <instance>, "state": "<state>", "n": <n>, "second": <second>, "all": <all>}`), `{"instance": "i-0123456789", "state": "RUNNING", "n": [1,2.50], "second": 2.50, "all": [1,2.50]}`},
		"quotes in it":     {template(`{"q": "it says <quote>", "r": <quote>}`), `{"q": "it says say \"hi\" <b>", "r": "say \"hi\" <b>"}`},
		"a list as text":   {template(`"<n>"`), `"[1,2.50]"`},
		"missing in text":  {template(`"[<none>]"`), `"[]"`},
		"missing as value": {template(`{"a": <none>}`), `error: the InputTemplate makes no JSON of this event: {"a": }`},
		"no variable":      {template(`"<b> stays"`), `"<b> stays"`},
		"reserved": {template(`{"arn": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>}`),
			`{"arn": "arn:aws:events:us-east-1:123456789012:rule/r", "name": "r", "at": "2015-11-11T21:30:00Z"}`},
		"without its detail": {template(`{"e": <aws.events.event>}`), `{"e": {"account":"123456789012","detail-type":"EC2 Instance State-change Notification","id":"7bf73129-1428-4cd3-a780-95db273d1602","region":"us-east-1","resources":["arn:aws:ec2:us-east-1:123456789012:instance/i-abcd1111"],"source":"aws.ec2","time":"2015-11-11T21:29:54Z","version":"0"}}`},
		"two lines":          {template("\"a\"\n\"b\""), "error: the InputTemplate makes no JSON of this event: \"a\"\n\"b\""},
	} {
		got, err := tt.in.Render(sample, rule)
		if err != nil {
			got = []byte("error: " + err.Error())
		}
		if string(got) != tt.want {
			t.Errorf("%s\n got %s\nwant %s", name, got, tt.want)
		}
	}
}

func TestInputsRefused(t *testing.T) {
	for want, in := range map[string]Input{
		"only one of Input":          {Constant: `{}`, Path: "$.a"},
		"JSON syntax error in input": {Constant: `{a}`},
		"is no path":                 {Path: "detail"},
		`"$.a[?(@.b)]" is no path`:   {Template: "<a>", Paths: map[string]string{"a": "$.a[?(@.b)]"}},
		`"AWS.x" is no name`:         {Template: "<a>", Paths: map[string]string{"AWS.x": "$.a"}},
	} {
		if err := in.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", in, err, want)
		}
	}
}

// Whatever the template, what comes out is JSON or an error.
func FuzzRender(f *testing.F) {
	f.Add(`{"a": <x>, "b": "<x>\\"}`, "$.detail.n[*]")
	f.Add(`"<aws.events.event.json>"`, "$")
	f.Fuzz(func(t *testing.T, template, path string) {
		in := Input{Template: template, Paths: map[string]string{"x": path}}
		if in.Check() != nil {
			return
		}
		if out, err := in.Render(sample, rule); err == nil && !json.Valid(out) {
			t.Errorf("%s with %s: %s", template, path, out)
		}
	})
}
