package sam

import (
	"strings"

	"bailey/source"
)

// resourcePolicy writes what a ResourcePolicy says of the methods of one path.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-resourcepolicystatement.html
func (t *transformer) resourcePolicy(said string, policy source.Node, path string, stage source.Node, body *source.Node) {
	p := place(policy.At)
	on := p.list()
	for _, item := range items(body, path) {
		for _, e := range item.Entries {
			on.Items = append(on.Items, p.sub("execute-api:/${__Stage__}/"+arnMethod(e.Key)+restPlaceholder.ReplaceAllLiteralString(path, "*"), kv{"__Stage__", stage}))
		}
	}
	for _, rule := range [][2]string{{"AwsAccountWhitelist", "Allow"}, {"AwsAccountBlacklist", "Deny"}} {
		if accounts := get(policy, rule[0]); truthy(accounts) {
			s := p.invoke(rule[1], on)
			set(&s, "Principal", p.obj(kv{"AWS", asList(accounts)}))
			t.addStatements(body, p, true, s)
		}
	}
	for _, rule := range [][2]string{{"IpRangeWhitelist", "NotIpAddress"}, {"IpRangeBlacklist", "IpAddress"}} {
		if ranges := get(policy, rule[0]); truthy(ranges) {
			t.denyUnless(body, p, on, rule[1], p.obj(kv{"aws:SourceIp", asList(ranges)}))
		}
	}
	t.vpcRule(said, policy, body, on, "Blacklist", "StringEquals")
	t.vpcRule(said, policy, body, on, "Whitelist", "StringNotEquals")
	ensure(body, policyKey, p.obj())
}

func asList(n source.Node) source.Node {
	if n.Kind == source.List {
		return n
	}
	return place(n.At).list(n)
}

// invoke is a statement on invoking an API's methods.
func (p place) invoke(effect string, on source.Node) source.Node {
	return p.obj(kv{"Effect", p.str(effect)}, kv{"Action", p.str("execute-api:Invoke")}, kv{"Resource", on}, kv{"Principal", p.str("*")})
}

// vpcRule writes a list of VPCs and endpoints that may, or may not, call.
func (t *transformer) vpcRule(said string, policy source.Node, body *source.Node, on source.Node, list, operator string) {
	p := place(policy.At)
	vpcs, endpoints := p.list(), p.list()
	for _, n := range get(policy, "SourceVpc"+list).Items {
		switch {
		case n.Kind != source.String:
			t.errorf(n.At, said, "SourceVpc%s is a list of texts; IntrinsicVpc%s takes intrinsic functions", list, list)
		case strings.HasPrefix(n.Text, "vpce-"):
			endpoints.Items = append(endpoints.Items, n)
		case strings.HasPrefix(n.Text, "vpc-"):
			vpcs.Items = append(vpcs.Items, n)
		}
	}
	vpcs.Items = append(vpcs.Items, get(policy, "IntrinsicVpc"+list).Items...)
	endpoints.Items = append(endpoints.Items, get(policy, "IntrinsicVpce"+list).Items...)
	condition := p.obj()
	if truthy(vpcs) {
		set(&condition, "aws:SourceVpc", vpcs)
	}
	if truthy(endpoints) {
		set(&condition, "aws:SourceVpce", endpoints)
	}
	if truthy(condition) {
		t.denyUnless(body, p, on, operator, condition)
	}
}

// denyUnless lets everyone invoke, but those a condition holds for.
func (t *transformer) denyUnless(body *source.Node, p place, on source.Node, operator string, condition source.Node) {
	deny := p.invoke("Deny", on)
	set(&deny, "Condition", p.obj(kv{operator, condition}))
	t.addStatements(body, p, false, p.invoke("Allow", on), deny)
}

// addStatements adds statements to the API's policy. The first of them alone is
// no list; others but accounts' are not repeated.
func (t *transformer) addStatements(body *source.Node, p place, alone bool, statements ...source.Node) {
	policy := ensure(body, policyKey, p.obj())
	set(policy, "Version", p.str("2012-10-17"))
	existing := child(policy, "Statement")
	if existing == nil && alone {
		set(policy, "Statement", statements[0])
		return
	}
	all := p.list()
	if existing != nil {
		all = clone(asList(*existing))
	}
	for _, s := range statements {
		if existing == nil || alone || !contains(all.Items, s) {
			all.Items = append(all.Items, s)
		}
	}
	set(policy, "Statement", all)
}

// customStatements adds the user's own statements to the API's policy.
func (t *transformer) customStatements(custom source.Node, body *source.Node) {
	if !truthy(custom) {
		return
	}
	p := place(custom.At)
	policy := ensure(body, policyKey, p.obj())
	set(policy, "Version", p.str("2012-10-17"))
	if !has(*policy, "Statement") {
		set(policy, "Statement", custom)
		return
	}
	t.addStatements(body, p, false, asList(custom).Items...)
}
