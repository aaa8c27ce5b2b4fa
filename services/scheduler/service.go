package scheduler

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

// A Config is what Schedules are made of.
type Config struct {
	Store     *store.Store
	Model     func() *cloud.Model // as of now
	Courier   delivery.Courier
	Timetable *delivery.Timetable    // where schedules wait
	Report    func(delivery.Outcome) // hears of each delivery; nil: nobody listens
	Now       func() time.Time       // nil: time.Now
}

// Schedules are those of one account in one region.
type Schedules struct {
	cfg     Config
	records *store.Bucket[entry]

	mu       sync.Mutex
	problems map[string]string
}

type entry = deploy.Entry[record]

// New opens the schedules that are in the store and deploys the present
// model's.
func New(cfg Config) (*Schedules, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Report == nil {
		cfg.Report = func(delivery.Outcome) {}
	}
	records, err := store.In[entry](cfg.Store, "scheduler/schedules")
	if err != nil {
		return nil, fmt.Errorf("scheduler: %w", err)
	}
	s := &Schedules{cfg: cfg, records: records}
	return s, s.Apply(cfg.Model())
}

// Service is the table of its operations.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
func (s *Schedules) Service() *wire.Service {
	const one, tags = "/schedules/{Name}", "/tags/{ResourceArn}"
	return &wire.Service{
		Name: "scheduler", Protocol: wire.RestJSON, Version: "2021-06-30", MessageMember: func(string) string { return "Message" },
		Operations: []wire.Operation{
			{Name: "CreateSchedule", Method: "POST", URI: one, Resources: s.inBody, Handle: s.create},
			{Name: "UpdateSchedule", Method: "PUT", URI: one, Resources: s.inBody, Handle: s.update},
			{Name: "GetSchedule", Method: "GET", URI: one, Resources: s.inQuery, Handle: s.getSchedule},
			{Name: "DeleteSchedule", Method: "DELETE", URI: one, Resources: s.inQuery, Handle: s.deleteSchedule},
			{Name: "ListSchedules", Method: "GET", URI: "/schedules", Handle: s.list},

			{Name: "CreateScheduleGroup", Method: "POST", URI: "/schedule-groups/{Name}"},
			{Name: "DeleteScheduleGroup", Method: "DELETE", URI: "/schedule-groups/{Name}"},
			{Name: "GetScheduleGroup", Method: "GET", URI: "/schedule-groups/{Name}"},
			{Name: "ListScheduleGroups", Method: "GET", URI: "/schedule-groups"},
			{Name: "ListTagsForResource", Method: "GET", URI: tags},
			{Name: "TagResource", Method: "POST", URI: tags},
			{Name: "UntagResource", Method: "DELETE", URI: tags},
		},
	}
}

// Problems says of declared schedules what keeps them from doing what they are
// for, one line each.
func (s *Schedules) Problems() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Values(s.problems))
}
