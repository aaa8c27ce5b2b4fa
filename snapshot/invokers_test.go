package snapshot

import (
	"testing"
	"time"

	"bailey/cloud"
	"bailey/source"
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

func TestBucketsKeysAndTables(t *testing.T) {
	spec := specOf(t, "buckets_and_keys")
	if len(spec.Buckets) != 2 || len(spec.Keys) != 2 || len(spec.Tables) != 2 || len(spec.LogGroups) != 1 || len(spec.Aliases) != 0 {
		t.Fatalf("got %+v %+v %+v %+v %+v", spec.Buckets, spec.Keys, spec.Tables, spec.LogGroups, spec.Aliases)
	}
	b := spec.Buckets[0]
	if b.Policy == nil || b.BlockPublic.Or(true) || len(b.Notify) != 1 || b.Notify[0].Prefix != "in/" || b.Notify[0].Suffix != ".jpg" {
		t.Errorf("the bucket is %+v", b)
	}
	if k := spec.Keys[0]; k.Policy == nil || k.Policy.Doc.Kind != source.Map || k.Enabled.Or(true) || k.Spec != "RSA_2048" || len(k.Aliases) != 1 {
		t.Errorf("the key is %+v", k)
	}
	if k := spec.Keys[1]; k.Policy == nil || k.Policy.Doc.Kind != source.Unknown {
		t.Errorf("a policy that nobody described is %+v", k.Policy)
	}
	if g := spec.LogGroups[0]; g.ARN.Resource != "log-group:/app" || g.Days.Or(0) != 30 || len(g.Filters) != 1 {
		t.Errorf("the log group is %+v", g)
	}
	if !spec.Tables[0].Stream || spec.Tables[1].Stream {
		t.Errorf("the tables are %+v", spec.Tables)
	}
}
