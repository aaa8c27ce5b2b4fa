package cfn

import (
	"slices"

	"bailey/cloud"
	"bailey/source"
)

// eventSourceRows are event source mappings. The mapping's ID is a UUID.
func eventSourceRows() []*row {
	id := func(l *loader, r *resource) source.Node { return l.text(l.uuid(r.Name), r.At) }
	return []*row{{Type: "AWS::Lambda::EventSourceMapping", read: readEventSourceMapping, ref: id,
		properties: "AmazonManagedKafkaEventSourceConfig BatchSize BisectBatchOnFunctionError DestinationConfig DocumentDBEventSourceConfig Enabled " +
			"EventSourceArn FilterCriteria !FunctionName FunctionResponseTypes KmsKeyArn LoggingConfig MaximumBatchingWindowInSeconds " +
			"MaximumRecordAgeInSeconds MaximumRetryAttempts MetricsConfig ParallelizationFactor ProvisionedPollerConfig Queues ScalingConfig " +
			"SelfManagedEventSource SelfManagedKafkaEventSourceConfig SourceAccessConfigurations StartingPosition StartingPositionTimestamp " +
			"Tags Topics TumblingWindowInSeconds",
		atts: attributes{"Id": id, "EventSourceMappingArn": func(l *loader, r *resource) source.Node {
			return l.text(l.arn("lambda", "event-source-mapping:"+l.uuid(r.Name)).String(), r.At)
		}}}}
}

// readEventSourceMapping. Defaults: enabled, one shard at a time, and for
// streams as many retries as the record lives.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-eventsourcemapping.html
func readEventSourceMapping(l *loader, r *resource) {
	o := l.object(r)
	e := cloud.EventSourceMapping{
		Meta: r.Meta, ID: l.uuid(r.Name), Function: o.function("FunctionName"), Source: o.arnOf("EventSourceArn"),
		Enabled: o.flag("Enabled", true), Topics: o.texts("Topics").Or(nil), Queues: o.texts("Queues").Or(nil),
		Batch: o.number("BatchSize", 0, 1, 10000).Or(0), Window: o.seconds("MaximumBatchingWindowInSeconds", 0, 0, 300),
		Start:   o.text("StartingPosition", cloud.Known("")).Or(""),
		Retries: o.number("MaximumRetryAttempts", -1, -1, 10000).Or(-1), MaxAge: o.seconds("MaximumRecordAgeInSeconds", -1, -1, 604800),
		Parallel: o.number("ParallelizationFactor", 1, 1, 10).Or(1), Bisect: o.flag("BisectBatchOnFunctionError", false).Or(false),
		Tumbling: o.seconds("TumblingWindowInSeconds", 0, 0, 900),
		Partial:  slices.Contains(o.texts("FunctionResponseTypes").Or(nil), "ReportBatchItemFailures"),
	}
	if s, ok := o.child("ScalingConfig", "MaximumConcurrency"); ok {
		e.Concurrency = s.number("MaximumConcurrency", 0, 2, 1000).Or(0)
	}
	_, e.Pollers = o.child("ProvisionedPollerConfig", "MaximumPollers", "MinimumPollers", "PollerGroupName")
	e.Filters = filters(o)
	_, e.OnFailure = destinations(o)
	e.Bootstrap, e.Access = bootstrap(o), sourceAccess(o)
	l.spec.EventSourceMappings = append(l.spec.EventSourceMappings, e)
}

func filters(o object) []cloud.Value[string] {
	c, ok := o.child("FilterCriteria", "Filters")
	if !ok {
		return nil
	}
	var out []cloud.Value[string]
	for _, f := range c.children("Filters", "Pattern") {
		out = append(out, f.text("Pattern", cloud.Known("")))
	}
	return out
}

// bootstrap reads the brokers of a self-managed Kafka.
func bootstrap(o object) cloud.Value[[]string] {
	if s, ok := o.child("SelfManagedEventSource", "Endpoints"); ok {
		if e, ok := s.child("Endpoints", "KafkaBootstrapServers"); ok {
			return e.texts("KafkaBootstrapServers")
		}
	}
	return cloud.Known[[]string](nil)
}

func sourceAccess(o object) []cloud.SourceAccess {
	var out []cloud.SourceAccess
	for _, c := range o.children("SourceAccessConfigurations", "Type", "URI") {
		out = append(out, cloud.SourceAccess{Kind: c.text("Type", cloud.Known("")).Or(""), URI: c.text("URI", cloud.Known("")), At: c.at})
	}
	return out
}
