package sam

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bailey/source"
)

// Name is the transform's name in a template's Transform section.
const Name = "AWS::Serverless-2016-10-31"

// Options are what the transform needs to know and no template says.
type Options struct {
	Region     string                 // us-east-1 if empty
	Partition  string                 // aws, aws-cn ...; that of the region if empty
	Parameters map[string]source.Node // values of template parameters; the others have their defaults
	// Unpackaged leaves local folders and files where they stand, as a text, in
	// the form that `aws cloudformation package` takes them; AWS itself refuses
	// a template before it is packaged.
	Unpackaged bool
}

// Uses reports whether doc asks for the SAM transform.
func Uses(doc source.Node) bool {
	transform, ok := doc.Get("Transform")
	if !ok {
		return false
	}
	for n := range transform.Each() {
		if isText(n, Name) {
			return true
		}
	}
	return false
}

// Transform gives the CloudFormation template of a SAM template. The Node is
// the zero Node if a diagnostic is an error. Short forms of intrinsic functions
// come out long; doc itself stays as it is.
func Transform(doc source.Node, options Options) (source.Node, source.Diags) {
	t := newTransformer(expand(doc), options)
	if t.check(); !t.diags.HasErrors() {
		t.defaultBodies()
		t.implicitAPIs(restAPI)
		t.implicitAPIs(httpAPI)
		t.mergeGlobals()
	}
	if !t.diags.HasErrors() {
		t.embeddedConnectors()
		t.resources()
		t.deploymentGroups()
		t.emit()
		t.connectors()
	}
	if t.diags.HasErrors() {
		return source.Node{}, t.diags
	}
	return t.rewriteReferences(), t.diags
}

// A transformer holds one template while it is transformed.
type transformer struct {
	region, partition string
	unpackaged        bool
	params            parameters
	doc               source.Node           // the template; its Resources change in place
	index             map[string]int        // logical ID -> entry of Resources
	original          map[string]string     // logical ID -> type, before anything is transformed
	connecting        []samResource         // the connectors
	made              []*resource           // what takes the SAM resources' place
	gone              map[string]bool       // SAM resources that have been transformed
	aliases           map[string]references // SAM resource -> property (Alias, Stage) -> logical ID
	renamed           map[string]string     // layers: logical ID -> new one
	recordGroups      map[string]*resource  // Route 53 record set groups that APIs share
	shared            sharedUsagePlan       // the usage plan that APIs share
	deployments       []deployment          // functions that CodeDeploy shifts traffic to
	attached          map[string]*resource  // buckets and user pools that events have changed
	conditions        map[string]methodConditions
	policies          map[string][]attributes // API -> deletion policies of the functions behind it
	diags             source.Diags
}

// references are the properties of a SAM resource that a Ref may ask for.
type references map[string]string

func newTransformer(doc source.Node, options Options) *transformer {
	t := &transformer{doc: doc, params: parameters{}, index: map[string]int{}, gone: map[string]bool{},
		aliases: map[string]references{}, renamed: map[string]string{}, recordGroups: map[string]*resource{},
		attached: map[string]*resource{}, conditions: map[string]methodConditions{}, policies: map[string][]attributes{}}
	t.region, t.unpackaged = cmp.Or(options.Region, "us-east-1"), options.Unpackaged
	t.partition = cmp.Or(options.Partition, partitionOf(t.region))
	for _, e := range get(doc, "Parameters").Entries {
		if v, ok := e.Value.Get("Default"); ok {
			t.params[e.Key] = v
		}
	}
	for name, v := range options.Parameters {
		t.params[name] = expand(v)
	}
	p := place(doc.At)
	t.params["AWS::Region"] = p.str(t.region)
	t.params["AWS::Partition"] = p.str(t.partition)
	return t
}

// partitionOf gives the partition that a region's name stands for.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func partitionOf(region string) string {
	for _, p := range [][2]string{{"cn-", "aws-cn"}, {"us-iso-", "aws-iso"}, {"us-isob", "aws-iso-b"},
		{"us-gov", "aws-us-gov"}, {"eu-isoe", "aws-iso-e"}, {"us-isof", "aws-iso-f"}, {"eusc-", "aws-eusc"}} {
		if strings.HasPrefix(strings.ToLower(region), p[0]) {
			return p[1]
		}
	}
	return "aws"
}

// managed is the ARN of an AWS managed policy.
func (t *transformer) managed(path string) string {
	return "arn:" + t.partition + ":iam::aws:policy/" + path
}

// arn is the ARN of something in the stack's own account and region.
func (t *transformer) arn(service, resource string) string {
	return "arn:" + t.partition + ":" + service + ":${AWS::Region}:${AWS::AccountId}:" + resource
}

// errorf refuses, once, what stands at one place of the resource or event id.
func (t *transformer) errorf(at source.Span, id, format string, args ...any) {
	d := source.Diag{Code: "SAM_INVALID", At: at, Summary: fmt.Sprintf(id+": "+format, args...)}
	said := func(old source.Diag) bool { return old.At == d.At && old.Summary == d.Summary }
	if !slices.ContainsFunc(t.diags, said) {
		t.diags.Add(d)
	}
}

// entry points at the entry of a resource in the template, or is nil.
func (t *transformer) entry(id string) *source.Entry {
	i, ok := t.index[id]
	if !ok {
		return nil
	}
	return &child(&t.doc, "Resources").Entries[i]
}

// props points at the properties of a resource in the template, or is nil.
func (t *transformer) props(id string) *source.Node {
	e := t.entry(id)
	if e == nil {
		return nil
	}
	return child(&e.Value, "Properties")
}

// kindOf gives the type of a resource in the template.
func (t *transformer) kindOf(id string) string {
	if e := t.entry(id); e != nil {
		return get(e.Value, "Type").Text
	}
	return ""
}

// put gives the template a resource, in place of one that has the logical ID.
func (t *transformer) put(id string, at source.Span, n source.Node) {
	if e := t.entry(id); e != nil {
		e.Value = n
		return
	}
	resources := child(&t.doc, "Resources")
	t.index[id] = len(resources.Entries)
	resources.Entries = append(resources.Entries, source.Entry{Key: id, KeyAt: at, Value: n})
}

// check looks at the template's outline: everything that later steps rely on.
func (t *transformer) check() {
	resources, ok := t.doc.Get("Resources")
	if !ok || resources.Kind != source.Map || len(resources.Entries) == 0 {
		t.diags.Errorf("SAM_NO_RESOURCES", cmp.Or(resources.At, t.doc.At), "the template has no Resources, or they are no map")
		return
	}
	for _, section := range []string{"Mappings", "Parameters"} {
		if n, ok := t.doc.Get(section); ok && n.Kind != source.Map {
			t.diags.Errorf("SAM_INVALID", cmp.Or(n.At, t.doc.At), "%s is a map, not a %s", section, n.Kind)
		}
	}
	for i, e := range resources.Entries {
		t.index[e.Key] = i
		switch {
		case strings.HasPrefix(e.Key, "Fn::ForEach::"):
			t.diags.Add(source.Diag{Code: "SAM_FOR_EACH", At: e.KeyAt, Summary: e.Key + ": SAM reads a template whose loops AWS::LanguageExtensions has written out",
				Hint: "name AWS::LanguageExtensions before " + Name + " in Transform, and write the loop out for this tool"})
			continue
		case e.Value.Kind != source.Map:
			t.errorf(e.KeyAt, e.Key, "a resource is a map, not a %s", e.Value.Kind)
			continue
		}
		t.checkResource(e)
	}
}

func (t *transformer) checkResource(e source.Entry) {
	if c := get(e.Value, "Condition"); truthy(c) && c.Kind != source.String {
		t.errorf(c.At, e.Key, "Condition is the name of a condition")
	}
	kind := get(e.Value, "Type")
	name, isSAM := strings.CutPrefix(kind.Text, "AWS::Serverless::")
	if !isSAM || kind.Kind != source.String {
		return
	}
	if _, known := schemas[kind.Text]; !known {
		t.diags.Errorf("SAM_UNKNOWN_TYPE", kind.At, "%s: SAM has no resource type %q", e.Key, name)
	}
	if p := get(e.Value, "Properties"); p.Kind != source.Map && has(e.Value, "Properties") {
		t.errorf(p.At, e.Key, "Properties is a map, not a %s", p.Kind)
	}
}

func isLogicalID(s string) bool {
	return s != "" && strings.Trim(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
}

// resources transforms every SAM resource: functions first, since their events
// write into the APIs.
func (t *transformer) resources() {
	t.original = map[string]string{}
	for _, e := range get(t.doc, "Resources").Entries {
		t.original[e.Key] = get(e.Value, "Type").Text
		if t.original[e.Key] == connectorKind {
			t.connecting = append(t.connecting, newSAMResource(e))
			t.gone[e.Key] = true
		}
	}
	for _, step := range []struct {
		kinds []string
		do    func(samResource) []*resource
	}{
		{[]string{function}, t.function},
		{[]string{stateMachine}, t.stateMachine},
		{[]string{restAPI.kind, httpAPI.kind, webSocketAPI}, t.api},
		{[]string{simpleTable, layerVersion, application, capacityProvider, graphQLAPI}, t.other},
	} {
		for _, e := range slices.Clone(get(t.doc, "Resources").Entries) {
			if kind := get(e.Value, "Type").Text; slices.Contains(step.kinds, kind) && t.entry(e.Key) != nil {
				t.one(e, step.do)
			}
		}
	}
}

// one transforms one SAM resource, unless its properties are wrong.
func (t *transformer) one(e source.Entry, do func(samResource) []*resource) {
	s := newSAMResource(e)
	if !t.conforms(s) {
		return
	}
	made := do(s)
	t.gone[s.id] = true
	t.remember(s, made)
	for _, r := range made {
		t.unique(s, r)
	}
	t.made = append(t.made, made...)
}

// mayReplace says which generated type may take the logical ID of which
// template type.
var mayReplace = map[string][]string{
	"AWS::Lambda::Function": {function}, "AWS::Lambda::LayerVersion": {layerVersion},
	"AWS::ApiGateway::RestApi": {restAPI.kind}, "AWS::ApiGatewayV2::Api": {httpAPI.kind, webSocketAPI},
	"AWS::Lambda::CapacityProvider": {capacityProvider}, "AWS::CloudFormation::Stack": {application}, "AWS::AppSync::GraphQLApi": {graphQLAPI},
	"AWS::ApiGateway::DomainName": {"AWS::ApiGateway::DomainName"}, "AWS::ApiGateway::BasePathMapping": {"AWS::ApiGateway::BasePathMapping"},
	"AWS::ApiGateway::DomainNameV2": {"AWS::ApiGateway::DomainNameV2"}, "AWS::ApiGateway::BasePathMappingV2": {"AWS::ApiGateway::BasePathMappingV2"},
	"AWS::DynamoDB::Table": {simpleTable}, "AWS::StepFunctions::StateMachine": {stateMachine},
}

// unique refuses a generated resource whose logical ID the template has taken.
func (t *transformer) unique(s samResource, r *resource) {
	kind, ok := t.original[r.id]
	if !ok {
		return
	}
	if sameID := kind == r.kind && r.shares(); !sameID && !slices.Contains(mayReplace[r.kind], kind) {
		at := s.at
		if e := t.entry(r.id); e != nil {
			at = e.KeyAt
		}
		t.diags.Add(source.Diag{Code: "SAM_DUPLICATE_ID", At: at, Hint: "give this resource another logical ID",
			Summary: s.id + ": generates a resource " + r.id + ", and the template has one of that name"})
	}
}

// emit puts what was made into the template in place of the SAM resources.
func (t *transformer) emit() {
	resources := child(&t.doc, "Resources")
	if resources == nil {
		return
	}
	resources.Entries = slices.DeleteFunc(resources.Entries, func(e source.Entry) bool { return t.gone[e.Key] })
	clear(t.index)
	for _, section := range []string{"Mappings", "Parameters"} {
		if n, ok := t.doc.Get(section); ok && n.Kind != source.Map {
			t.diags.Errorf("SAM_INVALID", cmp.Or(n.At, t.doc.At), "%s is a map, not a %s", section, n.Kind)
		}
	}
	for i, e := range resources.Entries {
		t.index[e.Key] = i
	}
	for _, r := range t.made {
		t.put(r.id, r.at, r.node())
	}
	t.dropTransform()
}

// dropTransform takes SAM out of the Transform section. Other macros stay, for
// the reader of the outcome to refuse.
func (t *transformer) dropTransform() {
	transform := child(&t.doc, "Transform")
	if transform == nil {
		return
	}
	rest := slices.DeleteFunc(slices.Collect(transform.Each()), func(n source.Node) bool { return isText(n, Name) })
	if len(rest) == 0 {
		del(&t.doc, "Transform")
		return
	}
	*transform = place(transform.At).list(rest...)
}

// sortedKeys are the keys of m in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
