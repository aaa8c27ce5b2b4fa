package sam

import (
	"strconv"
	"strings"

	"bailey/source"
)

// policyKind is what an entry of Policies can be.
type policyKind int

const (
	unknownPolicy  policyKind = iota
	managedName               // a name, an ARN or an intrinsic function
	policyDocument            // a map with a Statement
	policyTemplate            // a SAM policy template
	mixedPolicy               // Fn::If on two different kinds
)

// policyEntries gives the Policies of s with each policy template written out.
func (t *transformer) policyEntries(s samResource) []source.Node {
	policies := s.prop("Policies")
	if !truthy(policies) {
		return nil
	}
	var out []source.Node
	for entry := range policies.Each() {
		switch t.policyKind(entry) {
		case policyTemplate:
			entry = t.fillTemplate(s, entry)
		case mixedPolicy:
			t.errorf(entry.At, s.id, "both branches of an Fn::If in Policies are of one kind")
			continue
		case unknownPolicy:
			t.errorf(entry.At, s.id, "%s", t.unknownPolicy(entry))
			continue
		}
		out = append(out, entry)
	}
	return out
}

func (t *transformer) policyKind(n source.Node) policyKind {
	if _, then, otherwise, ok := branches(n); ok {
		a, b := t.policyKind(then), t.policyKind(otherwise)
		switch {
		case a == b || isNoValue(otherwise):
			return a
		case isNoValue(then):
			return b
		}
		return mixedPolicy
	}
	switch {
	case n.Kind == source.String, isIntrinsic(n) && !isIf(n):
		return managedName
	case n.Kind != source.Map:
	case has(n, "Statement"):
		return policyDocument
	case len(n.Entries) == 1 && policyTemplates[n.Entries[0].Key] != "":
		return policyTemplate
	}
	return unknownPolicy
}

func (t *transformer) unknownPolicy(n source.Node) string {
	if n.Kind == source.Map && len(n.Entries) == 1 {
		return "SAM has no policy template " + n.Entries[0].Key
	}
	return "an entry of Policies is a managed policy, a policy document or one policy template"
}

// inlinePolicy makes an inline policy of a document, also inside Fn::If.
func (t *transformer) inlinePolicy(role string, i int, entry source.Node) (source.Node, bool) {
	if t.policyKind(entry) != policyDocument {
		return source.Node{}, false
	}
	wrap := func(n source.Node) source.Node {
		p := place(n.At)
		return p.obj(kv{"PolicyName", p.str(role + "Policy" + strconv.Itoa(i))}, kv{"PolicyDocument", n})
	}
	condition, then, otherwise, ok := branches(entry)
	if !ok {
		return wrap(entry), true
	}
	if !isNoValue(then) {
		then = wrap(then)
	}
	if !isNoValue(otherwise) {
		otherwise = wrap(otherwise)
	}
	return place(entry.At).when(condition, then, otherwise), true
}

// managedPolicy gives the ARN of a managed policy that may be named, also inside
// Fn::If.
func (t *transformer) managedPolicy(s samResource, n source.Node) source.Node {
	if condition, then, otherwise, ok := branches(n); ok {
		for _, v := range []*source.Node{&then, &otherwise} {
			if v.Kind == source.String {
				*v = t.managedPolicy(s, *v)
			}
		}
		return place(n.At).when(condition, then, otherwise)
	}
	if n.Kind != source.String || strings.HasPrefix(n.Text, "arn:") {
		return n
	}
	path, ok := managedPolicies[n.Text]
	if !ok {
		t.diags.Add(source.Diag{Code: "SAM_UNKNOWN_MANAGED_POLICY", Severity: source.Warning, At: n.At,
			Summary: s.id + ": the ARN of the managed policy " + n.Text + " is not known here; what it allows is unknown",
			Hint:    "write the policy's ARN: " + t.managed(n.Text)})
		return n
	}
	return place(n.At).str(t.managed(path + n.Text))
}

// fillTemplate writes a policy template out, also inside Fn::If.
func (t *transformer) fillTemplate(s samResource, n source.Node) source.Node {
	if condition, then, otherwise, ok := branches(n); ok {
		for _, v := range []*source.Node{&then, &otherwise} {
			if !isNoValue(*v) {
				*v = t.fillTemplate(s, *v)
			}
		}
		return place(n.At).when(condition, then, otherwise)
	}
	e := n.Entries[0]
	if e.Value.Kind != source.Map {
		t.errorf(e.KeyAt, s.id, "the parameters of %s are a map, {} for none", e.Key)
		return n
	}
	return writeTemplate(place(e.KeyAt), policyTemplates[e.Key], func(name string) source.Node {
		v, ok := e.Value.Get(name)
		if !ok {
			t.errorf(e.KeyAt, s.id, "%s needs the parameter %s", e.Key, name)
		}
		return v
	})
}
