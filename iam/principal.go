package iam

import "strings"

type principalKind uint8

const (
	anonymous principalKind = iota
	rootUser
	user
	roleSession
	someSession // a role's ARN: a session whose name is not known
	federatedUser
	servicePrincipal
	identityProvider
)

// kindNames are the values of aws:PrincipalType.
var kindNames = [...]string{
	anonymous: "Anonymous", rootUser: "Account", user: "User", roleSession: "AssumedRole",
	someSession: "AssumedRole", federatedUser: "FederatedUser",
}

// A caller is a request's principal taken apart.
type caller struct {
	kind    principalKind
	arn     string // as given
	account string
	role    string // a session's role, as an ARN
	name    string // an IAM user's name
}

// arnParts cuts an ARN at its first five colons.
func arnParts(arn string) (parts [6]string, ok bool) {
	for i := range 5 {
		parts[i], arn, ok = strings.Cut(arn, ":")
		if !ok {
			return parts, false
		}
	}
	parts[5] = arn
	return parts, parts[0] == "arn"
}

func newCaller(principal string, c *Context) caller {
	who := caller{arn: principal}
	arn, ok := arnParts(principal)
	if !ok {
		who.kind = nonARN(principal)
		return who
	}
	who.account = arn[4]
	kind, name, _ := strings.Cut(arn[5], "/")
	switch {
	case kind == "root":
		who.kind = rootUser
	case kind == "user":
		who.kind = user
		who.name = name[strings.LastIndex(name, "/")+1:]
	case kind == "assumed-role":
		who.kind = roleSession
		role, _, _ := strings.Cut(name, "/")
		who.role = "arn:" + arn[1] + ":iam::" + arn[4] + ":role/" + role
	case kind == "role":
		who.kind, who.role = someSession, principal
	case kind == "federated-user":
		who.kind = federatedUser
	default: // saml-provider/..., oidc-provider/...
		who.kind = identityProvider
	}
	if given := c.values["aws:principalarn"]; len(given) == 1 && who.role != "" {
		who.role = given[0]
	}
	return who
}

func nonARN(principal string) principalKind {
	switch {
	case principal == "" || principal == "*":
		return anonymous
	case strings.HasPrefix(principal, "cognito-identity."):
		return identityProvider
	case strings.HasSuffix(principal, ".amazonaws.com"), strings.HasSuffix(principal, ".amazonaws.com.cn"):
		return servicePrincipal
	}
	return identityProvider
}

// hasIdentity reports whether identity policies, boundaries and SCPs speak of
// such callers at all.
func (c caller) hasIdentity() bool {
	switch c.kind {
	case anonymous, servicePrincipal, identityProvider:
		return false
	}
	return true
}

// serviceLinked reports whether the caller is a service-linked role, which
// SCPs and RCPs do not restrict:
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func (c caller) serviceLinked() bool {
	return strings.Contains(c.role, ":role/aws-service-role/") ||
		strings.Contains(c.role, ":role/AWSServiceRoleFor")
}

// principalArn is the value of aws:PrincipalArn: for a session its role's.
func (c caller) principalArn() string {
	if c.role != "" {
		return c.role
	}
	return c.arn
}

// A form says how a resource policy names a caller; in the caller's own
// account it decides which other policies still limit the grant:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
type form uint8

const (
	byAccount form = iota // the account decides: an identity policy must allow
	byRole                // limited by permissions boundary and session policy
	direct                // user, session, service, "*": the allow is final
	forms
)

// named is how far a statement names the caller, in each form.
type named [forms]truth

func (n named) any() truth { return n[byAccount].or(n[byRole]).or(n[direct]) }

// A principalSet is a compiled Principal or NotPrincipal element.
type principalSet struct {
	everyone bool
	entries  []principalEntry
	open     []string
}

// A principalEntry is one value, with its kind: AWS, Service, Federated or
// CanonicalUser.
type principalEntry struct{ kind, value string }

func (s *principalSet) match(e *evaluation) named {
	var n named
	if s.everyone {
		n[direct] = yes
		return n
	}
	for _, p := range s.entries {
		p.match(e, &n)
	}
	for _, because := range s.open {
		if n.any() != yes {
			e.leftOpen(because)
		}
		n[direct] = n[direct].or(maybe)
	}
	return n
}

func (p principalEntry) match(e *evaluation, n *named) {
	switch p.kind {
	case "AWS":
		p.matchAWS(e, n)
	case "CanonicalUser":
		e.leftOpen("which account has the canonical user ID " + p.value)
		n[direct] = n[direct].or(maybe)
	default:
		if p.value == e.who.arn && e.who.arn != "" {
			n[direct] = yes
		}
	}
}

func (p principalEntry) matchAWS(e *evaluation, n *named) {
	who := &e.who
	switch {
	case p.value == who.arn && who.kind != someSession && who.kind != rootUser:
		n[direct] = yes
	case p.value == who.role && who.role != "":
		n[byRole] = yes
	case p.isAccount(who.account):
		n[byAccount] = yes
	case who.kind == someSession && p.isSessionOf(who.role):
		e.leftOpen("whether the session is " + p.value)
		n[direct] = n[direct].or(maybe)
	}
}

// isAccount: an account's number and the ARN of its root user say the same.
func (p principalEntry) isAccount(account string) bool {
	if account == "" {
		return false
	}
	if p.value == account {
		return true
	}
	arn, ok := arnParts(p.value)
	return ok && arn[2] == "iam" && arn[4] == account && arn[5] == "root"
}

func (p principalEntry) isSessionOf(role string) bool {
	session, ok := arnParts(p.value)
	arn, _ := arnParts(role)
	if !ok || session[2] != "sts" || session[4] != arn[4] {
		return false
	}
	rest, ok := strings.CutPrefix(session[5], "assumed-role/")
	name, _, _ := strings.Cut(rest, "/")
	return ok && name == arn[5][strings.LastIndex(arn[5], "/")+1:]
}
