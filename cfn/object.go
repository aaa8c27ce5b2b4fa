package cfn

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// An object is an evaluated map of properties while a row reads it. Its
// methods give the zero value, or an Unknown, for what is absent or wrong, and
// report the latter.
type object struct {
	l  *loader
	of string // whose properties: "resource Main"
	n  source.Node
	at source.Span
	// doubt is set where it is open whether the resource is there: each
	// property is then Unknown, but for what known and stated give.
	doubt *source.Node
}

// object gives a resource's properties; see doubt for one that may not be
// there.
func (l *loader) object(r *resource) object {
	o := object{l: l, of: r.Name, n: l.props(r), at: r.At}
	if gap, doubtful := l.doubt(r); doubtful && (r.row == nil || r.row.readsOpen()) {
		o.doubt = &gap
	}
	return o
}

// stated gives the properties as they are if the resource is there.
func (o object) stated() object {
	o.doubt = nil
	return o
}

// get gives a property that is there and not null.
func (o object) get(key string) (source.Node, bool) {
	if o.n.Kind == source.Unknown {
		return o.n, true
	}
	v, ok := o.n.Get(key)
	if o.doubt != nil && ok {
		v = *o.doubt
	}
	return v, ok && v.Kind != source.Null
}

// wrong reports a value of the wrong type and gives its stand-in.
func (o object) wrong(key string, v source.Node, want string) source.Node {
	return o.l.fail("CFN_WRONG_TYPE", v.At, "", "%s of %s must be %s, not a %s", key, o.of, want, v.Kind)
}

// bad reports a value that cannot be, and gives its stand-in.
func (o object) bad(key string, v source.Node, why string) source.Node {
	return o.l.fail("CFN_BAD_VALUE", v.At, "", "%s of %s: %s", key, o.of, why)
}

// child gives a property that is a map; other keys than known are errors.
func (o object) child(key string, known ...string) (object, bool) {
	v, ok := o.get(key)
	if !ok {
		return object{}, false
	}
	return o.asChild(key, v, known)
}

// children gives a property that is a list of maps, nothing where it is open.
func (o object) children(key string, known ...string) []object {
	v, ok := o.get(key)
	if !ok {
		return nil
	}
	if v.Kind != source.List && v.Kind != source.Unknown {
		o.wrong(key, v, "a list")
		return nil
	}
	var out []object
	for item := range v.Each() {
		if c, ok := o.asChild(key, item, known); ok {
			out = append(out, c)
		}
	}
	return out
}

func (o object) asChild(key string, v source.Node, known []string) (object, bool) {
	c := object{l: o.l, of: o.of + "." + key, n: v, at: v.At}
	switch v.Kind {
	case source.Unknown:
		return c, true
	case source.Map:
	default:
		o.wrong(key, v, "a map")
		return object{}, false
	}
	for _, e := range v.Entries {
		if !slices.Contains(known, e.Key) {
			o.l.unknownProperty(c.of, e, known)
		}
	}
	return c, true
}

// unknownProperty reports a property that a type does not have: an error if it
// looks like a slip, since CloudFormation would refuse it, else a warning,
// since AWS adds properties.
func (l *loader) unknownProperty(of string, e source.Entry, known []string) {
	if near := source.Closest(e.Key, known); near != "" {
		l.misspelt = append(l.misspelt, of+" has no "+near+",")
		l.fail("CFN_UNKNOWN_PROPERTY", e.KeyAt, "did you mean "+near+"?", "%s has no property %q", of, e.Key)
		return
	}
	l.warn("CFN_UNKNOWN_PROPERTY", e.KeyAt, "CloudFormation may refuse it; here it has no effect", "%s has no property %q that is known here", of, e.Key)
}

// gap is the Gap of an Unknown node.
func gap(n source.Node) cloud.Gap { return cloud.Gap{Because: n.Text, At: n.At} }

// valueOf reads a scalar property. absent stands in where there is none.
func valueOf[T any](o object, key, want string, absent cloud.Value[T], read func(source.Node) (T, error)) cloud.Value[T] {
	v, ok := o.get(key)
	if !ok {
		return absent
	}
	if v.Kind != source.Unknown && !v.IsScalar() {
		v = o.wrong(key, v, want)
	}
	if v.Kind == source.Unknown {
		return cloud.Unknown[T](v.Text, v.At)
	}
	out, err := read(v)
	if err != nil {
		u := o.bad(key, v, err.Error())
		return cloud.Unknown[T](u.Text, u.At)
	}
	return cloud.Known(out)
}

// text reads a property that is text.
func (o object) text(key string, absent cloud.Value[string]) cloud.Value[string] {
	return valueOf(o, key, "text", absent, func(n source.Node) (string, error) { return n.Text, nil })
}

// flag reads a boolean; YAML 1.1 writes it in more ways than JSON.
func (o object) flag(key string, absent bool) cloud.Value[bool] {
	return valueOf(o, key, "true or false", cloud.Known(absent), func(n source.Node) (bool, error) {
		switch n.Text {
		case "yes", "Yes", "YES", "on", "On", "ON":
			return true, nil
		case "no", "No", "NO", "off", "Off", "OFF":
			return false, nil
		}
		b, ok := n.Bool()
		if !ok {
			return false, fmt.Errorf("%q is neither true nor false", n.Text)
		}
		return b, nil
	})
}

// number reads an integer from lo to hi.
func (o object) number(key string, absent, lo, hi int) cloud.Value[int] {
	return valueOf(o, key, "a number", cloud.Known(absent), func(n source.Node) (int, error) {
		i, err := strconv.Atoi(n.Text)
		if err != nil || i < lo || i > hi {
			return 0, fmt.Errorf("%q is not a number from %d to %d", n.Text, lo, hi)
		}
		return i, nil
	})
}

// cidr reads an address range. As AWS does, it drops the bits of the host.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
func (o object) cidr(key string, absent cloud.Value[netip.Prefix]) cloud.Value[netip.Prefix] {
	return valueOf(o, key, "a CIDR", absent, func(n source.Node) (netip.Prefix, error) { return parseCIDR(n.Text) })
}

func parseCIDR(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, fmt.Errorf("%q is not a CIDR such as 10.0.0.0/16", text)
	}
	return p.Masked(), nil
}

// texts reads a list of text. One open item leaves the whole list open.
func (o object) texts(key string) cloud.Value[[]string] {
	v, ok := o.get(key)
	if !ok {
		return cloud.Known[[]string](nil)
	}
	if v.Kind != source.List && v.Kind != source.Unknown {
		v = o.wrong(key, v, "a list")
	}
	var out []string
	for item := range v.Each() {
		if item.Kind != source.Unknown && !item.IsScalar() {
			item = o.wrong(key, item, "a list of text")
		}
		if item.Kind == source.Unknown {
			return cloud.Unknown[[]string](item.Text, item.At)
		}
		out = append(out, item.Text)
	}
	return cloud.Known(out)
}

// known reads text that says what the resource is or what it belongs to, for
// which the model has no Unknown. Where it is open it is empty, and that is
// said: the row says what it means. An open VPC is one of which nothing is
// known. What is absent is empty; the row says which are required.
func (o object) known(key string) string {
	v, g, missing := o.knownOr(key)
	switch {
	case missing && strings.HasSuffix(key, "VpcId"):
		return string(o.l.openVPC(g, key, o.of))
	case missing:
		o.l.sayOpen(key, o.of, g, "until then what it belongs to is not told, and it is not in the answers")
	}
	return v
}

// knownOr is known for a row that has an answer where the value is open.
func (o object) knownOr(key string) (string, cloud.Gap, bool) {
	v := o.stated().text(key, cloud.Known(""))
	g, missing := v.Gap()
	return v.Or(""), g, missing
}

// needed reports an open value for which the row has an answer.
func (l *loader) needed(key, of string, g cloud.Gap) {
	l.sayOpen(key, of, g, "answers that depend on it are unknown")
}

// sayOpen reports an open value for which the model has no Unknown: once for
// each place where it would be stated, and not where a mistake left it open.
func (l *loader) sayOpen(key, of string, g cloud.Gap, means string) {
	if failed(g.Because) || l.said[g.At] {
		return
	}
	l.said[g.At] = true
	l.warn("CFN_OPEN_REFERENCE", g.At, "give it a value, for a parameter under parameters: in bailey.yaml or with --parameter; "+means,
		"%s of %s is open: %s", key, of, g.Because)
}

// ids gives a list of text as IDs.
func ids[T ~string](v cloud.Value[[]string]) cloud.Value[[]T] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[[]T](g.Because, g.At)
	}
	var out []T
	for _, s := range v.Or(nil) {
		out = append(out, T(s))
	}
	return cloud.Known(out)
}

// id gives text as an ID.
func id[T ~string](v cloud.Value[string]) cloud.Value[T] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[T](g.Because, g.At)
	}
	return cloud.Known(T(v.Or("")))
}
