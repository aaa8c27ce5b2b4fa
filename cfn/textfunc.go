package cfn

import (
	"encoding/base64"
	"strings"

	"bailey/source"
)

// applySub is Fn::Sub: ${Name}, ${Resource.Attribute} and the variables of the
// list form; ${!Literal} stands for ${Literal}.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html
func (l *loader) applySub(arg source.Node, at source.Span) source.Node {
	template, vars := arg, source.Node{}
	if arg.Kind == source.List && len(arg.Items) == 2 && arg.Items[1].Kind == source.Map {
		template, vars = arg.Items[0], l.eval(arg.Items[1])
	}
	if template.Kind != source.String || template.Tag != "" {
		return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::Sub"], "Fn::Sub has the wrong arguments")
	}
	var b strings.Builder
	var gap *source.Node
	for _, p := range subParts(template.Text) {
		if !p.name {
			b.WriteString(p.text)
			continue
		}
		v := l.subValue(p.text, vars, at)
		if v.Kind != source.Unknown {
			v.At = at
		}
		text, stop, ok := l.scalar("Fn::Sub", v)
		if !ok && gap == nil {
			gap = &stop
		}
		b.WriteString(text)
	}
	if gap != nil {
		return *gap
	}
	return l.text(b.String(), at)
}

// subValue gives what a name in a Fn::Sub stands for.
func (l *loader) subValue(name string, vars source.Node, at source.Span) source.Node {
	if v, ok := vars.Get(name); ok {
		return v
	}
	if resource, attribute, ok := strings.Cut(name, "."); ok {
		return l.attribute(resource, attribute, at)
	}
	return l.refer(name, at)
}

// A subPart is literal text of a Fn::Sub or the name between ${ and }.
type subPart struct {
	text string
	name bool
}

// subParts takes the text of a Fn::Sub apart. An opening ${ without an end is
// literal text.
func subParts(s string) []subPart {
	var parts []subPart
	for {
		before, rest, found := strings.Cut(s, "${")
		name, after, closed := strings.Cut(rest, "}")
		switch {
		case !found, !closed:
			return append(parts, subPart{text: s})
		case strings.HasPrefix(name, "!"):
			parts = append(parts, subPart{text: before + "${" + name[1:] + "}"})
		default:
			parts = append(parts, subPart{text: before}, subPart{text: strings.TrimSpace(name), name: true})
		}
		s = after
	}
}

// applyJoin is Fn::Join.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-join.html
func (l *loader) applyJoin(arg source.Node, at source.Span) source.Node {
	args, ok := l.arguments("Fn::Join", arg, at, 2, 2)
	if !ok {
		return open(inError, at)
	}
	delimiter, stop, ok := l.scalar("Fn::Join", args[0])
	if !ok {
		return stop
	}
	if args[1].Kind == source.Unknown {
		return args[1]
	}
	if args[1].Kind != source.List {
		return l.fail("CFN_WRONG_TYPE", at, usage["Fn::Join"], "Fn::Join joins a list, not a %s", args[1].Kind)
	}
	texts := make([]string, len(args[1].Items))
	for i, item := range args[1].Items {
		if texts[i], stop, ok = l.scalar("Fn::Join", item); !ok {
			return stop
		}
	}
	return l.text(strings.Join(texts, delimiter), at)
}

// applySplit is Fn::Split.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-split.html
func (l *loader) applySplit(arg source.Node, at source.Span) source.Node {
	args, ok := l.arguments("Fn::Split", arg, at, 2, 2)
	if !ok {
		return open(inError, at)
	}
	delimiter, stop, ok := l.scalar("Fn::Split", args[0])
	if !ok {
		return stop
	}
	text, stop, ok := l.scalar("Fn::Split", args[1])
	if !ok {
		return stop
	}
	if delimiter == "" {
		return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::Split"], "Fn::Split has an empty delimiter")
	}
	out := source.Node{Kind: source.List, At: at}
	for _, part := range strings.Split(text, delimiter) {
		out.Items = append(out.Items, source.Node{Kind: source.String, Text: part, At: at})
	}
	return out
}

// applyBase64 is Fn::Base64.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-base64.html
func (l *loader) applyBase64(arg source.Node, at source.Span) source.Node {
	text, stop, ok := l.scalar("Fn::Base64", l.eval(arg))
	if !ok {
		return stop
	}
	return l.text(base64.StdEncoding.EncodeToString([]byte(text)), at)
}
