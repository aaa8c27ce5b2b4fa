package sam

import "bailey/source"

// shape holds a nested map of properties against its schema; null is no mistake.
func (t *transformer) shape(id string, n source.Node, want schema, name string) bool {
	if n.Kind == source.Null {
		return true
	}
	if n.Kind != source.Map {
		t.errorf(n.At, id, "%s is a map, not a %s", name, n.Kind)
		return false
	}
	return t.fits(id, n.At, n, want, name)
}
