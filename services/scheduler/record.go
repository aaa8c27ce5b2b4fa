package scheduler

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"

	"bailey/cloud"
	"bailey/delivery"
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
	ClientToken                string `json:",omitempty"` // of the call that made it; it is not shown
}

type window struct {
	Mode                   string
	MaximumWindowInMinutes *int `json:",omitempty"`
}

// A target is API_Target, as far as it means something here.
type target struct {
	Arn, RoleArn     string
	Input            string                `json:",omitempty"`
	RetryPolicy      *delivery.RetryPolicy `json:",omitempty"`
	DeadLetterConfig *delivery.DeadLetter  `json:",omitempty"`
}

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

// declared is the schedule as the template has it.
func declared(d cloud.Schedule) record {
	r := record{Name: d.ScheduleName, GroupName: cmp.Or(d.Group, "default"), ScheduleExpression: d.Expression,
		ScheduleExpressionTimezone: cmp.Or(d.TimeZone, "UTC"), State: "ENABLED", ActionAfterCompletion: "NONE",
		FlexibleTimeWindow: window{Mode: "OFF"}, Target: target{RoleArn: d.Target.Role.Or(""), Input: d.Target.Input,
			RetryPolicy: delivery.DeclaredPolicy(d.Target), DeadLetterConfig: delivery.DeclaredDeadLetter(d.Target)}}
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
	return r
}
