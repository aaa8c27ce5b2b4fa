package sam

import (
	"strings"

	"bailey/source"
)

// table makes a DynamoDB table with one key.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html
func (t *transformer) table(s samResource) *resource {
	p := place(s.at)
	name, kind := p.str("id"), p.str("S")
	if key := s.prop("PrimaryKey"); truthy(key) {
		name, kind = get(key, "Name"), get(key, "Type")
		kind.Text = map[string]string{"String": "S", "Number": "N", "Binary": "B"}[kind.Text]
		if name.Kind == source.Null || kind.Text == "" {
			t.errorf(key.At, s.id, "PrimaryKey has a Name and a Type: String, Number or Binary")
		}
	}
	r := newResource(s.at, s.id, "AWS::DynamoDB::Table", s.attrs, kv{"AttributeDefinitions", p.list(p.obj(kv{"AttributeName", name}, kv{"AttributeType", kind}))},
		kv{"KeySchema", p.list(p.obj(kv{"AttributeName", name}, kv{"KeyType", p.str("HASH")}))})
	r.depends = s.depends
	r.copyTruthy(s.props, "PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification", "TableName")
	if !truthy(s.prop("ProvisionedThroughput")) {
		r.set("BillingMode", p.str("PAY_PER_REQUEST"))
	}
	if tags := s.prop("Tags"); truthy(tags) {
		r.set("Tags", p.list(p.tagList(tags)...))
	}
	return r
}

// layer makes a layer version. Its logical ID has a hash of all its properties,
// so that a change makes a new version.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html
func (t *transformer) layer(s samResource) *resource {
	p := place(s.at)
	props := newResource(s.at, "", "", nil)
	for _, e := range s.props.Entries {
		props.set(e.Key, e.Value)
	}
	for _, key := range []string{"LayerName", "LicenseInfo", "Description", "RetentionPolicy"} {
		if v := s.prop(key); truthy(v) {
			props.set(key, t.resolve(v))
		}
	}
	attrs := s.passed()
	if attrs.get("DeletionPolicy").Kind == source.Null {
		attrs = attrs.with("DeletionPolicy", p.str("Retain"))
	}
	if keep := get(props.props, "RetentionPolicy"); keep.Kind != source.Null {
		attrs = attrs.with("DeletionPolicy", t.retention(s, keep))
	}
	content := p.obj(kv{"Type", p.str(layerVersion)}, kv{"Properties", props.props})
	content.Entries = append(content.Entries, s.attrs.only("Condition", "UpdatePolicy")...)
	if truthy(s.depends) {
		set(&content, "DependsOn", s.depends)
	}
	r := newResource(s.at, hashed(s.id, p.obj(kv{s.id, content})), "AWS::Lambda::LayerVersion", attrs)
	r.depends = s.depends
	r.set("LayerName", p.str(s.id))
	r.copyTruthy(props.props, "LayerName")
	r.copy(props.props, "Description", "CompatibleArchitectures", "CompatibleRuntimes", "LicenseInfo")
	r.set("Content", t.s3Location(s.id, "ContentUri", s.prop("ContentUri"), "S3Bucket", "S3Key", "S3ObjectVersion"))
	for _, a := range s.prop("CompatibleArchitectures").Items {
		if !isIntrinsic(a) && !oneOf(a, "x86_64", "arm64") {
			t.errorf(a.At, s.id, "CompatibleArchitectures are x86_64 and arm64")
		}
	}
	t.renamed[s.id] = r.id
	return r
}

func (t *transformer) retention(s samResource, keep source.Node) source.Node {
	for _, policy := range []string{"Retain", "Delete"} {
		if keep.Kind == source.String && strings.EqualFold(keep.Text, policy) {
			return place(keep.At).str(policy)
		}
	}
	t.errorf(keep.At, s.id, "RetentionPolicy is Retain or Delete")
	return keep
}
