package vtl

import (
	"fmt"
	"slices"
)

var listMethods = map[string]row[*List]{
	"size":     {0, 0, func(l *List, _ []any) (any, error) { return int64(len(l.Items)), nil }},
	"length":   {0, 0, func(l *List, _ []any) (any, error) { return int64(len(l.Items)), nil }},
	"isEmpty":  {0, 0, func(l *List, _ []any) (any, error) { return len(l.Items) == 0, nil }},
	"get":      {1, 1, func(l *List, args []any) (any, error) { return member(l, args[0]), nil }},
	"contains": {1, 1, func(l *List, args []any) (any, error) { return l.index(args[0]) >= 0, nil }},
	"indexOf":  {1, 1, func(l *List, args []any) (any, error) { return int64(l.index(args[0])), nil }},
	"add":      {1, 2, add},
	"addAll":   {1, 1, addAll},
	"set":      {2, 2, setItem},
	"remove":   {1, 1, removeItem},
	"clear":    {0, 0, func(l *List, _ []any) (any, error) { l.Items = nil; return nil, nil }},
}

func (l *List) index(v any) int {
	return slices.IndexFunc(l.Items, func(item any) bool { return equal(item, v) })
}

// maxItems bounds what a template makes of a list.
const maxItems = 100_000

func add(l *List, args []any) (any, error) {
	i := int64(len(l.Items))
	if len(args) == 2 {
		i, _ = args[0].(int64)
	}
	if i < 0 || i > int64(len(l.Items)) || len(l.Items) >= maxItems {
		return nil, fmt.Errorf("the list takes no item at %d", i)
	}
	l.Items = slices.Insert(l.Items, int(i), args[len(args)-1])
	if len(args) == 2 {
		return nil, nil
	}
	return true, nil
}

func addAll(l *List, args []any) (any, error) {
	more, ok := args[0].(*List)
	if !ok || len(l.Items)+len(more.Items) > maxItems {
		return nil, fmt.Errorf("the list does not take all of that")
	}
	l.Items = append(l.Items, more.Items...)
	return true, nil
}

func setItem(l *List, args []any) (any, error) {
	i, ok := args[0].(int64)
	if !ok || i < 0 || i >= int64(len(l.Items)) {
		return nil, fmt.Errorf("the list has no item %s", Text(args[0]))
	}
	before := l.Items[i]
	l.Items[i] = args[1]
	return before, nil
}

// removeItem takes a number for an index and all else for an item.
func removeItem(l *List, args []any) (any, error) {
	i, byIndex := args[0].(int64)
	if !byIndex {
		i = int64(l.index(args[0]))
	}
	if i < 0 || i >= int64(len(l.Items)) {
		return false, nil
	}
	gone := l.Items[i]
	l.Items = slices.Delete(l.Items, int(i), int(i)+1)
	if byIndex {
		return gone, nil
	}
	return true, nil
}

var mapMethods = map[string]row[*Map]{
	"size":          {0, 0, func(m *Map, _ []any) (any, error) { return int64(len(m.keys)), nil }},
	"isEmpty":       {0, 0, func(m *Map, _ []any) (any, error) { return len(m.keys) == 0, nil }},
	"get":           {1, 1, func(m *Map, args []any) (any, error) { return m.Get(Text(args[0])), nil }},
	"containsKey":   {1, 1, func(m *Map, args []any) (any, error) { return m.Has(Text(args[0])), nil }},
	"containsValue": {1, 1, func(m *Map, args []any) (any, error) { return m.list().index(args[0]) >= 0, nil }},
	"values":        {0, 0, func(m *Map, _ []any) (any, error) { return m.list(), nil }},
	"keySet":        {0, 0, keySet},
	"entrySet":      {0, 0, entrySet},
	"put":           {2, 2, put},
	"putAll":        {1, 1, putAll},
	"remove": {1, 1, func(m *Map, args []any) (any, error) {
		v := m.Get(Text(args[0]))
		m.Remove(Text(args[0]))
		return v, nil
	}},
	"getOrDefault": {2, 2, getOrDefault},
	// An entry of a map is one too.
	"getKey":   {0, 0, func(m *Map, _ []any) (any, error) { return m.Get("key"), nil }},
	"getValue": {0, 0, func(m *Map, _ []any) (any, error) { return m.Get("value"), nil }},
}

// list are a map's values.
func (m *Map) list() *List {
	out := &List{}
	for _, k := range m.keys {
		out.Items = append(out.Items, m.values[k])
	}
	return out
}

func keySet(m *Map, _ []any) (any, error) {
	out := &List{}
	for _, k := range m.keys {
		out.Items = append(out.Items, k)
	}
	return out, nil
}

func entrySet(m *Map, _ []any) (any, error) {
	out := &List{}
	for _, k := range m.keys {
		entry := &Map{}
		entry.Put("key", k)
		entry.Put("value", m.values[k])
		out.Items = append(out.Items, entry)
	}
	return out, nil
}

func put(m *Map, args []any) (any, error) {
	key := Text(args[0])
	before := m.Get(key)
	if len(m.keys) >= maxItems {
		return nil, errDeep
	}
	m.Put(key, args[1])
	return before, nil
}

func putAll(m *Map, args []any) (any, error) {
	more, ok := args[0].(*Map)
	if !ok || len(m.keys)+len(more.keys) > maxItems {
		return nil, fmt.Errorf("the map does not take all of that")
	}
	for _, k := range more.keys {
		m.Put(k, more.values[k])
	}
	return nil, nil
}

func getOrDefault(m *Map, args []any) (any, error) {
	if key := Text(args[0]); m.Has(key) {
		return m.Get(key), nil
	}
	return args[1], nil
}
