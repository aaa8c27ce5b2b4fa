package logs

import (
	"cmp"
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"bailey/services/wire"
)

type describeInput struct {
	target
	Prefix       string `json:"logGroupNamePrefix"`
	Pattern      string `json:"logGroupNamePattern"`
	StreamPrefix string `json:"logStreamNamePrefix"`
	OrderBy      string `json:"orderBy"`
	Descending   bool   `json:"descending"`
	Limit        *int   `json:"limit"`
	NextToken    string `json:"nextToken"`

	Accounts    []string `json:"accountIdentifiers"`
	Linked      bool     `json:"includeLinkedAccounts"`
	Class       string   `json:"logGroupClass"`
	Identifiers []string `json:"logGroupIdentifiers"`
}

// shownGroup is API_LogGroup.
type shownGroup struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	MetricFilterCount int    `json:"metricFilterCount"`
	Arn               string `json:"arn"`
	StoredBytes       int64  `json:"storedBytes"`
	LogGroupClass     string `json:"logGroupClass"`
	LogGroupArn       string `json:"logGroupArn"`
}

func (l *Logs) describeLogGroups(_ context.Context, c *wire.Call) (any, error) {
	var in describeInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	limit, err := in.limit()
	switch {
	case err != nil:
		return nil, err
	case in.Prefix != "" && in.Pattern != "":
		return nil, wire.Errorf(codeInvalid, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	case len(in.Accounts) > 0 || in.Linked || len(in.Identifiers) > 0:
		return nil, wire.NotHere("logs:DescribeLogGroups by account or identifier")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.declare()
	out := []shownGroup{}
	for _, name := range slices.Sorted(maps.Keys(l.groups)) {
		wanted := strings.HasPrefix(name, in.Prefix) && strings.Contains(name, in.Pattern)
		if wanted && (in.Class == "" || in.Class == "STANDARD") {
			g, arn := l.groups[name], l.arn(name)
			out = append(out, shownGroup{name, g.created.UnixMilli(), 0, arn + ":*", g.stored, "STANDARD", arn})
		}
	}
	page, next, err := pageOf(out, in.NextToken, limit, func(g shownGroup) string { return g.LogGroupName })
	return withToken(map[string]any{"logGroups": page}, next), err
}

// shownStream is API_LogStream.
type shownStream struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	Arn                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"`
}

func (l *Logs) describeLogStreams(_ context.Context, c *wire.Call) (any, error) {
	var in describeInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	in.check(&check)
	if in.OrderBy != "" {
		check.Enum("orderBy", in.OrderBy, "LogStreamName", "LastEventTime")
	}
	if err := invalid(&check); err != nil {
		return nil, err
	}
	limit, err := in.limit()
	if err != nil {
		return nil, err
	}
	if in.OrderBy == "LastEventTime" && in.StreamPrefix != "" {
		return nil, wire.Errorf(codeInvalid, "Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	g, err := l.lookup(in.target)
	if err != nil {
		return nil, err
	}
	out := []shownStream{}
	for _, s := range in.order(slices.Collect(maps.Values(g.streams))) {
		if strings.HasPrefix(s.name, in.StreamPrefix) {
			out = append(out, shownStream{s.name, s.created.UnixMilli(), millis(s.first), millis(s.last), millis(s.ingested),
				l.arn(g.name) + ":log-stream:" + s.name, 0}) // storedBytes of a stream is always 0 since 2019
		}
	}
	page, next, err := pageOf(out, in.NextToken, limit, func(s shownStream) string { return s.LogStreamName })
	return withToken(map[string]any{"logStreams": page}, next), err
}

func (in *describeInput) order(streams []*stream) []*stream {
	slices.SortFunc(streams, func(a, b *stream) int {
		byName := strings.Compare(a.name, b.name)
		if in.OrderBy == "LastEventTime" {
			return cmp.Or(a.last.Compare(b.last), byName)
		}
		return byName
	})
	if in.Descending {
		slices.Reverse(streams)
	}
	return streams
}

// limit is how many come on a page.
func (in *describeInput) limit() (int, error) {
	if in.Limit == nil {
		return 50, nil
	}
	var check wire.Constraints
	check.Range("limit", *in.Limit, 1, 50)
	return *in.Limit, invalid(&check)
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// pageOf cuts the page that follows token, the name of the last before it.
func pageOf[T any](all []T, token string, limit int, name func(T) string) (page []T, next string, err error) {
	from := 0
	if token != "" {
		after, err := base64.StdEncoding.DecodeString(token)
		from = 1 + slices.IndexFunc(all, func(v T) bool { return name(v) == string(after) })
		if err != nil || from == 0 {
			return nil, "", errToken()
		}
	}
	page = all[from:]
	if len(page) > limit {
		page = page[:limit]
		next = base64.StdEncoding.EncodeToString([]byte(name(page[limit-1])))
	}
	return page, next, nil
}

func errToken() error { return wire.Errorf(codeInvalid, "The specified nextToken is invalid.") }

func withToken(out map[string]any, next string) map[string]any {
	if next != "" {
		out["nextToken"] = next
	}
	return out
}
