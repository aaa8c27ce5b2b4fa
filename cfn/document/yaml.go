package document

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"bailey/source"
)

// readYAML reads the first and only document of a YAML stream.
func readYAML(file string, data []byte) (source.Node, source.Diags) {
	y := yamlReader{file: file, open: map[*yaml.Node]bool{}}
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		y.syntax(err, data)
		return source.Node{}, y.diags
	}
	var doc, next yaml.Node
	if err := loader.Load(&doc); err == io.EOF || err == nil && len(doc.Content) == 0 {
		y.diags.Add(source.Diag{Code: "DOC_EMPTY", At: source.Span{File: file}, Summary: "the file holds no value, only comments", Hint: "is this the right file?"})
		return source.Node{}, y.diags
	} else if err != nil {
		y.syntax(err, data)
		return source.Node{}, y.diags
	}
	out := y.node(doc.Content[0], 0)
	switch err := loader.Load(&next); {
	case err == nil:
		y.diags.Add(source.Diag{Code: "DOC_SEVERAL", At: y.at(&next), Summary: "a second document starts here; one is read per file",
			Hint: "put each document into a file of its own"})
	case err != io.EOF:
		y.syntax(err, data)
	}
	if y.diags.HasErrors() {
		return source.Node{}, y.diags
	}
	return out, y.diags
}

// A yamlReader turns yaml.Nodes into source.Nodes.
type yamlReader struct {
	file   string
	diags  source.Diags
	open   map[*yaml.Node]bool // anchors whose copy is being made
	copied int                 // values made while copying for an alias
	warned bool                // that there are aliases
	full   bool                // that copied is used up
}

func (y *yamlReader) at(n *yaml.Node) source.Span {
	return source.Span{File: y.file, Line: n.Line, Col: n.Column}
}

// syntax reports what the YAML parser could not read, in words for a person.
func (y *yamlReader) syntax(err error, data []byte) {
	d := source.Diag{Code: "DOC_SYNTAX", At: source.Span{File: y.file}, Summary: "not valid YAML: " + err.Error()}
	var le *yaml.LoadError
	if errors.As(err, &le) {
		d.At.Line, d.At.Col = le.Mark.Line, le.Mark.Column
		d.Summary = "not valid YAML: " + le.Message
		if le.ContextMsg != "" {
			d.Summary += " " + le.ContextMsg
		}
		d.Hint = syntaxHint(le.Message, lineOf(data, le.Mark.Line))
	}
	y.diags.Add(d)
}

// syntaxHint names the usual cause of a parser's message.
func syntaxHint(message, line string) string {
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch {
	case strings.Contains(indent, "\t"):
		return "the line is indented with a tab; YAML takes spaces only"
	case strings.Contains(message, "mapping values are not allowed"):
		return "check the indentation, and put text that contains \": \" in quotes"
	case strings.Contains(message, "unexpected end of stream"):
		return "a quote or bracket that was opened is not closed"
	case strings.Contains(message, "unknown anchor"):
		return "text that starts with * is an alias; put it in quotes if text is meant"
	}
	return "check the indentation, brackets and quotes around this place"
}

// lineOf gives line n of data, counted from 1, or nothing.
func lineOf(data []byte, n int) string {
	for ; n > 1; n-- {
		_, data, _ = bytes.Cut(data, []byte("\n"))
	}
	line, _, _ := bytes.Cut(data, []byte("\n"))
	return string(line)
}

// node converts n. Depth counts what n is nested in.
func (y *yamlReader) node(n *yaml.Node, depth int) source.Node {
	at := y.at(n)
	if len(y.open) > 0 {
		y.copied++
	}
	switch {
	case depth > MaxDepth:
		y.diags.Add(tooDeep(at))
		return source.Node{At: at}
	case y.copied > maxCopies:
		if !y.full {
			y.diags.Errorf("DOC_TOO_MANY_COPIES", at, "the aliases of this file stand for more than %d values", maxCopies)
		}
		y.full = true
		return source.Node{At: at}
	}
	switch n.Kind {
	case yaml.AliasNode:
		return y.alias(n, depth)
	case yaml.MappingNode:
		return y.mapping(n, depth)
	case yaml.SequenceNode:
		out := source.Node{Kind: source.List, Tag: localTag(n), At: at}
		for _, c := range n.Content {
			out.Items = append(out.Items, y.node(c, depth+1))
		}
		return out
	}
	return source.Node{Kind: scalarKind(n), Text: n.Value, Tag: localTag(n), At: at}
}

// alias copies the value that an alias stands for. CloudFormation refuses
// aliases; `aws cloudformation package` and the SAM command line resolve them.
// https://github.com/aws/aws-cli/pull/3827
func (y *yamlReader) alias(n *yaml.Node, depth int) source.Node {
	at := y.at(n)
	if !y.warned {
		y.warned = true
		y.diags.Add(source.Diag{Code: "DOC_ALIAS", Severity: source.Note, At: at, Summary: "YAML aliases are resolved here; CloudFormation itself refuses them",
			Hint: "deploy what `aws cloudformation package` makes of this file"})
	}
	if y.open[n.Alias] {
		y.diags.Errorf("DOC_ALIAS_CYCLE", at, "alias *%s stands inside the value that it stands for", n.Value)
		return source.Node{At: at}
	}
	y.open[n.Alias] = true
	defer delete(y.open, n.Alias)
	return y.node(n.Alias, depth+1)
}

// mapping converts a map and applies its merge keys: a key of the map itself
// wins over a merged one, an earlier merge over a later.
// https://yaml.org/type/merge.html
func (y *yamlReader) mapping(n *yaml.Node, depth int) source.Node {
	out := source.Node{Kind: source.Map, Tag: localTag(n), At: y.at(n)}
	seen := map[string]source.Span{}
	var merged []source.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merged = append(merged, y.merge(value, depth)...)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			y.diags.Errorf("DOC_SYNTAX", y.at(key), "a map's key must be text")
			continue
		}
		at := y.at(n.Content[i])
		if before, dup := seen[key.Value]; dup {
			y.diags.Add(duplicateKey(key.Value, at, before))
			continue
		}
		seen[key.Value] = at
		out.Entries = append(out.Entries, source.Entry{Key: key.Value, KeyAt: at, Value: y.node(value, depth+1)})
	}
	for _, m := range merged {
		for _, e := range m.Entries {
			if _, dup := seen[e.Key]; !dup {
				seen[e.Key] = e.KeyAt
				out.Entries = append(out.Entries, e)
			}
		}
	}
	return out
}

// merge gives the maps that a merge key names.
func (y *yamlReader) merge(value *yaml.Node, depth int) []source.Node {
	v := y.node(value, depth+1)
	var maps []source.Node
	for m := range v.Each() {
		if m.Kind != source.Map {
			y.diags.Errorf("DOC_SYNTAX", y.at(value), "the merge key << takes a map or a list of maps, not a %s", m.Kind)
			return nil
		}
		maps = append(maps, m)
	}
	return maps
}

// localTag is the tag of a short-form intrinsic, empty for YAML's own.
func localTag(n *yaml.Node) string {
	if t := n.ShortTag(); strings.HasPrefix(t, "!") && !strings.HasPrefix(t, "!!") && t != "!" {
		return t
	}
	return ""
}

// scalarKind is what YAML takes a scalar for; a value with a local tag and
// everything that JSON has no type for is text.
func scalarKind(n *yaml.Node) source.Kind {
	switch n.ShortTag() {
	case "!!null":
		return source.Null
	case "!!bool":
		return source.Bool
	case "!!int", "!!float":
		return source.Number
	}
	return source.String
}
