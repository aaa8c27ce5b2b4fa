package events_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"bailey/cloud"
	"bailey/delivery"
	. "bailey/services/access/accesstest"
	"bailey/services/events"
	"bailey/services/store"
)

// Runs one after the other on the same store: what calls did to a rule stays
// until the template says otherwise.
func TestDeploy(t *testing.T) {
	dir := t.TempDir()
	run := func(call, body string, changes ...func(*cloud.Spec)) (rules []string) {
		s, err := store.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		m := Model(t, changes...)
		e, err := events.New(events.Config{Store: s, Model: func() *cloud.Model { return m }, Timetable: &delivery.Timetable{}})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := e.Scheduled()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			rules = append(rules, fmt.Sprint(l.Name, " ", l.Expression, " ", l.Enabled))
		}
		if call != "" {
			if w := NewDirect(e.Service()).Call(call, []byte(body)); w.Code != 200 {
				t.Errorf("%s: %s", call, w.Body)
			}
		}
		return rules
	}
	hourly, daily := rule("r", "rate(1 hour)", ""), rule("r", "rate(1 day)", "")
	for i, tt := range []struct {
		call, body string
		template   func(*cloud.Spec)
		want       string
	}{
		{"DisableRule", `{"Name": "r"}`, hourly, "[r rate(1 hour) true]"},
		{"PutRule", `{"Name": "called", "ScheduleExpression": "rate(2 hours)"}`, hourly, "[r rate(1 hour) false]"},
		{"DeleteRule", `{"Name": "r"}`, daily, "[called rate(2 hours) true r rate(1 day) true]"},
		{"", "", daily, "[called rate(2 hours) true]"},
		{"", "", hourly, "[called rate(2 hours) true r rate(1 hour) true]"},
		{"", "", func(*cloud.Spec) {}, "[called rate(2 hours) true]"},
	} {
		if got := fmt.Sprint(run(tt.call, tt.body, tt.template)); got != tt.want {
			t.Errorf("run %d: %s, want %s", i+1, got, tt.want)
		}
	}
}

// In a bubble: a rate fires one interval after its rule was made, and what a
// call changes counts at once.
func TestFiresInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := store.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		m := Model(t, function("f", "*"), rule("rate", "rate(5 minutes)", "", to("f")), rule("noon", "cron(0 12 * * ? *)", "", to("f")))
		table, invoked := &delivery.Timetable{}, make(invoker)
		e, err := events.New(events.Config{Store: s, Model: func() *cloud.Model { return m }, Timetable: table, Courier: delivery.Courier{Invoker: invoked}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, end := context.WithCancel(t.Context())
		go table.Run(ctx)
		next := func() string {
			var ev struct {
				Time      string
				Resources []string
			}
			if err := json.Unmarshal((<-invoked).Payload, &ev); err != nil {
				t.Fatal(err)
			}
			return ev.Resources[0][strings.LastIndexByte(ev.Resources[0], '/')+1:] + " " + ev.Time
		}
		if got := next() + ", " + next(); got != "rate 2000-01-01T00:05:00Z, rate 2000-01-01T00:10:00Z" {
			t.Error(got)
		}
		m = Model(t, function("f", "*"), rule("rate", "rate(5 minutes)", "", to("f")), rule("noon", "cron(0 12 * * ? *)", "", to("f")),
			func(s *cloud.Spec) { s.EventRules[0].Enabled = false })
		if err := e.Apply(m); err != nil {
			t.Fatal(err)
		}
		if got := next(); got != "noon 2000-01-01T12:00:00Z" {
			t.Error(got)
		}
		end()
		e.Close()
		synctest.Wait()
		s.Close()
	})
}

// Whatever JSON comes, every operation answers in AWS's form.
func FuzzOperations(f *testing.F) {
	f.Add(`{"Name": "r", "Rule": "r", "ScheduleExpression": "rate(1 hour)", "State": "DISABLED", "Targets": [{"Id": "1", "Arn": "arn:aws:lambda:us-west-2:123456789012:function:f"}], "Ids": ["1"]}`)
	f.Add(`{"Name": "r", "EventPattern": "{\"a\": [{\"wildcard\": \"*\"}]}", "Event": "{}", "Entries": [{"Source": "s", "DetailType": "d", "Detail": "{\"a\": 1}"}], "Limit": 1}`)
	m := Model(f, function("f", ""), rule("r", "rate(1 hour)", ""))
	d := NewDirect(start(f, f.TempDir(), func() *cloud.Model { return m }).Service())
	f.Fuzz(func(t *testing.T, body string) {
		for _, operation := range []string{"PutRule", "DescribeRule", "ListRules", "EnableRule", "DisableRule", "PutTargets", "ListTargetsByRule", "RemoveTargets",
			"DeleteRule", "TestEventPattern", "PutEvents"} {
			w := d.Call(operation, []byte(body))
			if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", operation, w.Code, w.Body)
			}
		}
	})
}
