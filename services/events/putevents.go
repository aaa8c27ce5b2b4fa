package events

import (
	"context"
	"encoding/json"
	"strings"

	"bailey/cloud"
	"bailey/event"
	"bailey/services/wire"
)

// maxEvents are the bytes of one call's entries.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
const maxEvents = 256 << 10

// An eventEntry is API_PutEventsRequestEntry.
type eventEntry struct {
	Time                       wire.Time
	Source, DetailType, Detail string
	Resources                  []string
	EventBusName, TraceHeader  string
}

// size counts as AWS does.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
func (x eventEntry) size() int {
	n := len(x.Source) + len(x.DetailType) + len(x.Detail)
	if !x.Time.IsZero() {
		n += 14
	}
	for _, r := range x.Resources {
		n += len(r)
	}
	return n
}

type putEventsInput struct {
	Entries    []eventEntry
	EndpointId string
}

// An entryResult has the event's id, or why there is none.
type entryResult struct {
	EventId      string `json:",omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

func (e *Events) putEvents(_ context.Context, c *wire.Call) (any, error) {
	var in putEventsInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	results, failed := []entryResult{}, 0
	for _, x := range in.Entries {
		result, err := e.accept(x)
		if err != nil {
			return nil, err
		}
		if result.ErrorCode != "" {
			failed++
		}
		results = append(results, result)
	}
	return map[string]any{"FailedEntryCount": failed, "Entries": results}, nil
}

func (in putEventsInput) check() error {
	var check wire.Constraints
	check.Required("entries", in.Entries != nil)
	if in.Entries != nil && (len(in.Entries) < 1 || len(in.Entries) > 10) {
		return wire.Validation("1 validation error detected: Value '%v' at 'entries' failed to satisfy constraint: "+
			"Member must have length between 1 and 10", len(in.Entries))
	}
	size := 0
	for _, x := range in.Entries {
		size += x.size()
	}
	if size > maxEvents {
		return wire.Validation("Total size of the entries in the request is over the limit.")
	}
	if in.EndpointId != "" {
		return wire.NotHere("events:PutEvents with an EndpointId")
	}
	return check.Err()
}

// accept takes one entry and sends it on its way.
func (e *Events) accept(x eventEntry) (entryResult, error) {
	if problem := x.problem(); problem != nil {
		return *problem, nil
	}
	m := e.cfg.Model()
	ev := event.Event{ID: newID(), DetailType: x.DetailType, Source: x.Source, Account: m.Account(), Time: x.Time.Time,
		Region: m.Region(), Resources: x.Resources, Detail: json.RawMessage(x.Detail)}
	if ev.Time.IsZero() {
		ev.Time = e.cfg.Now()
	}
	bus, ok := e.busName(x.EventBusName)
	if !ok { // AWS takes it all the same, and it matches nothing
		return entryResult{EventId: ev.ID}, nil
	}
	return entryResult{EventId: ev.ID}, e.match(bus, ev)
}

// match starts the deliveries for the rules that the event fits.
func (e *Events) match(bus string, ev event.Event) error {
	text := ev.JSON()
	var fit []*rule
	err := e.each(func(r *rule) {
		if r.Bus != bus || r.Pattern == "" || !r.enabled() {
			return
		}
		if p, err := event.ParsePattern([]byte(r.Pattern)); err == nil && p.Match(text) {
			fit = append(fit, r)
		}
	})
	for _, r := range fit {
		if e.ctx.Err() == nil {
			e.tasks.Go(func() { e.fire(e.ctx, r, ev) })
		}
	}
	return err
}

// problem is what keeps an entry from being an event.
func (x eventEntry) problem() *entryResult {
	invalid := func(name string) *entryResult {
		return &entryResult{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter " + name + " is not valid. Reason: " + name + " is a required argument."}
	}
	var object map[string]any
	switch {
	case x.Source == "":
		return invalid("Source")
	case x.DetailType == "":
		return invalid("DetailType")
	case x.Detail == "":
		return invalid("Detail")
	case strings.HasPrefix(x.Source, "aws."):
		return &entryResult{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
	case json.Unmarshal([]byte(x.Detail), &object) != nil || object == nil:
		return &entryResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	}
	return nil
}

// testPattern needs an event with all that an event has.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
func (e *Events) testPattern(_ context.Context, c *wire.Call) (any, error) {
	var in struct{ EventPattern, Event string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	p, err := event.ParsePattern([]byte(in.EventPattern))
	if err != nil {
		return nil, wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(in.Event), &members); err != nil || members == nil {
		return nil, wire.Validation("Parameter Event is not valid. Reason: it is not a JSON object.")
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "resources", "detail-type"} {
		if _, ok := members[name]; !ok {
			return nil, wire.Validation("Parameter Event is not valid. Reason: it has no %s.", name)
		}
	}
	return map[string]bool{"Result": p.Match([]byte(in.Event))}, nil
}

// What IAM is asked for.

func (e *Events) oneRule(c *wire.Call) ([]string, error) {
	var in ruleInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	bus, _ := e.busName(in.EventBusName)
	r := rule{Name: in.called(), Bus: bus}
	return []string{r.arn(e.cfg.Model()).String()}, nil
}

func (e *Events) entryBuses(c *wire.Call) ([]string, error) {
	var in putEventsInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	m := e.cfg.Model()
	var out []string
	for _, x := range in.Entries {
		arn := x.EventBusName
		if _, err := cloud.ParseARN(arn); err != nil {
			name, _ := e.busName(arn)
			arn = cloud.ARN{Partition: "aws", Service: "events", Region: m.Region(), Account: m.Account(), Resource: "event-bus/" + name}.String()
		}
		out = append(out, arn)
	}
	return out, nil
}

// entryKeys are the condition keys of PutEvents.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
func entryKeys(c *wire.Call) map[string][]string {
	var in putEventsInput
	if c.Decode(&in) != nil {
		return nil // the handler will say so
	}
	keys := map[string][]string{}
	for _, x := range in.Entries {
		keys["events:source"] = append(keys["events:source"], x.Source)
		keys["events:detail-type"] = append(keys["events:detail-type"], x.DetailType)
	}
	return keys
}
