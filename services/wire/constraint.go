package wire

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Constraints collects what an input breaks of its operation's model, and says
// all of it at once, as AWS's services do. The zero Constraints is ready; paths
// are the model's, with a small first letter: "name", "tags.1.member.key".
type Constraints struct{ broken []string }

// Required demands that the member is there.
func (c *Constraints) Required(path string, present bool) {
	if !present {
		c.broken = append(c.broken, fmt.Sprintf(
			"Value null at '%s' failed to satisfy constraint: Member must not be null", path))
	}
}

// Length bounds a string's characters.
func (c *Constraints) Length(path, value string, least, most int) {
	n := utf8.RuneCountInString(value)
	if n < least {
		c.add(path, value, "Member must have length greater than or equal to %d", least)
	}
	if n > most {
		c.add(path, value, "Member must have length less than or equal to %d", most)
	}
}

// Range bounds a number.
func (c *Constraints) Range(path string, value, least, most int) {
	if value < least {
		c.add(path, value, "Member must have value greater than or equal to %d", least)
	}
	if value > most {
		c.add(path, value, "Member must have value less than or equal to %d", most)
	}
}

// Pattern demands that the whole value matches the model's pattern.
func (c *Constraints) Pattern(path, value string, pattern *regexp.Regexp) {
	if loc := pattern.FindStringIndex(value); loc == nil || loc[0] != 0 || loc[1] != len(value) {
		c.add(path, value, "Member must satisfy regular expression pattern: %s", pattern)
	}
}

// Enum demands one of the values.
func (c *Constraints) Enum(path, value string, values ...string) {
	if !slices.Contains(values, value) {
		c.add(path, value, "Member must satisfy enum value set: [%s]", strings.Join(values, ", "))
	}
}

func (c *Constraints) add(path string, value any, format string, args ...any) {
	c.broken = append(c.broken, fmt.Sprintf("Value '%v' at '%s' failed to satisfy constraint: ", value, path)+
		fmt.Sprintf(format, args...))
}

// Err returns the ValidationException, or nil if nothing is broken.
func (c *Constraints) Err() error {
	switch n := len(c.broken); n {
	case 0:
		return nil
	case 1:
		return Validation("1 validation error detected: %s", c.broken[0])
	default:
		return Validation("%d validation errors detected: %s", n, strings.Join(c.broken, "; "))
	}
}
