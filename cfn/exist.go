package cfn

import (
	"slices"
	"strings"

	"bailey/source"
)

// existence says whether a resource is created.
type existence uint8

const (
	unasked existence = iota
	present
	absent
	doubtful // its condition is open
)

// exists reports whether the resource's condition, and those of the stacks
// that it is nested in, let it be created or leave that open: see doubt.
func (l *loader) exists(r *resource) bool {
	if r.there == unasked {
		r.there, r.gap = l.existence(r)
	}
	return r.there != absent
}

func (l *loader) existence(r *resource) (existence, source.Node) {
	there, gap := true, (*source.Node)(nil)
	if r.condition.Kind != source.Null {
		there, gap = l.holds(r.condition, "resource "+r.logical)
	}
	if !there {
		return absent, source.Node{}
	}
	if gap != nil {
		l.doubts = append(l.doubts, doubt{r.condition.Text, *gap, r})
	} else if l.parent != nil {
		if g, open := l.parent.doubt(l.inParent); open {
			gap = &g
		}
	}
	if gap == nil {
		return present, source.Node{}
	}
	return doubtful, open("whether "+r.Name+" exists is open: "+gap.Text, gap.At)
}

// doubt gives why it is open whether a resource exists, and whether it is.
//
// A resource that may or may not be there is read with every fact open, but
// for the IDs of what it belongs to: a rule that may be there is a rule of
// which nothing is known, and a function that may be there is somewhere that is
// not known. So each answer that would turn on it is unknown, and names the
// condition.
func (l *loader) doubt(r *resource) (source.Node, bool) {
	l.exists(r)
	return r.gap, r.there == doubtful
}

// A doubt is a resource with a condition of its own that is open.
type doubt struct {
	condition string
	gap       source.Node
	r         *resource
}

// doubtTargets says of everything whose existence is open that a reference to
// it leads to something of which nothing is known.
func (d *deployment) doubtTargets() {
	for _, l := range d.stacks {
		for _, r := range l.resources {
			if gap, open := l.doubt(r); open && r.row != nil && r.row.ref != nil {
				if id := r.row.ref(l, r); id.Kind == source.String {
					l.openTarget[id.Text] = gap.Text
				}
			}
		}
	}
}

// noteDoubts says, once for each open condition, what depends on it.
func (d *deployment) noteDoubts() {
	type key struct {
		condition string
		gap       source.Span
	}
	names := map[key][]string{}
	var order []doubt
	for _, x := range d.doubts {
		k := key{x.condition, x.gap.At}
		if names[k] == nil {
			order = append(order, x)
		}
		if !slices.Contains(names[k], x.r.Name) {
			names[k] = append(names[k], x.r.Name)
		}
	}
	for _, x := range order {
		all := names[key{x.condition, x.gap.At}]
		verb := " exists"
		if len(all) > 1 {
			verb = " exist"
		}
		d.warn("CFN_OPEN_CONDITION", x.r.condition.At, "give the parameters that condition "+x.condition+
			" depends on a value, under parameters: in bailey.yaml or with --parameter; answers that depend on it are unknown",
			"whether %s is open: %s", strings.Join(all, ", ")+verb, x.gap.Text)
	}
}
