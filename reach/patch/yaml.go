package patch

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// yaml writes resources as they stand below Resources, and every other edit as
// a comment that names the resource and the property:
//
//	# Function: VpcConfig.SubnetIds: [!Ref PrivateSubnet]
//	# S3Endpoint: RouteTableIds: add !Ref PrivateTable
//	# Function: remove VpcConfig
func (p Patch) yaml() string {
	var b strings.Builder
	for _, e := range p {
		switch e := e.(type) {
		case Add:
			yamlResource(&b, e)
		case Set:
			fmt.Fprintf(&b, "  # %s: %s: %s\n", e.Of.Name, e.Property, yamlFlow(e.Value))
		case Append:
			for _, item := range e.Items {
				fmt.Fprintf(&b, "  # %s: %s: add %s\n", e.Of.Name, e.Property, yamlFlow(item))
			}
		case Remove:
			fmt.Fprintf(&b, "  # %s: remove %s\n", e.Of.Name, e.Property)
		case Advice:
			fmt.Fprintf(&b, "  # %s\n", string(e))
		}
	}
	return b.String()
}

func yamlResource(b *strings.Builder, a Add) {
	fmt.Fprintf(b, "  %s:\n    Type: %s\n", a.Name, a.Type)
	if len(a.After) > 0 {
		names := make([]string, len(a.After))
		for i, r := range a.After {
			names[i] = r.Name
		}
		fmt.Fprintf(b, "    DependsOn: [%s]\n", strings.Join(names, ", "))
	}
	b.WriteString("    Properties:\n")
	for _, p := range a.Properties {
		yamlProperty(b, p, "      ")
	}
}

// yamlProperty writes a property on a line, but a list of maps with a line for
// each, and a map of more than scalars below its name.
func yamlProperty(b *strings.Builder, p Property, indent string) {
	switch v := p.Value.(type) {
	case List:
		if _, maps := first(v).(Map); maps {
			fmt.Fprintf(b, "%s%s:\n", indent, p.Name)
			for _, item := range v {
				fmt.Fprintf(b, "%s  - %s\n", indent, yamlFlow(item))
			}
			return
		}
	case Map:
		if deep(v) {
			fmt.Fprintf(b, "%s%s:\n", indent, p.Name)
			for _, inner := range v {
				yamlProperty(b, inner, indent+"  ")
			}
			return
		}
	}
	fmt.Fprintf(b, "%s%s: %s\n", indent, p.Name, yamlFlow(p.Value))
}

func first(l List) Value {
	if len(l) == 0 {
		return nil
	}
	return l[0]
}

// deep reports whether a map holds lists or maps.
func deep(m Map) bool {
	for _, p := range m {
		switch p.Value.(type) {
		case List, Map:
			return true
		}
	}
	return false
}

// yamlFlow writes a value on one line.
func yamlFlow(v Value) string {
	switch v := v.(type) {
	case Text:
		return yamlText(string(v))
	case Number:
		return strconv.Itoa(int(v))
	case Bool:
		return strconv.FormatBool(bool(v))
	case Ref:
		if !v.Declared() {
			return v.ID
		}
		return "!Ref " + v.Resource.Name
	case Attr:
		return "!GetAtt " + v.Resource.Name + "." + v.Name
	case Sub:
		return "!Sub " + yamlText(v.Text)
	case List:
		return "[" + join(v, yamlFlow) + "]"
	case Map:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = p.Name + ": " + yamlFlow(p.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return ""
}

func join(l List, write func(Value) string) string {
	parts := make([]string, len(l))
	for i, v := range l {
		parts[i] = write(v)
	}
	return strings.Join(parts, ", ")
}

// plain is text that YAML reads as a string without quotes, in flow style too.
// https://yaml.org/spec/1.2.2/#733-plain-style
var plain = regexp.MustCompile(`^[A-Za-z/_](?:[A-Za-z0-9_./$ *]|[:{}-])*$`)

// yamlText quotes text that YAML would read as something else.
func yamlText(s string) string {
	ambiguous := strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.HasSuffix(s, " ") || strings.ContainsAny(s, ",") ||
		strings.Contains(strings.ReplaceAll(s, "${", ""), "{") || strings.Count(s, "{") != strings.Count(s, "}")
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		ambiguous = true
	}
	if cidr.MatchString(s) || plain.MatchString(s) && !ambiguous {
		return s
	}
	return strconv.Quote(s)
}

var cidr = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/[0-9]+$`)
