package logs

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync"
	"time"

	"bailey/cloud"
)

// A Config is what Logs are made of.
type Config struct {
	Model func() *cloud.Model // as of now
	Dir   string              // of the files; empty: none are kept
	Now   func() time.Time    // nil: time.Now
	// MaxEvents and MaxBytes bound each group's window; 0: DefaultMaxEvents
	// and DefaultMaxBytes.
	MaxEvents, MaxBytes int
}

// How much of a group is in memory.
const (
	DefaultMaxEvents = 10_000
	DefaultMaxBytes  = 8 << 20
)

// An Event is one line of a log.
type Event struct {
	Group, Stream string
	Time          time.Time // to the millisecond
	Ingested      time.Time
	Message       string

	seq int64 // of all events, in the order in which they came
}

// Logs are all log groups of one account in one region. They are safe for
// concurrent use.
type Logs struct {
	cfg     Config
	started time.Time

	mu      sync.Mutex
	groups  map[string]*group
	seq     int64
	changed chan struct{} // closed and replaced at each Put
	failed  error         // the first failure of a file
}

// A group is one log group.
type group struct {
	name    string
	created time.Time
	stored  int64 // bytes of all events that ever came
	size    int   // bytes of those in the window
	window  []Event
	streams map[string]*stream
	file    file
}

// A stream is what is known of a log stream. The zero times are "no event yet".
type stream struct {
	name                           string
	created, first, last, ingested time.Time
	stored                         int64
}

// New reads the ends of the files in cfg.Dir.
func New(cfg Config) (*Logs, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.MaxEvents, cfg.MaxBytes = cmp.Or(cfg.MaxEvents, DefaultMaxEvents), cmp.Or(cfg.MaxBytes, DefaultMaxBytes)
	l := &Logs{cfg: cfg, started: cfg.Now(), groups: map[string]*group{}, changed: make(chan struct{})}
	if cfg.Dir == "" {
		return l, nil
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("logs: %w", err)
	}
	if err := l.load(); err != nil {
		return nil, fmt.Errorf("logs: %w", err)
	}
	return l, nil
}

// Close closes the files. What was Put is in them.
func (l *Logs) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	errs := []error{l.failed}
	for _, g := range l.groups {
		errs = append(errs, g.file.close())
	}
	return errors.Join(errs...)
}

// Put appends one line to a stream; group and stream are made if need be.
func (l *Logs) Put(group, stream string, t time.Time, line string) {
	l.PutAll(group, stream, func(yield func(time.Time, string) bool) { yield(t, line) })
}

// PutAll appends lines to a stream as Put does one. It is package lambda's sink.
func (l *Logs) PutAll(group, stream string, lines iter.Seq2[time.Time, string]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.ensure(group)
	l.append(g, g.stream(stream, l.cfg.Now()), lines)
}

// append adds lines to the window and to the file, and wakes who follows.
func (l *Logs) append(g *group, s *stream, lines iter.Seq2[time.Time, string]) {
	var records []byte
	now := l.cfg.Now().Truncate(time.Millisecond)
	for t, line := range lines {
		e := Event{g.name, s.name, t.Truncate(time.Millisecond), now, line, 0}
		l.remember(g, s, e)
		records = record{e.Time.UnixMilli(), e.Ingested.UnixMilli(), e.Stream, e.Message}.append(records)
	}
	if err := g.file.write(l.cfg.Dir, header{g.name, now.UnixMilli()}, records); err != nil && l.failed == nil {
		l.failed = fmt.Errorf("log group %s: %w", g.name, err)
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// remember adds an event to the window, whose oldest make room.
func (l *Logs) remember(g *group, s *stream, e Event) {
	l.seq++
	e.seq = l.seq
	g.window = append(g.window, e)
	g.size += len(e.Message)
	g.stored += int64(len(e.Message))
	s.note(e)
	drop := 0
	for g.size > l.cfg.MaxBytes || len(g.window)-drop > l.cfg.MaxEvents {
		g.size -= len(g.window[drop].Message)
		drop++
	}
	clear(g.window[:drop])
	g.window = g.window[drop:]
}

func (s *stream) note(e Event) {
	if s.first.IsZero() || e.Time.Before(s.first) {
		s.first = e.Time
	}
	if e.Time.After(s.last) {
		s.last = e.Time
	}
	s.ingested = e.Ingested
	s.stored += int64(len(e.Message))
}

// ensure gives a group, which it makes if need be.
func (l *Logs) ensure(name string) *group {
	g, ok := l.groups[name]
	if !ok {
		g = &group{name: name, created: l.cfg.Now(), streams: map[string]*stream{}}
		l.groups[name] = g
	}
	return g
}

// stream gives a stream, which it makes if need be.
func (g *group) stream(name string, now time.Time) *stream {
	s, ok := g.streams[name]
	if !ok {
		s = &stream{name: name, created: now}
		g.streams[name] = s
	}
	return s
}

// find gives a group that is there: a call or an event made it, or a function
// of the model logs to it.
func (l *Logs) find(name string) (*group, bool) {
	l.declare()
	g, ok := l.groups[name]
	return g, ok
}

// declare makes the groups of the model's functions.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
func (l *Logs) declare() {
	for f := range l.cfg.Model().Functions() {
		name := cmp.Or(f.LogGroup, "/aws/lambda/"+f.FunctionName)
		if _, ok := l.groups[name]; !ok {
			l.ensure(name).created = l.started
		}
	}
}

// since gives the group's events after seq, as they came.
func (g *group) since(seq int64) []Event {
	i, _ := slices.BinarySearchFunc(g.window, seq+1, func(e Event, seq int64) int { return cmp.Compare(e.seq, seq) })
	return g.window[i:]
}
