package sam

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bailey/source"
)

// A connector is an AWS::Serverless::Connector while its resources are made.
type connector struct {
	samResource
	permissions []string
	made        []*resource
}

// An end is the source or destination of a connector: its attributes by name
// (Arn, RoleName, QueueUrl, ResourceId, Name, Qualifier), null if unknown.
type end struct {
	id, kind string // id is empty for an end given by its attributes
	values   map[string]source.Node
}

// connectors makes the policies and permissions of the connectors. They come
// last: they read what the other SAM resources have become.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html
func (t *transformer) connectors() {
	for _, s := range t.connecting {
		if !t.conforms(s) {
			continue
		}
		made := t.connector(s)
		replacement := place(s.at).list()
		for _, r := range made {
			t.unique(s, r)
			t.put(r.id, r.at, r.node())
			replacement.Items = append(replacement.Items, place(s.at).str(r.id))
		}
		t.replaceDepends(s.id, replacement)
	}
}

func (t *transformer) connector(s samResource) []*resource {
	c := &connector{samResource: s}
	for p := range s.prop("Permissions").Each() {
		c.permissions = append(c.permissions, p.Text)
	}
	destinations := s.prop("Destination")
	if destinations.Kind == source.List && len(destinations.Items) == 0 {
		t.errorf(destinations.At, c.id, "Destination is an empty list")
	}
	i := 0
	for d := range destinations.Each() {
		suffix := ""
		if destinations.Kind == source.List {
			suffix = "Destination" + strconv.Itoa(i)
		}
		to, ok := t.end(c, d, s.prop("Source"))
		from, ok2 := t.end(c, s.prop("Source"), d)
		if ok && ok2 {
			t.connect(c, from, to, suffix)
		}
		i++
	}
	return c.made
}

// endTypes are the types that SAM's own become.
var endTypes = map[string]string{function: cfnFunction, stateMachine: cfnMachine, restAPI.kind: cfnRestAPI, httpAPI.kind: cfnHTTPAPI, simpleTable: cfnTable}

// end reads one end of a connector: a resource of the template by its Id, or
// the attributes that are given.
func (t *transformer) end(c *connector, n, other source.Node) (end, bool) {
	attributes := slices.ContainsFunc(n.Entries, func(e source.Entry) bool { return e.Key != "Id" && e.Key != "Qualifier" })
	if has(n, "Id") == attributes {
		t.errorf(n.At, c.id, "an end of a connector has an Id, with a Qualifier perhaps, or else its Type and attributes")
		return end{}, false
	}
	id := get(n, "Id")
	if !truthy(id) {
		return t.givenEnd(c, n)
	}
	if id.Kind != source.String {
		t.errorf(id.At, c.id, "the Id of a connector's end is a logical ID")
		return end{}, false
	}
	entry := t.entry(id.Text)
	if entry == nil {
		t.errorf(id.At, c.id, "the template has no resource %s", id.Text)
		return end{}, false
	}
	kind := get(entry.Value, "Type")
	if kind.Kind != source.String || kind.Text == "" {
		t.errorf(entry.KeyAt, c.id, "the resource %s has no Type", id.Text)
		return end{}, false
	}
	out := end{id: id.Text, kind: kind.Text, values: endValues(place(n.At), id.Text, kind.Text)}
	out.values["RoleName"] = roleName(place(n.At), kind.Text, get(entry.Value, "Properties"), other)
	if q, ok := n.Get("Qualifier"); ok {
		out.values["Qualifier"] = q
	}
	return out, true
}

func (t *transformer) givenEnd(c *connector, n source.Node) (end, bool) {
	kind := get(n, "Type")
	if kind.Kind != source.String || kind.Text == "" {
		t.errorf(n.At, c.id, "an end of a connector has an Id or a Type")
		return end{}, false
	}
	out := end{kind: kind.Text, values: map[string]source.Node{}}
	if cfn, ok := endTypes[kind.Text]; ok {
		out.kind = cfn
	}
	for _, key := range []string{"Arn", "RoleName", "QueueUrl", "ResourceId", "Name", "Qualifier"} {
		out.values[key] = get(n, key)
	}
	return out, true
}

// endValues are the attributes of a resource of the template.
func endValues(p place, id, kind string) map[string]source.Node {
	arn := func(n source.Node) map[string]source.Node { return map[string]source.Node{"Arn": n} }
	switch kind {
	case cfnFunction, cfnRule, cfnTable, cfnBucket, cfnPlaceIndex, cfnBus:
		return arn(p.getAtt(id, "Arn"))
	case cfnQueue:
		return map[string]source.Node{"Arn": p.getAtt(id, "Arn"), "QueueUrl": p.ref(id)}
	case cfnTopic, cfnDataSource:
		return arn(p.ref(id))
	case cfnMachine:
		return map[string]source.Node{"Arn": p.ref(id), "Name": p.getAtt(id, "Name")}
	case cfnGraphQL:
		return map[string]source.Node{"Arn": p.ref(id), "ResourceId": p.getAtt(id, "ApiId")}
	case cfnRestAPI, cfnHTTPAPI:
		return map[string]source.Node{"Arn": p.getAtt(id, "Arn"), "ResourceId": p.ref(id), "Qualifier": p.str("*")}
	}
	return map[string]source.Node{}
}

// roleName is the name of the role that a resource acts by, null if it cannot
// be told. A rule has a role for each target: the other end's.
func roleName(p place, kind string, props, other source.Node) source.Node {
	role := get(props, map[string]string{cfnFunction: "Role", cfnMachine: "RoleArn", cfnDataSource: "ServiceRoleArn"}[kind])
	if kind == cfnRule {
		for target := range get(props, "Targets").Each() {
			arn := get(target, "Arn")
			id, ok := referred(arn)
			if ok && isText(get(other, "Id"), id) || truthy(get(other, "Arn")) && equal(arn, get(other, "Arn")) {
				role = get(target, "RoleArn")
				break
			}
		}
	}
	id, ok := referred(role)
	if !ok {
		return source.Node{}
	}
	return p.ref(id)
}

// connect makes what lets one end use the other.
func (t *transformer) connect(c *connector, from, to end, suffix string) {
	profile, ok := connectorProfiles()[link{from.kind, to.kind}]
	if !ok {
		t.errorf(c.at, c.id, "there is no connector from %s to %s", from.kind, to.kind)
		return
	}
	if !t.permitted(c, profile, from, to) {
		return
	}
	before := len(c.made)
	switch profile.holder {
	case sourceRole:
		t.connectorPolicy(c, profile, from, to, from, suffix)
	case destinationRole:
		t.connectorPolicy(c, profile, from, to, to, suffix)
	case functionPolicy:
		t.connectorPermission(c, profile, from, to, suffix)
	case queuePolicyHolder:
		t.resourceConnector(c, profile, from, to, "AWS::SQS::QueuePolicy", "QueuePolicy"+suffix, "QueueUrl", "Queues")
	case topicPolicyHolder:
		t.resourceConnector(c, profile, from, to, "AWS::SNS::TopicPolicy", "TopicPolicy"+suffix, "Arn", "Topics")
	}
	for _, r := range c.made[before:] {
		t.markConnector(c, r, from, to)
	}
}

// permitted holds the connector's Permissions against its profile.
func (t *transformer) permitted(c *connector, p profile, from, to end) bool {
	var names []string
	for _, a := range p.accesses {
		names = append(names, a.name)
	}
	asked := slices.Compact(slices.Sorted(slices.Values(c.permissions)))
	known := !slices.ContainsFunc(asked, func(name string) bool { return !slices.Contains(names, name) })
	together := p.together == nil || slices.ContainsFunc(p.together, func(all []string) bool { return slices.Equal(all, asked) })
	if len(asked) > 0 && known && together {
		return true
	}
	choice := strings.Join(names, ", ")
	if p.together != nil {
		choice = ""
		for i, all := range p.together {
			choice += map[bool]string{false: ", or "}[i == 0] + strings.Join(all, " and ")
		}
	}
	t.errorf(c.prop("Permissions").At, c.id, "the Permissions of a connector from %s to %s are %s", from.kind, to.kind, choice)
	return false
}

var endVariable = regexp.MustCompile(`%(Source|Destination)\.(Arn|ResourceId|Name|Qualifier)`)

// written gives a text of a profile with its variables filled in.
func (t *transformer) written(c *connector, text string, from, to end) source.Node {
	p := place(c.at)
	var vars []kv
	whole := source.Node{}
	text = endVariable.ReplaceAllStringFunc(text, func(v string) string {
		m := endVariable.FindStringSubmatch(v)
		value := map[string]end{"Source": from, "Destination": to}[m[1]].values[m[2]]
		if value.Kind == source.Null {
			t.errorf(c.prop(m[1]).At, c.id, "the %s of the %s is not known", m[2], m[1])
		}
		whole = value
		vars = append(vars, kv{m[1] + m[2], value})
		return "${" + m[1] + m[2] + "}"
	})
	if len(vars) == 1 && text == "${"+vars[0].key+"}" {
		return whole
	}
	return p.sub(text, vars...)
}

// statements are the statements of a managed policy.
func (t *transformer) statements(c *connector, p profile, from, to end) []source.Node {
	var out []source.Node
	at := place(c.prop("Permissions").At)
	for _, a := range p.accesses {
		for _, g := range a.grants {
			resources := at.list()
			for _, text := range strings.Fields(g.resources) {
				resources.Items = append(resources.Items, t.written(c, text, from, to))
			}
			if slices.Contains(c.permissions, a.name) {
				out = append(out, at.obj(kv{"Effect", at.str("Allow")}, kv{"Action", at.strs(strings.Fields(g.actions)...)}, kv{"Resource", resources}))
			}
		}
	}
	return out
}

func (c *connector) add(id, kind string, props ...kv) *resource {
	r := newResource(c.at, c.id+id, kind, c.attrs, props...)
	r.depends = c.depends
	c.made = append(c.made, r)
	return r
}

// connectorPolicy makes a managed policy for the role of one end.
func (t *transformer) connectorPolicy(c *connector, p profile, from, to, holder end, suffix string) {
	statements := t.statements(c, p, from, to)
	role := holder.values["RoleName"]
	if !truthy(role) {
		t.errorf(c.at, c.id, "the role of the %s cannot be told", map[bool]string{true: "Source", false: "Destination"}[p.holder == sourceRole])
		return
	}
	at := place(c.at)
	r := c.add("Policy"+suffix, "AWS::IAM::ManagedPolicy", kv{"PolicyDocument", at.document(statements...)}, kv{"Roles", at.list(role)})
	switch {
	case p.dependent == sourceWaits && from.id != "":
		t.dependOn(from.id, r.id)
	case p.dependent == mappingWaits && from.id != "" && to.id != "":
		if mappings := t.mappings(from.id, to.id); len(mappings) == 1 {
			t.dependOn(mappings[0], r.id)
		}
	}
}

// connectorPermission lets the source invoke a function.
func (t *transformer) connectorPermission(c *connector, p profile, from, to end, suffix string) {
	at, caller := place(c.at), t.written(c, p.from, from, to)
	if !truthy(to.values["Arn"]) {
		t.errorf(c.at, c.id, "the Arn of the Destination is not known")
		return
	}
	r := c.add("WriteLambdaPermission"+suffix, "AWS::Lambda::Permission", kv{"Action", at.str(p.accesses[0].grants[0].actions)},
		kv{"FunctionName", to.values["Arn"]}, kv{"Principal", at.str(p.principal)}, kv{"SourceArn", caller})
	if p.account {
		r.set("SourceAccount", at.sub("${AWS::AccountId}"))
	}
}

// resourceConnector lets the source send to a queue or a topic.
func (t *transformer) resourceConnector(c *connector, p profile, from, to end, kind, id, name, list string) {
	at, g := place(c.at), p.accesses[0].grants[0]
	statement := at.obj(kv{"Effect", at.str("Allow")}, kv{"Principal", at.obj(kv{"Service", at.str(p.principal)})},
		kv{"Resource", t.written(c, g.resources, from, to)}, kv{"Action", at.str(g.actions)},
		kv{"Condition", at.obj(kv{"ArnEquals", at.obj(kv{"aws:SourceArn", t.written(c, p.from, from, to)})})})
	target := to.values[name]
	if !truthy(target) {
		t.errorf(c.at, c.id, "the %s of the Destination is not known", name)
		return
	}
	c.add(id, kind, kv{list, at.list(target)}, kv{"PolicyDocument", at.document(statement)})
}

// markConnector says in the metadata what a resource was generated for.
func (t *transformer) markConnector(c *connector, r *resource, from, to end) {
	p := place(c.at)
	kind := func(e end) source.Node {
		kind := e.kind
		if own := t.original[e.id]; own != "" {
			kind = own
		}
		return p.obj(kv{"Type", p.str(kind)})
	}
	metadata := clone(r.attrs.get("Metadata"))
	if metadata.Kind == source.Null {
		metadata = p.obj()
	}
	set(&metadata, "aws:sam:connectors", p.obj(kv{c.id, p.obj(kv{"Source", kind(from)}, kv{"Destination", kind(to)})}))
	r.attrs = r.attrs.with("Metadata", metadata)
}
