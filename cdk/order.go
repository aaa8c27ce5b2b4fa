package cdk

import (
	"slices"
	"strings"
)

// inOrder sorts stacks so that each comes after those that it depends on, and
// otherwise as the manifest has them. A circle is an error.
func (r *reader) inOrder(stacks []*Stack) []*Stack {
	byID := map[string]*Stack{}
	for _, s := range stacks {
		byID[s.ID] = s
	}
	out, circle := sorted(stacks, func(s *Stack) []*Stack {
		var before []*Stack
		for _, d := range s.dependsOn {
			if other, ok := byID[d.id]; ok {
				before = append(before, other)
			}
		}
		return before
	})
	if circle != nil {
		r.fail("CDK_STACK_CYCLE", circle[0].at, "remove one of the dependencies", "these stacks depend on each other in a circle: %s", names(circle))
	}
	return out
}

// names joins the names of a circle of stacks, the first one again at the end.
func names(circle []*Stack) string {
	var out []string
	for _, s := range append(circle[:len(circle):len(circle)], circle[0]) {
		out = append(out, s.Name)
	}
	return strings.Join(out, " -> ")
}

// sorted gives the stacks with those before them first, and a circle if there
// is one.
func sorted(stacks []*Stack, before func(*Stack) []*Stack) (out, circle []*Stack) {
	const underWay, done = 1, 2
	state := map[*Stack]int{}
	var way []*Stack
	var visit func(s *Stack)
	visit = func(s *Stack) {
		state[s] = underWay
		way = append(way, s)
		for _, other := range before(s) {
			switch {
			case state[other] == underWay && circle == nil:
				circle = slices.Clone(way[slices.Index(way, other):])
			case state[other] == 0:
				visit(other)
			}
		}
		way = way[:len(way)-1]
		state[s] = done
		out = append(out, s)
	}
	for _, s := range stacks {
		if state[s] == 0 {
			visit(s)
		}
	}
	return out, circle
}

// A Group is the stacks of one account and region, which make one Model.
type Group struct {
	Environment Environment
	Stacks      []*Stack
}

// Groups sorts the stacks by environment. What a stack leaves open is taken
// from base, the deployer's own account and region.
func (a Assembly) Groups(base Environment) []Group {
	base = base.or(Environment{Account: "123456789012", Region: "us-east-1"})
	var out []Group
	for _, s := range a.Stacks {
		e := s.Environment.or(base)
		i := slices.IndexFunc(out, func(g Group) bool { return g.Environment == e })
		if i < 0 {
			i = len(out)
			out = append(out, Group{Environment: e})
		}
		out[i].Stacks = append(out[i].Stacks, s)
	}
	return out
}

func (e Environment) or(base Environment) Environment {
	if e.Account == "" {
		e.Account = base.Account
	}
	if e.Region == "" {
		e.Region = base.Region
	}
	return e
}
