package project

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bailey/source"
)

// A decoder reads values out of nodes and collects everything wrong with them.
type decoder struct{ diags source.Diags }

// A field is one key of a map and what reads its value.
type field struct {
	key      string
	required bool
	read     func(source.Node)
}

func (d *decoder) fail(code string, at source.Span, hint, summary string) {
	d.diags.Add(source.Diag{Code: code, At: at, Summary: summary, Hint: hint})
}

func (d *decoder) wrong(n source.Node, want string) {
	d.fail("PROJECT_WRONG_TYPE", n.At, "", fmt.Sprintf("this must be %s, not a %s", want, n.Kind))
}

// object reads a map with the given fields and no others.
func (d *decoder) object(n source.Node, what string, fields []field) {
	if n.Kind != source.Map {
		d.wrong(n, "a map")
		return
	}
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
		v, ok := n.Get(f.key)
		switch {
		case ok && v.Tag != "":
			d.fail("PROJECT_WRONG_TYPE", v.At, "put the text in quotes if it is meant to start with !", "bailey.yaml has no functions such as "+v.Tag)
		case ok:
			f.read(v)
		case f.required:
			d.fail("PROJECT_MISSING_KEY", n.At, "add it", fmt.Sprintf("%s has no %s, which is required", what, f.key))
		}
	}
	for _, e := range n.Entries {
		if !slices.Contains(keys, e.Key) {
			d.fail("PROJECT_UNKNOWN_KEY", e.KeyAt, source.DidYouMean(e.Key, keys, "its keys are "+strings.Join(keys, ", ")),
				fmt.Sprintf("%s has no key %q", what, e.Key))
		}
	}
}

// each reads a list.
func each[T any](d *decoder, n source.Node, read func(source.Node) T) []T {
	if n.Kind != source.List {
		d.wrong(n, "a list")
		return nil
	}
	out := make([]T, 0, len(n.Items))
	for _, item := range n.Items {
		out = append(out, read(item))
	}
	return out
}

// entries reads a map whose keys are names, in the order written.
func entries[T any](d *decoder, n source.Node, read func(source.Entry) T) []T {
	if n.Kind != source.Map {
		d.wrong(n, "a map")
		return nil
	}
	out := make([]T, 0, len(n.Entries))
	for _, e := range n.Entries {
		out = append(out, read(e))
	}
	return out
}

// text reads any scalar as it was written.
func (d *decoder) text(n source.Node) string {
	if !n.IsScalar() {
		d.wrong(n, "text")
		return ""
	}
	return n.Text
}

// form reads text of a given form.
func (d *decoder) form(n source.Node, form *regexp.Regexp, want string) string {
	s := d.text(n)
	if n.IsScalar() && !form.MatchString(s) {
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%q is not %s", s, want))
	}
	return s
}

// oneOf reads one of a few words.
func (d *decoder) oneOf(n source.Node, words []string) string {
	s := d.text(n)
	if n.IsScalar() && !slices.Contains(words, s) {
		d.fail("PROJECT_BAD_VALUE", n.At, source.DidYouMean(s, words, ""), fmt.Sprintf("%q is none of %s", s, strings.Join(words, ", ")))
	}
	return s
}

func (d *decoder) flag(n source.Node) bool {
	if n.Kind != source.Bool {
		d.wrong(n, "true or false")
	}
	return n.Text == "true"
}

func (d *decoder) number(n source.Node, lo, hi int) int {
	v, err := strconv.Atoi(n.Text)
	switch {
	case n.Kind != source.Number:
		d.wrong(n, "a number")
	case err != nil || v < lo || v > hi:
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%s is not a number from %d to %d", n.Text, lo, hi))
	}
	return v
}

// command reads a program and its arguments; there is no shell to split text.
func (d *decoder) command(n source.Node) []string {
	out := each(d, n, d.text)
	if n.Kind == source.List && len(out) == 0 {
		d.fail("PROJECT_BAD_VALUE", n.At, `write it as ["./program", "argument"]`, "the command is empty")
	}
	return out
}

func (d *decoder) cidr(n source.Node) netip.Prefix {
	s := d.text(n)
	p, err := netip.ParsePrefix(s)
	if n.IsScalar() && (err != nil || !p.Addr().Is4()) {
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%q is not an IPv4 range such as 172.26.0.0/16", s))
		return netip.Prefix{}
	}
	return p.Masked()
}

func (d *decoder) hostPort(n source.Node) string {
	s := d.text(n)
	host, port, err := net.SplitHostPort(s)
	if _, perr := strconv.ParseUint(port, 10, 16); n.IsScalar() && (err != nil || perr != nil || host == "") {
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%q is not host:port", s))
	}
	return s
}

// host reads a name of the internet: its URL, or a map with it.
func (d *decoder) host(e source.Entry) Host {
	h := Host{Name: e.Key, At: e.KeyAt}
	if e.Value.Kind != source.Map {
		h.URL = d.url(e.Value)
		return h
	}
	d.object(e.Value, "internet."+e.Key, []field{
		{key: "url", required: true, read: func(n source.Node) { h.URL = d.url(n) }},
		{key: "ipv6", read: func(n source.Node) { h.IPv6 = d.flag(n) }},
	})
	return h
}

func (d *decoder) url(n source.Node) string {
	s := d.text(n)
	u, err := url.Parse(s)
	if n.IsScalar() && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		d.fail("PROJECT_BAD_VALUE", n.At, "", fmt.Sprintf("%q is not a URL such as http://localhost:8000", s))
	}
	return s
}
