package project

import (
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
)

func TestNetworksOutsideOfAWSReachTheSpec(t *testing.T) {
	p, diags := Parse("app/bailey.yaml", []byte(full))
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	var s cloud.Spec
	if diags := p.Apply(&s); len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	if len(s.OnPremises) != 1 || s.OnPremises[0].Name != "Office" || s.OnPremises[0].Over != "Gate" || len(s.OnPremises[0].CIDRs) != 2 {
		t.Errorf("networks %+v", s.OnPremises)
	}
	if !slices.ContainsFunc(s.NATInstances, func(n cloud.NATInstance) bool { return n.Name == "Nat" && n.At.Line > 0 }) {
		t.Errorf("instances that translate %+v", s.NATInstances)
	}
}

func TestNetworksThatCannotBe(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"facts: {on-premises: [{name: Office, over: Gate}]}", "a network has no cidrs, which is required"},
		{"facts: {on-premises: [{name: Office, cidrs: [], over: Gate}]}", "a network has at least one range"},
		{"facts: {on-premises: [{name: Office, cidrs: [all], over: Gate}]}", `"all" is not an IPv4 range`},
		{"facts: {on-premises: [{name: Office, cidrs: [10.0.0.0/8], by: Gate}]}", `a network has no key "by"`},
		{"facts: {prefix-lists: [{id: pl-1}]}", "a prefix list has neither cidrs nor a name"},
		{"facts: {prefix-lists: [{id: sg-1, cidrs: []}]}", `"sg-1" is not a prefix list's ID`},
		{"facts: {nat-instances: Nat}", "this must be a list"},
	} {
		if _, diags := Parse("bailey.yaml", []byte(c.text)); !strings.Contains(diags.Error(), c.want) {
			t.Errorf("%s\n got %v\nwant %s", c.text, diags.Error(), c.want)
		}
	}
}

func TestPrefixListsReachTheSpec(t *testing.T) {
	p, diags := Parse("bailey.yaml", []byte("region: us-west-2\nfacts: {prefix-lists: [{id: pl-1, cidrs: [192.0.2.0/24]}, {id: pl-2, name: com.amazonaws.us-west-2.s3}, {id: pl-3, name: com.amazonaws.us-west-2.s4}]}"))
	if len(diags) > 0 {
		t.Fatal(diags.Error())
	}
	var s cloud.Spec
	wrong := p.Apply(&s)
	if len(s.PrefixLists) != 2 || s.PrefixLists[0].Name != "pl-1" || len(s.PrefixLists[1].Prefixes) != 1 {
		t.Errorf("lists %+v", s.PrefixLists)
	}
	if !strings.Contains(wrong.Error(), "did you mean com.amazonaws.us-west-2.s3?") {
		t.Errorf("diagnostics %v", wrong.Error())
	}
}
