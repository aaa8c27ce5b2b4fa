package terraform

import (
	"strconv"

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

// targetGroup has the attribute by which clients keep their address.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
func targetGroup(t *translator, i *instance) {
	properties := t.own(i)
	if f, ok := i.body.get("preserve_client_ip"); ok {
		kept := object(f.at, entry("Key", text("preserve_client_ip.enabled", f.at)), entry("Value", t.node(f.value, f.at)))
		properties = append(properties, entry("TargetGroupAttributes", list(f.at, kept)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// poolUser has its attributes as a map.
func poolUser(t *translator, i *instance) {
	properties := t.own(i)
	if f, ok := i.body.get("attributes"); ok {
		all := t.node(f.value, f.at)
		var items []source.Node
		for _, e := range all.Entries {
			items = append(items, object(f.at, entry("Name", text(e.Key, e.KeyAt)), entry("Value", e.Value)))
		}
		properties = append(properties, entry("UserAttributes", list(f.at, items...)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// busPolicy is a document, each of whose statements is a resource of
// CloudFormation's.
func busPolicy(t *translator, i *instance) {
	f, ok := i.body.get("policy")
	if !ok {
		return
	}
	document := t.fromJSON(f, t.node(f.value, f.at))
	statements, _ := document.Get("Statement")
	k := 0
	for s := range statements.Each() {
		id := "s" + strconv.Itoa(k)
		t.emit(i, told("statement", k), "AWS::Events::EventBusPolicy", append(t.one(i, "EventBusName", "event_bus_name"), entry("StatementId", text(id, i.at)), entry("Statement", s)))
		k++
	}
}

// kafkaAuth are the ways in which clients of a cluster may say who they are, and
// what encrypts what they send.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/msk_cluster
var kafkaAuth = (&parser{text: "Iam Scram"}).properties()

var kafkaTransit = (&parser{text: "EncryptionInTransit{ClientBroker InCluster}"}).properties()

// kafka has its switches by themselves, and CloudFormation within parts.
func kafka(t *translator, i *instance) {
	properties := t.own(i)
	on := func(n source.Node) source.Node { return object(n.At, entry("Enabled", n)) }
	for _, b := range i.body.children("client_authentication") {
		auth := object(b.at)
		for _, s := range b.children("sasl") {
			sasl := object(s.at)
			for _, e := range t.properties(kafkaAuth, s) {
				sasl.Entries = append(sasl.Entries, entry(e.Key, on(e.Value)))
			}
			auth.Entries = append(auth.Entries, entry("Sasl", sasl))
		}
		if len(b.children("tls")) > 0 {
			auth.Entries = append(auth.Entries, entry("Tls", on(text("true", b.at))))
		}
		if f, ok := b.get("unauthenticated"); ok {
			auth.Entries = append(auth.Entries, entry("Unauthenticated", on(t.node(f.value, f.at))))
		}
		properties = append(properties, entry("ClientAuthentication", auth))
	}
	for _, b := range i.body.children("encryption_info") {
		properties = append(properties, entry("EncryptionInfo", object(b.at, t.properties(kafkaTransit, b)...)))
	}
	t.emit(i, "", i.row.cfn, properties)
}
