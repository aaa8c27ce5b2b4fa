package snapshot

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func warning(code, file, summary, hint string) source.Diag {
	return source.Diag{Code: code, Severity: source.Warning, At: source.Span{File: file}, Summary: summary, Hint: hint}
}

// readStored reads what functions keep things in: of parameters and secrets the
// names, since no list has the values.
func (r *reader) readStored() {
	for _, it := range r.list("Parameters") {
		name := it.text("Name")
		if !strings.HasPrefix(name, "/") {
			name = "/" + name
		}
		p := cloud.Parameter{Meta: r.meta("Parameters", it), ParamName: name, Kind: it.text("Type"), Value: cloud.Unknown[string]("the value of "+name+" is in no list", it.at())}
		if it.has("Value") && p.Kind != "SecureString" {
			p.Value = cloud.Known(it.text("Value"))
		}
		r.spec.Parameters = append(r.spec.Parameters, p)
	}
	for _, it := range r.list("SecretList") {
		r.spec.Secrets = append(r.spec.Secrets, cloud.Secret{Meta: r.meta("SecretList", it), ARN: it.arn("ARN"), SecretName: it.text("Name"), Key: cloud.Known(it.text("KmsKeyId")),
			Value: cloud.Unknown[string]("the value of secret "+it.text("Name")+" is in no list", it.at()), Rotation: cloud.Known(it.arn("RotationLambdaARN"))})
	}
	r.readEvents()
	for _, it := range r.list("Attributes") {
		r.attributes(it.child("Attributes"))
	}
	r.readTopics()
	r.readBuckets()
}

// readEvents reads EventBridge's rules with their targets, which are a list of
// their own for each rule. The key of the rules' list is also that of a load
// balancer's.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html
func (r *reader) readEvents() {
	for _, it := range r.list("EventBuses") {
		r.spec.EventBuses = append(r.spec.EventBuses, cloud.EventBus{Meta: r.meta("EventBuses", it), ARN: it.arn("Arn"), BusName: it.text("Name"), Policy: it.policy(it.text("Name"), "Policy")})
	}
	for _, it := range r.list("Rules") {
		name := it.text("Name")
		if name == "" || it.has("RuleArn") {
			continue
		}
		rule := cloud.EventRule{Meta: cloud.Meta{Name: name, Type: "AWS::Events::Rule", At: it.at()}, ARN: it.arn("Arn"), RuleName: name, Bus: cmp.Or(it.text("EventBusName"), "default"),
			Schedule: it.text("ScheduleExpression"), Pattern: it.document("EventPattern"), Enabled: it.text("State") != "DISABLED"}
		for _, t := range r.list("Targets") {
			if isIn(t.owner, name, rule.ARN.String()) && t.has("Arn") {
				rule.Targets = append(rule.Targets, eventTarget(t))
			}
		}
		if !r.describedOf("Targets", name) && !r.describedOf("Targets", rule.ARN.String()) {
			r.note(rule.Meta, r.gapOf("Targets", name).Because)
		}
		r.spec.EventRules = append(r.spec.EventRules, rule)
	}
}

func eventTarget(t item) cloud.EventTarget {
	retry := t.child("RetryPolicy")
	out := cloud.EventTarget{ID: t.text("Id"), ARN: cloud.Known(t.arn("Arn")), Role: cloud.Known(t.text("RoleArn")), Input: t.text("Input"), InputPath: t.text("InputPath"),
		DeadLetter: cloud.Known(t.child("DeadLetterConfig").arn("Arn")), Retries: retry.number("MaximumRetryAttempts", -1, 0, 185), MaxAge: retry.seconds("MaximumEventAgeInSeconds"), At: t.at()}
	out.Transform, _ = t.get("InputTransformer")
	return out
}

// attributes reads a queue's or a topic's.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
func (r *reader) attributes(it item) {
	encrypted := cloud.Known(it.has("KmsMasterKeyId") || it.flag("SqsManagedSseEnabled", false))
	if arn := it.arn("QueueArn"); arn.Resource != "" {
		m := cloud.Meta{Name: arn.Resource, Type: "AWS::SQS::Queue", At: it.at()}
		q := cloud.Queue{Meta: m, ARN: arn, QueueName: arn.Resource, FIFO: it.flag("FifoQueue", false), Dedup: it.flag("ContentBasedDeduplication", false), Encrypted: encrypted, Policy: it.policy(m.Name, "Policy"),
			Visibility: it.seconds("VisibilityTimeout"), Retention: it.seconds("MessageRetentionPeriod"), Delay: it.seconds("DelaySeconds"), Wait: it.seconds("ReceiveMessageWaitTimeSeconds"),
			MaxBytes: it.number("MaximumMessageSize", 1048576, 0, 1<<30)}
		if doc := it.document("RedrivePolicy"); doc.Kind == source.Map {
			redrive := it.with(doc)
			q.DeadLetter, q.MaxReceive = cloud.Known(redrive.arn("deadLetterTargetArn")), redrive.number("maxReceiveCount", 10, 0, 1<<20)
		}
		r.spec.Queues = append(r.spec.Queues, q)
	}
	if arn := it.arn("TopicArn"); arn.Resource != "" {
		t := cloud.Topic{Meta: cloud.Meta{Name: arn.Resource, Type: "AWS::SNS::Topic", At: it.at()}, ARN: arn, TopicName: arn.Resource, FIFO: it.flag("FifoTopic", false), Dedup: it.flag("ContentBasedDeduplication", false),
			Encrypted: encrypted, Policy: it.policy(arn.Resource, "Policy"), Subscriptions: r.subscriptions(arn)}
		r.spec.Topics = append(r.spec.Topics, t)
	}
}

// readTopics reads the topics of which only the list tells: their policy and how
// they are encrypted is not known.
func (r *reader) readTopics() {
	for _, it := range r.list("Topics") {
		arn := it.arn("TopicArn")
		if slices.ContainsFunc(r.spec.Topics, func(t cloud.Topic) bool { return t.ARN == arn }) {
			continue
		}
		g := r.gapOf("Attributes", arn.String())
		t := cloud.Topic{Meta: cloud.Meta{Name: arn.Resource, Type: "AWS::SNS::Topic", At: it.at()}, ARN: arn, TopicName: arn.Resource, FIFO: strings.HasSuffix(arn.Resource, ".fifo"),
			Encrypted: cloud.Unknown[bool](g.Because, g.At), Subscriptions: r.subscriptions(arn)}
		r.note(t.Meta, g.Because)
		r.spec.Topics = append(r.spec.Topics, t)
	}
}

// subscriptions are those of a topic that are confirmed.
func (r *reader) subscriptions(topic cloud.ARN) []cloud.Subscription {
	var out []cloud.Subscription
	for _, s := range r.list("Subscriptions") {
		if s.text("TopicArn") == topic.String() && s.text("SubscriptionArn") != "PendingConfirmation" {
			out = append(out, cloud.Subscription{Meta: cloud.Meta{Name: topic.Resource + " to " + s.text("Endpoint"), Type: "AWS::SNS::Subscription", At: s.at()},
				Protocol: s.text("Protocol"), Endpoint: cloud.Known(s.text("Endpoint"))})
		}
	}
	return out
}
