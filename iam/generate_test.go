package iam

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
)

// A generator draws random requests and policies that AWS would accept. Its
// words are few, so that policies and requests meet often.
type generator struct{ *rand.Rand }

// A scenario is one random case: documents as text, so that both sides read
// the same thing.
type scenario struct {
	Principal, Action, Resource, Account string
	Context                              map[string][]string
	Identity, Boundary, Session          []string
	ResourcePolicy, Endpoint             []string
	SCP                                  [][]string
	RCP                                  []string
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// targets are actions with a resource that they take; %A is an account.
var targets = []struct{ action, resource, account string }{
	{"sqs:SendMessage", "arn:aws:sqs:us-west-2:%A:jobs", acct},
	{"sqs:SendMessage", "arn:aws:sqs:us-west-2:%A:jobs", other},
	{"s3:GetObject", "arn:aws:s3:::bucket/reports/2024/a.txt", acct},
	{"s3:GetObject", "arn:aws:s3:::bucket/reports/2024/a.txt", other},
	{"s3:ListBucket", "arn:aws:s3:::bucket", acct},
	{"ssm:GetParameter", "arn:aws:ssm:us-west-2:%A:parameter/ping/url", acct},
	{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-west-2:%A:secret:db-AbCdEf", acct},
	{"kms:Decrypt", "arn:aws:kms:us-west-2:%A:key/1234abcd-12ab-34cd-56ef-1234567890ab", acct},
	{"kms:Decrypt", "arn:aws:kms:us-west-2:%A:key/1234abcd-12ab-34cd-56ef-1234567890ab", other},
	{"lambda:InvokeFunction", "arn:aws:lambda:us-west-2:%A:function:ping", acct},
	{"dynamodb:GetItem", "arn:aws:dynamodb:us-west-2:%A:table/orders", acct},
}

func (g *generator) scenario() scenario {
	target := pick(g, targets...)
	s := scenario{
		Principal: pick(g, session, session, session, alice, "arn:aws:iam::123456789012:user/bob", "events.amazonaws.com"),
		Action:    target.action, Account: target.account,
		Resource: strings.ReplaceAll(target.resource, "%A", target.account),
		Context:  g.context(),
	}
	some := func(max int, percent int, principal string) (list []string) {
		if !g.chance(percent) {
			return nil
		}
		for range 1 + g.IntN(max) {
			list = append(list, g.document(&s, principal))
		}
		return list
	}
	if s.Principal != "events.amazonaws.com" {
		s.Identity = some(2, 85, "")
		s.Boundary = some(1, 25, "")
	}
	if s.Principal == session {
		s.Session = some(1, 20, "")
	}
	s.ResourcePolicy = some(1, 65, "any")
	s.Endpoint = some(1, 15, "*")
	if s.Principal != "events.amazonaws.com" && g.chance(20) {
		for range 1 + g.IntN(2) {
			s.SCP = append(s.SCP, some(2, 90, ""))
		}
	}
	if g.chance(10) {
		s.RCP = []string{g.rcp(&s)}
	}
	return s
}

// document draws a policy; principal says who its statements name: nobody,
// everyone (as endpoint policies should) or any.
func (g *generator) document(s *scenario, principal string) string {
	var statements []any
	for i := range 1 + g.IntN(3) {
		st := map[string]any{"Effect": pick(g, "Allow", "Allow", "Allow", "Deny")}
		if i == 0 {
			st["Effect"] = pick(g, "Allow", "Allow", "Allow", "Allow", "Allow", "Allow", "Deny")
		}
		st[g.element("Action")] = g.oneOrMore(func() any { return g.actionPattern(s) })
		st[g.element("Resource")] = g.oneOrMore(func() any { return g.resourcePattern(s) })
		if principal == "*" {
			st["Principal"] = "*"
		} else if principal != "" {
			name := "Principal"
			if st["Effect"] == "Deny" && g.chance(20) {
				name = "NotPrincipal"
			}
			st[name] = g.principal(name == "NotPrincipal")
		}
		if g.chance(40) {
			st["Condition"] = g.conditions()
		}
		statements = append(statements, st)
	}
	return g.text(g.version(), statements)
}

func (g *generator) rcp(s *scenario) string {
	st := map[string]any{"Effect": "Deny", "Principal": "*", "Resource": "*",
		"Action": strings.Split(s.Action, ":")[0] + ":*", "Condition": g.conditions()}
	if !strings.Contains("s3 sqs kms secretsmanager dynamodb", strings.Split(s.Action, ":")[0]) {
		st["Action"] = "s3:*"
	}
	return g.text("2012-10-17", []any{st})
}

func (g *generator) version() string {
	if g.chance(10) {
		return "2008-10-17"
	}
	return "2012-10-17"
}

func (g *generator) text(version string, statements []any) string {
	b, err := json.Marshal(map[string]any{"Version": version, "Statement": statements})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func (g *generator) element(name string) string {
	if g.chance(15) {
		return "Not" + name
	}
	return name
}

// oneOrMore draws a single value or a list of up to three different ones.
func (g *generator) oneOrMore(draw func() any) any {
	if g.chance(50) {
		return draw()
	}
	seen := map[any]bool{}
	var list []any
	for range 1 + g.IntN(3) {
		if v := draw(); !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	return list
}

func (g *generator) actionPattern(s *scenario) string {
	service, name, _ := strings.Cut(s.Action, ":")
	cut := 1 + g.IntN(len(name)-1)
	return pick(g, "*", s.Action, service+":*", strings.ToUpper(service)+":"+strings.ToLower(name),
		service+":"+name[:cut]+"*", service+":"+name[:cut]+"?"+name[cut+1:], service+":*"+name[cut:],
		service+":"+name[:cut]+"?*", "ec2:*", service+":Delete*")
}

// resourcePattern keeps wildcards and variables behind the resource's type,
// where alone AWS allows them:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func (g *generator) resourcePattern(s *scenario) string {
	parts := strings.SplitN(s.Resource, ":", 6)
	kind, name := "", parts[5]
	if i := strings.IndexAny(name, "/:"); i >= 0 && parts[2] != "s3" {
		kind, name = name[:i+1], name[i+1:]
	}
	cut := 1 + g.IntN(len(name)-1)
	parts[5] = kind + pick(g, name, "*", name[:cut]+"*", name[:cut]+"?"+name[cut+1:], "*"+name[cut:], name[:cut]+"*"+name[cut:],
		name[:cut]+"${aws:PrincipalTag/part}", name[:cut]+"${aws:PrincipalTag/part, '"+name[cut:]+"'}", name[:cut]+"${*}")
	if parts[2] != "s3" && g.chance(40) {
		parts[3] = pick(g, "*", "us-*", "us-west-?", "eu-west-1")
	}
	if parts[2] != "s3" && g.chance(40) {
		parts[4] = pick(g, "*", acct, other)
	}
	return pick(g, "*", s.Resource, strings.Join(parts, ":"), strings.Join(parts, ":"), "arn:aws:s3:::elsewhere/*")
}

func (g *generator) principal(not bool) any {
	if !not && g.chance(20) {
		return "*"
	}
	if g.chance(20) {
		return map[string]any{"Service": pick(g, "events.amazonaws.com", "lambda.amazonaws.com")}
	}
	names := []string{session, role, root, acct, alice, "arn:aws:iam::123456789012:user/bob", "arn:aws:iam::999999999999:root", role + "Other"}
	return map[string]any{"AWS": g.oneOrMore(func() any { return pick(g, names...) })}
}

// A conditionKey is a global key with values that requests and policies use.
type conditionKey struct {
	name      string
	multi     bool
	operators []string
	values    []string // in requests
	patterns  []string // in policies
}

var (
	stringOps  = []string{"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"}
	numericOps = []string{"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"}
	dateOps    = []string{"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"}
	arnOps     = []string{"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"}
	ipOps      = []string{"IpAddress", "NotIpAddress"}
)

var conditionKeys = []conditionKey{
	{"aws:SourceVpc", false, stringOps, []string{"vpc-1", "vpc-2", "VPC-1"}, []string{"vpc-1", "vpc-2", "vpc-*", "vpc-?", "*", "${aws:PrincipalTag/vpc}", "${aws:PrincipalTag/vpc, 'vpc-1'}"}},
	{"aws:PrincipalTag/team", false, stringOps, []string{"jobs", "red", "*"}, []string{"jobs", "r*d", "*", "${*}", "blue"}},
	{"aws:PrincipalTag/vpc", false, stringOps, []string{"vpc-1", "vpc-2"}, []string{"vpc-1", "x"}},
	{"aws:PrincipalTag/part", false, stringOps, []string{"s", "1", "l", "ta.txt", "*"}, []string{"s", "*"}},
	{"aws:TagKeys", true, stringOps, []string{"env", "owner", "cost"}, []string{"env", "owner", "c*"}},
	{"aws:MultiFactorAuthAge", false, numericOps, []string{"10", "100", "9.5"}, []string{"10", "10.0", "99", "1000"}},
	{"aws:CurrentTime", false, dateOps, []string{"2026-01-01T00:00:00Z", "2024-06-01T12:00:00Z"}, []string{"2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2020-01-01"}},
	{"aws:EpochTime", false, dateOps, []string{"1700000000", "1800000000"}, []string{"1700000000", "1750000000"}},
	{"aws:SecureTransport", false, []string{"Bool"}, []string{"true", "false"}, []string{"true", "false", "TRUE"}},
	{"aws:SourceIp", false, ipOps, []string{"10.1.2.3", "203.0.113.7", "2001:db8::7"}, []string{"10.0.0.0/8", "10.1.2.3", "203.0.113.0/25", "203.0.113.128/25", "2001:db8::/32", "::/0", "0.0.0.0/0"}},
	{"aws:SourceArn", false, arnOps, []string{"arn:aws:s3:::bucket", "arn:aws:events:us-west-2:123456789012:rule/x/y", "arn:aws:lambda:us-west-2:123456789012:function:f"},
		[]string{"arn:aws:s3:::bucket", "arn:aws:s3:::b*", "arn:aws:events:*:*:rule/*", "arn:aws:lambda:us-west-2:123456789012:function:?", "arn:*:*:*:*:*"}},
	{"aws:PrincipalArn", false, arnOps, nil, []string{role, "arn:aws:iam::*:role/Ping*", alice, "arn:aws:iam::123456789012:user/*"}},
}

func (g *generator) context() map[string][]string {
	c := map[string][]string{}
	for _, k := range conditionKeys {
		switch {
		case len(k.values) == 0 || g.chance(35):
		case k.multi:
			n := 1 + g.IntN(len(k.values))
			c[k.name] = append([]string(nil), k.values[:n]...)
		default:
			c[k.name] = []string{pick(g, k.values...)}
		}
	}
	return c
}

func (g *generator) conditions() map[string]any {
	all := map[string]any{}
	for range 1 + g.IntN(2) {
		k := pick(g, conditionKeys...)
		op := pick(g, k.operators...)
		switch {
		case g.chance(10):
			all["Null"] = map[string]any{k.name: pick(g, "true", "false")}
			continue
		case k.multi:
			op = pick(g, "ForAllValues:", "ForAnyValue:") + op
		}
		if g.chance(20) {
			op += "IfExists"
		}
		all[op] = map[string]any{k.name: g.oneOrMore(func() any { return pick(g, k.patterns...) })}
	}
	return all
}
