package terraform

import (
	"github.com/zclconf/go-cty/cty"

	"bailey/source"
)

// has reports whether entries have a property.
func has(entries []source.Entry, name string) bool {
	for _, e := range entries {
		if e.Key == name {
			return true
		}
	}
	return false
}

// mountTarget has groups; where it states none it has the VPC's default one,
// which the template must not leave out.
func mountTarget(t *translator, i *instance) {
	properties := t.own(i)
	for k, e := range properties {
		if e.Key == "SecurityGroups" && e.Value.Kind == source.String && e.Value.Text == "" {
			properties[k].Value = list(i.at)
		}
	}
	t.emit(i, "", i.row.cfn, properties)
}

// policyBeside writes a policy that is an argument as a resource of its own.
func (t *translator) policyBeside(i *instance, typ, key string) {
	if f, ok := i.body.get("policy"); ok {
		t.emit(i, "policy", typ, []source.Entry{entry(key, list(i.at, ref(i, i.at))), entry("PolicyDocument", t.fromJSON(f, t.node(f.value, f.at)))})
	}
}

func queue(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	t.policyBeside(i, "AWS::SQS::QueuePolicy", "Queues")
}

func topic(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	t.policyBeside(i, "AWS::SNS::TopicPolicy", "Topics")
}

func bucket(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	if f, ok := i.body.get("policy"); ok {
		t.emit(i, "policy", "AWS::S3::BucketPolicy", []source.Entry{entry("Bucket", ref(i, i.at)), entry("PolicyDocument", t.fromJSON(f, t.node(f.value, f.at)))})
	}
}

var publicBlock = (&parser{text: "BlockPublicAcls BlockPublicPolicy IgnorePublicAcls RestrictPublicBuckets"}).properties()

func publicAccess(t *translator, i *instance) {
	if f, ok := i.body.get("bucket"); ok {
		n := object(i.at, t.properties(publicBlock, i.body)...)
		t.patch(i, "aws_s3_bucket", f, "PublicAccessBlockConfiguration", func(source.Node) source.Node { return n })
	}
}

func versioning(t *translator, i *instance) {
	f, ok := i.body.get("bucket")
	for _, b := range i.body.children("versioning_configuration") {
		if s, stated := b.get("status"); ok && stated {
			n := object(b.at, entry("Status", t.node(s.value, s.at)))
			t.patch(i, "aws_s3_bucket", f, "VersioningConfiguration", func(source.Node) source.Node { return n })
		}
	}
}

// notification says whom a bucket tells what happens in it.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket_notification
func notification(t *translator, i *instance) {
	f, ok := i.body.get("bucket")
	if !ok {
		return
	}
	n := object(i.at)
	for _, kind := range [][4]string{{"lambda_function", "LambdaConfigurations", "Function", "lambda_function_arn"}, {"queue", "QueueConfigurations", "Queue", "queue_arn"},
		{"topic", "TopicConfigurations", "Topic", "topic_arn"}} {
		var all []source.Node
		for _, b := range i.body.children(kind[0]) {
			events, _ := b.get("events")
			to, stated := b.get(kind[3])
			if !stated || events.value == cty.NilVal {
				continue
			}
			for event := range t.node(events.value, events.at).Each() {
				all = append(all, object(b.at, entry("Event", event), entry(kind[2], t.node(to.value, to.at))))
			}
		}
		if len(all) > 0 {
			n.Entries = append(n.Entries, entry(kind[1], list(i.at, all...)))
		}
	}
	if i.body.flag("eventbridge", false) {
		n.Entries = append(n.Entries, entry("EventBridgeConfiguration", object(i.at, entry("EventBridgeEnabled", text("true", i.at)))))
	}
	t.patch(i, "aws_s3_bucket", f, "NotificationConfiguration", func(source.Node) source.Node { return n })
}

// table names its keys by themselves.
func table(t *translator, i *instance) {
	properties := t.own(i)
	var keys []source.Node
	for _, k := range [][2]string{{"hash_key", "HASH"}, {"range_key", "RANGE"}} {
		if f, ok := i.body.get(k[0]); ok {
			keys = append(keys, object(f.at, entry("AttributeName", t.node(f.value, f.at)), entry("KeyType", text(k[1], f.at))))
		}
	}
	properties = append(properties, entry("KeySchema", list(i.at, keys...)))
	if i.body.flag("stream_enabled", false) {
		properties = append(properties, entry("StreamSpecification", object(i.at, t.one(i, "StreamViewType", "stream_view_type")...)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// parameter may be a SecureString, which CloudFormation cannot make: its value
// is not looked at.
func parameter(t *translator, i *instance) {
	properties := t.own(i)
	kind, _ := i.body.text("type")
	if kind == "" || kind == "SecureString" {
		kind = "String"
	}
	t.emit(i, "", i.row.cfn, append(properties, entry("Type", text(kind, i.at))))
}

func secret(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, t.own(i))
	if f, ok := i.body.get("policy"); ok {
		t.emit(i, "policy", "AWS::SecretsManager::ResourcePolicy", []source.Entry{entry("SecretId", ref(i, i.at)), entry("ResourcePolicy", t.fromJSON(f, t.node(f.value, f.at)))})
	}
}

// logGroup keeps its events for ever where it says 0 days.
func logGroup(t *translator, i *instance) {
	var properties []source.Entry
	for _, e := range t.own(i) {
		if e.Key != "RetentionInDays" || e.Value.Text != "0" {
			properties = append(properties, e)
		}
	}
	t.emit(i, "", i.row.cfn, properties)
}

// eventRule was once switched off by is_enabled.
func eventRule(t *translator, i *instance) {
	properties := t.own(i)
	if !i.body.flag("is_enabled", true) && !has(properties, "State") {
		properties = append(properties, entry("State", text("DISABLED", i.at)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

var eventTargetParts = (&parser{text: "Arn Id=target_id RoleArn Input InputPath DeadLetterConfig{Arn} RetryPolicy{MaximumEventAgeInSeconds MaximumRetryAttempts}"}).properties()

// eventTarget is one of its rule's targets.
func eventTarget(t *translator, i *instance) {
	f, ok := i.body.get("rule")
	if !ok {
		return
	}
	parts := t.properties(eventTargetParts, i.body)
	if !has(parts, "Id") {
		parts = append(parts, entry("Id", text(i.logical, i.at)))
	}
	n := object(i.at, parts...)
	t.patch(i, "aws_cloudwatch_event_rule", f, "Targets", func(was source.Node) source.Node {
		return list(i.at, append(was.Items[:len(was.Items):len(was.Items)], n)...)
	})
}

var passwordPolicy = (&parser{text: "MinimumLength RequireLowercase RequireNumbers RequireSymbols RequireUppercase TemporaryPasswordValidityDays PasswordHistorySize"}).properties()

// userPool has its password policy within another.
func userPool(t *translator, i *instance) {
	properties := t.own(i)
	for k, e := range properties {
		if blocks := i.body.children("password_policy"); e.Key == "Policies" && len(blocks) > 0 {
			properties[k].Value = object(blocks[0].at, entry("PasswordPolicy", object(blocks[0].at, t.properties(passwordPolicy, blocks[0])...)))
		}
	}
	t.emit(i, "", i.row.cfn, properties)
}

var integrationParts = (&parser{text: "Type Uri IntegrationHttpMethod ConnectionType ConnectionId Credentials PassthroughBehavior RequestTemplates RequestParameters " +
	"ContentHandling TimeoutInMillis=timeout_milliseconds CacheKeyParameters CacheNamespace"}).properties()

// method has its integration within, which Terraform has beside it.
func method(t *translator, i *instance) {
	properties := t.own(i)
	if x, ok := t.integrationOf(i); ok {
		properties = append(properties, entry("Integration", object(x.at, t.properties(integrationParts, x.body)...)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// integrationOf finds the integration of the same resource and method.
func (t *translator) integrationOf(m *instance) (*instance, bool) {
	key := func(i *instance) string {
		resource, _ := i.body.text("resource_id")
		verb, _ := i.body.text("http_method")
		api, _ := i.body.text("rest_api_id")
		return api + " " + resource + " " + verb
	}
	if t.integrations == nil {
		t.integrations = map[string]*instance{}
		for _, i := range t.instances {
			if i.b.typ == "aws_api_gateway_integration" {
				t.integrations[key(i)] = i
			}
		}
	}
	i, ok := t.integrations[key(m)]
	return i, ok
}

var settingParts = (&parser{text: "ThrottlingBurstLimit ThrottlingRateLimit LoggingLevel DataTraceEnabled MetricsEnabled CachingEnabled CacheTtlInSeconds CacheDataEncrypted=cache_data_encrypted"}).properties()

// methodSettings are a stage's, for the methods of a path.
func methodSettings(t *translator, i *instance) {
	f, ok := i.body.get("stage_name")
	path, _ := i.body.text("method_path")
	if !ok {
		return
	}
	n := object(i.at)
	resource, verb := "/*", "*"
	if k := lastSlash(path); k >= 0 && path != "*/*" {
		resource, verb = "/"+path[:k], path[k+1:]
	}
	n.Entries = append(n.Entries, entry("ResourcePath", text(resource, i.at)), entry("HttpMethod", text(verb, i.at)))
	for _, b := range i.body.children("settings") {
		n.Entries = append(n.Entries, t.properties(settingParts, b)...)
	}
	t.patch(i, "aws_api_gateway_stage", f, "MethodSettings", func(was source.Node) source.Node {
		return list(i.at, append(was.Items[:len(was.Items):len(was.Items)], n)...)
	})
}

func lastSlash(s string) int {
	for k := len(s) - 1; k >= 0; k-- {
		if s[k] == '/' {
			return k
		}
	}
	return -1
}

// balancer is open to the internet unless it says otherwise.
func balancer(t *translator, i *instance) {
	properties := t.own(i)
	if f, ok := i.body.get("internal"); ok {
		n := t.node(f.value, f.at)
		switch n.Text {
		case "true":
			n = text("internal", f.at)
		case "false":
			n = text("internet-facing", f.at)
		}
		properties = append(properties, entry("Scheme", n))
	}
	t.emit(i, "", i.row.cfn, properties)
}

func classicBalancer(t *translator, i *instance) { balancer(t, i) }

// target adds one to its group.
func target(t *translator, i *instance) {
	f, ok := i.body.get("target_group_arn")
	id, stated := i.body.get("target_id")
	if !ok || !stated {
		return
	}
	n := object(i.at, append([]source.Entry{entry("Id", t.node(id.value, id.at))}, t.one(i, "Port", "port")...)...)
	t.patch(i, "aws_lb_target_group", f, "Targets", func(was source.Node) source.Node {
		return list(i.at, append(was.Items[:len(was.Items):len(was.Items)], n)...)
	})
}

// conditionParts are what a listener's rule asks of a request.
var conditionParts = [][3]string{{"host_header", "host-header", "HostHeaderConfig"}, {"path_pattern", "path-pattern", "PathPatternConfig"},
	{"http_request_method", "http-request-method", "HttpRequestMethodConfig"}, {"source_ip", "source-ip", "SourceIpConfig"}}

func listenerRule(t *translator, i *instance) {
	var all []source.Node
	for _, b := range i.body.children("condition") {
		for _, p := range conditionParts {
			for _, inner := range b.children(p[0]) {
				if f, ok := inner.get("values"); ok {
					all = append(all, object(b.at, entry("Field", text(p[1], b.at)), entry(p[2], object(b.at, entry("Values", t.node(f.value, f.at))))))
				}
			}
		}
	}
	t.emit(i, "", i.row.cfn, append(t.own(i), entry("Conditions", list(i.at, all...))))
}

// zone is private where it has a VPC, which is in the region unless it says
// otherwise.
func zone(t *translator, i *instance) {
	properties := t.own(i)
	for _, e := range properties {
		if e.Key != "VPCs" {
			continue
		}
		for _, v := range e.Value.Items {
			for k := range v.Entries {
				if v.Entries[k].Key == "VPCRegion" && v.Entries[k].Value.Text == "here" {
					v.Entries[k].Value.Text = t.spec.Region
				}
			}
		}
	}
	t.emit(i, "", i.row.cfn, properties)
}

func appendingVPC(t *translator, i *instance) {
	f, ok := i.body.get("zone_id")
	vpc, stated := i.body.get("vpc_id")
	if !ok || !stated {
		return
	}
	n := object(i.at, entry("VPCId", t.node(vpc.value, vpc.at)), entry("VPCRegion", text(t.spec.Region, i.at)))
	t.patch(i, "aws_route53_zone", f, "VPCs", func(was source.Node) source.Node {
		return list(i.at, append(was.Items[:len(was.Items):len(was.Items)], n)...)
	})
}

// distribution has all but its tags within one property.
func distribution(t *translator, i *instance) {
	t.emit(i, "", i.row.cfn, []source.Entry{entry("DistributionConfig", object(i.at, t.own(i)...))})
}
