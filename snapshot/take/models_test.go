package take

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"bailey/services/wire/wiretest"
)

// The table says of every call what botocore's models say: the operation, its
// version, its path, what it takes, and each field of its answer with its type
// and its place in XML.
func TestCallsAreThoseOfTheModels(t *testing.T) {
	type told struct {
		Name, Element, Kind string
		Inner               []told
		Flat                bool
	}
	var fields func([]field) []told
	fields = func(list []field) (out []told) {
		for _, f := range list {
			kind := ""
			if f.kind != 0 {
				kind = string(f.kind)
			}
			out = append(out, told{f.name, f.element, kind, fields(f.inner), f.flat})
		}
		return out
	}
	type line struct {
		Service, Command, Operation, Version, JSON, Host, Path, Key string
		Inputs, Tokens                                              []string
		Fields                                                      []told
	}
	var lines []line
	for _, c := range calls {
		s := services[c.service]
		l := line{Service: c.service, Command: c.command, Operation: operation(c.command), Version: s.version, JSON: s.json, Host: s.name, Path: c.path, Key: c.topmost(), Fields: fields(parseShape(c.shape, s.lower))}
		for _, p := range c.inputs(nil) {
			l.Inputs = append(l.Inputs, p[0])
		}
		for pair := range strings.FieldsSeq(c.token) {
			from, to, _ := strings.Cut(pair, "=")
			l.Tokens, l.Inputs = append(l.Tokens, from), append(l.Inputs, to)
		}
		lines = append(lines, l)
	}
	data, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(wiretest.Python(t), "testdata/models.py")
	cmd.Stdin = bytes.NewReader(data)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err, stderr.String())
	}
	if wrong := strings.TrimSpace(string(out)); wrong != "" {
		t.Error(wrong)
	}
}
