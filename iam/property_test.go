package iam

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// slowMatch is the definition of a wildcard pattern, rune by rune and without
// any care for time.
func slowMatch(pattern, s []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(s) == 0
	case pattern[0] == '*':
		return slowMatch(pattern[1:], s) || len(s) > 0 && slowMatch(pattern, s[1:])
	case len(s) == 0:
		return false
	}
	return (pattern[0] == '?' || pattern[0] == s[0]) && slowMatch(pattern[1:], s[1:])
}

func TestGlob(t *testing.T) {
	letters := func(from string) *rapid.Generator[string] {
		return rapid.StringOfN(rapid.RuneFrom([]rune(from)), 0, 9, -1)
	}
	rapid.Check(t, func(t *rapid.T) {
		pattern := letters("ab:é**?").Draw(t, "pattern")
		s := letters("ab:é").Draw(t, "text")
		if got, want := compileGlob(pattern).match(s), slowMatch([]rune(pattern), []rune(s)); got != want {
			t.Fatalf("%q covers %q: %v, want %v", pattern, s, got, want)
		}
		var literal glob
		literal.addWild("?")
		literal.addLiteral(pattern)
		if !literal.match("x"+pattern) || literal.match("x"+pattern+"b") {
			t.Fatalf("literal %q does not mean itself", pattern)
		}
	})
}

// TestUnknownIsSound: whatever is decided while some keys are not known holds
// with every value of theirs that a request could bring.
func TestUnknownIsSound(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(1, 2))}
	definite := 0
	for range 3000 {
		s := g.scenario()
		full := s.decide(t)
		for k := range s.Context {
			if g.chance(50) {
				delete(s.Context, k)
			}
		}
		part := decideUnknown(t, s)
		if part.Effect == Unknown {
			if len(part.Missing) == 0 || len(part.Statements) == 0 {
				t.Fatalf("unknown without a reason: %+v", s)
			}
			continue
		}
		definite++
		if (part.Effect == Allow) != (full.Effect == Allow) || part.Effect == ExplicitDeny && full.Effect != ExplicitDeny {
			t.Fatalf("%v without all keys, %v with them: %+v", part.Effect, full.Effect, s)
		}
	}
	if definite < 300 {
		t.Errorf("only %d cases were decided: the property is hardly tried", definite)
	}
}

// decideUnknown decides with every key not known that the scenario lacks.
func decideUnknown(t *testing.T, s scenario) Decision {
	t.Helper()
	req := s.request()
	req.Context = req.Context.WithUnknown("*")
	return Decide(req, s.policies(t))
}

// TestMonotone: a Deny more never allows, and an Allow more in the identity
// policies never denies.
func TestMonotone(t *testing.T) {
	g := &generator{rand.New(rand.NewPCG(3, 4))}
	for range 2000 {
		s := g.scenario()
		before := s.decide(t).Effect
		stricter := s
		stricter.Identity = append(append([]string(nil), s.Identity...), `{"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}`)
		if after := stricter.decide(t).Effect; after == Allow && before != Allow {
			t.Fatalf("a Deny more allows: %+v", s)
		}
		if s.Principal == "events.amazonaws.com" {
			continue
		}
		wider := s
		wider.Identity = append(append([]string(nil), s.Identity...), `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
		if after := wider.decide(t).Effect; before == Allow && after != Allow {
			t.Fatalf("an Allow more denies: %+v", s)
		}
	}
}

// FuzzParseJSON: no text makes the reader or the evaluation panic, and what
// is refused is refused with a place.
func FuzzParseJSON(f *testing.F) {
	g := &generator{rand.New(rand.NewPCG(5, 6))}
	for range 20 {
		s := g.scenario()
		for _, text := range append(s.Identity, s.ResourcePolicy...) {
			f.Add(text)
		}
	}
	for _, text := range []string{"", "{", `{"Statement":[[]]}`, `{"Statement":{"Effect":"Deny","Action":"a:${b","Resource":"${${a}}"}}`, "[[[[", `{"Statement":{"Condition":{"Null":{"a":[]}}}}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ds := ParseJSON("p.json", []byte(text))
		for _, d := range ds {
			if d.At.Line == 0 || d.Summary == "" {
				t.Errorf("no place: %+v", d)
			}
		}
		list := []Policy{p}
		for _, who := range []string{session, role, "events.amazonaws.com", ""} {
			req := ask(who, "s3:GetObject", "arn:aws:s3:::b/k")
			req.Context = ctx("aws:k", "v").WithUnknown("*")
			d := Decide(req, Policies{Identity: list, Resource: list, Boundary: list, SCP: [][]Policy{list}})
			if d.Explain() == "" || d.Effect == Allow && ds.HasErrors() && p.Len() == 0 {
				t.Errorf("decided %v: %s", d.Effect, d.Explain())
			}
		}
		for range p.Grants() {
		}
	})
}
