package iam

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An operator is one condition operator without prefix and suffix:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type operator struct {
	name    string
	negated bool
	wild    bool // * and ? in the policy's value are wildcards
	null    bool // Null, which asks for the key and not for its value
	// compile prepares a policy value for comparing; ok is false if the value
	// is none that the operator takes.
	compile func(value glob, plain string) (m matcher, ok bool)
}

// A matcher compares one value of the request with one of the policy.
type matcher func(got string) outcome

// An outcome is what one comparison gave. A value of the request that the
// operator cannot read (a word for a number) makes a condition false, also a
// negated one.
type outcome uint8

const (
	differs outcome = iota
	equal
	unreadable
)

func outcomeOf(b bool) outcome {
	if b {
		return equal
	}
	return differs
}

// operators in the order of AWS's page, which is also how they are found:
// by name without regard to case.
var operators = indexOperators([]operator{
	{name: "StringEquals", compile: exactly},
	{name: "StringNotEquals", compile: exactly, negated: true},
	{name: "StringEqualsIgnoreCase", compile: ignoringCase},
	{name: "StringNotEqualsIgnoreCase", compile: ignoringCase, negated: true},
	{name: "StringLike", compile: like, wild: true},
	{name: "StringNotLike", compile: like, wild: true, negated: true},
	{name: "NumericEquals", compile: numeric(func(c int) bool { return c == 0 })},
	{name: "NumericNotEquals", compile: numeric(func(c int) bool { return c == 0 }), negated: true},
	{name: "NumericLessThan", compile: numeric(func(c int) bool { return c < 0 })},
	{name: "NumericLessThanEquals", compile: numeric(func(c int) bool { return c <= 0 })},
	{name: "NumericGreaterThan", compile: numeric(func(c int) bool { return c > 0 })},
	{name: "NumericGreaterThanEquals", compile: numeric(func(c int) bool { return c >= 0 })},
	{name: "DateEquals", compile: date(func(c int) bool { return c == 0 })},
	{name: "DateNotEquals", compile: date(func(c int) bool { return c == 0 }), negated: true},
	{name: "DateLessThan", compile: date(func(c int) bool { return c < 0 })},
	{name: "DateLessThanEquals", compile: date(func(c int) bool { return c <= 0 })},
	{name: "DateGreaterThan", compile: date(func(c int) bool { return c > 0 })},
	{name: "DateGreaterThanEquals", compile: date(func(c int) bool { return c >= 0 })},
	{name: "Bool", compile: boolean},
	{name: "BinaryEquals", compile: binary},
	{name: "IpAddress", compile: ipAddress},
	{name: "NotIpAddress", compile: ipAddress, negated: true},
	{name: "ArnEquals", compile: arnLike, wild: true},
	{name: "ArnLike", compile: arnLike, wild: true},
	{name: "ArnNotEquals", compile: arnLike, wild: true, negated: true},
	{name: "ArnNotLike", compile: arnLike, wild: true, negated: true},
	{name: "Null", compile: boolean, null: true},
})

func indexOperators(list []operator) map[string]*operator {
	index := make(map[string]*operator, len(list))
	for i := range list {
		index[fold(list[i].name)] = &list[i]
	}
	return index
}

func exactly(_ glob, value string) (matcher, bool) {
	return func(got string) outcome { return outcomeOf(got == value) }, true
}

func ignoringCase(_ glob, value string) (matcher, bool) {
	return func(got string) outcome { return outcomeOf(strings.EqualFold(got, value)) }, true
}

func like(value glob, _ string) (matcher, bool) {
	return func(got string) outcome { return outcomeOf(value.match(got)) }, true
}

// numeric compares integers and decimals: holds gets the sign of got - value.
func numeric(holds func(int) bool) func(glob, string) (matcher, bool) {
	return func(_ glob, plain string) (matcher, bool) {
		value, err := strconv.ParseFloat(plain, 64)
		return func(got string) outcome {
			n, err := strconv.ParseFloat(got, 64)
			if err != nil {
				return unreadable
			}
			return outcomeOf(holds(cmp.Compare(n, value)))
		}, err == nil
	}
}

// date compares instants: holds gets the sign of got - value.
func date(holds func(int) bool) func(glob, string) (matcher, bool) {
	return func(_ glob, plain string) (matcher, bool) {
		value, ok := parseDate(plain)
		return func(got string) outcome {
			t, ok := parseDate(got)
			if !ok {
				return unreadable
			}
			return outcomeOf(holds(t.Compare(value)))
		}, ok
	}
}

// parseDate reads the W3C profile of ISO 8601, or seconds since 1970.
func parseDate(s string) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && len(s) > 4 {
		return time.Unix(n, 0), true
	}
	layouts := [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", time.DateOnly, "2006-01", "2006"}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func boolean(_ glob, plain string) (matcher, bool) {
	value, ok := parseBool(plain)
	return func(got string) outcome {
		b, ok := parseBool(got)
		if !ok {
			return unreadable
		}
		return outcomeOf(b == value)
	}, ok
}

func parseBool(s string) (value, ok bool) {
	value = strings.EqualFold(s, "true")
	return value, value || strings.EqualFold(s, "false")
}

func binary(_ glob, plain string) (matcher, bool) {
	value, err := base64.StdEncoding.DecodeString(plain)
	return func(got string) outcome {
		b, err := base64.StdEncoding.DecodeString(got)
		if err != nil {
			return unreadable
		}
		return outcomeOf(bytes.Equal(b, value))
	}, err == nil
}

func ipAddress(_ glob, plain string) (matcher, bool) {
	value, ok := parsePrefix(plain)
	return func(got string) outcome {
		addr, err := netip.ParseAddr(got)
		if err != nil {
			return unreadable
		}
		return outcomeOf(value.Contains(addr.Unmap()))
	}, ok
}

// parsePrefix reads 203.0.113.0/24; an address alone stands for itself.
func parsePrefix(s string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err == nil
}

// arnLike matches each of the six parts of an ARN by itself, so that a
// wildcard does not reach over a colon; ArnEquals does the same.
func arnLike(value glob, _ string) (matcher, bool) {
	parts, ok := value.splitARN()
	return func(got string) outcome {
		arn, ok := arnParts(got)
		if !ok {
			return unreadable
		}
		for i := range parts {
			if !parts[i].match(arn[i]) {
				return differs
			}
		}
		return equal
	}, ok
}

// splitARN cuts a pattern at its first five colons.
func (g glob) splitARN() (parts [6]glob, ok bool) {
	text := make([]symbol, 0, len(g.prefix)+len(g.rest))
	for _, r := range g.prefix {
		text = append(text, symbol(r))
	}
	text = append(text, g.rest...)
	for i := range 5 {
		colon := slices.Index(text, ':')
		if colon < 0 {
			return parts, false
		}
		parts[i], text = globOf(text[:colon]), text[colon+1:]
	}
	parts[5] = globOf(text)
	return parts, true
}
