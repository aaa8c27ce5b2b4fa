package delivery

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"bailey/schedule"
)

// A Due is one line of a Timetable.
type Due struct {
	Plan schedule.Plan
	// Delay is added to each time: where in its flexible window it fires.
	Delay func(at time.Time) time.Duration
	// Fire is called with the planned time, from a goroutine of its own.
	Fire func(ctx context.Context, at time.Time)
}

// late is how long after its time something still fires. AWS's precision is
// one minute; what a machine slept through is not made up for.
const late = time.Minute

// A Timetable fires what is due. The zero Timetable is empty; Run waits.
type Timetable struct {
	mu      sync.Mutex
	lines   map[string]*line
	changed chan struct{} // closed with each change
}

type line struct {
	Due
	planned, fires time.Time // zero: never again
}

func (l *line) plan(after time.Time) {
	l.planned = l.Plan.Next(after)
	l.fires = l.planned
	if !l.planned.IsZero() && l.Delay != nil {
		l.fires = l.planned.Add(l.Delay(l.planned))
	}
}

// Set puts a line under a name, in the place of what was there. Times up to now
// have passed.
func (t *Timetable) Set(name string, d Due) {
	l := &line{Due: d}
	l.plan(time.Now())
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines == nil {
		t.lines = map[string]*line{}
	}
	t.lines[name] = l
	t.wake()
}

// Remove takes a line away.
func (t *Timetable) Remove(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.lines, name)
	t.wake()
}

// Keep takes those lines away whose names begin with prefix and go on with
// something else than one of keys.
func (t *Timetable) Keep(prefix string, keys map[string]bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.lines, func(name string, _ *line) bool {
		key, of := strings.CutPrefix(name, prefix)
		return of && !keys[key]
	})
	t.wake()
}

func (t *Timetable) wake() {
	if t.changed != nil {
		close(t.changed)
		t.changed = nil
	}
}

// Next is when a line fires next, without its delay; zero: never.
func (t *Timetable) Next(name string) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l, ok := t.lines[name]; ok {
		return l.planned
	}
	return time.Time{}
}

// Run fires what is due until ctx ends, and returns when all that it fired has
// returned.
func (t *Timetable) Run(ctx context.Context) {
	var fired sync.WaitGroup
	defer fired.Wait()
	for {
		wait, changed := t.fireDue(ctx, &fired)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// fireDue fires what is due now, and says how long to wait for more. Waiting is
// cut into minutes, since timers stand still while a machine sleeps.
func (t *Timetable) fireDue(ctx context.Context, fired *sync.WaitGroup) (time.Duration, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now().Round(0) // the wall clock's
	wait := time.Minute
	for _, l := range t.lines {
		if !l.fires.IsZero() && !l.fires.After(now) {
			at, fire := l.planned, l.Fire
			if now.Sub(l.fires) <= late {
				fired.Go(func() { fire(ctx, at) })
			}
			l.plan(maxTime(at, now.Add(-late)))
		}
		if !l.fires.IsZero() {
			wait = min(wait, max(l.fires.Sub(now), 0))
		}
	}
	if t.changed == nil {
		t.changed = make(chan struct{})
	}
	return wait, t.changed
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
