package path

import (
	"fmt"
	"net/netip"
	"slices"

	"bailey/cloud"
	"bailey/netset"
)

// fromPublic are the ways from the internet to a function: its own URLs, and
// the APIs in front of it. One that is open is enough; where none is, all of
// them say why.
func (q Question) fromPublic(m *cloud.Model, a asked) ([]part, error) {
	var ways []part
	for u := range m.FunctionURLs() {
		arn, known := u.Function.Get()
		if own, _ := arn.Unqualified(); known && own == a.f.ARN && slices.Contains(a.targets, arn) {
			ways = append(ways, throughURL(m, a, u).unless(m, u.Name))
		}
	}
	for api := range m.APIs() {
		behind := integrated(m, api, a)
		if len(behind) == 0 {
			continue
		}
		front, err := q.toAPI(m, api)
		if err != nil {
			return nil, err
		}
		ways = append(ways, joined(front, behind)...)
	}
	for _, v := range []Verdict{Reachable, Unknown} {
		open := slices.DeleteFunc(slices.Clone(ways), func(p part) bool { return p.Verdict != v })
		if len(open) > 0 {
			return open[:1], nil
		}
	}
	if gaps := mayExpose(m); len(gaps) > 0 {
		return []part{part{Part: Part{Verdict: Reachable}, res: Result{Verdict: Reachable}}.lack(gaps)}, nil
	}
	if len(ways) == 0 {
		r := Reason{NotExposed, a.f.Name, "nothing on the internet leads to " + a.f.Name + ": it has no function URL, and no API invokes it", Forward, a.f.At}
		ways = []part{blockedBy("function", r)}
	}
	return ways, nil
}

// WhyURL answers whether somebody without credentials gets through a function
// URL.
func WhyURL(m *cloud.Model, u cloud.FunctionURL) Report {
	q := Question{From: "internet", To: u.Name, Protocol: netset.TCP}
	r := Report{From: q.From, To: q.To, Host: u.Host, Protocol: q.Protocol, Port: 443}
	arn, known := u.Function.Get()
	f, ok := m.FunctionAt(arn)
	if gap, open := u.Function.Gap(); open || !known || !ok {
		r.Verdict, r.Missing = Unknown, []cloud.Gap{gap}
		return r
	}
	r.Invokes = f.Name
	r.sum(m, []part{throughURL(m, asked{f, []cloud.ARN{arn}}, u).unless(m, u.Name)})
	r.doubted(m, q, false, f.Name)
	return r
}

// mayExpose are the facts that the ways from the internet to some function
// lack: whose a URL is, what an API's definition says, what a route invokes.
func mayExpose(m *cloud.Model) []cloud.Gap {
	var out []cloud.Gap
	add := func(of cloud.Value[cloud.ARN]) {
		if g, open := of.Gap(); open && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	for _, typ := range []string{"AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"} {
		if g := m.Undescribed(typ); g != nil {
			out = append(out, *g)
		}
	}
	for u := range m.FunctionURLs() {
		add(u.Function)
	}
	for api := range m.APIs() {
		out = append(out, api.Open...)
		for _, r := range api.Routes {
			if r.Integration != nil {
				add(r.Integration.Function)
			}
		}
	}
	return out
}

// joined are the ways through an API: what stands in front of it, then each of
// its routes to the function.
func joined(front, behind []part) []part {
	var out []part
	for _, f := range front {
		for _, b := range behind {
			p := f
			p.res.Hops = slices.Concat(f.res.Hops, b.res.Hops)
			p.res.Blockers = slices.Concat(f.res.Blockers, b.res.Blockers)
			p.res.Missing = slices.Concat(f.res.Missing, b.res.Missing)
			p.Verdict = worse(f.Verdict, b.Verdict)
			out = append(out, p)
		}
	}
	return out
}

// worse joins the verdicts of two stretches of one way.
func worse(a, b Verdict) Verdict {
	for _, v := range []Verdict{Blocked, Unknown, Undecided, Partial} {
		if a == v || b == v {
			return v
		}
	}
	return Reachable
}

func blockedBy(kind string, reasons ...Reason) part {
	p := part{Part: Part{Verdict: Blocked}, res: Result{Verdict: Blocked, Blockers: reasons}}
	for _, r := range reasons {
		p.res.Hops = append(p.res.Hops, Hop{r.Component, kind, "ingress", "deny", r.Detail})
	}
	return p
}

// urlAsksBoth is the day from which a new function URL needs the permission to
// invoke the function beside that for its URL.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
const urlAsksBoth = "2025-10-01"

// throughURL is the way of somebody without credentials through a function
// URL: with AuthType NONE the function's permissions alone decide.
func throughURL(m *cloud.Model, a asked, u cloud.FunctionURL) part {
	auth, known := u.Auth.Get()
	if gap, open := u.Auth.Gap(); open {
		return part{Part: Part{Verdict: Reachable}}.lack([]cloud.Gap{gap})
	}
	if known && auth != "NONE" {
		return blockedBy("function-url", Reason{URLNeedsIAM, u.Name,
			fmt.Sprintf("%s, the URL of %s, has AuthType %s: it answers 403 to requests that nobody allowed has signed", u.Name, a.f.Name, auth), Forward, u.At})
	}
	arn, _ := u.Function.Get()
	addr := cloud.PublicAddr(u.Host, m.Region())
	p := part{Part: Part{Dst: addr, Verdict: Reachable}, res: Result{Verdict: Reachable,
		Flow: netset.Flow{Proto: netset.TCP, Src: netip.AddrPortFrom(strangerAddr, 1024), Dst: netip.AddrPortFrom(addr, 443)},
		Hops: []Hop{{u.Name, "function-url", "ingress", "forward", u.Host + " asks for no signature (AuthType NONE)"}}}}
	stranger, at := caller{}, keysOf(m).With("aws:SourceIp", strangerAddr.String())
	actions := []string{"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
	if day := m.Catalogue(); day != "" && day < urlAsksBoth {
		actions = actions[:1]
	}
	for i, action := range actions {
		keys := at.With("lambda:FunctionUrlAuthType", "NONE")
		if i == 1 {
			keys = at.With("lambda:InvokedViaFunctionUrl", "true").WithUnknown("lambda:FunctionUrlAuthType")
		}
		d := stranger.decide(m, action, arn, keys, nil)
		p = p.decided(d, Reason{URLPermissionMissing, u.Name,
			fmt.Sprintf("%s answers 403: no Lambda permission lets everybody (*) %s on %s", u.Name, action, arn), Forward, deniedAt(d, u.At)}, u.At)
	}
	return p
}
