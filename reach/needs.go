package reach

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/path"
	"bailey/source"
)

// A Need is a path that the model is thought to need, and why.
type Need struct {
	path.Question
	Because string      // "role PingRole may call ssm:GetParameter"
	At      source.Span // the statement or the variable that says so
	shut    bool        // the path must be blocked: somebody expects it
}

// Needs infers the paths that the functions need: to every AWS service that a
// role lets them call, unless AWS makes that call itself, to every function that
// a role lets them invoke, and to every machine whose address stands in an
// environment variable together with its port; then the invocations that the
// model is made for, and the paths of pollers that sit in a VPC.
func Needs(m *cloud.Model) []Need {
	var out []Need
	add := func(n Need) {
		if !slices.ContainsFunc(out, func(o Need) bool { return o.Question == n.Question }) {
			out = append(out, n)
		}
	}
	for f := range m.Functions() {
		for _, n := range fromRole(m, f) {
			add(n)
		}
		for _, n := range slices.Concat(fromEnv(m, f), fromMounts(m, f)) {
			add(n)
		}
	}
	for _, n := range slices.Concat(Invocations(m), fromPollers(m), fromProxies(m), fromBalancers(m)) {
		add(n)
	}
	return out
}

// made are actions that AWS calls in the function's stead: its own logs and
// traces are shipped by Lambda, its interfaces are made by Lambda, event
// sources are polled by Lambda, and what is encrypted at rest is decrypted by
// the service that keeps it.
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
var made = []string{
	"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "xray:*", "kms:Decrypt",
	"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DescribeSubnets",
	"ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:GetSecurityGroupsForVpc",
	"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility",
	"kinesis:Get*", "kinesis:Describe*", "kinesis:List*", "kinesis:SubscribeToShard",
	"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams",
}

// madeByAWS reports whether a grant speaks only of calls that AWS makes.
func madeByAWS(action string) bool {
	return slices.ContainsFunc(made, func(pattern string) bool {
		prefix, wild := strings.CutSuffix(pattern, "*")
		return strings.EqualFold(action, pattern) ||
			wild && len(action) >= len(prefix) && strings.EqualFold(action[:len(prefix)], prefix)
	})
}

// fromRole infers the services that the function's role lets it call.
func fromRole(m *cloud.Model, f cloud.Function) []Need {
	arn, _ := f.Role.Get()
	role, ok := m.Role(arn)
	if !ok {
		return nil
	}
	var out []Need
	for p := range RolePolicies(role) {
		for g := range p.Grants() {
			if g.Deny || g.NotAction || g.Service() == "*" || madeByAWS(g.Action) {
				continue
			}
			if named := invokedBy(m, g); len(named) > 0 {
				for _, to := range named {
					out = append(out, Need{Question: path.Question{From: f.Name, To: to.Name}, Because: fmt.Sprintf("role %s may call %s", role.Name, g.Action), At: g.At})
				}
				continue
			}
			for _, svc := range cloud.ServicesForAction(g.Action) {
				if at := g.At; dialled(svc) {
					out = append(out, Need{Question: path.Question{From: f.Name, To: "aws:" + svc.Name},
						Because: fmt.Sprintf("role %s may call %s", role.Name, g.Action), At: at})
				}
			}
		}
	}
	return out
}

// dialled reports whether clients of a service's API dial this endpoint: a
// registry's and a console session's data planes are other programs' business.
func dialled(s cloud.Service) bool { return !s.Quiet }

// RolePolicies are a role's policies parsed: its own, then AWS's. A managed
// policy that is not known is left out.
func RolePolicies(role cloud.Role) func(yield func(iam.Policy) bool) {
	return func(yield func(iam.Policy) bool) {
		for _, p := range role.Policies {
			if parsed, diags := iam.Parse(p.Doc); !diags.HasErrors() && !yield(parsed.Named(p.Name)) {
				return
			}
		}
		for _, arn := range role.Managed {
			if p, ok := iam.Managed(arn); ok && !yield(p) {
				return
			}
		}
	}
}

// fromEnv infers paths from environment variables: a URL, an address with a
// port, or an address whose port stands in the sibling variable NAME_PORT.
func fromEnv(m *cloud.Model, f cloud.Function) []Need {
	var out []Need
	for _, v := range f.Env {
		text, _ := v.Value.Get()
		if to, ok := named(m, text); ok {
			out = append(out, Need{Question: path.Question{From: f.Name, To: to}, Because: fmt.Sprintf("variable %s is %s", v.Name, text), At: v.At})
			continue
		}
		if to, ok := dials(m, f, v.Name, text); ok {
			out = append(out, Need{Question: path.Question{From: f.Name, To: to}, Because: fmt.Sprintf("variable %s is %s", v.Name, text), At: v.At})
		}
	}
	return out
}

// dials reads what a variable's value makes the function dial.
func dials(m *cloud.Model, f cloud.Function, name, text string) (string, bool) {
	if u, err := url.Parse(text); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		return u.Hostname() + ":" + port, true
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return known(m, ap)
	}
	base, isHost := strings.CutSuffix(name, "_HOST")
	addr, err := netip.ParseAddr(text)
	if err != nil || !isHost {
		return "", false
	}
	for _, v := range f.Env {
		if port, ok := v.Value.Get(); ok && v.Name == base+"_PORT" {
			if ap, err := netip.ParseAddrPort(addr.String() + ":" + port); err == nil {
				return known(m, ap)
			}
		}
	}
	return "", false
}

// known names an address that belongs to something in the model.
func known(m *cloud.Model, ap netip.AddrPort) (string, bool) {
	for e := range m.ENIs() {
		if e.PrivateIP == ap.Addr() {
			return fmt.Sprintf("%s:%d", e.Name, ap.Port()), true
		}
		if e.PublicIP == ap.Addr() {
			return ap.String(), true
		}
	}
	return "", false
}
