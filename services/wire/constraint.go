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
type Constraints struct {
	Code   string   // of the refusal; empty: ValidationException
	Hidden []string // paths whose values are secrets: they are not repeated

	broken []string
}

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
	shown := fmt.Sprintf("'%v' ", value)
	if slices.Contains(c.Hidden, path) {
		shown = ""
	}
	c.broken = append(c.broken, fmt.Sprintf("Value %sat '%s' failed to satisfy constraint: ", shown, path)+
		fmt.Sprintf(format, args...))
}

// Err returns the ValidationException, or what Code says, or nil if nothing is
// broken.
func (c *Constraints) Err() error {
	errors := "error"
	switch n := len(c.broken); {
	case n == 0:
		return nil
	case n > 1:
		errors = "errors"
	}
	message := fmt.Sprintf("%d validation %s detected: %s", len(c.broken), errors, strings.Join(c.broken, "; "))
	if c.Code != "" {
		return Errorf(c.Code, "%s", message)
	}
	return Validation("%s", message)
}
