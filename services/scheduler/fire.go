package scheduler

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/event"
	"bailey/iam"
	"bailey/path"
)

// due delivers at a planned time. A schedule that is done with then is deleted,
// if it asks for that.
func (s *Schedules) due(ctx context.Context, key string, at time.Time) {
	r, ok, err := s.get(key)
	if err != nil || !ok {
		return
	}
	s.fire(ctx, r, at)
	if p, err := r.plan(); err == nil && r.ActionAfterCompletion == "DELETE" && p.Next(at).IsZero() {
		_, _ = s.remove(key) // it stays, and never fires again
	}
}

func (s *Schedules) fire(ctx context.Context, r *record, at time.Time) delivery.Outcome {
	out := s.cfg.Courier.Deliver(ctx, s.parcel(r, at))
	s.cfg.Report(out)
	return out
}

func (s *Schedules) parcel(r *record, at time.Time) delivery.Parcel {
	arn, _ := cloud.ParseARN(r.Target.Arn)
	p := delivery.Parcel{From: "schedule " + r.Name, Target: arn}
	p.Limit(r.Target.RetryPolicy, r.Target.DeadLetterConfig)
	p.Payload = func(attempt int) ([]byte, error) { return s.payload(r, at, attempt) }
	p.Allowed = func() (iam.Decision, error) { return s.allowed(r, arn) }
	return p
}

// payload is the target's input with its context attributes filled in; without
// an input an event of the scheduler's own, whose detail is a string.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
func (s *Schedules) payload(r *record, at time.Time, attempt int) ([]byte, error) {
	m := s.cfg.Model()
	arn := r.arn(m).String()
	if r.Target.Input == "" {
		return event.Event{ID: newUUID(), DetailType: "Scheduled Event", Source: "aws.scheduler", Account: m.Account(), Time: at,
			Region: m.Region(), Resources: []string{arn}, Detail: json.RawMessage(`"{}"`)}.JSON(), nil
	}
	text := strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", arn,
		"<aws.scheduler.scheduled-time>", at.UTC().Format("2006-01-02T15:04:05Z"),
		"<aws.scheduler.execution-id>", fmt.Sprintf("%x", random(8)),
		"<aws.scheduler.attempt-number>", strconv.Itoa(attempt),
	).Replace(r.Target.Input)
	if !json.Valid([]byte(text)) {
		return nil, errors.New("its input is not JSON, which Lambda refuses: " + text)
	}
	return []byte(text), nil
}

// allowed: the scheduler assumes the target's role, and the role invokes.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role
func (s *Schedules) allowed(r *record, function cloud.ARN) (iam.Decision, error) {
	m := s.cfg.Model()
	if r.Target.RoleArn == "" {
		return iam.Decision{}, errors.New("the template leaves open what its target's role is")
	}
	if err := delivery.Here(m, function); err != nil {
		return iam.Decision{}, err
	}
	if d := s.assume(r); d.Effect != iam.Allow {
		return d, nil
	}
	return path.RoleMayInvoke(m, r.Target.RoleArn, function), nil
}

// assume asks the role's trust policy. The source is the schedule's group.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
func (s *Schedules) assume(r *record) iam.Decision {
	m := s.cfg.Model()
	return path.MayAssume(m, "scheduler."+cloud.DNSSuffix(m.Region()), arnOf(m, "schedule-group/"+r.GroupName), r.Target.RoleArn)
}

// Run invokes a schedule's target now, as if its time had come, whether or not
// it is enabled. ok is false if there is none that is called so: by its name,
// its logical ID or its ARN.
func (s *Schedules) Run(ctx context.Context, called string) (out delivery.Outcome, ok bool, err error) {
	var found *record
	err = s.each(func(r *record) {
		if called == r.Name || called == r.arn(s.cfg.Model()).String() || called == s.logicalID(r) {
			found = r
		}
	})
	if err != nil || found == nil {
		return delivery.Outcome{}, false, err
	}
	return s.fire(ctx, found, s.cfg.Now().Truncate(time.Second)), true, nil
}

// logicalID is a schedule's name in the template; empty if it has none.
func (s *Schedules) logicalID(r *record) string {
	for d := range s.cfg.Model().Schedules() {
		if d.ScheduleName == r.Name && d.Group == r.GroupName {
			return d.Name
		}
	}
	return ""
}

// Scheduled are all schedules, by group and name.
func (s *Schedules) Scheduled() ([]delivery.Line, error) {
	var out []delivery.Line
	err := s.each(func(r *record) {
		out = append(out, delivery.Line{Name: r.Name, LogicalID: s.logicalID(r), Kind: "schedule", Expression: r.ScheduleExpression,
			Zone: r.ScheduleExpressionTimezone, Enabled: r.State == "ENABLED", Next: s.cfg.Timetable.Next("schedule/" + r.key()), Targets: []string{r.Target.Arn}})
	})
	return out, err
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

// newUUID is a random UUID, version 4.
func newUUID() string {
	b := random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
