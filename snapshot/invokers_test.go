package snapshot

import (
	"testing"
	"time"

	"bailey/cloud"
)

func TestSchedulesAndPools(t *testing.T) {
	spec := specOf(t, "invokers")
	if len(spec.Schedules) != 2 || len(spec.UserPools) != 1 || len(spec.Topics) != 1 {
		t.Fatalf("got %+v %+v %+v", spec.Schedules, spec.UserPools, spec.Topics)
	}
	s := spec.Schedules[0]
	if s.Name != "tick" || s.Group != "default" || s.Expression != "rate(1 hour)" || s.TimeZone != "UTC" || !s.Enabled || s.Window != 5*time.Minute || s.Target.Retries != 2 ||
		!s.Start.Equal(time.Unix(1700000000, 0)) || !s.End.Equal(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Errorf("the schedule is %+v", s)
	}
	if _, open := spec.Schedules[1].Target.Role.Gap(); !open {
		t.Errorf("the role of a schedule that nobody described is %+v", spec.Schedules[1].Target.Role)
	}
	p := spec.UserPools[0]
	if p.Name != "users" || p.Password.MinLength != 12 || len(p.Clients) != 1 || p.Clients[0].ID != "app" || len(p.Triggers) != 2 || p.Triggers["PreSignUp"].Or(cloud.ARN{}).Resource != "function:fn" {
		t.Errorf("the pool is %+v", p)
	}
	if got := spec.Topics[0]; len(got.Subscriptions) != 1 {
		t.Errorf("a subscription that nobody confirmed delivers: %+v", got)
	} else if _, open := got.Encrypted.Gap(); !open {
		t.Errorf("the topic is %+v", got)
	}
}
