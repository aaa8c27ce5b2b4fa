package project

import (
	"bailey/source"
)

// ignored reads a suppression: the rule or reason code, what the finding is
// about, and why it is accepted.
func (d *decoder) ignored(n source.Node) source.Suppression {
	s := source.Suppression{At: n.At}
	d.object(n, "a suppression", []field{
		{key: "id", required: true, read: func(n source.Node) { s.ID = d.filled(n) }},
		{key: "resource", required: true, read: func(n source.Node) { s.Resource = d.filled(n) }},
		{key: "reason", required: true, read: func(n source.Node) { s.Reason = d.filled(n) }},
		{key: "expires", read: func(n source.Node) { s.Expires = d.day(n) }},
	})
	return s
}

// filled reads text that is not empty.
func (d *decoder) filled(n source.Node) string {
	s := d.text(n)
	if n.IsScalar() && s == "" {
		d.fail("PROJECT_BAD_VALUE", n.At, "", "this must not be empty")
	}
	return s
}
