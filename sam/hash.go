package sam

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"bailey/source"
)

// hashed is prefix followed by the ten hexadecimal digits that SAM derives from
// data: the SHA-1 of the text, or of the JSON with sorted keys, of what the ID
// shall change with. Nothing to hash adds nothing.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
func hashed(prefix string, data source.Node) string {
	if !truthy(data) {
		return prefix
	}
	return prefix + digest(data, 10)
}

// digest gives the first n hexadecimal digits of data's SHA-1.
func digest(data source.Node, n int) string {
	text := data.Text
	if data.Kind != source.String {
		var b strings.Builder
		writeJSON(&b, data)
		text = b.String()
	}
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])[:n]
}

// suffixed is prefix and suffix if the suffix may stand in a logical ID, else
// prefix and the suffix's hash.
func suffixed(prefix, suffix string) string {
	if isAlphanumeric(suffix) {
		return prefix + suffix
	}
	return hashed(prefix, source.Node{Kind: source.String, Text: suffix})
}

func isAlphanumeric(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// writeJSON writes n as compact ASCII JSON with sorted keys, byte for byte what
// SAM hashes.
func writeJSON(b *strings.Builder, n source.Node) {
	switch n.Kind {
	case source.Bool:
		b.WriteString(strconv.FormatBool(truthy(n)))
	case source.Number:
		b.WriteString(jsonNumber(n.Text))
	case source.String:
		writeString(b, n.Text)
	case source.List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case source.Map:
		writeMap(b, n)
	default:
		b.WriteString("null")
	}
}

func writeMap(b *strings.Builder, n source.Node) {
	b.WriteByte('{')
	for i, e := range sortedEntries(n) {
		if i > 0 {
			b.WriteByte(',')
		}
		writeString(b, e.Key)
		b.WriteByte(':')
		writeJSON(b, e.Value)
	}
	b.WriteByte('}')
}

func sortedEntries(n source.Node) []source.Entry {
	entries := slices.Clone(n.Entries)
	slices.SortFunc(entries, func(a, b source.Entry) int { return strings.Compare(a.Key, b.Key) })
	return entries
}

// jsonNumber writes an integer as it is and any other number with the fewest
// digits that give it back, always with a point or an exponent.
func jsonNumber(text string) string {
	if i, err := strconv.ParseInt(text, 0, 64); err == nil {
		return strconv.FormatInt(i, 10)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	short := strconv.FormatFloat(f, 'e', -1, 64)
	_, exponent, _ := strings.Cut(short, "e")
	if e, _ := strconv.Atoi(exponent); e < -4 || e >= 16 {
		return short
	}
	short = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(short, ".") {
		short += ".0"
	}
	return short
}

var jsonEscapes = map[rune]string{'"': `\"`, '\\': `\\`, '\n': `\n`, '\r': `\r`, '\t': `\t`, '\b': `\b`, '\f': `\f`}

func writeString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for _, r := range s {
		escaped, special := jsonEscapes[r]
		switch {
		case special:
			b.WriteString(escaped)
		case r >= ' ' && r <= '~':
			b.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(b, `\u%04x`, r)
		}
	}
	b.WriteByte('"')
}
