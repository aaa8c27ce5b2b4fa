package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/lambda"
	. "bailey/services/access/accesstest"
	"bailey/services/events"
	"bailey/services/store"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

var at = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

const arns = ":us-west-2:123456789012:"

// An invoker hands on what it is asked for.
type invoker chan lambda.Request

func (v invoker) Invoke(_ context.Context, r lambda.Request) (lambda.Response, error) {
	v <- r
	return lambda.Response{Status: 202, RequestID: "request"}, nil
}

// A bus is the service with what it reports.
type bus struct {
	*events.Events
	invoked  invoker
	outcomes chan delivery.Outcome
	table    *delivery.Timetable
}

func start(t testing.TB, dir string, m func() *cloud.Model) bus {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := bus{invoked: make(invoker, 100), outcomes: make(chan delivery.Outcome, 100), table: &delivery.Timetable{}}
	b.Events, err = events.New(events.Config{Store: s, Model: m, Courier: delivery.Courier{Invoker: b.invoked}, Timetable: b.table,
		Report: func(o delivery.Outcome) { b.outcomes <- o }, Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close(); s.Close() })
	return b
}

func serve(t testing.TB, changes ...func(*cloud.Spec)) (*World, bus) {
	t.Helper()
	m := Model(t, changes...)
	b := start(t, t.TempDir(), func() *cloud.Model { return m })
	return Serve(t, m, b.Service()), b
}

// function adds a function that the rules of that pattern may invoke.
func function(name, permitted string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		arn := cloud.ARN{Partition: "aws", Service: "lambda", Region: Region, Account: Account, Resource: "function:" + name}
		s.Functions = append(s.Functions, cloud.Function{Meta: cloud.Meta{Name: "F" + name}, FunctionName: name, ARN: arn})
		if permitted != "" {
			s.Permissions = append(s.Permissions, cloud.Permission{Meta: cloud.Meta{Name: "P" + name}, Function: cloud.Known(arn),
				Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known("events.amazonaws.com"),
				SourceARN: cloud.Known("arn:aws:events" + arns + "rule/" + permitted)})
		}
	}
}

// rule declares a rule as a template does.
func rule(name, schedule, pattern string, targets ...cloud.EventTarget) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		r := cloud.EventRule{Meta: cloud.Meta{Name: "R" + name}, RuleName: name, Bus: "default", Schedule: schedule, Enabled: true, Targets: targets,
			ARN: cloud.ARN{Partition: "aws", Service: "events", Region: Region, Account: Account, Resource: "rule/" + name}}
		if pattern != "" {
			r.Pattern = Node(pattern)
		}
		s.EventRules = append(s.EventRules, r)
	}
}

func to(function string, more ...func(*cloud.EventTarget)) cloud.EventTarget {
	t := cloud.EventTarget{ID: "t" + function, Retries: -1,
		ARN: cloud.Known(cloud.ARN{Partition: "aws", Service: "lambda", Region: Region, Account: Account, Resource: "function:" + function})}
	for _, f := range more {
		f(&t)
	}
	return t
}

const prelude = `
ev = client("events")
pr, pt = ev.put_rule, ev.put_targets
fn = "arn:aws:lambda:us-west-2:123456789012:function:"
`

func TestRules(t *testing.T) {
	w, _ := serve(t, rule("declared", "rate(5 minutes)", `{"source": ["a"]}`, to("f")), function("f", "*"))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
step("declared", lambda: ev.describe_rule(Name="declared"))
step("its targets", lambda: ev.list_targets_by_rule(Rule="declared"))
step("put", lambda: pr(Name="r", ScheduleExpression="cron(0 12 * * ? *)", Description="noon"))
step("described", lambda: ev.describe_rule(Name="r"))
step("neither", lambda: pr(Name="n"))
step("bad schedule", lambda: pr(Name="n", ScheduleExpression="rate(1 minutes)"))
step("bad pattern", lambda: pr(Name="n", EventPattern='{"a": "b"}'))
step("no bus", lambda: pr(Name="n", EventPattern='{"a": ["b"]}', EventBusName="none"))
step("tags", lambda: pr(Name="n", EventPattern='{"a": ["b"]}', Tags=[{"Key": "k", "Value": "v"}]))
step("disable", lambda: ev.disable_rule(Name="r"))
step("disabled", lambda: ev.describe_rule(Name="r"))
step("enable none", lambda: ev.enable_rule(Name="none"))
step("targets", lambda: pt(Rule="r", Targets=[{"Id": "1", "Arn": fn + "f", "Input": '{"a": 1}', "RetryPolicy": {"MaximumRetryAttempts": 2}}]))
step("again", lambda: pt(Rule="r", Targets=[{"Id": "1", "Arn": fn + "f", "InputTransformer": {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": "<a>"}}]))
step("listed", lambda: ev.list_targets_by_rule(Rule="r"))
step("six", lambda: pt(Rule="r", Targets=[{"Id": str(n), "Arn": fn + "f"} for n in range(1, 7)]))
step("queue", lambda: pt(Rule="r", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-west-2:123456789012:q"}]))
step("bad id", lambda: pt(Rule="r", Targets=[{"Id": "a b", "Arn": fn + "f"}]))
step("remove none", lambda: ev.remove_targets(Rule="r", Ids=[]))
step("remove bad id", lambda: ev.remove_targets(Rule="r", Ids=["a b"]))
step("no arn", lambda: pt(Rule="r", Targets=[{"Id": "q", "Arn": "x"}]))
step("two inputs", lambda: pt(Rule="r", Targets=[{"Id": "q", "Arn": fn + "f", "Input": "{}", "InputPath": "$.a"}]))
step("no rule", lambda: pt(Rule="none", Targets=[{"Id": "q", "Arn": fn + "f"}]))
step("delete with targets", lambda: ev.delete_rule(Name="r"))
step("remove", lambda: ev.remove_targets(Rule="r", Ids=["1", "none"]))
step("delete", lambda: ev.delete_rule(Name="r"))
step("delete none", lambda: ev.delete_rule(Name="none"))
step("gone", lambda: ev.describe_rule(Name="r"))
for n in range(3): pr(Name="page%d" % n, EventPattern='{"a": ["b"]}')
first = ev.list_rules(NamePrefix="page", Limit=2)
step("page", lambda: {"names": [r["Name"] for r in first["Rules"] + ev.list_rules(NamePrefix="page", NextToken=first["NextToken"])["Rules"]], "ResponseMetadata": first["ResponseMetadata"]})
step("archive", lambda: ev.list_archives())
`)
	const failures = `result {"FailedEntryCount": 0, "FailedEntries": []} 200`
	const r = `"Arn": "arn:aws:events:us-west-2:123456789012:rule/`
	wiretest.Compare(t, got, map[string]string{
		"declared":            `result {"Name": "declared", ` + r + `declared", "EventPattern": "{\"source\":[\"a\"]}", "ScheduleExpression": "rate(5 minutes)", "State": "ENABLED", "EventBusName": "default", "CreatedBy": "123456789012"} 200`,
		"its targets":         `result {"Targets": [{"Id": "tf", "Arn": "arn:aws:lambda:us-west-2:123456789012:function:f"}]} 200`,
		"put":                 `result {"RuleArn": "arn:aws:events:us-west-2:123456789012:rule/r"} 200`,
		"described":           `result {"Name": "r", ` + r + `r", "ScheduleExpression": "cron(0 12 * * ? *)", "State": "ENABLED", "Description": "noon", "EventBusName": "default", "CreatedBy": "123456789012"} 200`,
		"neither":             `ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified. 400`,
		"bad schedule":        `ValidationException: Parameter ScheduleExpression is not valid. rate(1 minutes): the unit of 1 is singular, that of more is plural 400`,
		"bad pattern":         `InvalidEventPatternException: Event pattern is not valid. Reason: "a" must be an object or an array 400`,
		"no bus":              `ResourceNotFoundException: Event bus none does not exist. 400`,
		"tags":                `UnknownOperationException: bailey does not have events:PutRule with Tags yet 400`,
		"disable":             `result {} 200`,
		"disabled":            `result {"Name": "r", ` + r + `r", "ScheduleExpression": "cron(0 12 * * ? *)", "State": "DISABLED", "Description": "noon", "EventBusName": "default", "CreatedBy": "123456789012"} 200`,
		"enable none":         `ResourceNotFoundException: Rule none does not exist on EventBus default. 400`,
		"targets":             failures,
		"again":               failures,
		"listed":              `result {"Targets": [{"Id": "1", "Arn": "arn:aws:lambda:us-west-2:123456789012:function:f", "InputTransformer": {"InputPathsMap": {"a": "$.detail"}, "InputTemplate": "<a>"}}]} 200`,
		"six":                 `LimitExceededException: The requested resource exceeds the maximum number allowed. 400`,
		"queue":               `UnknownOperationException: bailey does not have rules' targets of sqs, arn:aws:sqs:us-west-2:123456789012:q yet 400`,
		"bad id":              `ValidationException: 1 validation error detected: Value 'a b' at 'targets.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+ 400`,
		"remove none":         `ValidationException: 1 validation error detected: Value '0' at 'ids' failed to satisfy constraint: Member must have value greater than or equal to 1 400`,
		"remove bad id":       `ValidationException: 1 validation error detected: Value 'a b' at 'ids' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+ 400`,
		"no arn":              `ValidationException: Parameter x is not valid. Reason: Provided Arn is not in correct format. 400`,
		"two inputs":          `ValidationException: Invalid input for target q. Reason: only one of Input, InputPath, or InputTransformer must be provided. 400`,
		"no rule":             `ResourceNotFoundException: Rule none does not exist on EventBus default. 400`,
		"delete with targets": `ValidationException: Rule can't be deleted since it has targets. 400`,
		"remove":              failures,
		"delete":              `result {} 200`,
		"delete none":         `result {} 200`,
		"gone":                `ResourceNotFoundException: Rule r does not exist on EventBus default. 400`,
		"page":                `result {"names": ["page0", "page1", "page2"]} 200`,
		"archive":             `UnknownOperationException: bailey does not have events:ListArchives yet 400`,
	})
}

// Events reach the targets of the rules that they fit, and those alone.
func TestPutEvents(t *testing.T) {
	w, b := serve(t, function("got", "*"), function("not", "other"),
		rule("all", "", `{"source": ["shop"]}`, to("got", func(t *cloud.EventTarget) { t.InputPath = "$.detail" }), to("not")),
		rule("big", "", `{"source": ["shop"], "detail": {"n": [{"numeric": [">", 5]}]}}`, to("got", func(t *cloud.EventTarget) { t.Input = `{"big": true}` })))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
entry = lambda **more: {"Source": "shop", "DetailType": "order", "Detail": '{"n": 1}', **more}
def put(*entries):
    r = ev.put_events(Entries=list(entries))
    for e in r["Entries"]: "EventId" in e and e.update(EventId=len(e["EventId"]))
    return r
step("one", lambda: put(entry()))
step("mixed", lambda: put(entry(Source=""), entry(Detail="[]"), entry(Source="aws.ec2"), entry(Source="elsewhere"), entry(EventBusName="none")))
step("big", lambda: put(entry(Detail='{"n": 7}')))
step("too big", lambda: put(entry(Detail='{"n": "' + "x" * 262144 + '"}')))
step("eleven", lambda: put(*[entry()] * 11))
step("test", lambda: ev.test_event_pattern(EventPattern='{"source": ["a"]}', Event='{"id": "1", "account": "1", "source": "a", "time": "", "region": "", "resources": [], "detail-type": ""}'))
step("test incomplete", lambda: ev.test_event_pattern(EventPattern='{"source": ["a"]}', Event='{"source": "a"}'))
`)
	wiretest.Compare(t, got, map[string]string{
		"one": `result {"FailedEntryCount": 0, "Entries": [{"EventId": 36}]} 200`,
		"mixed": `result {"FailedEntryCount": 3, "Entries": [{"ErrorCode": "InvalidArgument", "ErrorMessage": "Parameter Source is not valid. Reason: Source is a required argument."},
			{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}, {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."},
			{"EventId": 36}, {"EventId": 36}]} 200`,
		"big":             `result {"FailedEntryCount": 0, "Entries": [{"EventId": 36}]} 200`,
		"too big":         `ValidationException: Total size of the entries in the request is over the limit. 400`,
		"eleven":          `ValidationException: 1 validation error detected: Value '11' at 'entries' failed to satisfy constraint: Member must have length between 1 and 10 400`,
		"test":            `result {"Result": true} 200`,
		"test incomplete": `ValidationException: Parameter Event is not valid. Reason: it has no id. 400`,
	})
	count := map[string]int{}
	for range 3 { // {"n":1}, {"n":7}, and the constant
		r := <-b.invoked
		count[string(r.Payload)+" "+string(r.Type)]++
	}
	if want := `map[{"big": true} Event:1 {"n":1} Event:1 {"n":7} Event:1]`; fmt.Sprint(count) != want {
		t.Errorf("invoked %v, want %s", count, want)
	}
	refused := 0
	for range 5 {
		if o := <-b.outcomes; o.Problem != "" {
			refused++
			if !strings.Contains(o.String(), "rule all did not invoke arn:aws:lambda"+arns+"function:not: User: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction") {
				t.Error(o)
			}
		}
	}
	if refused != 2 {
		t.Errorf("%d were refused, want 2", refused)
	}
}

// What a scheduled rule's function gets, fired now.
func TestRun(t *testing.T) {
	_, b := serve(t, function("f", "daily"), rule("daily", "rate(1 day)", "", to("f")), rule("other", "rate(1 day)", "", to("f")), rule("pattern", "", `{"a": ["b"]}`, to("f")))
	for _, called := range []string{"daily", "Rdaily", "arn:aws:events" + arns + "rule/daily"} {
		out, ok, err := b.Run(t.Context(), called)
		if err != nil || !ok || len(out) != 1 || out[0].RequestID != "request" {
			t.Fatal(called, out, ok, err)
		}
		var event map[string]any
		payload := (<-b.invoked).Payload
		if err := json.Unmarshal(payload, &event); err != nil || len(event["id"].(string)) != 36 {
			t.Fatalf("%s: %v", payload, err)
		}
		want := `{"version":"0","id":"` + event["id"].(string) + `","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012",` +
			`"time":"2026-03-07T12:00:00Z","region":"us-west-2","resources":["arn:aws:events:us-west-2:123456789012:rule/daily"],"detail":{}}`
		if string(payload) != want {
			t.Errorf("got  %s\nwant %s", payload, want)
		}
	}
	out, ok, _ := b.Run(t.Context(), "other")
	if !ok || !strings.Contains(out[0].Problem, "lambda:InvokeFunction") || len(b.invoked) != 0 {
		t.Errorf("without its permission: %v", out)
	}
	if _, ok, _ := b.Run(t.Context(), "pattern"); ok {
		t.Error("a rule without a schedule ran")
	}
}

// What the template says wrongly or leaves open is told, and keeps that rule
// from firing, not the world from starting.
func TestProblems(t *testing.T) {
	open := func(t *cloud.EventTarget) {
		t.ARN = cloud.Unknown[cloud.ARN]("parameter F has no value", source.Span{File: "t.yaml", Line: 3})
	}
	queue := func(t *cloud.EventTarget) {
		t.ARN = cloud.Known(cloud.ARN{Partition: "aws", Service: "sqs", Region: Region, Account: Account, Resource: "q"})
	}
	_, b := serve(t, rule("a", "rate(5 minute)", ""), rule("b", "", `{"a": "b"}`), rule("c", "rate(1 hour)", "", to("f", open)), rule("d", "rate(1 hour)", "", to("f", queue)),
		rule("e", "rate(1 hour)", "", to("f", func(t *cloud.EventTarget) { t.Input = "{" })), rule("fine", "rate(1 hour)", "", to("f")))
	got := strings.Join(b.Problems(), "\n")
	for _, want := range []string{"rule Ra", "the unit of 1 is singular", "rule Rb", "must be an object or an array", "parameter F has no value (t.yaml:3)",
		"targets of sqs yet", "JSON syntax error in input: {"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	if n := len(b.Problems()); n != 5 {
		t.Errorf("%d problems, want 5:\n%s", n, got)
	}
	lines, err := b.Scheduled()
	if err != nil || len(lines) != 5 || !lines[0].Next.IsZero() || lines[4].Next.IsZero() || lines[4].LogicalID != "Rfine" {
		t.Errorf("%+v %v", lines, err)
	}
}

func TestIAM(t *testing.T) {
	const rules = "arn:aws:events" + arns + "rule/"
	w, _ := serve(t, function("f", "*"), Role("app", Allow("events:PutRule", rules+"mine-*"), Allow("events:PutEvents", "*"), Allow("events:PutTargets", "*")),
		Role("shop", `{"Effect": "Allow", "Action": "events:PutEvents", "Resource": "arn:aws:events`+arns+`event-bus/default", "Condition": {"ForAllValues:StringEquals": {"events:source": "shop"}}}`))
	steps := prelude + `
step("mine", lambda: pr(Name="mine-1", ScheduleExpression="rate(1 hour)"))
step("theirs", lambda: pr(Name="theirs", ScheduleExpression="rate(1 hour)"))
step("pass role", lambda: pt(Rule="mine-1", Targets=[{"Id": "1", "Arn": fn + "f", "RoleArn": "arn:aws:iam::123456789012:role/admin"}]))
step("shop", lambda: ev.put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "[]"}]))
step("elsewhere", lambda: ev.put_events(Entries=[{"Source": "shop", "DetailType": "d", "Detail": "[]"}, {"Source": "x", "DetailType": "d", "Detail": "[]"}]))
`
	for role, want := range map[string]map[string]string{
		"app": {"mine": "", "shop": "", "elsewhere": "", "theirs": "events:PutRule on resource: " + rules + "theirs", "pass role": "iam:PassRole on resource: arn:aws:iam::123456789012:role/admin"},
		"shop": {"shop": "", "elsewhere": "events:PutEvents on resource: arn:aws:events" + arns + "event-bus/default", "mine": "events:PutRule on resource: " + rules + "mine-1",
			"theirs": "events:PutRule", "pass role": "events:PutTargets"},
	} {
		got := wiretest.Boto3(t, w.URL, w.Function(role), steps)
		for step, denied := range want {
			if o := got[step].String(); (denied == "") != strings.HasPrefix(o, "result ") || !strings.Contains(o, denied) {
				t.Errorf("%s %s: %s\nwant %s", role, step, o, denied)
			}
		}
	}
}

// The AWS CLI says the same things in its own words.
func TestCLI(t *testing.T) {
	w, b := serve(t, function("f", "*"))
	for _, args := range []string{"put-rule --name r --event-pattern {\"source\":[\"cli\"]}", "put-targets --rule r --targets Id=1,Arn=arn:aws:lambda" + arns + "function:f"} {
		if out, err := wiretest.AWS(t, w.URL, Host(), append([]string{"events"}, strings.Fields(args)...)...); err != nil {
			t.Fatalf("%s: %s", args, out)
		}
	}
	if out, err := wiretest.AWS(t, w.URL, Host(), "events", "put-events", "--entries", `[{"Source": "cli", "DetailType": "d", "Detail": "{\"a\": 1}"}]`); err != nil {
		t.Fatal(out)
	}
	if r := <-b.invoked; !strings.HasSuffix(string(r.Payload), `"detail":{"a":1}}`) {
		t.Errorf("%s", r.Payload)
	}
}
