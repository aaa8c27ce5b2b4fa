package iam

import (
	"maps"
	"strings"
)

// A Context holds the condition keys of a request. A key that was neither
// given a value nor marked unknown is absent from the request, which means
// something in a policy. Keys are compared without regard to case. The zero
// Context has no keys. Contexts are values: With and WithUnknown return new
// ones.
//
// Decide itself adds what follows from the Request unless the Context says
// otherwise: aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType,
// aws:username, aws:PrincipalIsAWSService, aws:PrincipalServiceName and
// aws:ResourceAccount. See
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
type Context struct {
	values   map[string][]string
	unknown  map[string]bool
	prefixes []string // unknown keys, by prefix
}

// NewContext makes a Context of keys and their values.
func NewContext(values map[string][]string) Context {
	c := Context{values: make(map[string][]string, len(values))}
	for k, v := range values {
		c.values[fold(k)] = v
	}
	return c
}

// With returns c with a key set. A key without values counts as absent.
func (c Context) With(key string, values ...string) Context {
	c.values = maps.Clone(c.values)
	if c.values == nil {
		c.values = map[string][]string{}
	}
	c.values[fold(key)] = values
	return c
}

// WithUnknown returns c with keys marked as not known: the request may carry
// them or not, with any value. A key that ends in * marks all that begin so
// ("aws:RequestTag/*"; "*" alone marks every key), apart from those with a
// value.
func (c Context) WithUnknown(keys ...string) Context {
	c.unknown = maps.Clone(c.unknown)
	if c.unknown == nil {
		c.unknown = map[string]bool{}
	}
	c.prefixes = c.prefixes[:len(c.prefixes):len(c.prefixes)]
	for _, k := range keys {
		if prefix, ok := strings.CutSuffix(k, "*"); ok {
			c.prefixes = append(c.prefixes, fold(prefix))
		} else {
			c.unknown[fold(k)] = true
		}
	}
	return c
}

func (c *Context) unknownByPrefix(key string) bool {
	for _, p := range c.prefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// A contextKey is a condition key as a policy wrote it, and as it is found.
type contextKey struct{ written, folded string }

func newContextKey(s string) contextKey { return contextKey{written: s, folded: fold(s)} }

// fold brings names that AWS compares without regard to case to one form.
func fold(s string) string { return strings.ToLower(s) }

// A Request is one question to Decide: may this principal do this?
type Request struct {
	// Principal is the ARN of an IAM user, of an assumed-role session, of a
	// federated user, or of an account's root user; or a service principal
	// (events.amazonaws.com), an identity provider, or "" for an anonymous
	// request. The ARN of a role stands for a session of it whose name is not
	// known. A role with a path is matched by its ARN only if the Context
	// gives aws:PrincipalArn, since a session's ARN does not show the path.
	Principal string
	Action    string // "ssm:GetParameter"
	Resource  string // the resource's ARN; "*" for an action on no resource
	// Account owns the resource. Empty: the account in the ARN or, if the ARN
	// has none (as those of S3 and API Gateway), the principal's.
	Account string
	Context Context
}
