package sam

import (
	"slices"
	"strconv"
	"strings"

	"bailey/source"
)

// An apiKind is what REST and HTTP APIs have different names for.
type apiKind struct {
	kind       string // its SAM type
	implicit   string // the logical ID of the API that events share
	event      string // the event's type
	apiKey     string // the event's property that names the API
	definition func(at source.Span) source.Node
}

var (
	restAPI = apiKind{"AWS::Serverless::Api", "ServerlessRestApi", "Api", "RestApiId", emptySwagger}
	httpAPI = apiKind{"AWS::Serverless::HttpApi", "ServerlessHttpApi", "HttpApi", "ApiId", emptyOpenAPI}
)

const (
	managedBody = "__MANAGE_SWAGGER" // marks a definition that events write
	anyMethod   = "x-amazon-apigateway-any-method"
	defaultPath = "$default"
)

func emptySwagger(at source.Span) source.Node { return definition(at, "swagger", "2.0") }
func emptyOpenAPI(at source.Span) source.Node { return definition(at, "openapi", "3.0.1") }

func definition(at source.Span, key, version string) source.Node {
	p := place(at)
	return p.obj(kv{key, p.str(version)},
		kv{"info", p.obj(kv{"version", p.str("1.0")}, kv{"title", p.ref("AWS::StackName")})}, kv{"paths", p.obj()})
}

// methodConditions are the conditions of the functions behind a path: path ->
// method -> condition's name, empty for none.
type methodConditions map[string]map[string]string

// defaultBodies gives each API without a definition an empty one, for the
// events to fill.
func (t *transformer) defaultBodies() {
	resources := child(&t.doc, "Resources")
	for i := range resources.Entries {
		e := &resources.Entries[i]
		kind := get(e.Value, "Type").Text
		for _, api := range []apiKind{restAPI, httpAPI} {
			if props := ensureProps(e, kind == api.kind); props != nil && !truthy(get(*props, "DefinitionBody")) && !truthy(get(*props, "DefinitionUri")) {
				set(props, "DefinitionBody", api.definition(e.KeyAt))
				set(props, managedBody, place(e.KeyAt).bool(true))
			}
		}
	}
}

func ensureProps(e *source.Entry, wanted bool) *source.Node {
	if !wanted {
		return nil
	}
	return ensure(&e.Value, "Properties", source.Node{Kind: source.Map, At: e.KeyAt})
}

// implicitAPIs writes the path and method of each event into its API, and makes
// the API that events without one share.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
func (t *transformer) implicitAPIs(api apiKind) {
	var existing *source.Entry
	if e := t.entry(api.implicit); e != nil {
		kept := *e
		existing = &kept
	}
	at := t.doc.At
	p := place(at)
	props := p.obj(kv{"DefinitionBody", api.definition(at)}, kv{managedBody, p.bool(true)})
	if api.event == "Api" {
		set(&props, "StageName", p.str("Prod"))
	}
	t.put(api.implicit, at, p.obj(kv{"Type", p.str(api.kind)}, kv{"Properties", props}))
	for _, e := range slices.Clone(get(t.doc, "Resources").Entries) {
		if kind := get(e.Value, "Type").Text; kind == function || kind == stateMachine {
			t.apiEvents(api, e.Key)
		}
	}
	t.implicitAttributes(api)
	t.conditionalPaths(api)
	t.settleImplicit(api, existing)
}

// settleImplicit takes the shared API away again if no event used it, and has it
// stand where its first path does.
func (t *transformer) settleImplicit(api apiKind, existing *source.Entry) {
	e := t.entry(api.implicit)
	paths := get(e.Value, "Properties", "DefinitionBody", "paths")
	switch {
	case len(paths.Entries) > 0:
		e.KeyAt = paths.Entries[0].KeyAt
		moveTo(&e.Value, e.KeyAt, t.doc.At)
	case existing != nil:
		*e = *existing
	default:
		resources := child(&t.doc, "Resources")
		i := t.index[api.implicit]
		resources.Entries = slices.Delete(resources.Entries, i, i+1)
		delete(t.index, api.implicit)
		for id, n := range t.index {
			if n > i {
				t.index[id] = n - 1
			}
		}
	}
}

// moveTo gives what stands at one place another.
func moveTo(n *source.Node, to, from source.Span) {
	if n.At == from {
		n.At = to
	}
	for i := range n.Items {
		moveTo(&n.Items[i], to, from)
	}
	for i := range n.Entries {
		if n.Entries[i].KeyAt == from {
			n.Entries[i].KeyAt = to
		}
		moveTo(&n.Entries[i].Value, to, from)
	}
}

// apiEvents enters the API events of one function or state machine.
func (t *transformer) apiEvents(api apiKind, id string) {
	events := child(t.props(id), "Events")
	if events == nil || events.Kind != source.Map {
		return
	}
	for i := range events.Entries {
		e := &events.Entries[i]
		if e.Value.Kind != source.Map || !isText(get(e.Value, "Type"), api.event) {
			continue
		}
		if props, ok := e.Value.Get("Properties"); ok && props.Kind != source.Map {
			t.errorf(e.KeyAt, id+" event "+e.Key, "Properties is a map")
			continue
		}
		if api.event == "HttpApi" || truthy(get(e.Value, "Properties")) {
			t.apiEvent(api, id, e)
		}
	}
}

// apiEvent enters one event into its API.
func (t *transformer) apiEvent(api apiKind, id string, e *source.Entry) {
	p, name := place(e.KeyAt), id+" event "+e.Key
	props := ensure(&e.Value, "Properties", p.obj())
	t.implicitTags(api, id, *props)
	ensure(props, api.apiKey, p.ref(api.implicit))
	if api.event == "HttpApi" && !truthy(get(*props, "Path")) && !truthy(get(*props, "Method")) {
		set(props, "Path", p.str(defaultPath))
		set(props, "Method", p.str(anyMethod))
	}
	apiID, path, method := apiRef(get(*props, api.apiKey)), get(*props, "Path"), get(*props, "Method")
	for _, v := range []struct {
		name string
		n    source.Node
	}{{api.apiKey, apiID}, {"Path", path}, {"Method", method}} {
		if v.n.Kind != source.String {
			t.errorf(e.KeyAt, name, "%s is missing or no text", v.name)
			return
		}
	}
	self := t.entry(id)
	t.noteConditions(apiID.Text, path.Text, method.Text, attributes(self.Value.Entries))
	if kind := t.kindOf(apiID.Text); t.entry(apiID.Text) == nil || api.event == "Api" && kind == httpAPI.kind {
		t.errorf(apiID.At, name, "%s must name an %s of this template; %s is none", api.apiKey, api.kind, apiID.Text)
		return
	}
	t.enterPath(api, apiID.Text, *props, e.KeyAt)
	t.routeSettings(api, name, self.Value, apiID.Text, *props)
}

// apiRef is the logical ID that an event's RestApiId or ApiId gives, by itself
// or as a Ref.
func apiRef(n source.Node) source.Node {
	if n.Kind == source.Map && has(n, "Ref") {
		return get(n, "Ref")
	}
	return n
}

// enterPath adds the event's path and method to a definition that SAM manages.
func (t *transformer) enterPath(api apiKind, apiID string, event source.Node, at source.Span) {
	props := t.props(apiID)
	if props == nil || !truthy(get(*props, managedBody)) {
		return
	}
	body := child(props, "DefinitionBody")
	if body == nil || !validDefinition(api, *body) {
		return
	}
	item := ensure(child(body, "paths"), get(event, "Path").Text, place(at).obj())
	ensure(item, methodName(get(event, "Method").Text), place(at).obj())
	paths := child(body, "paths")
	for i := range paths.Entries {
		if paths.Entries[i].Key == get(event, "Path").Text && paths.Entries[i].KeyAt.IsZero() {
			paths.Entries[i].KeyAt = at
		}
	}
}

// validDefinition reports whether a definition can be written into.
func validDefinition(api apiKind, body source.Node) bool {
	if get(body, "paths").Kind != source.Map {
		return false
	}
	if api.event == "Api" && truthy(get(body, "swagger")) {
		return true
	}
	return isOpenAPI3(get(body, "openapi"))
}

// methodName is a method as OpenAPI writes it.
func methodName(s string) string {
	if s = strings.ToLower(s); s == "any" {
		return anyMethod
	}
	return s
}

// noteConditions keeps under which condition and deletion policies a method of
// an API exists.
func (t *transformer) noteConditions(apiID, path, method string, attrs attributes) {
	if t.conditions[apiID] == nil {
		t.conditions[apiID] = methodConditions{}
	}
	if t.conditions[apiID][path] == nil {
		t.conditions[apiID][path] = map[string]string{}
	}
	t.conditions[apiID][path][method] = attrs.get("Condition").Text
	t.policies[apiID] = append(t.policies[apiID], attrs)
}

// common gives the conditions of a set of methods, or none if one method exists
// under no condition.
func common(paths ...map[string]string) []string {
	seen := map[string]bool{}
	for _, methods := range paths {
		for _, condition := range methods {
			seen[condition] = true
		}
	}
	if seen[""] {
		return nil
	}
	return sortedKeys(seen)
}

// implicitAttributes gives the shared API the condition and the deletion
// policies of the functions behind it.
func (t *transformer) implicitAttributes(api apiKind) {
	e := t.entry(api.implicit)
	p := place(t.doc.At)
	var paths []map[string]string
	for _, path := range sortedKeys(t.conditions[api.implicit]) {
		paths = append(paths, t.conditions[api.implicit][path])
	}
	if name := t.combine(common(paths...), api.implicit+"Condition"); name != "" {
		set(&e.Value, "Condition", p.str(name))
	}
	for _, rule := range []struct {
		key   string
		ranks []string
	}{{"DeletionPolicy", []string{"Retain", "Delete"}}, {"UpdateReplacePolicy", []string{"Retain", "Snapshot", "Delete"}}} {
		for _, policy := range rule.ranks {
			given := func(as attributes) bool { return isText(as.get(rule.key), policy) }
			if slices.ContainsFunc(t.policies[api.implicit], given) {
				set(&e.Value, rule.key, p.str(policy))
				break
			}
		}
	}
}

// conditionalPaths puts a path under the condition that all its methods share.
func (t *transformer) conditionalPaths(api apiKind) {
	for _, e := range slices.Clone(get(t.doc, "Resources").Entries) {
		if props := t.props(e.Key); get(e.Value, "Type").Text == api.kind && props != nil && truthy(get(*props, managedBody)) {
			paths := child(child(props, "DefinitionBody"), "paths")
			for i := range paths.Entries {
				item := &paths.Entries[i]
				legal := strings.NewReplacer("/", "SLASH", "{", "OB", "}", "CB").Replace(item.Key)
				name := t.combine(common(t.conditions[e.Key][item.Key]), e.Key+legal+"PathCondition")
				if p := place(item.KeyAt); name != "" {
					item.Value = p.when(p.str(name), item.Value, source.Node{})
				}
			}
		}
	}
}

// combine gives the name of a condition that holds where one of several does:
// itself if it is one, else a new one of that name in the template.
func (t *transformer) combine(conditions []string, name string) string {
	switch len(conditions) {
	case 0:
		return ""
	case 1:
		return conditions[0]
	}
	const most = 10 // operands of Fn::Or
	extra := (len(conditions) - 2) / (most - 1)
	for len(conditions) > 1 {
		n, key := min(most, len(conditions)), name
		if extra > 0 {
			key = name + strconv.Itoa(extra)
			extra--
		}
		t.setCondition(key, t.anyOf(conditions[:n]))
		conditions = append(slices.Clone(conditions[n:]), key)
	}
	return name
}

func (t *transformer) anyOf(conditions []string) source.Node {
	p := place(t.doc.At)
	list := p.list()
	for _, c := range conditions {
		list.Items = append(list.Items, p.obj(kv{"Condition", p.str(c)}))
	}
	return p.obj(kv{"Fn::Or", list})
}

// setCondition gives the template a condition.
func (t *transformer) setCondition(name string, n source.Node) {
	set(ensure(&t.doc, "Conditions", place(t.doc.At).obj()), name, n)
}

// implicitTags gives the shared API the tags of a function that propagates them.
func (t *transformer) implicitTags(api apiKind, id string, event source.Node) {
	if has(event, api.apiKey) {
		return
	}
	globals := get(t.doc, "Globals", strings.TrimPrefix(t.kindOf(id), "AWS::Serverless::"))
	tags, own := get(*t.props(id), "Tags"), get(*t.props(id), "PropagateTags")
	if !truthy(tags) {
		tags = get(globals, "Tags")
	}
	if !truthy(tags) || !truthy(own) && !truthy(get(globals, "PropagateTags")) {
		return
	}
	props := t.props(api.implicit)
	for _, tag := range tags.Entries {
		set(ensure(props, "Tags", place(tags.At).obj()), tag.Key, tag.Value)
	}
	set(props, "PropagateTags", place(tags.At).bool(true))
}

// routeSettings moves an HttpApi event's RouteSettings to its API.
func (t *transformer) routeSettings(api apiKind, name string, self source.Node, apiID string, event source.Node) {
	settings, ok := event.Get("RouteSettings")
	if !ok || api.event != "HttpApi" {
		return
	}
	p := place(settings.At)
	path, method := get(event, "Path").Text, get(event, "Method").Text
	route := strings.ToUpper(method) + " " + path
	if method == anyMethod {
		route = path
	}
	if condition, ok := self.Get("Condition"); ok && truthy(condition) {
		settings = p.when(condition, settings, source.Node{})
	}
	props := t.props(apiID)
	if settings.Kind != source.Map || props == nil {
		t.errorf(settings.At, name, "RouteSettings is a map")
		return
	}
	all := ensure(props, "RouteSettings", p.obj())
	if all.Kind != source.Map {
		t.errorf(all.At, apiID, "RouteSettings is a map")
		return
	}
	one := ensure(all, route, p.obj())
	for _, e := range settings.Entries {
		set(one, e.Key, e.Value)
	}
}
