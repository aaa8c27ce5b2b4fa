package snapshot

import (
	"math"
	"strconv"
	"time"

	"bailey/cloud"
)

// readSchedules reads EventBridge Scheduler's schedules. The list has their
// names and targets; when and with which role, an answer for each says.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html
func (r *reader) readSchedules() {
	told := map[string]bool{}
	for _, it := range r.list("ScheduleExpression") {
		told[it.text("Arn")] = true
		s := schedule(r.meta("Schedules", it), it)
		s.Expression, s.TimeZone, s.Start, s.End = it.text("ScheduleExpression"), it.text("ScheduleExpressionTimezone"), it.moment("StartDate"), it.moment("EndDate")
		if s.TimeZone == "" {
			s.TimeZone = "UTC"
		}
		if c := it.child("FlexibleTimeWindow"); c.text("Mode") == "FLEXIBLE" {
			s.Window = time.Duration(c.number("MaximumWindowInMinutes", 0, 1, 1440)) * time.Minute
		}
		r.spec.Schedules = append(r.spec.Schedules, s)
	}
	for _, it := range r.list("Schedules") {
		if told[it.text("Arn")] {
			continue
		}
		s := schedule(r.meta("Schedules", it), it)
		g := r.gapOf("ScheduleExpression", it.text("Arn"))
		s.Target.Role = cloud.Unknown[string](g.Because, g.At)
		r.note(s.Meta, g.Because)
		r.spec.Schedules = append(r.spec.Schedules, s)
	}
}

func schedule(m cloud.Meta, it item) cloud.Schedule {
	m.At = it.at()
	if m.Name == it.text("Arn") { // nobody made the list
		m.Name = it.text("Name")
	}
	return cloud.Schedule{Meta: m, ARN: it.arn("Arn"), ScheduleName: it.text("Name"), Group: it.text("GroupName"), Enabled: it.text("State") != "DISABLED", Target: eventTarget(it.child("Target"))}
}

// moment gives a time, as text or in seconds since 1970; the zero Time where
// there is none.
func (i item) moment(key string) time.Time {
	text := i.text(key)
	if text == "" {
		return time.Time{}
	}
	if s, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(s) < 1e11 {
		return time.Unix(int64(s), 0).UTC()
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		v, _ := i.get(key)
		i.bad(key, v, "a time such as 2026-01-02T15:04:05Z")
	}
	return t
}
