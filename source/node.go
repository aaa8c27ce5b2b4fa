package source

import (
	"encoding/json"
	"iter"
	"strconv"
)

// Kind is the kind of a Node's value.
type Kind uint8

const (
	Null Kind = iota
	Bool
	Number
	String
	List
	Map
	Unknown // the document leaves it open; Text says why
)

// String gives the kind's name as a message would use it.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "list", "map", "unknown value"}[k]
}

// A Node is one value of a document with the place where it stands. Scalars
// keep the text that was written: 2012-10-17 stays 2012-10-17 and the account
// 000123456789 keeps its zeros. Nodes are values: do not write into one that
// came from somewhere else.
type Node struct {
	Kind    Kind
	Text    string  // Bool ("true", "false"), Number, String; for Unknown: because
	Items   []Node  // List
	Entries []Entry // Map, in the order written
	Tag     string  // a YAML short-form intrinsic such as "!Ref", until evaluated
	At      Span
}

// An Entry is one key of a Map.
type Entry struct {
	Key   string
	KeyAt Span
	Value Node
}

// Get returns the value of key, and whether the map has it. It is kept out of
// line: a Node is large, and copies at two thousand places are 0.6 MB.
//
//go:noinline
func (n Node) Get(key string) (Node, bool) {
	for _, e := range n.Entries {
		if e.Key == key {
			return e.Value, true
		}
	}
	return Node{}, false
}

// Path walks nested maps: n.Path("Properties", "VpcConfig").
func (n Node) Path(keys ...string) (Node, bool) {
	for _, k := range keys {
		var ok bool
		if n, ok = n.Get(k); !ok {
			return Node{}, false
		}
	}
	return n, true
}

// IsScalar reports whether n is a boolean, a number or a string.
func (n Node) IsScalar() bool { return n.Kind == Bool || n.Kind == Number || n.Kind == String }

// Bool reads a boolean, also one written as the string "true" or "false", as
// CloudFormation does.
func (n Node) Bool() (value, ok bool) {
	if !n.IsScalar() {
		return false, false
	}
	v, err := strconv.ParseBool(n.Text)
	return v, err == nil
}

// Int reads an integer, also one written as a string.
func (n Node) Int() (int, bool) {
	if n.Kind != Number && n.Kind != String {
		return 0, false
	}
	v, err := strconv.Atoi(n.Text)
	return v, err == nil
}

// Each yields the items of a list, or n itself if it is anything else: AWS
// takes a single value where a list is asked for in policies.
func (n Node) Each() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.Kind != List {
			yield(n)
			return
		}
		for _, item := range n.Items {
			if !yield(item) {
				return
			}
		}
	}
}

// FirstUnknown returns the first part of n that the document leaves open.
func (n Node) FirstUnknown() (Node, bool) {
	if n.Kind == Unknown {
		return n, true
	}
	for _, item := range n.Items {
		if u, ok := item.FirstUnknown(); ok {
			return u, true
		}
	}
	for _, e := range n.Entries {
		if u, ok := e.Value.FirstUnknown(); ok {
			return u, true
		}
	}
	return Node{}, false
}

// Plain gives n as encoding/json would: maps, lists, strings, numbers with the
// digits that were written, booleans and nil. What is unknown is nil.
func (n Node) Plain() any {
	switch n.Kind {
	case Bool:
		v, _ := n.Bool()
		return v
	case Number:
		return json.Number(n.Text)
	case String:
		return n.Text
	case List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = item.Plain()
		}
		return out
	case Map:
		out := map[string]any{}
		for _, e := range n.Entries {
			out[e.Key] = e.Value.Plain()
		}
		return out
	}
	return nil
}
