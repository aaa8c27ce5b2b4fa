package document

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"bailey/source"
)

// The bounds of a document. CloudFormation itself takes a template of at most
// 1 MB; a value may be nested far deeper here than in any real file.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	MaxBytes  = 16 << 20
	MaxDepth  = 200
	maxCopies = 200_000 // values that YAML aliases may add
)

// Read reads one document: JSON where its first character is an opening
// brace, YAML otherwise. file is the name that positions carry. The Node is
// the zero Node if a diagnostic is an error.
func Read(file string, data []byte) (source.Node, source.Diags) {
	var diags source.Diags
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if d, bad := notText(file, data, MaxBytes); bad {
		diags.Add(d)
		return source.Node{}, diags
	}
	first := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(first) == 0:
		diags.Add(source.Diag{Code: "DOC_EMPTY", At: source.Span{File: file}, Summary: "the file is empty", Hint: "is this the right file, and is it saved?"})
		return source.Node{}, diags
	case first[0] == '{':
		return readJSON(file, data)
	}
	return readYAML(file, data)
}

// ReadJSON reads one JSON document of at most that many bytes; it may be in
// UTF-16, as Windows' shells write the output of a command.
func ReadJSON(file string, data []byte, most int) (source.Node, source.Diags) {
	if len(data) > most {
		d, _ := notText(file, data, most)
		return source.Node{}, source.Diags{d}
	}
	data = UTF8(data)
	if d, bad := notText(file, data, 2*most); bad {
		return source.Node{}, source.Diags{d}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return source.Node{}, source.Diags{{Code: "DOC_EMPTY", At: source.Span{File: file}, Summary: "the file is empty", Hint: "is this the right file, and is it saved?"}}
	}
	return readJSON(file, data)
}

// UTF8 takes a byte order mark off a text, and makes UTF-8 of UTF-16 where
// the mark says that it is that.
func UTF8(data []byte) []byte {
	high := 0
	switch {
	case bytes.HasPrefix(data, []byte("\uFEFF")):
		return data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		high = 1
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, uint16(data[i+high])<<8|uint16(data[i+1-high]))
	}
	return []byte(string(utf16.Decode(units)))
}

// notText finds what makes data no text at all: its size, bytes that are not
// UTF-8, control characters.
func notText(file string, data []byte, most int) (source.Diag, bool) {
	if len(data) > most {
		hint := "CloudFormation takes templates of up to 1 MB: is this the right file?"
		if most > MaxBytes {
			hint = "is this the right file?"
		}
		return source.Diag{Code: "DOC_TOO_LARGE", At: source.Span{File: file},
			Summary: fmt.Sprintf("the file has more than %d MB, which is all that is read", most>>20), Hint: hint}, true
	}
	line, col := 1, 1
	for i := 0; i < len(data); {
		if c := data[i]; ' ' <= c && c < 0x7F {
			i++
			col++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		at := source.Span{File: file, Line: line, Col: col}
		switch {
		case r == utf8.RuneError && size == 1:
			return source.Diag{Code: "DOC_NOT_TEXT", At: at, Summary: fmt.Sprintf("byte 0x%02x is not UTF-8 text", data[i]),
				Hint: "save the file as UTF-8"}, true
		case r == 0x7F || r < ' ' && !strings.ContainsRune("\t\r\n", r):
			return source.Diag{Code: "DOC_NOT_TEXT", At: at, Summary: fmt.Sprintf("control character 0x%02x: this is not a text file", r),
				Hint: "remove the character, or give the right file"}, true
		}
		i += size
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return source.Diag{}, false
}

// duplicateKey is the diagnostic for a key that a map has twice.
func duplicateKey(key string, at, before source.Span) source.Diag {
	return source.Diag{Code: "DOC_DUPLICATE_KEY", At: at,
		Summary: fmt.Sprintf("key %q is already in this map, at line %d", key, before.Line),
		Hint:    "keep one of the two; a reader would silently drop the other"}
}

// tooDeep is the diagnostic for a value nested beyond MaxDepth.
func tooDeep(at source.Span) source.Diag {
	return source.Diag{Code: "DOC_TOO_DEEP", At: at, Summary: fmt.Sprintf("values are nested more than %d deep here", MaxDepth)}
}
