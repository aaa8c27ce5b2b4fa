package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bailey/path"
	"bailey/source"
)

// merged tells changes as one that differ in one of their parties only: what
// changed, its hosts, its subnets and what is to blame are the same.
func merged(list []Change) []Change {
	list = mergedBy(list, Change.sameFrom, func(c *Change) *Party { return &c.From })
	return mergedBy(list, Change.sameTo, func(c *Change) *Party { return &c.To })
}

// mergedBy joins the names of one end of changes that have the same key.
func mergedBy(list []Change, key func(Change) string, end func(*Change) *Party) []Change {
	var out []Change
	index := map[string]int{}
	for _, c := range list {
		k := key(c)
		if i, ok := index[k]; ok {
			to := end(&out[i])
			to.Names = slices.Compact(slices.Sorted(slices.Values(append(slices.Clip(to.Names), end(&c).Names...))))
			continue
		}
		index[k] = len(out)
		out = append(out, c)
	}
	return out
}

// sameFrom is the key of a change but for who dials.
func (c Change) sameFrom() string {
	return c.key(c.From.nameless(), c.To.String())
}

// sameTo is the key of a change but for who is dialled.
func (c Change) sameTo() string {
	return c.key(c.From.String(), c.To.nameless())
}

func (c Change) key(from, to string) string {
	because := fmt.Sprint(blamed(c.Because, c.From.Names, c.To.Names))
	return strings.Join([]string{from, to, fmt.Sprint(c.Was, c.Now, c.Hosts, c.Within), string(c.Traffic.AppendKey(nil)), because, c.Old.codes(), c.New.codes()}, "|")
}

// blamed are edits without those of the parties themselves, which differ in
// their names only.
func blamed(edits []Edit, parties ...[]string) []Edit {
	var out []Edit
	for _, e := range edits {
		if own := slices.ContainsFunc(parties, func(p []string) bool { return slices.Contains(p, e.Name) }); own {
			e.Name, e.At = "", source.Span{File: e.At.File}
		}
		out = append(out, e)
	}
	return out
}

// codes are why a witness is blocked, in short.
func (l Look) codes() string {
	out := []string{fmt.Sprint(l.Absent != "", l.Verdict)}
	for _, b := range l.Blockers {
		out = append(out, string(b.Code))
	}
	return strings.Join(out, " ")
}

func (p Party) nameless() string { return fmt.Sprint(p.Kind, p.Service, p.Public) }

// String gives the kind and all the names.
func (p Party) String() string { return p.nameless() + " " + strings.Join(p.Names, ",") }

// inOrder puts what matters most first: what opens from the internet, then to
// it, then all else that opens; what closes; what is no longer known.
func inOrder(list []Change) []Change {
	slices.SortStableFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.From.String(), b.From.String()), cmp.Compare(a.To.String(), b.To.String()))
	})
	return list
}

func (c Change) rank() int {
	r := map[path.Verdict]int{path.Reachable: 0, path.Blocked: 10, path.Unknown: 20}[c.Now]
	switch {
	case c.From.Kind == Internet:
		return r
	case c.To.Kind != Internet:
		return r + 1
	}
	return r + 2
}
