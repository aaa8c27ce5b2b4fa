package wire

import (
	"net/url"
	"strings"
)

// A template is the URI of a RestJSON operation, in parts:
//
//	/2015-03-31/functions/{FunctionName}/invocations
//	/2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL
//	/restapis/{restApiId}/{proxy+}
//
// https://smithy.io/2.0/spec/http-bindings.html#http-trait
type template struct {
	segments []segment
	query    url.Values // literals that must be there; an empty value: any
}

type segment struct {
	literal string // or, if empty, a label
	label   string
	greedy  bool // {label+}: one segment or more
}

func parseTemplate(uri string) template {
	path, query, _ := strings.Cut(uri, "?")
	var t template
	t.query, _ = url.ParseQuery(query)
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		label, ok := strings.CutPrefix(part, "{")
		if !ok {
			t.segments = append(t.segments, segment{literal: part})
			continue
		}
		label, greedy := strings.CutSuffix(strings.TrimSuffix(label, "}"), "+")
		t.segments = append(t.segments, segment{label: label, greedy: greedy})
	}
	return t
}

// shape is the template without its labels' names: two of the same shape would
// answer the same requests.
func (t template) shape() string {
	var b strings.Builder
	for _, s := range t.segments {
		switch {
		case s.greedy:
			b.WriteString("/{+}")
		case s.label != "":
			b.WriteString("/{}")
		default:
			b.WriteString("/" + s.literal)
		}
	}
	if len(t.query) > 0 {
		b.WriteString("?" + t.query.Encode())
	}
	return b.String()
}

// match gives the labels' values, and a score that is higher for the more
// specific template: a literal beats a label, a label beats a greedy one, and
// each query literal decides between equals.
func (t template) match(segments []string, query url.Values) (labels map[string]string, score int, ok bool) {
	for name, values := range t.query {
		if !query.Has(name) || values[0] != "" && query.Get(name) != values[0] {
			return nil, 0, false
		}
	}
	labels, score, ok = t.matchPath(segments)
	return labels, score*64 + len(t.query), ok
}

func (t template) matchPath(segments []string) (labels map[string]string, score int, ok bool) {
	labels = map[string]string{}
	for i, want := range t.segments {
		rest := len(t.segments) - i - 1 // each of them needs one at least
		if len(segments) <= rest {
			return nil, 0, false
		}
		take := 1
		if want.greedy {
			take = len(segments) - rest
		}
		value, err := url.PathUnescape(strings.Join(segments[:take], "/"))
		switch {
		case err != nil, want.label == "" && value != want.literal, want.label != "" && value == "":
			return nil, 0, false
		case want.label != "":
			labels[want.label] = value
		}
		score += want.weight()
		segments = segments[take:]
	}
	return labels, score, len(segments) == 0
}

func (s segment) weight() int {
	switch {
	case s.greedy:
		return 0
	case s.label != "":
		return 1
	}
	return 2
}

// byURI finds a RestJSON operation. A trailing slash does not count: some SDKs
// send one.
func (s *Service) byURI(method, escapedPath string, query url.Values) (*Operation, map[string]string) {
	segments := strings.Split(strings.Trim(escapedPath, "/"), "/")
	var best *Operation
	var labels map[string]string
	bestScore := -1
	for i := range s.Operations {
		op := &s.Operations[i]
		if op.Method != method {
			continue
		}
		if l, score, ok := s.templates[i].match(segments, query); ok && score > bestScore {
			best, labels, bestScore = op, l, score
		}
	}
	return best, labels
}
