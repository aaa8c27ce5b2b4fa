package reach

import (
	"fmt"
	"slices"

	"bailey/cloud"
	"bailey/path"
)

// A watch holds the paths that a fix must not close and those that it must not
// open, with their verdicts before it. Paths that the network does not tell
// apart are asked once, for the first of them.
type watch struct{ groups []watched }

// watched are needs that have one answer.
type watched struct {
	needs  []Need
	before path.Verdict
	// inside: a function in a VPC needs it, it leads to a private address, and
	// it is blocked. Outside of the VPC no other change could open it.
	inside bool
}

func newWatch(m *cloud.Model, needs []Need) *watch {
	w := &watch{}
	index := map[string]int{}
	for _, n := range needs {
		key := fmt.Sprintf("%v %s", n.shut, standing(m, n.Question))
		if i, known := index[key]; known {
			w.groups[i].needs = append(w.groups[i].needs, n)
			continue
		}
		index[key] = len(w.groups)
		g := watched{needs: []Need{n}}
		if r, err := path.Why(m, n.Question); err == nil {
			g.before = r.Verdict
			f, ok := m.Function(n.From)
			g.inside = !n.shut && r.Verdict == path.Blocked && ok && f.Network != nil && r.Witness.Dst.Addr().IsPrivate()
		}
		w.groups = append(w.groups, g)
	}
	return w
}

// standing is equal for questions that functions in the same subnets, with the same
// groups and the same role, ask of the same destination.
func standing(m *cloud.Model, q path.Question) string {
	f, ok := m.Function(q.From)
	if !ok || f.Network == nil {
		return fmt.Sprintf("%+v", q)
	}
	subnets, known := f.Network.Subnets.Get()
	groups, all := f.Network.Groups.Get()
	role, stated := f.Role.Get()
	if !known || !all || !stated {
		return fmt.Sprintf("%+v", q)
	}
	q.From = ""
	return fmt.Sprintf("%+v %q %q %q", q, subnets, groups, role)
}

// compare asks again in the next model, but for what the fix itself is about:
// the functions that it is for are asked one by one, since it may set them apart.
func (w *watch) compare(next *cloud.Model, q path.Question, about ...string) (closed, exposed []string) {
	for _, g := range w.groups {
		if g.inside {
			closed = append(closed, g.lost(next)...)
			continue
		}
		if shut := g.needs[0].shut; g.before == path.Undecided || (g.before == path.Blocked) != shut {
			continue
		}
		var rest []Need
		for _, n := range g.needs {
			if n.From != q.From && !slices.Contains(about, n.From) {
				rest = append(rest, n)
				continue
			}
			if n.Question != q {
				g.tell(next, []Need{n}, &closed, &exposed)
			}
		}
		g.tell(next, rest, &closed, &exposed)
	}
	return closed, exposed
}

// lost names the paths that stay shut for good, as their function is in no VPC
// any more.
func (g watched) lost(next *cloud.Model) []string {
	var out []string
	for _, n := range g.needs {
		if f, ok := next.Function(n.From); ok && f.Network == nil {
			out = append(out, n.From+" -> "+n.To)
		}
	}
	return out
}

// tell asks for needs that have one answer and says which of them are no longer
// as they were.
func (g watched) tell(next *cloud.Model, needs []Need, closed, exposed *[]string) {
	if len(needs) == 0 {
		return
	}
	r, err := path.Why(next, needs[0].Question)
	if err != nil {
		return
	}
	for _, n := range needs {
		switch name := n.From + " -> " + n.To; {
		case !n.shut && r.Verdict == path.Blocked:
			*closed = append(*closed, name)
		case n.shut && r.Verdict != path.Blocked:
			*exposed = append(*exposed, name)
		}
	}
}
