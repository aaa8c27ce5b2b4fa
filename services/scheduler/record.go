package scheduler

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"

	"bailey/cloud"
	"bailey/schedule"
	"bailey/services/wire"
)

// A record is a schedule as the API shows it and the store has it.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html
type record struct {
	Name, GroupName            string
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	StartDate, EndDate         *wire.Time `json:",omitempty"`
	State                      string
	Description                string `json:",omitempty"`
	ActionAfterCompletion      string // NONE or DELETE
	FlexibleTimeWindow         window
	Target                     target
	CreationDate               wire.Time
	LastModificationDate       wire.Time
}

type window struct {
	Mode                   string
	MaximumWindowInMinutes *int `json:",omitempty"`
}

// A target is API_Target, as far as it means something here.
type target struct {
	Arn, RoleArn     string
	Input            string       `json:",omitempty"`
	RetryPolicy      *retryPolicy `json:",omitempty"`
	DeadLetterConfig *deadLetter  `json:",omitempty"`
}

type (
	retryPolicy struct {
		MaximumRetryAttempts, MaximumEventAgeInSeconds *int `json:",omitempty"`
	}
	deadLetter struct{ Arn string }
)

func key(group, name string) string { return group + "/" + name }

func (r *record) key() string { return key(r.GroupName, r.Name) }

func arnOf(m *cloud.Model, resource string) cloud.ARN {
	return cloud.ARN{Partition: "aws", Service: "scheduler", Region: m.Region(), Account: m.Account(), Resource: resource}
}

func (r *record) arn(m *cloud.Model) cloud.ARN { return arnOf(m, "schedule/"+r.key()) }

// plan is when it fires. A rate without StartDate begins when it is made.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
func (r *record) plan() (schedule.Plan, error) {
	zone, err := time.LoadLocation(r.ScheduleExpressionTimezone)
	if err != nil || r.ScheduleExpressionTimezone == "Local" {
		return schedule.Plan{}, fmt.Errorf("%q is no time zone of the IANA database", r.ScheduleExpressionTimezone)
	}
	e, err := schedule.Parse(r.ScheduleExpression, zone)
	p := schedule.Plan{Expression: e, From: r.CreationDate.Time}
	if r.StartDate != nil {
		p.Start = r.StartDate.Time
	}
	if r.EndDate != nil {
		p.End = r.EndDate.Time
	}
	return p, err
}

// delay is where in its flexible window an invocation lies: anywhere, and the
// same each time that it is asked.
func (r *record) delay(at time.Time) time.Duration {
	if r.FlexibleTimeWindow.MaximumWindowInMinutes == nil {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprint(h, r.key(), at.Unix())
	return time.Duration(h.Sum64()%uint64(*r.FlexibleTimeWindow.MaximumWindowInMinutes*60)) * time.Second
}

func (t target) retries() (int, time.Duration) {
	n, age := -1, time.Duration(0)
	if p := t.RetryPolicy; p != nil && p.MaximumRetryAttempts != nil {
		n = *p.MaximumRetryAttempts
	}
	if p := t.RetryPolicy; p != nil && p.MaximumEventAgeInSeconds != nil {
		age = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
	}
	return n, age
}

// declared is the schedule as the template has it.
func declared(d cloud.Schedule) record {
	r := record{Name: d.ScheduleName, GroupName: cmp.Or(d.Group, "default"), ScheduleExpression: d.Expression,
		ScheduleExpressionTimezone: cmp.Or(d.TimeZone, "UTC"), State: "ENABLED", ActionAfterCompletion: "NONE",
		FlexibleTimeWindow: window{Mode: "OFF"}, Target: target{RoleArn: d.Target.Role.Or(""), Input: d.Target.Input}}
	if !d.Enabled {
		r.State = "DISABLED"
	}
	if !d.Start.IsZero() {
		r.StartDate = &wire.Time{Time: d.Start}
	}
	if !d.End.IsZero() {
		r.EndDate = &wire.Time{Time: d.End}
	}
	if minutes := int(d.Window.Minutes()); minutes > 0 {
		r.FlexibleTimeWindow = window{"FLEXIBLE", &minutes}
	}
	if arn, known := d.Target.ARN.Get(); known {
		r.Target.Arn = arn.String()
	}
	if arn, known := d.Target.DeadLetter.Get(); known && arn != (cloud.ARN{}) {
		r.Target.DeadLetterConfig = &deadLetter{arn.String()}
	}
	if d.Target.Retries >= 0 || d.Target.MaxAge > 0 {
		r.Target.RetryPolicy = &retryPolicy{}
		if d.Target.Retries >= 0 {
			r.Target.RetryPolicy.MaximumRetryAttempts = &d.Target.Retries
		}
		if age := int(d.Target.MaxAge.Seconds()); age > 0 {
			r.Target.RetryPolicy.MaximumEventAgeInSeconds = &age
		}
	}
	return r
}
