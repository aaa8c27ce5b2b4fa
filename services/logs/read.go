package logs

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"bailey/services/wire"
)

type readInput struct {
	target
	Streams      []string `json:"logStreamNames"`
	StreamPrefix string   `json:"logStreamNamePrefix"`
	StartTime    *int64   `json:"startTime"`
	EndTime      *int64   `json:"endTime"`
	Filter       string   `json:"filterPattern"`
	Limit        *int     `json:"limit"`
	NextToken    string   `json:"nextToken"`
	FromHead     bool     `json:"startFromHead"`
}

// The most that one answer holds.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const (
	maxEvents = 10_000
	maxAnswer = 1 << 20
)

func (in *readInput) limit(check *wire.Constraints) int {
	if in.Limit == nil {
		return maxEvents
	}
	check.Range("limit", *in.Limit, 1, maxEvents)
	return *in.Limit
}

type filteredEvent struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
}

// filterLogEvents merges the streams by time. Its endTime is the last that
// counts.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
func (l *Logs) filterLogEvents(_ context.Context, c *wire.Call) (any, error) {
	var in readInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	in.check(&check)
	limit := in.limit(&check)
	if err := invalid(&check); err != nil {
		return nil, err
	}
	if len(in.Streams) > 0 && in.StreamPrefix != "" {
		return nil, wire.Errorf(codeInvalid, "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	}
	pattern, err := parsePattern(in.Filter)
	if err != nil {
		return nil, err
	}
	after, _, err := readPlace(in.NextToken, "n")
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g, err := l.lookup(in.target)
	if err != nil {
		return nil, err
	}
	events := inOrder(g.window, func(e Event) bool {
		return (len(in.Streams) == 0 || slices.Contains(in.Streams, e.Stream)) && strings.HasPrefix(e.Stream, in.StreamPrefix) &&
			(in.StartTime == nil || e.Time.UnixMilli() >= *in.StartTime) &&
			(in.EndTime == nil || e.Time.UnixMilli() <= *in.EndTime) && pattern.match(e.Message)
	})
	if in.NextToken != "" {
		events = events[after.upper(events):]
	}
	n := fits(events, limit)
	out := []filteredEvent{}
	for _, e := range events[:n] {
		out = append(out, filteredEvent{e.Stream, e.Time.UnixMilli(), e.Message, e.Ingested.UnixMilli(), fmt.Sprintf("%056d", e.seq)})
	}
	next := ""
	if n < len(events) {
		next = placeOf(events[n-1]).token("n")
	}
	return withToken(map[string]any{"events": out, "searchedLogStreams": []struct{}{}}, next), nil
}

type outputEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// getLogEvents pages through one stream, both ways. Its endTime no longer
// counts. At either end the answer has the token that was sent.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
func (l *Logs) getLogEvents(_ context.Context, c *wire.Call) (any, error) {
	var in readInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	in.check(&check)
	in.checkStream(&check)
	limit := in.limit(&check)
	if err := invalid(&check); err != nil {
		return nil, err
	}
	at, way, err := readPlace(in.NextToken, "fb")
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g, s, err := l.lookupStream(in.target)
	if err != nil {
		return nil, err
	}
	events := inOrder(g.window, func(e Event) bool {
		return e.Stream == s.name && (in.StartTime == nil || e.Time.UnixMilli() >= *in.StartTime) &&
			(in.EndTime == nil || e.Time.UnixMilli() < *in.EndTime)
	})
	backward := way == "b" || way == "" && !in.FromHead
	switch way {
	case "f":
		events = events[at.upper(events):]
	case "b":
		events = events[:at.lower(events)]
	}
	return answer(events, limit, backward, at), nil
}

// answer cuts one page from the end that is read from.
func answer(events []Event, limit int, backward bool, at place) map[string]any {
	if backward {
		slices.Reverse(events)
	}
	events = events[:fits(events, limit)]
	if backward {
		slices.Reverse(events)
	}
	first, last := at, at
	if len(events) > 0 {
		first, last = placeOf(events[0]), placeOf(events[len(events)-1])
	}
	out := []outputEvent{}
	for _, e := range events {
		out = append(out, outputEvent{e.Time.UnixMilli(), e.Message, e.Ingested.UnixMilli()})
	}
	return map[string]any{"events": out, "nextForwardToken": last.token("f"), "nextBackwardToken": first.token("b")}
}

// inOrder gives the events that keep chooses, by time.
func inOrder(window []Event, keep func(Event) bool) []Event {
	var out []Event
	for _, e := range window {
		if keep(e) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return placeOf(a).compare(placeOf(b)) })
	return out
}

// fits is how many events an answer takes, at least one.
func fits(events []Event, limit int) int {
	size := 0
	for i, e := range events[:min(limit, len(events))] {
		if size += len(e.Message) + 26; size > maxAnswer && i > 0 {
			return i
		}
	}
	return min(limit, len(events))
}

// A place is where an event stands among those of its group: what a token says.
type place struct{ t, seq int64 }

func placeOf(e Event) place { return place{e.Time.UnixMilli(), e.seq} }

func (p place) compare(q place) int { return cmp.Or(cmp.Compare(p.t, q.t), cmp.Compare(p.seq, q.seq)) }

// lower and upper are the first event at or after the place, and after it.
func (p place) lower(events []Event) int {
	i, _ := slices.BinarySearchFunc(events, p, func(e Event, p place) int { return placeOf(e).compare(p) })
	return i
}

func (p place) upper(events []Event) int { return place{p.t, p.seq + 1}.lower(events) }

func (p place) token(way string) string { return fmt.Sprintf("%s/%d.%d", way, p.t, p.seq) }

// readPlace reads a token of one of the ways; none is the zero place.
func readPlace(token, ways string) (p place, way string, err error) {
	if token == "" {
		return place{}, "", nil
	}
	way, rest, _ := strings.Cut(token, "/")
	_, err = fmt.Sscanf(rest, "%d.%d", &p.t, &p.seq)
	if err != nil || len(way) != 1 || !strings.Contains(ways, way) || p.token(way) != token || p.seq == 1<<63-1 {
		return place{}, "", errToken()
	}
	return p, way, nil
}
