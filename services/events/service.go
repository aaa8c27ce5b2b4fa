package events

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

// A Config is what Events are made of.
type Config struct {
	Store     *store.Store
	Model     func() *cloud.Model // as of now
	Courier   delivery.Courier
	Timetable *delivery.Timetable    // where scheduled rules wait
	Report    func(delivery.Outcome) // hears of each delivery; nil: nobody listens
	Now       func() time.Time       // nil: time.Now
}

// Events are the event buses of one account in one region.
type Events struct {
	cfg   Config
	rules *store.Bucket[entry]

	ctx   context.Context // ends with Close
	end   context.CancelFunc
	tasks sync.WaitGroup // deliveries of events

	mu       sync.Mutex
	problems map[string]string
}

type entry = deploy.Entry[rule]

// New opens the rules that are in the store and deploys the present model's.
func New(cfg Config) (*Events, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Report == nil {
		cfg.Report = func(delivery.Outcome) {}
	}
	rules, err := store.In[entry](cfg.Store, "events/rules")
	if err != nil {
		return nil, fmt.Errorf("events: %w", err)
	}
	e := &Events{cfg: cfg, rules: rules}
	e.ctx, e.end = context.WithCancel(context.Background())
	return e, e.Apply(cfg.Model())
}

// Close gives up the deliveries that wait to be tried again.
func (e *Events) Close() error {
	e.end()
	e.tasks.Wait()
	return nil
}

// Service is the table of its operations.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
func (e *Events) Service() *wire.Service {
	return &wire.Service{
		Name: "events", Protocol: wire.AwsJSON11, Version: "2015-10-07", TargetPrefix: "AWSEvents",
		Operations: append([]wire.Operation{
			{Name: "PutEvents", Resources: e.entryBuses, Keys: entryKeys, Handle: e.putEvents},
			{Name: "PutRule", Resources: e.oneRule, Handle: e.putRule},
			{Name: "DescribeRule", Resources: e.oneRule, Handle: e.describeRule},
			{Name: "ListRules", Handle: e.listRules},
			{Name: "EnableRule", Resources: e.oneRule, Handle: e.setState("ENABLED")},
			{Name: "DisableRule", Resources: e.oneRule, Handle: e.setState("DISABLED")},
			{Name: "DeleteRule", Resources: e.oneRule, Handle: e.deleteRule},
			{Name: "PutTargets", Resources: e.oneRule, Handle: e.putTargets},
			{Name: "RemoveTargets", Resources: e.oneRule, Handle: e.removeTargets},
			{Name: "ListTargetsByRule", Resources: e.oneRule, Handle: e.listTargets},
			{Name: "TestEventPattern", Handle: e.testPattern},
		}, notHere...),
	}
}

// notHere are the operations that AWS has and Bailey has not.
var notHere = []wire.Operation{
	{Name: "ActivateEventSource"}, {Name: "CancelReplay"}, {Name: "CreateApiDestination"}, {Name: "CreateArchive"},
	{Name: "CreateConnection"}, {Name: "CreateEndpoint"}, {Name: "CreateEventBus"}, {Name: "CreatePartnerEventSource"},
	{Name: "DeactivateEventSource"}, {Name: "DeauthorizeConnection"}, {Name: "DeleteApiDestination"}, {Name: "DeleteArchive"},
	{Name: "DeleteConnection"}, {Name: "DeleteEndpoint"}, {Name: "DeleteEventBus"}, {Name: "DeletePartnerEventSource"},
	{Name: "DescribeApiDestination"}, {Name: "DescribeArchive"}, {Name: "DescribeConnection"}, {Name: "DescribeEndpoint"},
	{Name: "DescribeEventBus"}, {Name: "DescribeEventSource"}, {Name: "DescribePartnerEventSource"}, {Name: "DescribeReplay"},
	{Name: "ListApiDestinations"}, {Name: "ListArchives"}, {Name: "ListConnections"}, {Name: "ListEndpoints"}, {Name: "ListEventBuses"},
	{Name: "ListEventSources"}, {Name: "ListPartnerEventSourceAccounts"}, {Name: "ListPartnerEventSources"}, {Name: "ListReplays"},
	{Name: "ListRuleNamesByTarget"}, {Name: "ListTagsForResource"}, {Name: "PutPartnerEvents"}, {Name: "PutPermission"},
	{Name: "RemovePermission"}, {Name: "StartReplay"}, {Name: "TagResource"}, {Name: "UntagResource"}, {Name: "UpdateApiDestination"},
	{Name: "UpdateArchive"}, {Name: "UpdateConnection"}, {Name: "UpdateEndpoint"}, {Name: "UpdateEventBus"},
}

// newID is a random UUID, version 4: an event's id.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
