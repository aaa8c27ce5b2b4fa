package snapshot

import (
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// readKeys reads KMS keys with their policies, each of which is an answer of its
// own. Every key has one: of a key for which there is no answer it is unknown.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
func (r *reader) readKeys() {
	told := map[string]item{}
	for _, it := range r.list("KeyMetadata") {
		meta := it.child("KeyMetadata")
		told[meta.text("KeyId")] = meta
	}
	for _, it := range r.list("Keys") {
		id := it.text("KeyId")
		g := r.gapOf("KeyMetadata", id)
		k := cloud.Key{Meta: r.meta("Keys", it), ARN: it.arn("KeyArn"), KeyID: id, Enabled: cloud.Unknown[bool](g.Because, g.At), Policy: r.keyPolicy(id),
			Rotated: cloud.Unknown[bool]("whether key "+id+" is rotated is in no file", it.at()), Spec: "SYMMETRIC_DEFAULT", Usage: "ENCRYPT_DECRYPT"}
		if meta, ok := told[id]; ok {
			k.Enabled, k.Spec, k.Usage = cloud.Known(meta.flag("Enabled", true)), meta.text("KeySpec"), meta.text("KeyUsage")
		}
		for _, a := range r.list("KeyAliases") {
			if a.text("TargetKeyId") == id {
				k.Aliases = append(k.Aliases, a.text("AliasName"))
			}
		}
		r.spec.Keys = append(r.spec.Keys, k)
	}
}

func (r *reader) keyPolicy(id string) *cloud.Policy {
	for _, it := range r.list("KeyPolicy") {
		if it.owner == id {
			return it.policy(id, "Policy")
		}
	}
	g := r.gapOf("KeyPolicy", id)
	return &cloud.Policy{Name: id, Doc: source.Node{Kind: source.Unknown, Text: g.Because, At: g.At}, At: g.At}
}

// readTables reads DynamoDB's tables.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
func (r *reader) readTables() {
	told := map[string]item{}
	for _, it := range r.list("Table") {
		table := it.child("Table")
		told[table.text("TableName")] = table
	}
	for _, it := range r.list("TableNames") {
		name := it.n.Text
		m := cloud.Meta{Name: name, Type: "AWS::DynamoDB::Table", At: it.at()}
		t := cloud.Table{Meta: m, TableName: name, ARN: cloud.ARN{Partition: cloud.Partition(r.spec.Region), Service: "dynamodb", Region: r.spec.Region, Account: r.spec.Account, Resource: "table/" + name},
			Encrypted: cloud.Known(true), Recovery: cloud.Unknown[bool]("whether table "+name+" can be recovered to a point in time is in no file", it.at())}
		if table, ok := told[name]; ok {
			t.Doc, t.ARN, t.Stream = table.n, table.arn("TableArn"), table.child("StreamSpecification").flag("StreamEnabled", false)
		} else {
			r.note(m, r.gapOf("Table", name).Because)
		}
		r.spec.Tables = append(r.spec.Tables, t)
	}
}

// readLogGroups reads log groups with the filters that send lines of theirs on.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_SubscriptionFilter.html
func (r *reader) readLogGroups() {
	for _, it := range r.list("logGroups") {
		name := it.text("logGroupName")
		arn := it.arn("arn")
		arn.Resource = strings.TrimSuffix(arn.Resource, ":*")
		g := cloud.LogGroup{Meta: r.meta("logGroups", it), ARN: arn, GroupName: name, Days: cloud.Known(it.number("retentionInDays", 0, 0, 3653)), Key: cloud.Known(it.text("kmsKeyId"))}
		for _, f := range r.list("subscriptionFilters") {
			if f.text("logGroupName") == name {
				g.Filters = append(g.Filters, cloud.LogFilter{Meta: cloud.Meta{Name: f.text("filterName"), Type: "AWS::Logs::SubscriptionFilter", At: f.at()}, Pattern: f.text("filterPattern"), Destination: cloud.Known(f.arn("destinationArn"))})
			}
		}
		if !r.describedOf("subscriptionFilters", name) && len(g.Filters) == 0 && !r.describedOf("subscriptionFilters", "") {
			r.note(g.Meta, r.gapOf("subscriptionFilters", name).Because)
		}
		r.spec.LogGroups = append(r.spec.LogGroups, g)
	}
}
