package cfn

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

func queueRows() []*row {
	return []*row{
		{Type: "AWS::SQS::Queue", read: readQueue, ref: func(l *loader, r *resource) source.Node { return l.queueText(r, l.queueURL) },
			properties: "ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit KmsDataKeyReusePeriodSeconds " +
				"KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod QueueName ReceiveMessageWaitTimeSeconds RedriveAllowPolicy " +
				"RedrivePolicy SqsManagedSseEnabled Tags VisibilityTimeout",
			atts: attributes{"QueueName": func(l *loader, r *resource) source.Node {
				return l.queueText(r, func(name string) string { return name })
			},
				"QueueUrl": func(l *loader, r *resource) source.Node { return l.queueText(r, l.queueURL) },
				"Arn":      func(l *loader, r *resource) source.Node { return l.queueText(r, l.queueARN) }}},
		{Type: "AWS::SQS::QueuePolicy", read: readQueuePolicy, properties: "!PolicyDocument !Queues", atts: attributes{"Id": nil}},
		{Type: "AWS::SNS::Topic", read: readTopic, ref: func(l *loader, r *resource) source.Node { return l.topicText(r, l.topicARN) },
			properties: "ArchivePolicy ContentBasedDeduplication DataProtectionPolicy DeliveryStatusLogging DisplayName FifoThroughputScope FifoTopic " +
				"KmsMasterKeyId SignatureVersion Subscription Tags TopicName TracingConfig",
			atts: attributes{"TopicArn": func(l *loader, r *resource) source.Node { return l.topicText(r, l.topicARN) },
				"TopicName": func(l *loader, r *resource) source.Node {
					return l.topicText(r, func(name string) string { return name })
				}}},
		{Type: "AWS::SNS::Subscription", read: readSubscription, atts: attributes{"Arn": nil},
			properties: "DeliveryPolicy Endpoint FilterPolicy FilterPolicyScope !Protocol RawMessageDelivery RedrivePolicy Region ReplayPolicy " +
				"SubscriptionRoleArn !TopicArn"},
		{Type: "AWS::SNS::TopicPolicy", read: readTopicPolicy, properties: "!PolicyDocument !Topics", atts: attributes{"Id": nil}},
	}
}

// fifoName is a name that AWS makes up for a FIFO queue or topic: it ends in
// .fifo. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html
func (l *loader) fifoName(r *resource, key, flag string, made func(string) string) source.Node {
	if v := l.prop(r, key); v.IsScalar() || v.Kind == source.Unknown {
		return l.named(r, key, 80, made)
	}
	name := l.generated(r, 75)
	if fifo, _ := l.prop(r, flag).Bool(); fifo {
		name += ".fifo"
	}
	return l.text(made(name), r.At)
}

func (l *loader) queueText(r *resource, made func(string) string) source.Node {
	return l.fifoName(r, "QueueName", "FifoQueue", made)
}

func (l *loader) topicText(r *resource, made func(string) string) source.Node {
	return l.fifoName(r, "TopicName", "FifoTopic", made)
}

func (l *loader) queueARN(name string) string { return l.arn("sqs", name).String() }
func (l *loader) topicARN(name string) string { return l.arn("sns", name).String() }

// queueURL is what Ref gives for a queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
func (l *loader) queueURL(name string) string {
	return "https://sqs." + l.spec.Region + "." + l.urlSuffix() + "/" + l.spec.Account + "/" + name
}

// urlSuffix is the pseudo parameter AWS::URLSuffix.
func (l *loader) urlSuffix() string {
	n, _ := l.pseudo("AWS::URLSuffix", source.Span{})
	return n.Text
}

// seconds reads a number of seconds.
func (o object) seconds(key string, absent, lo, hi int) time.Duration {
	return time.Duration(o.number(key, absent, lo, hi).Or(absent)) * time.Second
}

// arnOf reads an ARN; absent, it is the zero one.
func (o object) arnOf(key string) cloud.Value[cloud.ARN] {
	return valueOf(o, key, "an ARN", cloud.Known(cloud.ARN{}), func(n source.Node) (cloud.ARN, error) { return cloud.ParseARN(n.Text) })
}

// present reports whether any of the properties is there.
func (o object) present(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { _, ok := o.get(k); return ok })
}

// document gives a property that is a JSON document, or text that holds one.
func (o object) document(key string) source.Node {
	n, ok := o.get(key)
	if !ok || n.Kind != source.String {
		return n
	}
	doc, diags := document.Read(o.l.file, []byte(n.Text))
	if diags.HasErrors() {
		return o.bad(key, n, "the text is not JSON")
	}
	return placed(doc, n.At)
}

// readQueue. Queues are encrypted with a key of SQS's own unless that is
// switched off.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html
func readQueue(l *loader, r *resource) {
	o := l.object(r)
	name := l.queueText(r, func(name string) string { return name })
	arn, _ := cloud.ParseARN(l.queueARN(cmp.Or(name.Text, r.Name)))
	q := cloud.Queue{Meta: r.Meta, ARN: arn, QueueName: arn.Resource,
		FIFO: o.flag("FifoQueue", false).Or(false), Dedup: o.flag("ContentBasedDeduplication", false).Or(false),
		Visibility: o.seconds("VisibilityTimeout", 30, 0, 43200), Retention: o.seconds("MessageRetentionPeriod", 345600, 60, 1209600),
		Delay: o.seconds("DelaySeconds", 0, 0, 900), Wait: o.seconds("ReceiveMessageWaitTimeSeconds", 0, 0, 20),
		MaxBytes: o.number("MaximumMessageSize", 1048576, 1024, 1048576).Or(1048576), Encrypted: cloud.Known(true)}
	if !o.present("KmsMasterKeyId") {
		q.Encrypted = o.flag("SqsManagedSseEnabled", true)
	}
	q.DeadLetter, q.MaxReceive = redrive(o)
	l.spec.Queues = append(l.spec.Queues, q)
}

// redrive reads a RedrivePolicy: where messages go that nobody could use.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func redrive(o object) (cloud.Value[cloud.ARN], int) {
	doc := o.document("RedrivePolicy")
	if doc.Kind == source.Unknown {
		return cloud.Unknown[cloud.ARN](doc.Text, doc.At), 0
	}
	p := object{l: o.l, of: o.of + ".RedrivePolicy", n: doc, at: doc.At}
	if doc.Kind != source.Map {
		return cloud.Known(cloud.ARN{}), 0
	}
	return p.arnOf("deadLetterTargetArn"), p.number("maxReceiveCount", 10, 1, 1000).Or(10)
}

// readQueuePolicy puts a policy on queues, named by their URLs.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queuepolicy.html
func readQueuePolicy(l *loader, r *resource) {
	o := l.object(r)
	doc, _ := o.get("PolicyDocument")
	for _, url := range o.texts("Queues").Or(nil) {
		name := url[strings.LastIndex(url, "/")+1:]
		i := slices.IndexFunc(l.spec.Queues, func(q cloud.Queue) bool { return q.QueueName == name })
		if i < 0 {
			l.notDescribed(r, "queue", url)
			continue
		}
		l.spec.Queues[i].Policy = l.policy(o, r.Name, "PolicyDocument", doc)
	}
}

// readTopic with the subscriptions that stand in it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topic.html
func readTopic(l *loader, r *resource) {
	o := l.object(r)
	name := l.topicText(r, func(name string) string { return name })
	arn, _ := cloud.ParseARN(l.topicARN(cmp.Or(name.Text, r.Name)))
	t := cloud.Topic{Meta: r.Meta, ARN: arn, TopicName: arn.Resource, FIFO: o.flag("FifoTopic", false).Or(false),
		Dedup: o.flag("ContentBasedDeduplication", false).Or(false), Encrypted: cloud.Known(o.present("KmsMasterKeyId"))}
	for _, c := range o.children("Subscription", "Endpoint", "Protocol") {
		t.Subscriptions = append(t.Subscriptions, cloud.Subscription{Meta: r.Meta, Protocol: c.known("Protocol"), Endpoint: c.text("Endpoint", cloud.Known(""))})
	}
	l.spec.Topics = append(l.spec.Topics, t)
}

// topic finds the topic that a resource is for.
func (l *loader) topic(r *resource, arn string) *cloud.Topic {
	i := slices.IndexFunc(l.spec.Topics, func(t cloud.Topic) bool { return t.ARN.String() == arn })
	if i < 0 {
		l.notDescribed(r, "topic", arn)
		return nil
	}
	return &l.spec.Topics[i]
}

// readSubscription.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-subscription.html
func readSubscription(l *loader, r *resource) {
	o := l.object(r)
	t := l.topic(r, o.text("TopicArn", cloud.Known("")).Or(""))
	if t == nil {
		return
	}
	s := cloud.Subscription{Meta: r.Meta, Protocol: o.known("Protocol"), Endpoint: o.text("Endpoint", cloud.Known("")),
		Filter: o.document("FilterPolicy"), FilterBody: o.text("FilterPolicyScope", cloud.Known("")).Or("") == "MessageBody",
		Raw: o.flag("RawMessageDelivery", false).Or(false)}
	s.DeadLetter, _ = redrive(o)
	t.Subscriptions = append(slices.Clip(t.Subscriptions), s)
}

// readTopicPolicy.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topicpolicy.html
func readTopicPolicy(l *loader, r *resource) {
	o := l.object(r)
	doc, _ := o.get("PolicyDocument")
	for _, arn := range o.texts("Topics").Or(nil) {
		if t := l.topic(r, arn); t != nil {
			t.Policy = l.policy(o, r.Name, "PolicyDocument", doc)
		}
	}
}
