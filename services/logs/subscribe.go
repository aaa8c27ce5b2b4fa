package logs

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"
)

// Subscribe yields the events of the groups from a time on, those that are
// there and then each that comes, until ctx ends. No groups stands for all. A
// reader that falls behind the window misses what has left it, and holds up
// nobody.
func (l *Logs) Subscribe(ctx context.Context, from time.Time, groups ...string) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		var seen int64
		for {
			events, latest, changed := l.news(seen, groups)
			seen = latest
			for _, e := range events {
				if !e.Time.Before(from) && !yield(e) {
					return
				}
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// news gives what came after seq, how far that reaches, and a channel that is
// closed when there is more.
func (l *Logs) news(seq int64, groups []string) (events []Event, latest int64, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, g := range l.groups {
		if len(groups) == 0 || slices.Contains(groups, name) {
			events = append(events, g.since(seq)...)
		}
	}
	slices.SortFunc(events, func(a, b Event) int { return cmp.Compare(a.seq, b.seq) })
	return events, l.seq, l.changed
}
