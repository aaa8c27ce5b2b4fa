package iam

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Explain says in one sentence what was decided; for a deny it is AWS's own
// error message:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func (d Decision) Explain() string {
	switch d.Effect {
	case Allow:
		return d.subject() + " is authorized to perform: " + d.object() + d.because()
	case ImplicitDeny:
		return d.subject() + " is not authorized to perform: " + d.object() +
			" because no " + d.layerName() + " allows the " + d.action + " action"
	case ExplicitDeny:
		return d.subject() + " is not authorized to perform: " + d.object() +
			" with an explicit deny in " + d.article() + d.layerName() + d.denyingARN()
	}
	return "Whether " + d.subject() + " is authorized to perform: " + d.object() + " is not known" + d.lacking()
}

func (d Decision) subject() string {
	if d.principal == "" || d.principal == "*" {
		return "User: anonymous"
	}
	return "User: " + d.principal
}

// object leaves the resource out where the action has none.
func (d Decision) object() string {
	if d.resource == "" {
		return d.action
	}
	return d.action + " on resource: " + d.resource
}

// layerName: AWS speaks of a role's resource policy by its own name.
func (d Decision) layerName() string {
	if d.trust() {
		return "role trust policy"
	}
	return d.Layer.String()
}

func (d Decision) trust() bool {
	return d.Layer == ResourceBased && strings.HasPrefix(fold(d.action), "sts:assumerole")
}

func (d Decision) article() string {
	switch {
	case d.trust():
		return "the "
	case d.Layer == IdentityBased:
		return "an "
	}
	return "a "
}

// denyingARN: the message ends with the policy's ARN where there is one.
func (d Decision) denyingARN() string {
	for _, s := range d.Statements {
		if s.Layer == d.Layer && strings.HasPrefix(s.Policy, "arn:") {
			return ": " + s.Policy
		}
	}
	return ""
}

func (d Decision) because() string {
	if len(d.Statements) == 0 {
		return ""
	}
	names := make([]string, len(d.Statements))
	for i, s := range d.Statements {
		names[i] = s.String()
	}
	return " because of " + strings.Join(names, "; ")
}

func (d Decision) lacking() string {
	var parts []string
	if len(d.Missing) > 0 {
		parts = append(parts, "it depends on "+strings.Join(d.Missing, ", "))
	}
	if len(d.Open) > 0 {
		parts = append(parts, "the template leaves open "+strings.Join(d.Open, ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, "; ")
}

// String names the statement as a person would look for it.
func (s StatementRef) String() string {
	var b strings.Builder
	if s.Sid != "" {
		b.WriteString("statement " + quote(s.Sid))
	} else {
		b.WriteString("statement " + strconv.Itoa(s.Index+1))
	}
	b.WriteString(" of " + s.Layer.String())
	if s.Policy != "" {
		b.WriteString(" " + s.Policy)
	}
	if at := s.At.String(); at != "" {
		b.WriteString(" (" + at + ")")
	}
	return b.String()
}

// Needed says, for a person, what would make the request allowed: the
// statement that is missing, or the ones that deny. It is empty for Allow and
// for Unknown.
func (d Decision) Needed() string {
	switch d.Effect {
	case ImplicitDeny:
		return "Missing statement: " + d.missingStatement() + d.where()
	case ExplicitDeny:
		names := make([]string, 0, len(d.Statements))
		for _, s := range d.Statements {
			names = append(names, s.String())
		}
		return "Denied by " + strings.Join(names, "; ")
	}
	return ""
}

// where names the layer unless it is the one that everybody expects.
func (d Decision) where() string {
	if d.Layer == IdentityBased {
		return ""
	}
	return " in the " + d.layerName()
}

// missingStatement is JSON in the order in which people write it.
func (d Decision) missingStatement() string {
	var b strings.Builder
	b.WriteString(`{"Effect":"Allow"`)
	if d.Layer.namesPrincipals() {
		b.WriteString(`,"Principal":` + d.neededPrincipal())
	}
	b.WriteString(`,"Action":` + jsonText(d.action))
	if !d.trust() {
		b.WriteString(`,"Resource":` + jsonText(d.resource))
	}
	return b.String() + "}"
}

func (d Decision) neededPrincipal() string {
	switch {
	case d.Layer == Endpoint: // gateway endpoints take no other
		return `"*"`
	case d.grantee == "" || d.grantee == "*":
		return `"*"`
	case !strings.HasPrefix(d.grantee, "arn:") && nonARN(d.grantee) == servicePrincipal:
		return `{"Service":` + jsonText(d.grantee) + `}`
	case newCaller(d.grantee, &Context{}).kind == identityProvider:
		return `{"Federated":` + jsonText(d.grantee) + `}`
	}
	return `{"AWS":` + jsonText(d.grantee) + `}`
}

// jsonText quotes s without the escapes that are for HTML alone.
func jsonText(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("iam: a string has no JSON: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
