package cfn

// qualify renames what several stacks call by the same logical ID, so that
// every name of the Model means one resource.
func (d *deployment) qualify() {
	count := map[string]int{}
	for _, l := range d.stacks {
		for _, r := range l.resources {
			count[r.logical]++
		}
	}
	for _, l := range d.stacks {
		for _, r := range l.resources {
			if count[r.logical] > 1 {
				r.Name = l.stack + "." + r.logical
			}
		}
	}
}

// An index finds the parts of the Spec by their IDs, however many there are.
// Each covers a list that only grows.
type index struct {
	subnets, tables, acls, groups, roles lookup
}

// A lookup knows where in a growing list each ID stands.
type lookup struct {
	at   map[string]int
	seen int
}

// find gives the place of the first element of list with an ID.
func find[T any](x *lookup, list []T, id string, of func(*T) string) (int, bool) {
	if x.at == nil {
		x.at = make(map[string]int, len(list))
	}
	for ; x.seen < len(list); x.seen++ {
		key := of(&list[x.seen])
		if _, before := x.at[key]; !before {
			x.at[key] = x.seen
		}
	}
	i, ok := x.at[id]
	return i, ok
}
