package event

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Input says what a target gets instead of the whole event. At most one of
// its three is stated; the zero Input is the event itself.
type Input struct {
	Constant string            // JSON
	Path     string            // $.detail
	Template string            // of an InputTransformer
	Paths    map[string]string // its variables
}

// A Context is what a template may name besides the event.
type Context struct {
	RuleARN, RuleName string
	Ingested          time.Time // when EventBridge got the event
}

// maxVariables of an InputTransformer.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html
const maxVariables = 100

var variableName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// Check says what AWS would refuse of it.
func (in Input) Check() error {
	stated := 0
	for _, s := range []string{in.Constant, in.Path, in.Template} {
		if s != "" {
			stated++
		}
	}
	switch {
	case stated > 1:
		return fmt.Errorf("only one of Input, InputPath, or InputTransformer must be provided")
	case in.Constant != "" && !json.Valid([]byte(in.Constant)):
		return fmt.Errorf("JSON syntax error in input: %s", in.Constant)
	case len(in.Paths) > maxVariables:
		return fmt.Errorf("an InputPathsMap has at most %d variables", maxVariables)
	}
	paths := []string{in.Path}
	for name, path := range in.Paths {
		if !variableName.MatchString(name) || strings.HasPrefix(strings.ToUpper(name), "AWS.") {
			return fmt.Errorf("%q is no name of a variable", name)
		}
		paths = append(paths, path)
	}
	for _, path := range paths {
		if _, err := steps(path); path != "" && err != nil {
			return err
		}
	}
	return nil
}

// Render gives the payload, which is always JSON.
func (in Input) Render(e Event, c Context) ([]byte, error) {
	whole := e.JSON()
	switch {
	case in.Constant != "":
		return []byte(in.Constant), nil
	case in.Path != "":
		v, ok := lookup(whole, in.Path)
		if !ok {
			return nil, fmt.Errorf("the event has nothing at %s", in.Path)
		}
		return marshal(v)
	case in.Template != "":
		return in.fill(whole, c)
	}
	return whole, nil
}

// variables gives the values by their names. What the event does not have "is
// not created and won't appear in the output".
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html#eb-transform-input-issues
func (in Input) variables(whole []byte, c Context) map[string]any {
	v, err := read(whole)
	object, _ := v.(map[string]any)
	if err != nil || object == nil {
		panic("event: an Event is a JSON object")
	}
	bare := map[string]any{}
	for name, member := range object {
		if name != "detail" {
			bare[name] = member
		}
	}
	out := map[string]any{
		"aws.events.rule-arn": c.RuleARN, "aws.events.rule-name": c.RuleName,
		"aws.events.event.ingestion-time": stamp(c.Ingested),
		"aws.events.event":                bare, "aws.events.event.json": object,
	}
	for name, path := range in.Paths {
		if v, ok := lookup(whole, path); ok {
			out[name] = v
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`<[A-Za-z0-9_.-]+>`)

// fill puts the variables into the template: within quotes as text, elsewhere
// as JSON.
func (in Input) fill(whole []byte, c Context) ([]byte, error) {
	values := in.variables(whole, c)
	var out strings.Builder
	quoted, escaped := false, false
	for rest := in.Template; rest != ""; {
		if m := placeholder.FindString(rest); m != "" && strings.HasPrefix(rest, m) {
			v, known := values[m[1:len(m)-1]]
			if known {
				out.WriteString(shown(v, quoted))
			}
			if known || in.names(m[1:len(m)-1]) {
				rest = rest[len(m):]
				continue
			}
		}
		switch {
		case escaped:
			escaped = false
		case rest[0] == '\\':
			escaped = quoted
		case rest[0] == '"':
			quoted = !quoted
		}
		out.WriteByte(rest[0])
		rest = rest[1:]
	}
	if text := out.String(); json.Valid([]byte(text)) {
		return []byte(text), nil
	}
	return nil, fmt.Errorf("the InputTemplate makes no JSON of this event: %s", out.String())
}

func (in Input) names(variable string) bool {
	_, ok := in.Paths[variable]
	return ok
}

func shown(v any, quoted bool) string {
	text, err := marshal(v)
	if err != nil {
		panic(err) // it was read from JSON
	}
	if !quoted {
		return string(text)
	}
	if _, isString := v.(string); !isString {
		text, _ = marshal(string(text))
	}
	return string(text[1 : len(text)-1])
}

var pathStep = regexp.MustCompile(`^(?:\.([A-Za-z0-9_/-]+|\*)|\[(\d{1,6}|\*)\])`)

// steps cuts a JSON path into names, numbers and *.
func steps(path string) ([]string, error) {
	rest, ok := strings.CutPrefix(path, "$")
	var out []string
	for ok && rest != "" {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			ok = false
			break
		}
		out = append(out, m[1]+m[2])
		rest = rest[len(m[0]):]
	}
	if !ok {
		return nil, fmt.Errorf("%q is no path that EventBridge has: $, names behind dots, and [n]", path)
	}
	return out, nil
}

// lookup finds what a path leads to; behind a * it is a list.
func lookup(whole []byte, path string) (any, bool) {
	v, err := read(whole)
	todo, bad := steps(path)
	if err != nil || bad != nil {
		return nil, false
	}
	return follow(v, todo)
}

func follow(v any, todo []string) (any, bool) {
	if len(todo) == 0 {
		return v, true
	}
	switch at := v.(type) {
	case map[string]any:
		if todo[0] == "*" {
			return each(members(at), todo[1:])
		}
		member, ok := at[todo[0]]
		if !ok {
			return nil, false
		}
		return follow(member, todo[1:])
	case []any:
		if todo[0] == "*" {
			return each(at, todo[1:])
		}
		if n, err := strconv.Atoi(todo[0]); err == nil && n < len(at) {
			return follow(at[n], todo[1:])
		}
	}
	return nil, false
}

func each(list []any, todo []string) (any, bool) {
	out := []any{}
	for _, item := range list {
		if v, ok := follow(item, todo); ok {
			out = append(out, v)
		}
	}
	return out, true
}

func members(object map[string]any) []any {
	var names []string
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []any
	for _, name := range names {
		out = append(out, object[name])
	}
	return out
}
