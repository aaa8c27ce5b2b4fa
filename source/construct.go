package source

import (
	"encoding/json"
	"strings"
	"unique"
)

// A Construct is what in an app a place of a synthesised template comes from:
// the CDK's construct, and the line of the app that makes it. Constructs are
// comparable; the zero Construct is none.
// https://docs.aws.amazon.com/cdk/v2/guide/constructs.html
type Construct struct{ h unique.Handle[construct] }

// construct is kept once for all the places that share it.
type construct struct {
	Path string `json:"path"`           // Prod/Service/Worker/Resource
	File string `json:"file,omitempty"` // empty where the app does not tell
	Line int    `json:"line,omitempty"`
}

// MakeConstruct gives the construct at a path of the construct tree, which the
// app makes at code; the zero Span if that is not known.
func MakeConstruct(path string, code Span) Construct {
	return Construct{unique.Make(construct{path, code.File, code.Line})}
}

func (c Construct) get() construct {
	if c == (Construct{}) {
		return construct{}
	}
	return c.h.Value()
}

// Path is the construct's path: Prod/Service/Worker/Resource.
func (c Construct) Path() string { return c.get().Path }

// Called reports whether a person would call the construct so: by its path, by
// the end of its path (Worker, Service/Worker), or by either without the CDK's
// own last step, Resource or Default.
func (c Construct) Called(name string) bool {
	path := c.get().Path
	for _, inner := range []string{"", "/Resource", "/Default"} {
		outer, ok := strings.CutSuffix(path, inner)
		if ok && name != "" && (outer == name || strings.HasSuffix(outer, "/"+name)) {
			return true
		}
	}
	return false
}

// Code is the line of the app that makes the construct.
func (c Construct) Code() Span { return Span{File: c.get().File, Line: c.get().Line} }

// String gives the path and the line of code, as far as they are known.
func (c Construct) String() string {
	if code := c.Code().String(); code != "" {
		return c.Path() + " " + code
	}
	return c.Path()
}

// MarshalJSON writes path, file and line.
func (c Construct) MarshalJSON() ([]byte, error) { return json.Marshal(c.get()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Construct) UnmarshalJSON(data []byte) error {
	var v construct
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*c = Construct{}
	if v != (construct{}) {
		*c = Construct{unique.Make(v)}
	}
	return nil
}
