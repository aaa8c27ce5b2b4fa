package patch

import (
	"encoding/json"
	"strings"
)

// operation is one of JSON Patch. https://www.rfc-editor.org/rfc/rfc6902
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value,omitempty"`
}

// json writes the patch as a JSON Patch, an operation a line: JSON has no
// comments, and tools apply these as they are. Advice cannot be one: it follows,
// behind a #.
func (p Patch) json() string {
	var lines, advice []string
	add := func(o operation) {
		text, err := json.Marshal(o)
		if err != nil {
			return // text, numbers and maps of them: always written
		}
		lines = append(lines, "  "+string(text))
	}
	for _, e := range p {
		switch e := e.(type) {
		case Add:
			add(operation{"add", "/Resources/" + pointer(e.Name), jsonResource(e)})
		case Set:
			add(operation{"add", propertyPath(e.Of, e.Property), jsonValue(e.Value)})
		case Append:
			if e.Have == 0 {
				add(operation{"add", propertyPath(e.Of, e.Property), jsonValue(e.Items)})
				continue
			}
			for _, item := range e.Items {
				add(operation{"add", propertyPath(e.Of, e.Property) + "/-", jsonValue(item)})
			}
		case Remove:
			add(operation{Op: "remove", Path: propertyPath(e.Of, e.Property)})
		case Advice:
			advice = append(advice, "# "+string(e)+"\n")
		}
	}
	if len(lines) == 0 {
		return strings.Join(advice, "")
	}
	return "[\n" + strings.Join(lines, ",\n") + "\n]\n" + strings.Join(advice, "")
}

func propertyPath(of Resource, property string) string {
	return "/Resources/" + pointer(of.Name) + "/Properties/" + strings.ReplaceAll(pointer(property), ".", "/")
}

// pointer escapes a name for a JSON pointer. https://www.rfc-editor.org/rfc/rfc6901
func pointer(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }

// object is a JSON object that keeps the order of its entries.
type object []entry

type entry struct {
	key   string
	value any
}

// MarshalJSON writes the entries in their order.
func (o object) MarshalJSON() ([]byte, error) {
	parts := make([]string, len(o))
	for i, e := range o {
		key, err := json.Marshal(e.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.value)
		if err != nil {
			return nil, err
		}
		parts[i] = string(key) + ":" + string(value)
	}
	return []byte("{" + strings.Join(parts, ",") + "}"), nil
}

func jsonResource(a Add) object {
	out := object{{"Type", a.Type}}
	if len(a.After) > 0 {
		names := make([]string, len(a.After))
		for i, r := range a.After {
			names[i] = r.Name
		}
		out = append(out, entry{"DependsOn", names})
	}
	return append(out, entry{"Properties", jsonValue(a.Properties)})
}

func jsonValue(v Value) any {
	switch v := v.(type) {
	case Text:
		return string(v)
	case Number:
		return int(v)
	case Bool:
		return bool(v)
	case Ref:
		if !v.Declared() {
			return v.ID
		}
		return object{{"Ref", v.Resource.Name}}
	case Attr:
		return object{{"Fn::GetAtt", []string{v.Resource.Name, v.Name}}}
	case Sub:
		return object{{"Fn::Sub", v.Text}}
	case List:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = jsonValue(item)
		}
		return out
	case Map:
		out := make(object, len(v))
		for i, p := range v {
			out[i] = entry{p.Name, jsonValue(p.Value)}
		}
		return out
	}
	return nil
}
