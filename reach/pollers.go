package reach

import (
	"bailey/cloud"
	"bailey/path"
)

// fromPollers are the paths that event source mappings need whose pollers sit
// in a VPC: to the brokers, and, unless the mapping has pollers of its own
// (provisioned mode), to Lambda and STS, and to Secrets Manager where the
// credentials are there.
// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka-cluster-network.html
func fromPollers(m *cloud.Model) []Need {
	var out []Need
	for e := range m.EventSourceMappings() {
		if e.Network() == nil || !e.Enabled.Or(true) {
			continue
		}
		need := func(to, because string) {
			out = append(out, Need{Question: path.Question{From: e.Name, To: to}, Because: because, At: e.At})
		}
		for _, broker := range e.Bootstrap.Or(nil) {
			need(broker, "the pollers of "+e.Name+" connect to "+broker)
		}
		if e.Pollers {
			continue
		}
		need("aws:lambda", "the pollers of "+e.Name+" invoke the function")
		need("aws:sts", "the pollers of "+e.Name+" assume the function's role")
		if len(e.Secrets()) > 0 {
			need("aws:secretsmanager", "the pollers of "+e.Name+" read their credentials")
		}
	}
	return out
}
