package sam

import (
	"regexp"

	"bailey/source"
)

// A lambda is a function while its resources are made.
type lambda struct {
	samResource
	fn        *resource
	version   *resource
	alias     *resource
	aliasName string
	role      *resource // the generated role; made even if the function names its own
	made      []*resource
}

// target is what events invoke: the alias if there is one, else the function.
func (l *lambda) target() *resource {
	if l.alias != nil {
		return l.alias
	}
	return l.fn
}

// name is how a permission or a mapping names the target.
func (l *lambda) name() source.Node { return l.target().ref() }

// arn is the target's ARN. An alias's Ref is its ARN.
func (l *lambda) arn() source.Node {
	if l.alias != nil {
		return l.alias.ref()
	}
	return l.fn.arn()
}

func (l *lambda) add(rs ...*resource) { l.made = append(l.made, rs...) }

// function makes the resources of an AWS::Serverless::Function.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
func (t *transformer) function(s samResource) []*resource {
	l := &lambda{samResource: s}
	t.functionRules(l)
	l.fn = t.lambdaFunction(l)
	l.add(l.fn)
	t.versionAndAlias(l)
	t.functionURL(l)
	t.deploymentPreference(l)
	invokePolicies := t.eventInvokeConfig(l)
	t.functionRole(l, invokePolicies)
	t.functionEvents(l)
	propagateTags(l.made, s.prop("Tags"), truthy(s.prop("PropagateTags")))
	return l.made
}

// functionRules are the properties that forbid or need one another.
func (t *transformer) functionRules(l *lambda) {
	not := func(a, b string) {
		if l.prop(a).Kind != source.Null && l.prop(b).Kind != source.Null {
			t.errorf(l.prop(b).At, l.id, "%s and %s exclude each other", a, b)
		}
	}
	needs := func(a, b string, set bool) {
		if set && !truthy(l.prop(b)) {
			t.errorf(l.prop(a).At, l.id, "%s needs %s", a, b)
		}
	}
	not("CapacityProviderConfig", "ProvisionedConcurrencyConfig")
	not("CapacityProviderConfig", "VpcConfig")
	needs("FunctionScalingConfig", "CapacityProviderConfig", l.prop("FunctionScalingConfig").Kind != source.Null)
	needs("VersionDeletionPolicy", "AutoPublishAlias", l.prop("VersionDeletionPolicy").Kind != source.Null)
	needs("ProvisionedConcurrencyConfig", "AutoPublishAlias", truthy(l.prop("ProvisionedConcurrencyConfig")))
	t.deadLetterRules(l)
	t.tenancyRules(l)
}

func (t *transformer) deadLetterRules(l *lambda) {
	dlq := l.prop("DeadLetterQueue")
	if !truthy(dlq) {
		return
	}
	if !oneOf(get(dlq, "Type"), "SQS", "SNS") || !truthy(get(dlq, "TargetArn")) {
		t.errorf(dlq.At, l.id, "DeadLetterQueue has a Type, SQS or SNS, and a TargetArn")
	}
}

// tenancyRules are what a function with tenant isolation cannot have.
func (t *transformer) tenancyRules(l *lambda) {
	if !truthy(l.prop("TenancyConfig")) {
		return
	}
	for _, key := range []string{"ProvisionedConcurrencyConfig", "FunctionUrlConfig", "SnapStart"} {
		if v := l.prop(key); truthy(v) {
			t.errorf(v.At, l.id, "a function with TenancyConfig cannot have %s", key)
		}
	}
	for _, e := range l.prop("Events").Entries {
		if !oneOf(get(e.Value, "Type"), "Api", "HttpApi") {
			t.errorf(e.KeyAt, l.id, "a function with TenancyConfig takes events of Api and HttpApi alone, not %s", e.Key)
		}
	}
}

// lambdaFunction makes the AWS::Lambda::Function itself.
func (t *transformer) lambdaFunction(l *lambda) *resource {
	fn := newResource(l.at, l.id, "AWS::Lambda::Function", l.attrs)
	fn.depends = l.depends
	fn.copyTruthy(l.props, "FunctionName")
	fn.copy(l.props, "Handler", "Runtime", "Description", "MemorySize", "Timeout", "VpcConfig", "Role", "Environment", "KmsKeyArn",
		"ReservedConcurrentExecutions", "Layers", "FileSystemConfigs", "ImageConfig", "PackageType", "Architectures", "SnapStart",
		"EphemeralStorage", "CodeSigningConfigArn", "RuntimeManagementConfig", "LoggingConfig", "TenancyConfig", "RecursiveLoop",
		"DurableConfig", "PublishToLatestPublished")
	fn.copyTruthy(l.props, "FunctionScalingConfig")
	fn.set("Code", t.code(l))
	fn.set("Tags", t.createdBySAM("lambda:createdBy", l.samResource))
	if tracing := l.prop("Tracing"); t.traced(l.samResource) {
		fn.set("TracingConfig", place(tracing.At).obj(kv{"Mode", tracing}))
	}
	if dlq := l.prop("DeadLetterQueue"); truthy(dlq) {
		fn.set("DeadLetterConfig", place(dlq.At).obj(kv{"TargetArn", get(dlq, "TargetArn")}))
	}
	fn.set("CapacityProviderConfig", t.functionCapacity(l))
	return fn
}

// traced reports whether X-Ray traces the function.
func (t *transformer) traced(s samResource) bool {
	tracing := s.prop("Tracing")
	return truthy(tracing) && !isText(t.resolve(tracing), "Disabled")
}

// createdBySAM are the tags of a generated resource: SAM's own and the user's.
func (t *transformer) createdBySAM(key string, s samResource) source.Node {
	tags := s.prop("Tags")
	for _, reserved := range []string{"lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"} {
		if (s.kind == function || s.kind == application) && has(tags, reserved) {
			t.errorf(tags.At, s.id, "the tag %s is SAM's own", reserved)
		}
	}
	p := place(s.at)
	own := p.obj(kv{"Key", p.str(key)}, kv{"Value", p.str("SAM")})
	return p.list(append([]source.Node{own}, p.tagList(tags)...)...)
}

func (t *transformer) functionCapacity(l *lambda) source.Node {
	config := l.prop("CapacityProviderConfig")
	if !truthy(config) {
		return source.Node{}
	}
	if !truthy(get(config, "Arn")) {
		t.errorf(config.At, l.id, "CapacityProviderConfig has an Arn")
	}
	p := place(config.At)
	return p.obj(kv{"LambdaManagedInstancesCapacityProviderConfig", p.obj(kv{"CapacityProviderArn", get(config, "Arn")},
		kv{"PerExecutionEnvironmentMaxConcurrency", get(config, "PerExecutionEnvironmentMaxConcurrency")},
		kv{"ExecutionEnvironmentMemoryGiBPerVCpu", get(config, "ExecutionEnvironmentMemoryGiBPerVCpu")})})
}

// code makes the Code of a function from CodeUri, InlineCode or ImageUri, and
// holds the properties that go with a zip file or an image against it.
func (t *transformer) code(l *lambda) source.Node {
	var code source.Node
	image, inline, uri := l.prop("ImageUri"), l.prop("InlineCode"), l.prop("CodeUri")
	switch kind := l.prop("PackageType"); {
	case isText(kind, "Image"):
		if !truthy(image) {
			t.errorf(l.at, l.id, "a function of PackageType Image has an ImageUri")
		}
		for _, key := range []string{"Handler", "Runtime", "Layers"} {
			if v := l.prop(key); truthy(v) {
				t.errorf(v.At, l.id, "a function of PackageType Image has no %s", key)
			}
		}
		return place(image.At).obj(kv{"ImageUri", image})
	case truthy(kind) && !isText(kind, "Zip"):
		t.errorf(kind.At, l.id, "PackageType is Zip or Image")
		return source.Node{}
	case inline.Kind != source.Null:
		code = place(inline.At).obj(kv{"ZipFile", inline})
	case uri.Kind != source.Null:
		code = t.s3Location(l.id, "CodeUri", uri, "S3Bucket", "S3Key", "S3ObjectVersion")
	default:
		t.errorf(l.at, l.id, "a function has CodeUri or InlineCode")
	}
	if !truthy(l.prop("Runtime")) || !truthy(l.prop("Handler")) || truthy(l.prop("ImageConfig")) {
		t.errorf(l.at, l.id, "a function of PackageType Zip has Runtime and Handler, and no ImageConfig")
	}
	if key := l.prop("SourceKMSKeyArn"); truthy(key) && code.Kind == source.Map {
		set(&code, "SourceKMSKeyArn", key)
	}
	return code
}

var (
	s3URI      = regexp.MustCompile(`^s3://([^/?#\[\]]+)/([^?#]+)(?:\?([^#]*))?(?:#.*)?$`)
	versionID  = regexp.MustCompile(`(?:^|&)versionId=([^&]+)`)
	secretPath = regexp.MustCompile(`\{\{resolve:(ssm|ssm-secure|secretsmanager):[a-zA-Z0-9_.\-/]+(:\d+)?\}\}`)
)

// s3Location reads s3://bucket/key, or a map of Bucket, Key and Version, into a
// map with the three names given.
func (t *transformer) s3Location(id, property string, uri source.Node, bucket, key, version string) source.Node {
	p := place(uri.At)
	switch uri.Kind {
	case source.Map:
		if !truthy(get(uri, "Bucket")) || !truthy(get(uri, "Key")) {
			t.errorf(uri.At, id, "%s has a Bucket and a Key", property)
		}
		return p.obj(kv{bucket, get(uri, "Bucket")}, kv{key, get(uri, "Key")}, kv{version, get(uri, "Version")})
	case source.String:
		if m := s3URI.FindStringSubmatch(uri.Text); m != nil && trimSlashes(m[2]) != "" && !secretPath.MatchString(uri.Text) {
			out := p.obj(kv{bucket, p.str(m[1])}, kv{key, p.str(trimSlashes(m[2]))})
			if v := versionID.FindAllStringSubmatch(m[3], -1); len(v) == 1 {
				set(&out, version, p.str(v[0][1]))
			}
			return out
		}
	}
	if t.unpackaged && uri.Kind == source.String {
		return uri
	}
	t.diags.Add(source.Diag{Code: "SAM_NOT_PACKAGED", At: uri.At, Summary: id + ": " + property + " is no s3://bucket/key",
		Hint: "package the template first (sam package, aws cloudformation package), or give Bucket and Key"})
	return source.Node{}
}

func trimSlashes(s string) string {
	for s != "" && s[0] == '/' {
		s = s[1:]
	}
	return s
}
