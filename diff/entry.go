package diff

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// An Entry is a way in that lets in others than before: routes of an API that
// ask the same of their callers, a function's URL, or one that a function's
// permissions let invoke it.
type Entry struct {
	Kind     EntryKind
	Of       string   // the API or the function
	Names    []string // of Routes: GET /ping
	Was, Now Admission
	At       source.Span // in the new model if it is there, else in the old one
}

// EntryKind says what lets in.
type EntryKind string

// The kinds of entry.
const (
	Routes     EntryKind = "routes"
	URL        EntryKind = "function-url"
	Permission EntryKind = "permission"
)

// An Admission is who is let in. Why says what is not known, where Who is
// Unsure.
type Admission struct {
	Who  Who
	Text string // who that is: nobody, anybody, who has an API key
	Why  *cloud.Gap
}

// Who tells how many are let in.
type Who uint8

// Who can be let in.
const (
	Unsure  Who = iota // a fact is missing
	Nobody             // or there is no such way
	Guarded            // those whom something of the account's own names or asks
	Wide               // another account, or a service in anybody's name
	Anybody
)

// String gives the word for programs.
func (w Who) String() string {
	return [...]string{"unknown", "nobody", "guarded", "wide", "anybody"}[w]
}

var (
	nobody  = Admission{Who: Nobody, Text: "nobody"}
	anybody = Admission{Who: Anybody, Text: "anybody"}
)

func unsure(gap cloud.Gap) Admission {
	return Admission{Who: Unsure, Text: "nobody knows whom", Why: &gap}
}

// Opens reports whether more are let in than before for certain.
func (e Entry) Opens() bool { return e.Was.Who != Unsure && e.Now.Who > e.Was.Who }

// Closes reports whether fewer are let in for certain.
func (e Entry) Closes() bool {
	return e.Now.Who == Nobody || e.Now.Who != Unsure && e.Now.Who < e.Was.Who
}

// Unclear reports whether it is not known who is let in, or who was: Missing
// names the fact.
func (e Entry) Unclear() bool {
	return e.Now.Who == Unsure || e.Was.Who == Unsure && e.Now.Who != Nobody
}

// Missing is the fact that is not known, and whether it is one of the new model;
// nil where none is.
func (e Entry) Missing() (gap *cloud.Gap, now bool) {
	if e.Now.Who == Unsure {
		return e.Now.Why, true
	}
	return e.Was.Why, false
}

// A door is one way in of one model.
type door struct {
	kind     EntryKind
	of, name string
	lets     Admission
	at       source.Span
	typ      string // CloudFormation's, of what it is a part of: without that there is none
	policy   bool   // it stands for a whole policy of which nothing is known
}

// key tells doors of two models to be the same one.
func (d door) key() [3]string { return [3]string{string(d.kind), d.of, d.name} }

// entries compares the ways in of two models, what opens most first.
func entries(old, now *cloud.Model) []Entry {
	was, is := doors(old), doors(now)
	var out []Entry
	add := func(d door, was, is Admission) {
		if was.Who != is.Who || was.Text != is.Text && is.Who != Nobody {
			out = append(out, Entry{d.kind, d.of, []string{d.name}, was, is, d.at})
		}
	}
	for _, d := range is {
		add(d, letsIn(old, was, d), d.lets)
	}
	for _, d := range was {
		if !slices.ContainsFunc(is, func(o door) bool { return o.key() == d.key() }) && !d.policy {
			add(d, d.lets, letsIn(now, is, d))
		}
	}
	out = together(out)
	slices.SortStableFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Of, b.Of), cmp.Compare(a.Names[0], b.Names[0]))
	})
	return out
}

// letsIn is whom the same door of another model lets in: nobody where there is
// none for certain.
func letsIn(m *cloud.Model, doors []door, d door) Admission {
	i := slices.IndexFunc(doors, func(o door) bool { return o.key() == d.key() })
	if i >= 0 {
		return doors[i].lets
	}
	if gap := mayHave(m, doors, d); gap != nil {
		return unsure(*gap)
	}
	return nobody
}

// mayHave is why a model may have a door that it does not state; nil where it
// has not.
func mayHave(m *cloud.Model, doors []door, d door) *cloud.Gap {
	switch d.kind {
	case Permission:
		of, _, _ := strings.Cut(d.of, ":") // without its qualifier
		if i := slices.IndexFunc(doors, func(o door) bool { return o.policy && (o.of == d.of || o.of == of) }); i >= 0 {
			return doors[i].lets.Why
		}
		if _, there := m.Function(of); there {
			return nil
		}
	case Routes:
		for a := range m.APIs() {
			if a.Name == d.of && len(a.Open) > 0 {
				return &a.Open[0]
			} else if a.Name == d.of {
				return nil
			}
		}
	}
	return m.Undescribed(d.typ)
}

func (e Entry) rank() int {
	switch {
	case e.Opens():
		return int(Anybody - e.Now.Who)
	case e.Closes():
		return 20
	case e.Unclear():
		return 30
	}
	return 10
}

// together makes one entry of an API's routes whose callers changed alike.
func together(list []Entry) []Entry {
	var out []Entry
	for _, e := range list {
		i := slices.IndexFunc(out, func(o Entry) bool {
			return e.Kind == Routes && o.Kind == Routes && o.Of == e.Of && o.Was.same(e.Was) && o.Now.same(e.Now)
		})
		if i < 0 {
			out = append(out, e)
			continue
		}
		out[i].Names = append(out[i].Names, e.Names...)
	}
	return out
}

func (a Admission) same(b Admission) bool { return a.Who == b.Who && a.Text == b.Text }

// doors are a model's ways in: those through APIs, URLs, and permissions.
func doors(m *cloud.Model) []door {
	var out []door
	for a := range m.APIs() {
		out = append(out, routes(m, a)...)
	}
	for u := range m.FunctionURLs() {
		of := u.Name
		if arn, known := u.Function.Get(); known {
			of = functionText(m, arn)
		}
		out = append(out, door{kind: URL, of: of, name: "its URL", lets: throughURL(m, u), at: u.At, typ: "AWS::Lambda::Url"})
	}
	return append(out, invokers(m)...)
}
