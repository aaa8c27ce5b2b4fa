package sam

import (
	"slices"

	"bailey/source"
)

// A samResource is one resource of the SAM template: what is read.
type samResource struct {
	id, kind string
	at       source.Span // its key
	props    source.Node
	attrs    attributes  // DependsOn is not among them
	depends  source.Node // DependsOn
}

// attributes are resource attributes such as Condition and DeletionPolicy.
type attributes []source.Entry

func (as attributes) get(key string) source.Node {
	for _, e := range as {
		if e.Key == key {
			return e.Value
		}
	}
	return source.Node{}
}

// with gives the attributes with one set; null takes it away.
func (as attributes) with(key string, v source.Node) attributes {
	out := slices.DeleteFunc(slices.Clone(as), func(e source.Entry) bool { return e.Key == key })
	if v.Kind != source.Null {
		out = append(out, source.Entry{Key: key, KeyAt: v.At, Value: v})
	}
	return out
}

// only keeps the attributes of those names.
func (as attributes) only(keys ...string) attributes {
	return slices.DeleteFunc(slices.Clone(as), func(e source.Entry) bool { return !slices.Contains(keys, e.Key) })
}

// newSAMResource reads an entry of Resources. A resource has five attributes;
// SAM drops others.
func newSAMResource(e source.Entry) samResource {
	s := samResource{id: e.Key, kind: get(e.Value, "Type").Text, at: e.KeyAt, props: get(e.Value, "Properties"), depends: get(e.Value, "DependsOn")}
	if s.props.Kind == source.Null {
		s.props = source.Node{Kind: source.Map, At: e.KeyAt}
	}
	s.attrs = attributes(e.Value.Entries).only("DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy", "Metadata")
	return s
}

// prop is a property, null if it is not set.
func (s samResource) prop(key string) source.Node { return get(s.props, key) }

// passed are the attributes that every resource generated for s inherits.
func (s samResource) passed() attributes {
	return s.attrs.only("Condition", "DeletionPolicy", "UpdateReplacePolicy")
}

// condition is the name of the condition that s stands under, or null.
func (s samResource) condition() source.Node { return s.attrs.get("Condition") }

// A resource is one resource of the outcome.
type resource struct {
	id, kind string
	at       source.Span
	depends  source.Node
	attrs    attributes
	props    source.Node
}

// make starts a resource that stands where the user wrote its cause.
func newResource(at source.Span, id, kind string, attrs attributes, entries ...kv) *resource {
	return &resource{id: id, kind: kind, at: at, attrs: attrs, props: place(at).obj(entries...)}
}

// set gives the resource a property; null leaves it out.
func (r *resource) set(key string, v source.Node) {
	if v.Kind == source.Null {
		del(&r.props, key)
		return
	}
	set(&r.props, key, v)
}

// copy takes properties over that have the same name and meaning in SAM.
func (r *resource) copy(from source.Node, keys ...string) {
	for _, key := range keys {
		r.set(key, get(from, key))
	}
}

// copyTruthy takes over the properties that are not empty either.
func (r *resource) copyTruthy(from source.Node, keys ...string) {
	for _, key := range keys {
		if v := get(from, key); truthy(v) {
			r.set(key, v)
		}
	}
}

func (r *resource) ref() source.Node { return place(r.at).ref(r.id) }
func (r *resource) arn() source.Node { return place(r.at).getAtt(r.id, "Arn") }

// snapshot is r as it is now: tags that one function propagates to it are not
// there for the next.
func (r *resource) snapshot() *resource {
	out := *r
	out.props = clone(r.props)
	return &out
}

// shares reports whether r is a resource of the template that events changed.
func (r *resource) shares() bool {
	return slices.Contains([]string{"AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::SNS::Topic"}, r.kind)
}

// node is the resource as a template has it.
func (r *resource) node() source.Node {
	p := place(r.at)
	out := p.obj(kv{"Type", p.str(r.kind)})
	if truthy(r.depends) {
		set(&out, "DependsOn", r.depends)
	}
	out.Entries = append(out.Entries, r.attrs...)
	set(&out, "Properties", r.props)
	return out
}

// tagged are the types that take PropagateTags, and whether their tags are a
// map and not a list.
var tagged = map[string]bool{
	"AWS::Lambda::Function": false, "AWS::IAM::Role": false, "AWS::SQS::Queue": false, "AWS::SNS::Topic": false,
	"AWS::S3::Bucket": false, "AWS::IoT::TopicRule": false, "AWS::ApiGateway::RestApi": false, "AWS::ApiGateway::Stage": false,
	"AWS::ApiGateway::UsagePlan": false, "AWS::ApiGateway::ApiKey": false, "AWS::ApiGateway::DomainName": false,
	"AWS::ApiGateway::DomainNameV2": false, "AWS::ApiGateway::DomainNameAccessAssociation": false,
	"AWS::StepFunctions::StateMachine": false, "AWS::ApiGatewayV2::Stage": true, "AWS::ApiGatewayV2::DomainName": true,
}

// propagateTags sets the tags of everything generated, if they are asked to go
// there.
func propagateTags(made []*resource, tags source.Node, wanted bool) {
	if !wanted || !truthy(tags) {
		return
	}
	for _, r := range made {
		asMap, ok := tagged[r.kind]
		p := place(tags.At)
		switch {
		case ok && asMap:
			r.set("Tags", tags)
		case ok:
			r.set("Tags", p.list(p.tagList(tags)...))
		}
	}
}

// referable are the generated types that a Ref may ask a SAM resource for.
var referable = map[string]map[string]string{
	function: {"Alias": "AWS::Lambda::Alias", "Version": "AWS::Lambda::Version", "DestinationTopic": "AWS::SNS::Topic", "DestinationQueue": "AWS::SQS::Queue"},
	restAPI.kind: {"Stage": "AWS::ApiGateway::Stage", "Deployment": "AWS::ApiGateway::Deployment", "DomainName": "AWS::ApiGateway::DomainName",
		"DomainNameV2": "AWS::ApiGateway::DomainNameV2", "UsagePlan": "AWS::ApiGateway::UsagePlan", "UsagePlanKey": "AWS::ApiGateway::UsagePlanKey", "ApiKey": "AWS::ApiGateway::ApiKey"},
	webSocketAPI: {"Stage": "AWS::ApiGatewayV2::Stage", "DomainName": "AWS::ApiGatewayV2::DomainName"},
	httpAPI.kind: {"Stage": "AWS::ApiGatewayV2::Stage", "DomainName": "AWS::ApiGatewayV2::DomainName"},
}

// remember keeps what a Ref such as !Ref Function.Alias stands for.
func (t *transformer) remember(s samResource, made []*resource) {
	refs := references{}
	for _, r := range made {
		for property, kind := range referable[s.kind] {
			if r.kind == kind {
				refs[property] = r.id
			}
		}
	}
	if len(refs) > 0 {
		t.aliases[s.id] = refs
	}
}
