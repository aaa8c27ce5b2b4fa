package terraform

import (
	"strings"

	"bailey/source"
)

// eventSource names Kafka's brokers in one text, by a key of Lambda's API.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_event_source_mapping
func eventSource(t *translator, i *instance) {
	properties := t.own(i)
	for _, b := range i.body.children("self_managed_event_source") {
		f, ok := b.get("endpoints")
		if !ok {
			continue
		}
		endpoints := t.node(f.value, f.at)
		servers := endpoints
		if endpoints.Kind == source.Map {
			all, _ := endpoints.Get("KAFKA_BOOTSTRAP_SERVERS")
			servers = list(f.at)
			for server := range strings.SplitSeq(all.Text, ",") {
				servers.Items = append(servers.Items, text(strings.TrimSpace(server), f.at))
			}
			if all.Kind == source.Unknown {
				servers = all
			}
		}
		properties = append(properties, entry("SelfManagedEventSource", object(b.at, entry("Endpoints", object(f.at, entry("KafkaBootstrapServers", servers))))))
	}
	t.emit(i, "", i.row.cfn, properties)
}

var provisionedParts = (&parser{text: "ProvisionedConcurrentExecutions"}).properties()

// provisioned is of an alias, or of the version that a function publishes.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_provisioned_concurrency_config
func provisioned(t *translator, i *instance) {
	n := object(i.at, t.properties(provisionedParts, i.body)...)
	c := change{by: i, property: "ProvisionedConcurrencyConfig", to: func(source.Node) source.Node { return n }}
	function, _ := i.body.get("function_name")
	of, ok := t.target("aws_lambda_function", function.value)
	qualifier, _ := i.body.text("qualifier")
	for _, a := range t.instances {
		name, _ := a.body.text("name")
		if a.b.typ == "aws_lambda_alias" && !a.b.data && name == qualifier && t.sameFunction(a, of) {
			c.of = a
		}
	}
	if c.of == nil && ok {
		c.of, c.part = of, "version"
	}
	t.changes = append(t.changes, c)
}

// sameFunction reports whether an alias is a function's.
func (t *translator) sameFunction(alias, function *instance) bool {
	f, ok := alias.body.get("function_name")
	if !ok {
		return false
	}
	of, ok := t.target("aws_lambda_function", f.value)
	return ok && of == function
}
