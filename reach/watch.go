package reach

import (
	"bailey/cloud"
	"bailey/path"
)

// A watch holds the paths that a fix must not close and those that it must not
// open, with their verdicts before it.
type watch struct {
	needs  []Need
	before []path.Verdict
}

func newWatch(m *cloud.Model, needs []Need) *watch {
	w := &watch{needs: needs, before: make([]path.Verdict, len(needs))}
	for i, n := range needs {
		if r, err := path.Why(m, n.Question); err == nil {
			w.before[i] = r.Verdict
		}
	}
	return w
}

// compare asks again in the next model, but for what the fix itself is about.
func (w *watch) compare(next *cloud.Model, q path.Question) (closed, exposed []string) {
	for i, n := range w.needs {
		before := w.before[i]
		if n.Question == q || before == path.Undecided || before == path.Blocked && !n.shut || before == path.Reachable && n.shut {
			continue
		}
		r, err := path.Why(next, n.Question)
		switch {
		case err != nil:
		case !n.shut && r.Verdict == path.Blocked:
			closed = append(closed, n.From+" -> "+n.To)
		case n.shut && before == path.Blocked && r.Verdict != path.Blocked:
			exposed = append(exposed, n.From+" -> "+n.To)
		}
	}
	return closed, exposed
}
