package terraform

import (
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// policyDocument makes the JSON that the data source aws_iam_policy_document
// makes. What is not known in it is a token.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
func (s *scope) policyDocument(i *instance) map[string]cty.Value {
	var statements []cty.Value
	add := func(list []cty.Value, override bool) {
		for _, x := range list {
			sid, k := sidOf(x), -1
			if sid != "" && override {
				k = slices.IndexFunc(statements, func(o cty.Value) bool { return sidOf(o) == sid })
			}
			if k >= 0 {
				statements[k] = x
			} else {
				statements = append(statements, x)
			}
		}
	}
	for _, name := range []string{"source_policy_documents", "source_json"} {
		add(s.statementsOf(i.body, name), false)
	}
	for _, b := range i.body.children("statement") {
		add([]cty.Value{s.statement(b)}, true)
	}
	for _, name := range []string{"override_policy_documents", "override_json"} {
		add(s.statementsOf(i.body, name), true)
	}
	version, ok := i.body.text("version")
	if !ok {
		version = "2012-10-17"
	}
	doc := map[string]cty.Value{"Version": cty.StringVal(version), "Statement": cty.TupleVal(statements)}
	if id, ok := i.body.get("policy_id"); ok {
		doc["Id"] = id.value
	}
	var b strings.Builder
	s.writeJSON(&b, cty.ObjectVal(doc))
	out := cty.StringVal(b.String())
	return map[string]cty.Value{"json": out, "minified_json": out, "id": cty.StringVal(i.addr)}
}

func sidOf(statement cty.Value) string {
	if statement.IsMarked() || !statement.Type().IsObjectType() || !statement.Type().HasAttribute("Sid") {
		return ""
	}
	sid, _ := scalarText(statement.GetAttr("Sid"))
	return sid
}

// statementsOf gives the statements of the documents that an argument lists.
func (s *scope) statementsOf(b body, name string) []cty.Value {
	f, ok := b.get(name)
	if !ok {
		return nil
	}
	var out []cty.Value
	bare, _ := f.value.Unmark()
	docs := []cty.Value{f.value}
	if bare.IsKnown() && bare.CanIterateElements() {
		docs = nil
		for _, d := range bare.Elements() {
			docs = append(docs, d)
		}
	}
	for _, d := range docs {
		text, known := scalarText(d)
		if !known {
			if bare, _ := d.Unmark(); !bare.IsKnown() {
				out = append(out, gapOf(d, f.at).unknown())
			}
			continue
		}
		if text == "" {
			continue
		}
		doc, err := yamldecode.Call([]cty.Value{cty.StringVal(text)})
		if err != nil || !doc.Type().IsObjectType() || !doc.Type().HasAttribute("Statement") {
			continue
		}
		switch list := doc.GetAttr("Statement"); {
		case list.Type().IsTupleType():
			out = append(out, list.AsValueSlice()...)
		default:
			out = append(out, list)
		}
	}
	return out
}

// statement writes one statement.
func (s *scope) statement(b body) cty.Value {
	if u, open := b.attrs[""]; open {
		return u.value
	}
	out := map[string]cty.Value{"Effect": cty.StringVal("Allow")}
	for _, p := range [][2]string{{"sid", "Sid"}, {"effect", "Effect"}} {
		if f, ok := b.get(p[0]); ok {
			out[p[1]] = f.value
		}
	}
	for _, p := range [][2]string{{"actions", "Action"}, {"not_actions", "NotAction"}, {"resources", "Resource"}, {"not_resources", "NotResource"}} {
		if f, ok := b.get(p[0]); ok {
			out[p[1]] = variables(f.value)
		}
	}
	for _, p := range [][2]string{{"principals", "Principal"}, {"not_principals", "NotPrincipal"}} {
		if v, ok := principals(b.children(p[0])); ok {
			out[p[1]] = v
		}
	}
	if conditions := b.children("condition"); len(conditions) > 0 {
		out["Condition"] = conditionsOf(conditions)
	}
	return cty.ObjectVal(out)
}

// variables writes policy variables, which a configuration writes &{...} since
// ${...} is Terraform's own.
func variables(v cty.Value) cty.Value {
	out, err := cty.Transform(v, func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if isText(v) {
			return cty.StringVal(strings.ReplaceAll(v.AsString(), "&{", "${")), nil
		}
		return v, nil
	})
	if err != nil {
		return v
	}
	return out
}

// principals writes who a statement is about; everyone is "*".
func principals(blocks []body) (cty.Value, bool) {
	byType := map[string][]cty.Value{}
	var order []string
	for _, b := range blocks {
		typ, known := b.text("type")
		f, ok := b.get("identifiers")
		if !known || !ok {
			if u, open := b.attrs[""]; open {
				return u.value, true
			}
			continue
		}
		if byType[typ] == nil {
			order = append(order, typ)
		}
		byType[typ] = append(byType[typ], elements(variables(f.value))...)
	}
	if len(order) == 0 {
		return cty.NilVal, false
	}
	if all, ok := byType["*"]; ok && len(order) == 1 && len(all) == 1 {
		return cty.StringVal("*"), true
	}
	out := map[string]cty.Value{}
	for typ, list := range byType {
		if typ == "*" {
			typ = "AWS"
		}
		out[typ] = cty.TupleVal(list)
	}
	return cty.ObjectVal(out), true
}

// elements gives what is in a list, or the value itself where it is open.
func elements(v cty.Value) []cty.Value {
	bare, marks := v.Unmark()
	if !bare.IsKnown() || bare.IsNull() || !bare.CanIterateElements() {
		return []cty.Value{v}
	}
	var out []cty.Value
	for _, item := range bare.Elements() {
		out = append(out, item.WithMarks(marks))
	}
	return out
}

func conditionsOf(blocks []body) cty.Value {
	tests := map[string]map[string][]cty.Value{}
	for _, b := range blocks {
		test, _ := b.text("test")
		variable, _ := b.text("variable")
		f, ok := b.get("values")
		if !ok {
			continue
		}
		if tests[test] == nil {
			tests[test] = map[string][]cty.Value{}
		}
		tests[test][variable] = append(tests[test][variable], elements(variables(f.value))...)
	}
	out := map[string]cty.Value{}
	for test, variables := range tests {
		inner := map[string]cty.Value{}
		for name, values := range variables {
			inner[name] = cty.TupleVal(values)
		}
		out[test] = cty.ObjectVal(inner)
	}
	return cty.ObjectVal(out)
}
