package path

import (
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// permissionsOn are the statements of the resource policy of exactly that
// function, version or alias, each a policy named after its resource. A policy
// of the function does not speak for its aliases, nor theirs for it.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
func permissionsOn(m *cloud.Model, target cloud.ARN) []iam.Policy {
	out := []iam.Policy{}
	for _, p := range m.PermissionsOf(target) {
		parsed, _ := iam.Parse(statementOf(p, target))
		out = append(out, parsed.Named(p.Name))
	}
	return out
}

// statementOf writes a permission as the statement that AWS makes of it.
// https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
func statementOf(p cloud.Permission, target cloud.ARN) source.Node {
	if gap, open := p.Function.Gap(); open {
		return source.Node{Kind: source.Unknown, Text: gap.Because, At: gap.At}
	}
	entries := []source.Entry{
		field("Effect", word("Allow", p.At)), field("Principal", principal(p)),
		field("Action", valueNode(p.Action, p.At)), field("Resource", word(target.String(), p.At)),
	}
	if c := conditions(p); len(c) > 0 {
		entries = append(entries, field("Condition", node(p.At, c...)))
	}
	statement := source.Node{Kind: source.List, At: p.At, Items: []source.Node{node(p.At, entries...)}}
	return node(p.At, field("Version", word("2012-10-17", p.At)), field("Statement", statement))
}

// principal: a service, an account, an ARN, or everybody.
func principal(p cloud.Permission) source.Node {
	v := valueNode(p.Principal, p.At)
	switch {
	case v.Kind == source.Unknown || v.Text == "*":
		return v
	case strings.HasPrefix(v.Text, "arn:"), len(v.Text) == 12 && strings.Trim(v.Text, "0123456789") == "":
		return node(p.At, field("AWS", v))
	}
	return node(p.At, field("Service", v))
}

// conditions are the limits of a permission.
func conditions(p cloud.Permission) []source.Entry {
	var out []source.Entry
	limit := func(operator, key string, v cloud.Value[string]) {
		if text, known := v.Get(); known && text == "" {
			return
		}
		out = append(out, field(operator, node(p.At, field(key, valueNode(v, p.At)))))
	}
	limit("ArnLike", "aws:SourceArn", p.SourceARN)
	equal := []struct {
		key string
		v   cloud.Value[string]
	}{{"aws:SourceAccount", p.SourceAccount}, {"aws:PrincipalOrgID", p.OrgID}, {"lambda:EventSourceToken", p.EventSourceToken}, {"lambda:FunctionUrlAuthType", p.URLAuth}}
	var keys []source.Entry
	for _, e := range equal {
		if text, known := e.v.Get(); !known || text != "" {
			keys = append(keys, field(e.key, valueNode(e.v, p.At)))
		}
	}
	if len(keys) > 0 {
		out = append(out, field("StringEquals", node(p.At, keys...)))
	}
	if gap, open := p.ViaURL.Gap(); open {
		limit("Bool", "lambda:InvokedViaFunctionUrl", cloud.Unknown[string](gap.Because, gap.At))
	} else if p.ViaURL.Or(false) {
		limit("Bool", "lambda:InvokedViaFunctionUrl", cloud.Known("true"))
	}
	return out
}

func field(key string, v source.Node) source.Entry {
	return source.Entry{Key: key, KeyAt: v.At, Value: v}
}

func node(at source.Span, entries ...source.Entry) source.Node {
	return source.Node{Kind: source.Map, At: at, Entries: entries}
}

func word(text string, at source.Span) source.Node {
	return source.Node{Kind: source.String, Text: text, At: at}
}

func valueNode(v cloud.Value[string], at source.Span) source.Node {
	if gap, open := v.Gap(); open {
		return source.Node{Kind: source.Unknown, Text: gap.Because, At: gap.At}
	}
	return word(v.Or(""), at)
}
