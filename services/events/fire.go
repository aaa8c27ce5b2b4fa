package events

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/event"
	"bailey/iam"
	"bailey/path"
)

// tick is the event of a scheduled rule.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
func (e *Events) tick(r *rule, at time.Time) event.Event {
	m := e.cfg.Model()
	return event.Event{ID: newID(), DetailType: "Scheduled Event", Source: "aws.events", Account: m.Account(), Time: at,
		Region: m.Region(), Resources: []string{r.arn(m).String()}, Detail: json.RawMessage("{}")}
}

// fire delivers an event to each of a rule's targets, and returns when all are
// done with.
func (e *Events) fire(ctx context.Context, r *rule, ev event.Event) []delivery.Outcome {
	out := make([]delivery.Outcome, len(r.Targets))
	c := event.Context{RuleARN: r.arn(e.cfg.Model()).String(), RuleName: r.Name, Ingested: e.cfg.Now()}
	var all sync.WaitGroup
	for i, t := range r.Targets {
		all.Go(func() {
			out[i] = e.cfg.Courier.Deliver(ctx, e.parcel(r, t, ev, c))
			e.cfg.Report(out[i])
		})
	}
	all.Wait()
	return out
}

// parcel addresses an event to a target. The function's permission decides for
// the rule; a role that the target names is not used for functions.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
func (e *Events) parcel(r *rule, t target, ev event.Event, c event.Context) delivery.Parcel {
	arn, _ := cloud.ParseARN(t.Arn)
	p := delivery.Parcel{From: "rule " + r.Name, Target: arn}
	p.Limit(t.RetryPolicy, t.DeadLetterConfig)
	p.Payload = func(int) ([]byte, error) { return t.input().Render(ev, c) }
	p.Allowed = func() (iam.Decision, error) {
		m := e.cfg.Model()
		if err := delivery.Here(m, arn); err != nil {
			return iam.Decision{}, err
		}
		d, _ := path.ServiceMayInvoke(m, r.arn(m), arn)
		return d, nil
	}
	return p
}

// Run fires a rule now, as if its time had come, whether or not it is enabled.
// ok is false if there is no scheduled rule that is called so: by its name, its
// logical ID or its ARN.
func (e *Events) Run(ctx context.Context, called string) (out []delivery.Outcome, ok bool, err error) {
	var found *rule
	err = e.each(func(r *rule) {
		if r.Schedule != "" && (called == r.Name || called == r.arn(e.cfg.Model()).String() || e.logicalID(r) == called) {
			found = r
		}
	})
	if err != nil || found == nil {
		return nil, false, err
	}
	return e.fire(ctx, found, e.tick(found, e.cfg.Now().Truncate(time.Second))), true, nil
}

// logicalID is a rule's name in the template; empty if it has none.
func (e *Events) logicalID(r *rule) string {
	for d := range e.cfg.Model().EventRules() {
		if d.RuleName == r.Name && d.Bus == r.Bus {
			return d.Name
		}
	}
	return ""
}

// Scheduled are the rules with a schedule, by their names.
func (e *Events) Scheduled() ([]delivery.Line, error) {
	var out []delivery.Line
	err := e.each(func(r *rule) {
		if r.Schedule == "" {
			return
		}
		l := delivery.Line{Name: r.Name, LogicalID: e.logicalID(r), Kind: "rule", Expression: r.Schedule, Zone: "UTC", Enabled: r.enabled(),
			Next: e.cfg.Timetable.Next("rule/" + r.key())}
		for _, t := range r.Targets {
			l.Targets = append(l.Targets, t.Arn)
		}
		out = append(out, l)
	})
	return out, err
}

// busName reads a bus's name or ARN; none is the default one. ok is false if
// there is no such bus here.
func (e *Events) busName(called string) (name string, ok bool) {
	m := e.cfg.Model()
	if called == "" || called == "default" {
		return "default", true
	}
	arn, err := cloud.ParseARN(called)
	if err == nil && (arn.Account != m.Account() || arn.Region != m.Region()) {
		return called, false
	}
	name = called[strings.LastIndexByte(called, '/')+1:]
	for b := range m.EventBuses() {
		if b.BusName == name {
			return name, true
		}
	}
	return name, name == "default"
}
