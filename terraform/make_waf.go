package terraform

import (
	"maps"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// webACL has rules whose statements nest: each block of Terraform's is a part
// of CloudFormation's of the same name, lists by the plural.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/wafv2_web_acl
func webACL(t *translator, i *instance) {
	properties := t.own(i)
	for _, name := range []string{"default_action", "visibility_config"} {
		for _, b := range i.body.children(name) {
			properties = append(properties, entry(pascal(name), t.inPascal(b)))
		}
	}
	var rules []source.Node
	for _, b := range i.body.children("rule") {
		rules = append(rules, t.inPascal(b))
	}
	if len(rules) > 0 {
		properties = append(properties, entry("Rules", list(i.at, rules...)))
	} else if f, ok := i.body.get("rule_json"); ok {
		properties = append(properties, entry("Rules", t.fromJSON(f, t.node(f.value, f.at))))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// wafLists are the blocks that CloudFormation has as lists.
var wafLists = map[string]string{"text_transformation": "TextTransformations", "excluded_rule": "ExcludedRules", "rule_action_override": "RuleActionOverrides",
	"managed_rule_group_configs": "ManagedRuleGroupConfigs", "insert_header": "InsertHeaders", "response_header": "ResponseHeaders", "rule_label": "RuleLabels", "custom_key": "CustomKeys"}

// inPascal writes a block with CloudFormation's names.
func (t *translator) inPascal(b body) source.Node {
	if u, open := b.attrs[""]; open {
		return t.node(u.value, u.at)
	}
	out := object(b.at)
	blocks := slices.Collect(maps.Keys(b.blocks))
	for _, name := range slices.Sorted(maps.Keys(b.attrs)) {
		f, ok := b.get(name)
		switch {
		case ok && isBlocks(f.value):
			blocks = append(blocks, name)
		case ok:
			out.Entries = append(out.Entries, entry(pascal(name), t.node(f.value, f.at)))
		}
	}
	slices.Sort(blocks)
	for _, name := range blocks {
		var all []source.Node
		for _, inner := range b.children(name) {
			all = append(all, t.inPascal(inner))
		}
		many, isList := wafLists[name]
		switch {
		case isList:
			out.Entries = append(out.Entries, entry(many, list(b.at, all...)))
		case name == "statement" && len(all) > 1:
			out.Entries = append(out.Entries, entry("Statements", list(b.at, all...)))
		case len(all) > 0:
			out.Entries = append(out.Entries, entry(pascal(name), all[0]))
		}
	}
	return out
}

// isBlocks reports whether an argument is what a plan has for blocks: a list of
// objects.
func isBlocks(v cty.Value) bool {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.Type().IsObjectType() || v.Type().IsMapType() {
		return false
	}
	for _, item := range v.Elements() {
		item, _ = item.Unmark()
		return item.Type().IsObjectType() || item.Type().IsMapType()
	}
	return false
}

// pascal is a name of Terraform's as CloudFormation writes it.
func pascal(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
