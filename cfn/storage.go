package cfn

import (
	"cmp"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func storageRows() []*row {
	bucket := func(made func(*loader, string) string) func(*loader, *resource) source.Node {
		return func(l *loader, r *resource) source.Node {
			return l.bucketText(r, func(n string) string { return made(l, n) })
		}
	}
	table := func(l *loader, r *resource) source.Node {
		return l.named(r, "TableName", 255, func(name string) string { return l.arn("dynamodb", "table/"+name).String() })
	}
	return []*row{
		{Type: "AWS::S3::Bucket", read: readBucket, ref: bucket(func(l *loader, n string) string { return n }),
			properties: "AbacStatus AccelerateConfiguration AccessControl AnalyticsConfigurations BucketEncryption BucketName BucketNamePrefix " +
				"BucketNamespace CorsConfiguration IntelligentTieringConfigurations InventoryConfigurations LifecycleConfiguration " +
				"LoggingConfiguration MetadataConfiguration MetadataTableConfiguration MetricsConfigurations NotificationConfiguration " +
				"ObjectLockConfiguration ObjectLockEnabled OwnershipControls PublicAccessBlockConfiguration ReplicationConfiguration Tags " +
				"VersioningConfiguration WebsiteConfiguration",
			atts: attributes{
				"Arn":        bucket(func(l *loader, n string) string { return "arn:" + l.partition() + ":s3:::" + n }),
				"DomainName": bucket(func(l *loader, n string) string { return n + ".s3." + l.urlSuffix() }),
				"DualStackDomainName": bucket(func(l *loader, n string) string {
					return n + ".s3.dualstack." + l.spec.Region + "." + l.urlSuffix()
				}),
				"RegionalDomainName": bucket(func(l *loader, n string) string { return n + ".s3." + l.spec.Region + "." + l.urlSuffix() }),
				"WebsiteURL": bucket(func(l *loader, n string) string {
					return "http://" + n + ".s3-website-" + l.spec.Region + "." + l.urlSuffix()
				})}},
		{Type: "AWS::S3::BucketPolicy", read: readBucketPolicy, ref: property("Bucket"), properties: "!Bucket !PolicyDocument"},
		{Type: "AWS::DynamoDB::Table", read: readTable, ref: nameRef("TableName", 255),
			properties: "AttributeDefinitions BillingMode ContributorInsightsSpecification DeletionProtectionEnabled GlobalSecondaryIndexes " +
				"ImportSourceSpecification !KeySchema KinesisStreamSpecification LocalSecondaryIndexes OnDemandThroughput " +
				"PointInTimeRecoverySpecification ProvisionedThroughput ResourcePolicy SSESpecification StreamSpecification TableClass TableName " +
				"Tags TimeToLiveSpecification WarmThroughput",
			atts: attributes{"Arn": table, "StreamArn": tableStream}},
		{Type: "AWS::DynamoDB::GlobalTable", read: readTable, ref: nameRef("TableName", 255),
			properties: "AttributeDefinitions BillingMode GlobalSecondaryIndexes GlobalTableSourceArn GlobalTableWitnesses KeySchema " +
				"LocalSecondaryIndexes MultiRegionConsistency ReadOnDemandThroughputSettings ReadProvisionedThroughputSettings !Replicas " +
				"SSESpecification StreamSpecification TableName TimeToLiveSpecification WarmThroughput WriteOnDemandThroughputSettings " +
				"WriteProvisionedThroughputSettings",
			atts: attributes{"Arn": table, "StreamArn": tableStream, "TableId": nil}},
	}
}

// tableStream is the ARN of a table's stream. AWS puts the time of its making
// in; the model stands at one moment.
func tableStream(l *loader, r *resource) source.Node {
	return l.named(r, "TableName", 255, func(name string) string {
		return l.arn("dynamodb", "table/"+name+"/stream/2020-01-01T00:00:00.000").String()
	})
}

// bucketText is text made of a bucket's name. One that is made up is in lower
// case. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket.html
func (l *loader) bucketText(r *resource, made func(string) string) source.Node {
	v := l.nameNode(r, "BucketName", 63)
	if v.Kind == source.Unknown {
		return v
	}
	return l.text(made(strings.ToLower(v.Text)), r.At)
}

// readBucket. Since 2023 a bucket blocks public access and encrypts unless
// told otherwise; a template that switches any part of the block off opens it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
func readBucket(l *loader, r *resource) {
	o := l.object(r)
	name := l.bucketText(r, func(n string) string { return n })
	text := cmp.Or(name.Text, strings.ToLower(r.Name))
	b := cloud.Bucket{Meta: r.Meta, BucketName: text, ARN: cloud.ARN{Partition: l.partition(), Service: "s3", Resource: text},
		BlockPublic: cloud.Known(true), Encrypted: cloud.Known(true)}
	if c, ok := o.child("PublicAccessBlockConfiguration", "BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"); ok {
		b.BlockPublic = all(c, "BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
	}
	if c, ok := o.child("VersioningConfiguration", "Status"); ok {
		b.Versioned = cloud.Known(c.text("Status", cloud.Known("")).Or("") == "Enabled")
	}
	b.Notify = notifications(o)
	l.spec.Buckets = append(l.spec.Buckets, b)
}

// all is whether every one of the flags is set; absent ones are not.
func all(o object, keys ...string) cloud.Value[bool] {
	out := cloud.Known(true)
	for _, k := range keys {
		v := o.flag(k, false)
		if set, known := v.Get(); known && !set {
			return v
		} else if !known {
			out = v
		}
	}
	return out
}

// notifications reads where a bucket's events go.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-s3-bucket-notificationconfiguration.html
func notifications(o object) []cloud.Notification {
	c, ok := o.child("NotificationConfiguration", "EventBridgeConfiguration", "LambdaConfigurations", "QueueConfigurations", "TopicConfigurations")
	if !ok {
		return nil
	}
	var out []cloud.Notification
	for _, kind := range [][2]string{{"LambdaConfigurations", "Function"}, {"QueueConfigurations", "Queue"}, {"TopicConfigurations", "Topic"}} {
		for _, n := range c.children(kind[0], "Event", "Filter", kind[1]) {
			prefix, suffix := keyFilter(n)
			out = append(out, cloud.Notification{Events: []string{n.text("Event", cloud.Known("")).Or("")}, Target: n.arnOf(kind[1]), Prefix: prefix, Suffix: suffix, At: n.at})
		}
	}
	return out
}

func keyFilter(o object) (prefix, suffix string) {
	rules, _ := o.n.Path("Filter", "S3Key", "Rules")
	for rule := range rules.Each() {
		name, _ := rule.Get("Name")
		value, _ := rule.Get("Value")
		switch strings.ToLower(name.Text) {
		case "prefix":
			prefix = value.Text
		case "suffix":
			suffix = value.Text
		}
	}
	return prefix, suffix
}

// readBucketPolicy. A bucket has one policy.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html
func readBucketPolicy(l *loader, r *resource) {
	o := l.object(r)
	name := o.text("Bucket", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.Buckets, func(b cloud.Bucket) bool { return b.BucketName == name })
	if i < 0 {
		l.notDescribed(r, "bucket", name)
		return
	}
	doc, _ := o.get("PolicyDocument")
	l.spec.Buckets[i].Policy = l.policy(o, r.Name, "PolicyDocument", doc)
}

// readTable. DynamoDB encrypts every table; SSESpecification chooses the key.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html
func readTable(l *loader, r *resource) {
	o := l.object(r)
	name := l.nameOf(r, "TableName", 255)
	t := cloud.Table{Meta: r.Meta, ARN: l.arn("dynamodb", "table/"+name), TableName: name, Stream: o.present("StreamSpecification"),
		Encrypted: cloud.Known(true), Doc: o.n}
	if c, ok := o.child("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled", "RecoveryPeriodInDays"); ok {
		t.Recovery = c.flag("PointInTimeRecoveryEnabled", false)
	}
	if c, ok := o.child("ResourcePolicy", "PolicyDocument"); ok {
		doc, _ := c.get("PolicyDocument")
		t.Policy = l.policy(c, r.Name, "PolicyDocument", doc)
	}
	l.spec.Tables = append(l.spec.Tables, t)
}
