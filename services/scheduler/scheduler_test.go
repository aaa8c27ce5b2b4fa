package scheduler_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/lambda"
	. "bailey/services/access/accesstest"
	"bailey/services/scheduler"
	"bailey/services/store"
	"bailey/services/wire/wiretest"
	"bailey/source"
)

var at = time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)

// An invoker hands on what it is asked for.
type invoker chan lambda.Request

func (v invoker) Invoke(_ context.Context, r lambda.Request) (lambda.Response, error) {
	v <- r
	return lambda.Response{Status: 202, RequestID: "request"}, nil
}

type service struct {
	*scheduler.Schedules
	invoked invoker
	table   *delivery.Timetable
}

func start(t testing.TB, dir string, m *cloud.Model, now func() time.Time) service {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	v := service{invoked: make(invoker, 100), table: &delivery.Timetable{}}
	v.Schedules, err = scheduler.New(scheduler.Config{Store: s, Model: func() *cloud.Model { return m }, Now: now,
		Courier: delivery.Courier{Invoker: v.invoked}, Timetable: v.table})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func serve(t testing.TB, changes ...func(*cloud.Spec)) (*World, service) {
	t.Helper()
	m := Model(t, changes...)
	v := start(t, t.TempDir(), m, func() time.Time { return at })
	return Serve(t, m, v.Service()), v
}

var functionARN = cloud.ARN{Partition: "aws", Service: "lambda", Region: Region, Account: Account, Resource: "function:f"}

func function(s *cloud.Spec) {
	s.Functions = append(s.Functions, cloud.Function{Meta: cloud.Meta{Name: "F"}, FunctionName: "f", ARN: functionARN})
}

// role adds a role that a service may assume.
func role(name, trusts string, statements ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		Role(name, statements...)(s)
		s.Roles[len(s.Roles)-1].Trust = Policy("", `{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "`+trusts+`"}}`).Doc
	}
}

var invokes = role("invokes", "scheduler.amazonaws.com", Allow("lambda:InvokeFunction", functionARN.String()))

func roleARN(name string) string { return "arn:aws:iam::" + Account + ":role/" + name }

// declared declares a schedule as a template does.
func declared(name, expression, roleName string, more ...func(*cloud.Schedule)) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		d := cloud.Schedule{Meta: cloud.Meta{Name: "S" + name}, ScheduleName: name, Group: "default", Expression: expression, TimeZone: "UTC", Enabled: true,
			Target: cloud.EventTarget{ARN: cloud.Known(functionARN), Role: cloud.Known(roleARN(roleName)), Retries: -1}}
		for _, f := range more {
			f(&d)
		}
		s.Schedules = append(s.Schedules, d)
	}
}

func TestOperations(t *testing.T) {
	w, _ := serve(t, function, invokes, role("lambda", "lambda.amazonaws.com"), declared("declared", "rate(1 hour)", "invokes"))
	got := wiretest.Boto3(t, w.URL, Host(), `
import datetime
s = client("scheduler")
target = {"Arn": "arn:aws:lambda:us-west-2:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/invokes"}
def put(op=s.create_schedule, **more):
    return op(**{"Name": "s", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target, **more})
def get(**more):
    r = s.get_schedule(**{"Name": "s", **more})
    return {k: v.isoformat() if isinstance(v, datetime.datetime) else v for k, v in r.items()}
step("create", lambda: put(Target={**target, "Input": '{"a": 1}', "RetryPolicy": {"MaximumRetryAttempts": 3}}, EndDate=datetime.datetime(2027, 1, 1, tzinfo=datetime.timezone.utc)))
step("get", get)
step("again", put)
step("update", lambda: put(s.update_schedule, ScheduleExpression="cron(30 2 * * ? *)", ScheduleExpressionTimezone="Europe/Paris", FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}, State="DISABLED"))
step("updated", get)
step("update none", lambda: put(s.update_schedule, Name="none"))
step("bad expression", lambda: put(Name="n", ScheduleExpression="rate(5 potatoes)"))
step("bad zone", lambda: put(Name="n", ScheduleExpressionTimezone="Mars/Olympus"))
step("bad name", lambda: put(Name="a b"))
step("no group", lambda: put(Name="n", GroupName="none"))
step("untrusting", lambda: put(Name="n", Target={**target, "RoleArn": "arn:aws:iam::123456789012:role/lambda"}))
step("queue", lambda: put(Name="n", Target={**target, "Arn": "arn:aws:sqs:us-west-2:123456789012:q"}))
step("window", lambda: put(Name="n", FlexibleTimeWindow={"Mode": "FLEXIBLE"}))
step("dates", lambda: put(Name="n", StartDate=datetime.datetime(2027, 1, 2), EndDate=datetime.datetime(2027, 1, 1)))
first = s.list_schedules(MaxResults=1)
names = lambda r: [x["GroupName"] + "/" + x["Name"] + " " + x["State"] for x in r["Schedules"]]
step("list", lambda: {"names": names(first) + names(s.list_schedules(NextToken=first["NextToken"])), "ResponseMetadata": first["ResponseMetadata"]})
step("list disabled", lambda: {"names": names(s.list_schedules(State="DISABLED")), "ResponseMetadata": first["ResponseMetadata"]})
step("delete", lambda: s.delete_schedule(Name="s"))
step("gone", get)
step("delete none", lambda: s.delete_schedule(Name="s"))
step("groups", lambda: s.list_schedule_groups())
`)
	const head = `"Arn": "arn:aws:scheduler:us-west-2:123456789012:schedule/default/s", "Name": "s", "GroupName": "default", "ActionAfterCompletion": "NONE",
		"CreationDate": "2026-03-07T12:00:00+00:00", "LastModificationDate": "2026-03-07T12:00:00+00:00", `
	const target = `"Arn": "arn:aws:lambda:us-west-2:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/invokes"`
	got["get"].Result["CreationDate"], got["updated"].Result["CreationDate"] = "2026-03-07T12:00:00+00:00", "2026-03-07T12:00:00+00:00" // in the machine's zone
	for _, step := range []string{"get", "updated"} {
		for _, member := range []string{"LastModificationDate", "EndDate"} {
			if text, ok := got[step].Result[member].(string); ok {
				moment, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				got[step].Result[member] = moment.UTC().Format("2006-01-02T15:04:05+00:00")
			}
		}
	}
	wiretest.Compare(t, got, map[string]string{
		"create":         `result {"ScheduleArn": "arn:aws:scheduler:us-west-2:123456789012:schedule/default/s"} 200`,
		"get":            `result {` + head + `"ScheduleExpression": "rate(5 minutes)", "ScheduleExpressionTimezone": "UTC", "EndDate": "2027-01-01T00:00:00+00:00", "State": "ENABLED", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {` + target + `, "Input": "{\"a\": 1}", "RetryPolicy": {"MaximumRetryAttempts": 3}}} 200`,
		"again":          `ConflictException: Schedule s already exists. 409`,
		"update":         `result {"ScheduleArn": "arn:aws:scheduler:us-west-2:123456789012:schedule/default/s"} 200`,
		"updated":        `result {` + head + `"ScheduleExpression": "cron(30 2 * * ? *)", "ScheduleExpressionTimezone": "Europe/Paris", "State": "DISABLED", "FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}, "Target": {` + target + `}} 200`,
		"update none":    `ResourceNotFoundException: Schedule none does not exist. 404`,
		"bad expression": `ValidationException: Invalid Schedule Expression rate(5 potatoes). rate(5 potatoes): the unit "potatoes" is none of minutes, hours and days 400`,
		"bad zone":       `ValidationException: Invalid Schedule Expression rate(5 minutes). "Mars/Olympus" is no time zone of the IANA database 400`,
		"bad name":       `ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [0-9a-zA-Z-_.]+ 400`,
		"no group":       `ResourceNotFoundException: Schedule group none does not exist. 404`,
		"untrusting":     `ValidationException: The execution role you provide must allow AWS EventBridge Scheduler to assume the role. 400`,
		"queue":          `UnknownOperationException: bailey does not have schedules' targets of sqs, arn:aws:sqs:us-west-2:123456789012:q yet 404`,
		"window":         `ValidationException: MaximumWindowInMinutes is stated with the mode FLEXIBLE, and with no other. 400`,
		"dates":          `ValidationException: The EndDate you specify must come after the StartDate. 400`,
		"list":           `result {"names": ["default/declared ENABLED", "default/s DISABLED"]} 200`,
		"list disabled":  `result {"names": ["default/s DISABLED"]} 200`,
		"delete":         `result {} 200`,
		"gone":           `ResourceNotFoundException: Schedule s does not exist. 404`,
		"delete none":    `ResourceNotFoundException: Schedule s does not exist. 404`,
		"groups":         `UnknownOperationException: bailey does not have scheduler:ListScheduleGroups yet 404`,
	})
}

// What the function gets: the default event, or the input with its context
// attributes; and why it gets nothing.
// One call, made twice by its token, makes one schedule and tells of it twice.
func TestCreateIsIdempotent(t *testing.T) {
	w, _ := serve(t, function, invokes)
	got := wiretest.Boto3(t, w.URL, Host(), `
s = client("scheduler")
def put(**more):
    return s.create_schedule(**{"Name": "s", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"}, "ClientToken": "one",
        "Target": {"Arn": "arn:aws:lambda:us-west-2:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/invokes"}, **more})
step("create", put)
step("again", put)
step("otherwise", lambda: put(ScheduleExpression="rate(6 minutes)"))
step("another call", lambda: put(ClientToken="two"))
shown = s.get_schedule(Name="s")
step("token", lambda: {"shown": "ClientToken" in shown, "ResponseMetadata": shown["ResponseMetadata"]})
step("bad token", lambda: put(Name="n", ClientToken="a b"))
`)
	const made = `result {"ScheduleArn": "arn:aws:scheduler:us-west-2:123456789012:schedule/default/s"} 200`
	const taken = `ConflictException: Schedule s already exists. 409`
	wiretest.Compare(t, got, map[string]string{
		"create": made, "again": made, "otherwise": taken, "another call": taken,
		"token":     `result {"shown": false} 200`,
		"bad token": `ValidationException: 1 validation error detected: Value 'a b' at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+ 400`,
	})
}

func TestRun(t *testing.T) {
	input := func(text string) func(*cloud.Schedule) { return func(d *cloud.Schedule) { d.Target.Input = text } }
	_, v := serve(t, function, invokes, role("lambda", "lambda.amazonaws.com", Allow("*", "*")), role("weak", "scheduler.amazonaws.com", Allow("s3:*", "*")),
		declared("plain", "rate(1 hour)", "invokes"),
		declared("attributes", "rate(1 hour)", "invokes", input(`{"arn": "<aws.scheduler.schedule-arn>", "at": "<aws.scheduler.scheduled-time>", "try": <aws.scheduler.attempt-number>, "id": "<aws.scheduler.execution-id>"}`)),
		declared("text", "rate(1 hour)", "invokes", input(`hello`)),
		declared("untrusting", "rate(1 hour)", "lambda"), declared("weak", "rate(1 hour)", "weak"), declared("nobody", "rate(1 hour)", "nobody"),
		declared("open", "rate(1 hour)", "", func(d *cloud.Schedule) {
			d.Target.Role = cloud.Unknown[string]("parameter Role has no value", source.Span{File: "t.yaml", Line: 2})
		}))
	payload := func(called string) map[string]any {
		o, ok, err := v.Run(t.Context(), called)
		if !ok || err != nil || o.Problem != "" {
			t.Fatal(o, ok, err)
		}
		var out map[string]any
		text := (<-v.invoked).Payload
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return out
	}
	plain := payload("Splain")
	if plain["detail"] != "{}" || plain["source"] != "aws.scheduler" || plain["time"] != "2026-03-07T12:00:00Z" ||
		plain["resources"].([]any)[0] != "arn:aws:scheduler:us-west-2:123456789012:schedule/default/plain" {
		t.Error(plain)
	}
	filled := payload("attributes")
	if filled["arn"] != "arn:aws:scheduler:us-west-2:123456789012:schedule/default/attributes" || filled["at"] != "2026-03-07T12:00:00Z" ||
		filled["try"] != 1.0 || len(filled["id"].(string)) != 16 {
		t.Error(filled)
	}
	for name, want := range map[string]string{
		"text":       "its input is not JSON, which Lambda refuses: hello",
		"untrusting": "sts:AssumeRole on resource: arn:aws:iam::123456789012:role/lambda because no role trust policy allows",
		"weak":       "lambda:InvokeFunction on resource: " + functionARN.String() + " because no identity-based policy allows",
		"nobody":     "is not known",
		"open":       "the template leaves open what its target's role is",
	} {
		o, ok, err := v.Run(t.Context(), name)
		if !ok || err != nil || !strings.Contains(o.Problem, want) || len(v.invoked) != 0 {
			t.Errorf("%s: %v, want %s", name, o, want)
		}
	}
	if got := strings.Join(v.Problems(), "\n"); !strings.Contains(got, "parameter Role has no value (t.yaml:2)") || !strings.Contains(got, "Stext") {
		t.Error(got)
	}
	if _, ok, _ := v.Run(t.Context(), "none"); ok {
		t.Error("a schedule that is not there ran")
	}
}

// In a bubble the clock begins at 2000-01-01: a schedule fires in its time
// zone, within its window; a one-time schedule once.
func TestFiresInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := Model(t, function, invokes,
			declared("paris", "cron(0 9 * * ? *)", "invokes", func(d *cloud.Schedule) { d.TimeZone = "Europe/Paris" }),
			declared("once", "at(2000-01-01T10:00:00)", "invokes"),
			declared("window", "cron(0 12 * * ? *)", "invokes", func(d *cloud.Schedule) { d.Window = 10 * time.Minute }),
			declared("disabled", "rate(1 minute)", "invokes", func(d *cloud.Schedule) { d.Enabled = false }))
		v := start(t, t.TempDir(), m, nil)
		ctx, end := context.WithCancel(t.Context())
		go v.table.Run(ctx)
		got := map[string]string{}
		for range 3 {
			r := <-v.invoked
			var event struct {
				Time      time.Time
				Resources []string
			}
			if err := json.Unmarshal(r.Payload, &event); err != nil {
				t.Fatal(err)
			}
			name := event.Resources[0][strings.LastIndexByte(event.Resources[0], '/')+1:]
			got[name] = event.Time.UTC().Format("15:04")
			if late := time.Since(event.Time); late < 0 || late >= 10*time.Minute || name != "window" && late != 0 {
				t.Errorf("%s is %v late", name, late)
			}
		}
		if got["paris"] != "08:00" || got["once"] != "10:00" || got["window"] != "12:00" {
			t.Error(got)
		}
		end()
		synctest.Wait()
	})
}

func TestIAM(t *testing.T) {
	w, _ := serve(t, function, invokes, Role("app", Allow("scheduler:*", "arn:aws:scheduler:us-west-2:123456789012:schedule/default/mine*"), Allow("iam:PassRole", roleARN("invokes"))))
	got := wiretest.Boto3(t, w.URL, w.Function("app"), `
s = client("scheduler")
def put(name, role="invokes"):
    return s.create_schedule(Name=name, ScheduleExpression="rate(5 minutes)", FlexibleTimeWindow={"Mode": "OFF"}, Target={"Arn": "arn:aws:lambda:us-west-2:123456789012:function:f", "RoleArn": "arn:aws:iam::123456789012:role/" + role})
step("mine", lambda: put("mine"))
step("theirs", lambda: put("theirs"))
step("pass role", lambda: put("mine2", "admin"))
step("get theirs", lambda: s.get_schedule(Name="theirs"))
step("list", lambda: s.list_schedules())
`)
	for step, denied := range map[string]string{
		"mine": "", "theirs": "scheduler:CreateSchedule on resource: arn:aws:scheduler:us-west-2:123456789012:schedule/default/theirs",
		"pass role": "iam:PassRole on resource: arn:aws:iam::123456789012:role/admin", "get theirs": "scheduler:GetSchedule on resource", "list": "scheduler:ListSchedules",
	} {
		if o := got[step].String(); (denied == "") != strings.HasPrefix(o, "result ") || !strings.Contains(o, denied) {
			t.Errorf("%s: %s\nwant %s", step, o, denied)
		}
	}
}
