package conform

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/diff"
	"bailey/path"
	"bailey/source"
	"bailey/terraform"
)

// deployed are the IDs and physical names that the snapshot has of the plan's
// resources: a plan of what is there already knows them.
var deployed = map[string]map[string]any{
	"aws_vpc.main": {"id": "vpc-0aa1"}, "aws_subnet.isolated[0]": {"id": "subnet-0aa1"}, "aws_subnet.isolated[1]": {"id": "subnet-0bb2"},
	"aws_route_table.isolated[0]": {"id": "rtb-0aa1"}, "aws_route_table.isolated[1]": {"id": "rtb-0bb2"},
	"aws_vpc_endpoint.ssm": {"id": "vpce-0aa1"}, "aws_instance.store": {"id": "i-0aa1"},
	"aws_iam_role.reader": {"name": "ReaderRole"}, "aws_lambda_function.reader": {"function_name": "Reader"},
	"module.groups.aws_security_group.reader": {"id": "sg-0aa1"}, "module.groups.aws_security_group.store": {"id": "sg-0bb2"},
	"module.groups.aws_security_group.endpoint": {"id": "sg-0cc3"},
}

// applied reads the plan of the architecture as it is once it was applied, with
// more done to its resources' values.
func applied(t *testing.T, edit func(address string, values map[string]any)) *cloud.Model {
	t.Helper()
	var text map[string]any
	if err := json.Unmarshal([]byte(file(t, "plan.json")), &text); err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(module any)
	walk = func(module any) {
		m := module.(map[string]any)
		resources, _ := m["resources"].([]any)
		for _, r := range resources {
			r := r.(map[string]any)
			values, address := r["values"].(map[string]any), r["address"].(string)
			for k, v := range deployed[address] {
				values[k] = v
				seen++
			}
			edit(address, values)
		}
		modules, _ := m["child_modules"].([]any)
		for _, c := range modules {
			walk(c)
		}
	}
	walk(text["planned_values"].(map[string]any)["root_module"])
	if seen != len(deployed) {
		t.Fatalf("%d of %d resources are in the plan", seen, len(deployed))
	}
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	p, diags := terraform.ReadPlan("plan.json", data, readConfiguration(t))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	spec, diags := p.Spec(base())
	m, found := cloud.New(packaged(t, spec, diags))
	if len(found) > 0 {
		t.Fatal(found)
	}
	return m
}

// A plan against a snapshot of the account tells what applying it does, and
// nothing of what only is called otherwise.
func TestAPlanAgainstASnapshot(t *testing.T) {
	account, diags := cloud.New(seen(t))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	old := diff.Side{Model: account}
	r := diff.Between(old, diff.Side{Model: applied(t, func(string, map[string]any) {})})
	if len(r.Changes)+len(r.Entries)+len(r.Paths)+len(r.Rights)+len(r.Costs) > 0 {
		t.Errorf("the account is as the plan wants it, and yet: %+v", r)
	}
	for _, m := range slices.Concat(r.Added, r.Removed) {
		t.Errorf("%s %s is on one side only", m.Type, m.Name)
	}
	r = diff.Between(old, diff.Side{Model: applied(t, func(address string, values map[string]any) {
		if address == "module.groups.aws_security_group_rule.from_reader" {
			values["to_port"] = 9999
		}
	})})
	if len(r.Changes) != 1 || r.Changes[0].Now != path.Reachable || !slices.Equal(r.Changes[0].From.Names, []string{"aws_lambda_function.reader"}) ||
		!slices.Equal(r.Changes[0].To.Names, []string{"aws_instance.store"}) {
		t.Errorf("a wider rule gives %+v", r.Changes)
	}
}

// An API that a template has and a snapshot does not describe is not told to
// open: it may be there, and the call that would tell is named.
func TestAnAPIThatASnapshotDoesNotDescribe(t *testing.T) {
	account, diags := cloud.New(seen(t))
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	now, diags := account.With(func(s *cloud.Spec) {
		at := source.Span{File: "template.yaml", Line: 9}
		s.APIs = append(s.APIs, cloud.API{Meta: cloud.Meta{Name: "Api", Type: "AWS::ApiGatewayV2::Api", At: at}, ID: "abc1234567", Kind: cloud.HTTPAPI, Endpoint: cloud.RegionalEndpoint, DefaultHost: cloud.Known(true),
			Routes: []cloud.APIRoute{{Meta: cloud.Meta{Name: "Route", At: at}, Method: "GET", Path: "/", Auth: cloud.RouteAuth{Kind: cloud.AuthNone}}}})
	})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	r := diff.Between(diff.Side{Model: account}, diff.Side{Model: now})
	if len(r.Entries) != 1 || r.Entries[0].Opens() || !r.Entries[0].Unclear() {
		t.Fatalf("the API gives %+v", r.Entries)
	}
	if gap, _ := r.Entries[0].Missing(); !strings.Contains(gap.Because, "aws apigatewayv2 get-apis") || !slices.Contains(r.Unlisted, *gap) {
		t.Errorf("what is missing is %v, unlisted %v", gap, r.Unlisted)
	}
}
