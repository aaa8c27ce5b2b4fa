package sam

import (
	"slices"

	"bailey/source"
)

// sharedUsagePlan collects the APIs of the usage plan that is SHARED.
type sharedUsagePlan struct {
	depends, apiStages, stageKeys []source.Node
	deletion, replace             source.Node
	conditions                    []string
	unconditional                 bool
}

// usagePlan makes the usage plan and API key that the API's Auth asks for.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiusageplan.html
func (t *transformer) usagePlan(g *gateway) {
	given := get(g.auth, "UsagePlan")
	if given.Kind == source.Null {
		return
	}
	p, kind := place(given.At), get(given, "CreateUsagePlan")
	if given.Kind != source.Map || !oneOf(kind, "SHARED", "PER_API", "NONE") {
		t.errorf(given.At, g.id, "the CreateUsagePlan of UsagePlan is SHARED, PER_API or NONE")
		return
	}
	for _, e := range given.Entries {
		if !slices.Contains([]string{"CreateUsagePlan", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"}, e.Key) {
			t.errorf(e.KeyAt, g.id, "UsagePlan has no %s", e.Key)
		}
	}
	if kind.Text == "NONE" {
		return
	}
	prefix, attrs := g.id, g.passed()
	depends := []source.Node{p.str(g.id)}
	stages := []source.Node{p.obj(kv{"ApiId", p.ref(g.id)}, kv{"Stage", g.stage.ref()})}
	keys := []source.Node{p.obj(kv{"RestApiId", p.ref(g.id)}, kv{"StageName", g.stage.ref()})}
	if kind.Text == "SHARED" {
		prefix = "Serverless"
		attrs = t.shareAttributes(g)
		s := &t.shared
		s.depends, s.apiStages, s.stageKeys = append(s.depends, depends...), append(s.apiStages, stages...), append(s.stageKeys, keys...)
		depends, stages, keys = s.depends, s.apiStages, s.stageKeys
	}
	plan := newResource(given.At, prefix+"UsagePlan", "AWS::ApiGateway::UsagePlan", attrs, kv{"ApiStages", p.list(stages...)})
	plan.depends = p.list(depends...)
	plan.copyTruthy(given, "UsagePlanName", "Description", "Quota", "Tags", "Throttle")
	key := newResource(given.At, prefix+"ApiKey", "AWS::ApiGateway::ApiKey", attrs, kv{"Enabled", p.bool(true)}, kv{"StageKeys", p.list(keys...)})
	key.depends = p.strs(plan.id)
	link := newResource(given.At, prefix+"UsagePlanKey", "AWS::ApiGateway::UsagePlanKey", attrs, kv{"KeyId", key.ref()}, kv{"KeyType", p.str("API_KEY")}, kv{"UsagePlanId", plan.ref()})
	link.depends = p.strs(key.id)
	g.add(plan, key, link)
}

// shareAttributes joins the attributes of the APIs that share the plan: the
// strictest deletion policy, and a condition if all APIs have one.
func (t *transformer) shareAttributes(g *gateway) attributes {
	s, p := &t.shared, place(g.at)
	strictest := func(old *source.Node, v source.Node) {
		if !truthy(*old) || isText(v, "Retain") || isText(v, "Snapshot") && isText(*old, "Delete") {
			if truthy(v) {
				*old = v
			}
		}
	}
	strictest(&s.deletion, g.attrs.get("DeletionPolicy"))
	strictest(&s.replace, g.attrs.get("UpdateReplacePolicy"))
	const name = "SharedUsagePlanCondition"
	switch c := g.condition(); {
	case s.unconditional:
	case c.Kind == source.Null:
		s.unconditional = true
		if conditions := child(&t.doc, "Conditions"); conditions != nil {
			del(conditions, name)
		}
	case !slices.Contains(s.conditions, c.Text):
		s.conditions = append(s.conditions, c.Text)
		if len(s.conditions) == 1 {
			t.setCondition(name, c)
		} else {
			t.setCondition(name, t.anyOf(s.conditions))
		}
	}
	attrs := attributes{}.with("DeletionPolicy", s.deletion).with("UpdateReplacePolicy", s.replace)
	if len(s.conditions) > 0 && !s.unconditional {
		attrs = attrs.with("Condition", p.str(name))
	}
	return attrs
}
