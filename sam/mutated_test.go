package sam

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"bailey/source"
)

// replacements are what a value is replaced by.
var replacements = []source.Node{
	{Kind: source.Null}, {Kind: source.String, Text: "x"}, {Kind: source.String}, {Kind: source.Number, Text: "5"}, {Kind: source.Bool, Text: "true"},
	{Kind: source.List}, {Kind: source.Map}, {Kind: source.List, Items: []source.Node{{Kind: source.String, Text: "x"}}},
	place{}.obj(kv{"a", place{}.str("b")}), place{}.ref("Text"), place{}.ref("AWS::NoValue"), place{}.obj(kv{"Fn::If", place{}.str("x")}),
	place{}.when(place{}.str("C"), place{}.str("x"), source.Node{}),
}

// nodes points at every value inside n.
func nodes(n *source.Node) []*source.Node {
	var out []*source.Node
	for i := range n.Items {
		out = append(append(out, &n.Items[i]), nodes(&n.Items[i])...)
	}
	for i := range n.Entries {
		out = append(append(out, &n.Entries[i].Value), nodes(&n.Entries[i].Value)...)
	}
	return out
}

// mutate replaces one value of a generated template by another.
func mutate(t testing.TB, r *rand.Rand) source.Node {
	doc := expand(read(t, "mutated.yaml", generate(r)))
	all := nodes(&doc)
	*all[r.IntN(len(all))] = replacements[r.IntN(len(replacements))]
	return doc
}

// A value of any kind in any place is taken or refused; nothing panics.
func TestMutated(t *testing.T) {
	for i := range uint64(3000) {
		doc := mutate(t, rand.New(rand.NewPCG(3, i)))
		func() {
			defer func() {
				if p := recover(); p != nil {
					t.Fatalf("template %d: %v\n%s", i, p, text(doc.Plain()))
				}
			}()
			transform(doc)
		}()
	}
}

// What the oracle refuses is refused here, and outcomes that both give are equal,
// for mutated templates too. We may be stricter: AWS has some mistakes found only
// by CloudFormation.
func TestMutatedAgainstOracle(t *testing.T) {
	const count = 200
	var docs []source.Node
	var questions []question
	for i := range uint64(count) {
		docs = append(docs, mutate(t, rand.New(rand.NewPCG(4, i))))
		questions = append(questions, ask(docs[i]))
	}
	answers, ok := askOracle(t, questions)
	if !ok {
		return
	}
	equal, lenient, strict := 0, 0, 0
	for i, doc := range docs {
		got, diags := transform(doc)
		switch refused := diags.HasErrors(); {
		case answers[i].Crash != "":
		case refused && len(answers[i].Errors) == 0:
			strict++
			t.Logf("template %d: refused here alone: %v", i, diags)
		case !refused && len(answers[i].Errors) > 0:
			lenient++
			t.Errorf("template %d: taken here alone: %v", i, answers[i].Errors)
		case judge(t, fmt.Sprintf("template %d", i), got, diags, answers[i]):
			equal++
		}
	}
	t.Logf("%d of %d equal, %d refused here alone, %d taken here alone", equal, count, strict, lenient)
}
