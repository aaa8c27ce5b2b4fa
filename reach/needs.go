package reach

import (
	"fmt"
	"iter"
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

// fromRole infers the services that the function's role lets it call.
func fromRole(m *cloud.Model, f cloud.Function) []Need {
	arn, _ := f.Role.Get()
	role, ok := m.Role(arn)
	if !ok {
		return nil
	}
	who := dialsOf(m, f, role)
	var out []Need
	for p, managed := range policies(role) {
		for g := range p.Grants() {
			if everything(g) || g.Deny || who.aws(g, managed) {
				continue
			}
			because := fmt.Sprintf("role %s may call %s", role.Name, g.Action)
			if named := invokedBy(m, g); len(named) > 0 {
				for _, to := range named {
					out = append(out, Need{Question: path.Question{From: f.Name, To: to.Name}, Because: because, At: g.At})
				}
				continue
			}
			for _, svc := range servicesFor(g) {
				if who.client(svc) {
					out = append(out, Need{Question: path.Question{From: f.Name, To: "aws:" + svc.Name}, Because: because, At: g.At})
				}
			}
		}
	}
	return out
}

// RolePolicies are a role's policies parsed: its own, then AWS's. A managed
// policy that is not known is left out.
func RolePolicies(role cloud.Role) iter.Seq[iam.Policy] {
	return func(yield func(iam.Policy) bool) {
		for p := range policies(role) {
			if !yield(p) {
				return
			}
		}
	}
}

// policies are a role's policies, and whether each is one of AWS's.
func policies(role cloud.Role) iter.Seq2[iam.Policy, bool] {
	return func(yield func(iam.Policy, bool) bool) {
		for _, p := range role.Policies {
			if parsed, diags := iam.Parse(p.Doc); !diags.HasErrors() && !yield(parsed.Named(p.Name), false) {
				return
			}
		}
		for _, arn := range role.Managed {
			if p, ok := iam.Managed(arn); ok && !yield(p, true) {
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
