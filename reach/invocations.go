package reach

import (
	"fmt"
	stdpath "path"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/path"
	"bailey/source"
)

// Invocations are the invocations that the model is made for: an API's routes
// and authorizers, and whatever else names a function as its target. Who polls
// (event source mappings) asks no permission of the function.
func Invocations(m *cloud.Model) []Need {
	var out []Need
	add := func(from string, to cloud.Value[cloud.ARN], because string, at source.Span) {
		arn, _ := to.Get()
		f, ok := m.FunctionAt(arn)
		if !ok {
			return
		}
		name := f.Name
		if _, qualifier := arn.Unqualified(); qualifier != "" {
			name = arn.String()
		}
		n := Need{Question: path.Question{From: from, To: name}, Because: because, At: at}
		if !slices.ContainsFunc(out, func(o Need) bool { return o.Question == n.Question }) {
			out = append(out, n)
		}
	}
	fromAPIs(m, add)
	for r := range m.EventRules() {
		for _, t := range r.Targets {
			add(r.Name, t.ARN, "rule "+r.Name+" has it as a target", t.At)
		}
	}
	for t := range m.Topics() {
		for _, s := range t.Subscriptions {
			add(t.Name, targetOf(s.Endpoint), "it is subscribed to "+t.Name, s.At)
		}
	}
	for b := range m.Buckets() {
		for _, n := range b.Notify {
			add(b.Name, n.Target, "bucket "+b.Name+" notifies it", n.At)
		}
	}
	for g := range m.LogGroups() {
		for _, f := range g.Filters {
			add(g.Name, f.Destination, "filter "+f.Name+" sends it lines of "+g.Name, f.At)
		}
	}
	for p := range m.UserPools() {
		for _, trigger := range slices.Sorted(keysOf(p.Triggers)) {
			add(p.Name, p.Triggers[trigger], trigger+" of "+p.Name, p.At)
		}
	}
	for s := range m.Secrets() {
		add(s.Name, cloud.Known(s.Rotation.Or(cloud.ARN{})), "it rotates "+s.Name, s.At)
	}
	fromRoles(m, add)
	return out
}

func keysOf[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type adder func(from string, to cloud.Value[cloud.ARN], because string, at source.Span)

func fromAPIs(m *cloud.Model, add adder) {
	for api := range m.APIs() {
		for _, r := range api.Routes {
			if r.Integration != nil && (r.Integration.Kind == cloud.LambdaProxy || r.Integration.Kind == cloud.LambdaCustom) {
				add(api.Name, r.Integration.Function, fmt.Sprintf("%s %s of %s is integrated with it", r.Method, r.Path, api.Name), r.Integration.At)
			}
		}
		for _, a := range api.Authorizers {
			add(api.Name, a.Function, "it authorizes requests to "+api.Name, a.At)
		}
	}
}

// fromRoles are those that invoke with a role of their own.
func fromRoles(m *cloud.Model, add adder) {
	called := func(arn string) string {
		if r, ok := m.Role(arn); ok {
			return r.Name
		}
		return arn
	}
	for s := range m.Schedules() {
		if role, known := s.Target.Role.Get(); known && role != "" {
			add(called(role), s.Target.ARN, "schedule "+s.Name+" has it as its target", s.At)
		}
	}
	for s := range m.StateMachines() {
		for _, f := range s.Invokes {
			if role, known := s.Role.Get(); known && role != "" {
				add(called(role), f, "state machine "+s.Name+" invokes it", s.At)
			}
		}
	}
}

// targetOf reads a subscription's endpoint, which is an ARN if it is a
// function's.
func targetOf(v cloud.Value[string]) cloud.Value[cloud.ARN] {
	arn, _ := cloud.ParseARN(v.Or(""))
	return cloud.Known(arn)
}

// invokedBy are the functions that a grant names for invoking; a grant for any
// function whatsoever names none.
func invokedBy(m *cloud.Model, g iam.Grant) []cloud.Function {
	action := strings.ToLower(g.Action)
	if ok, _ := stdpath.Match(action, "lambda:invokefunction"); !ok || g.Deny || g.NotAction || g.NotResource {
		return nil
	}
	_, named, _ := strings.Cut(g.Resource, ":function:")
	if strings.Trim(named, "*:") == "" {
		return nil
	}
	var out []cloud.Function
	for f := range m.Functions() {
		if slices.ContainsFunc(m.TargetsOf(f), func(arn cloud.ARN) bool {
			ok, _ := stdpath.Match(g.Resource, arn.String())
			return ok
		}) {
			out = append(out, f)
		}
	}
	return out
}
