package snapshot

import (
	"slices"
	"strings"

	"bailey/cloud"
)

// readBuckets reads buckets with what the answers for each of them tell: whom
// they notify, their policy, and whether they block public access.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketNotificationConfiguration.html
func (r *reader) readBuckets() {
	for _, it := range r.list("Buckets") {
		name := it.text("Name")
		open := "what protects bucket " + name + " is not read"
		b := cloud.Bucket{Meta: r.meta("Buckets", it), BucketName: name, ARN: cloud.ARN{Partition: cloud.Partition(r.spec.Region), Service: "s3", Resource: name},
			BlockPublic: cloud.Unknown[bool](open, it.at()), Encrypted: cloud.Unknown[bool](open, it.at()), Versioned: cloud.Unknown[bool](open, it.at())}
		for _, p := range r.list("BucketPolicy") {
			if p.owner == name {
				b.Policy = p.policy(name, "Policy")
			}
		}
		for _, p := range r.list("PublicAccessBlockConfiguration") {
			if p.owner == name {
				c := p.child("PublicAccessBlockConfiguration")
				b.BlockPublic = cloud.Known(c.flag("BlockPublicAcls", false) && c.flag("IgnorePublicAcls", false) && c.flag("BlockPublicPolicy", false) && c.flag("RestrictPublicBuckets", false))
			}
		}
		b.Notify = r.notifications(name)
		told := func(n [2]string) bool { return r.describedOf(n[0], name) }
		if !slices.ContainsFunc(notified[:], told) {
			r.note(b.Meta, r.gapOf(notified[0][0], name).Because)
		}
		r.spec.Buckets = append(r.spec.Buckets, b)
	}
}

// notified are the lists of those whom a bucket notifies, and the field that
// says who it is.
var notified = [...][2]string{{"LambdaFunctionConfigurations", "LambdaFunctionArn"}, {"QueueConfigurations", "QueueArn"}, {"TopicConfigurations", "TopicArn"}}

func (r *reader) notifications(bucket string) []cloud.Notification {
	var out []cloud.Notification
	for _, n := range notified {
		for _, it := range r.list(n[0]) {
			if it.owner != bucket {
				continue
			}
			note := cloud.Notification{Events: it.texts("Events"), Target: cloud.Known(it.arn(n[1])), At: it.at()}
			for _, rule := range it.child("Filter").child("Key").items("FilterRules") {
				if strings.EqualFold(rule.text("Name"), "prefix") {
					note.Prefix = rule.text("Value")
				} else {
					note.Suffix = rule.text("Value")
				}
			}
			out = append(out, note)
		}
	}
	return out
}
