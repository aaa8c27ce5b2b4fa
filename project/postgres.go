package project

import "bailey/source"

// A Postgres is a PostgreSQL of the host's that runs where the template has an
// instance or a database. What is not stated comes from the template where that
// is a database of AWS's.
type Postgres struct {
	User     string // the master user; empty: not stated
	Database string // the one that is made for them; empty: not stated
	Password Secret
	Port     int // 0: not stated
	At       source.Span
}

// A Secret is where a password is kept. It never stands in bailey.yaml itself.
type Secret struct {
	Parameter string // a name in Systems Manager's Parameter Store
	Name      string // a secret of Secrets Manager: its name, ARN or logical ID
	Key       string // the key in the secret's JSON
	At        source.Span
}

// Stated reports whether there is one.
func (s Secret) Stated() bool { return s.Parameter != "" || s.Name != "" }

// postgres reads `true`, or what the template does not say.
func (d *decoder) postgres(n source.Node) *Postgres {
	p := &Postgres{At: n.At}
	if n.Kind == source.Bool {
		if n.Text != "true" {
			d.fail("PROJECT_BAD_VALUE", n.At, "leave postgres out", "postgres is true, or a map with user, password and database")
		}
		return p
	}
	d.object(n, "postgres", []field{
		{key: "user", read: func(n source.Node) { p.User = d.name(n) }},
		{key: "password", read: func(n source.Node) { p.Password = d.secret(n) }},
		{key: "database", read: func(n source.Node) { p.Database = d.name(n) }},
		{key: "port", read: func(n source.Node) { p.Port = d.number(n, 1, 65535) }},
	})
	return p
}

// name reads text that is not empty.
func (d *decoder) name(n source.Node) string {
	s := d.text(n)
	if n.IsScalar() && s == "" {
		d.fail("PROJECT_BAD_VALUE", n.At, "", "this must not be empty")
	}
	return s
}

// secret reads where a password is kept.
func (d *decoder) secret(n source.Node) Secret {
	s := Secret{At: n.At}
	if n.IsScalar() {
		d.fail("PROJECT_WRONG_TYPE", n.At, "write {parameter: /name} or {secret: Name}: a password has no place in this file", "a password is not stated here, but where it is kept")
		return s
	}
	d.object(n, "password", []field{
		{key: "parameter", read: func(n source.Node) { s.Parameter = d.name(n) }},
		{key: "secret", read: func(n source.Node) { s.Name = d.name(n) }},
		{key: "key", read: func(n source.Node) { s.Key = d.name(n) }},
	})
	_, parameter := n.Get("parameter")
	_, secret := n.Get("secret")
	_, key := n.Get("key")
	if n.Kind == source.Map && (parameter == secret || key && !secret) {
		d.fail("PROJECT_BAD_VALUE", n.At, "write {parameter: /name} or {secret: Name, key: password}", "a password is kept in one place: a parameter or a secret")
	}
	return s
}
