package logs

import (
	"context"
	"strconv"
	"time"

	"bailey/services/wire"
)

func (l *Logs) createLogGroup(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		target
		KMS   string            `json:"kmsKeyId"`
		Tags  map[string]string `json:"tags"`
		Class string            `json:"logGroupClass"`
		Guard bool              `json:"deletionProtectionEnabled"`
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	in.check(&check)
	if err := invalid(&check); err != nil {
		return nil, err
	}
	switch {
	case in.KMS != "":
		return nil, wire.NotHere("logs:CreateLogGroup with kmsKeyId")
	case len(in.Tags) > 0:
		return nil, wire.NotHere("logs:CreateLogGroup with tags")
	case in.Class != "" && in.Class != "STANDARD":
		return nil, wire.NotHere("logs:CreateLogGroup with logGroupClass " + in.Class)
	case in.Guard:
		return nil, wire.NotHere("logs:CreateLogGroup with deletionProtectionEnabled")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.find(in.LogGroupName); ok {
		return nil, wire.Errorf(codeExists, "The specified log group already exists")
	}
	g := l.ensure(in.LogGroupName)
	if l.cfg.Dir == "" {
		return nil, nil
	}
	return nil, g.file.open(l.cfg.Dir, header{g.name, g.created.UnixMilli()})
}

func (l *Logs) createLogStream(_ context.Context, c *wire.Call) (any, error) {
	var in target
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	in.check(&check)
	in.checkStream(&check)
	if err := invalid(&check); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g, err := l.lookup(in)
	if err != nil {
		return nil, err
	}
	if _, ok := g.streams[in.LogStreamName]; ok {
		return nil, wire.Errorf(codeExists, "The specified log stream already exists")
	}
	g.stream(in.LogStreamName, l.cfg.Now())
	return nil, nil
}

type inputEvent struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

type putInput struct {
	target
	Events []inputEvent `json:"logEvents"`
	Entity any          `json:"entity"`
}

// How far from now an event may be, and how much comes at once.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const (
	tooOld   = 14 * 24 * time.Hour
	tooNew   = 2 * time.Hour
	maxBatch = 1 << 20
)

func (l *Logs) putLogEvents(_ context.Context, c *wire.Call) (any, error) {
	var in putInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if err := in.validate(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g, s, err := l.lookupStream(in.target)
	if err != nil {
		return nil, err
	}
	accepted, rejected := in.sift(l.cfg.Now())
	l.append(g, s, func(yield func(time.Time, string) bool) {
		for _, e := range accepted {
			if !yield(time.UnixMilli(e.Timestamp), e.Message) {
				return
			}
		}
	})
	out := map[string]any{"nextSequenceToken": strconv.FormatInt(l.seq, 10)}
	if len(rejected) > 0 {
		out["rejectedLogEventsInfo"] = rejected
	}
	return out, nil
}

func (in *putInput) validate() error {
	var check wire.Constraints
	in.check(&check)
	in.checkStream(&check)
	check.Required("logEvents", in.Events != nil)
	size := 0
	for i, e := range in.Events {
		check.Length("logEvents."+strconv.Itoa(i+1)+".member.message", e.Message, 1, maxBatch)
		check.Range("logEvents."+strconv.Itoa(i+1)+".member.timestamp", int(e.Timestamp), 0, 1<<53)
		size += len(e.Message) + 26
	}
	if err := invalid(&check); err != nil {
		return err
	}
	switch {
	case in.Entity != nil:
		return wire.NotHere("logs:PutLogEvents with entity")
	case len(in.Events) == 0 || len(in.Events) > maxEvents:
		return wire.Errorf(codeInvalid, "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", maxEvents)
	case size > maxBatch:
		return wire.Errorf(codeInvalid, "Upload too large: %d bytes exceeds limit of %d", size, maxBatch)
	}
	for i := range in.Events[1:] {
		if in.Events[i].Timestamp > in.Events[i+1].Timestamp {
			return wire.Errorf(codeInvalid, "Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	return nil
}

// sift parts the events whose time is out of bounds from the others, and says
// how AWS lists them: where the old end, and where the new begin.
func (in *putInput) sift(now time.Time) (accepted []inputEvent, rejected map[string]int) {
	rejected = map[string]int{}
	for i, e := range in.Events {
		t := time.UnixMilli(e.Timestamp)
		switch {
		case t.Before(now.Add(-tooOld)):
			rejected["tooOldLogEventEndIndex"] = i + 1
		case t.After(now.Add(tooNew)):
			if _, has := rejected["tooNewLogEventStartIndex"]; !has {
				rejected["tooNewLogEventStartIndex"] = i
			}
		default:
			accepted = append(accepted, e)
		}
	}
	return accepted, rejected
}
