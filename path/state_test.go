package path

import (
	"strings"
	"testing"

	"bailey/cloud"
)

// inState puts everything that the edits added into a state.
func inState(state cloud.State) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		for i := range s.Peerings {
			s.Peerings[i].Active, s.Peerings[i].State = state == "active", state
		}
		for i := range s.Endpoints {
			s.Endpoints[i].State = state
		}
		for i := range s.NATGateways {
			s.NATGateways[i].State = state
		}
	}
}

// abroad puts vpc-b into another region.
func abroad(s *cloud.Spec) { s.VPCs[1].Region = "eu-west-1" }

// offered says in which zones AWS offers endpoints for ssm.
func offered(zones ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) { s.ServiceZones = map[string][]string{"ssm": zones} }
}

// admitting lets Far take tcp 5432 from a peer.
func admitting(p cloud.Peer) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.SecurityGroups[len(s.SecurityGroups)-1].Ingress = rules(tcp(5432, p))
	}
}

// What has a life of its own carries traffic in one state only, and a peering
// to another region less than one within the region.
func TestStatesAndRegions(t *testing.T) {
	const farName = "ip-10-1-1-9.us-west-2.compute.internal:5432"
	joined := peer(true, true, true)
	dns := func(s *cloud.Spec) { s.Peerings[0].ADNS, s.Peerings[0].BDNS = true, true }
	for _, c := range []struct {
		fact     string
		with     []func(*cloud.Spec)
		from, to string
		want     string
	}{
		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle
		{"an active peering carries traffic", edits(joined, inState("active")), "F", "Far:5432", "reachable"},
		{"one that waits for its acceptance does not", edits(joined, inState("pending-acceptance"), admitting(anywhere)), "F", "Far:5432", "blocked BAD_STATE(Peering)"},
		{"nor one that was rejected", edits(joined, inState("rejected"), admitting(anywhere)), "F", "Far:5432", "blocked BAD_STATE(Peering)"},
		{"nor one that expired", edits(joined, inState("expired"), admitting(anywhere)), "F", "Far:5432", "blocked BAD_STATE(Peering)"},
		{"nor one that failed", edits(joined, inState("failed"), admitting(anywhere)), "F", "Far:5432", "blocked BAD_STATE(Peering)"},
		{"nor one that is being made ready", edits(joined, inState("provisioning"), admitting(anywhere)), "F", "Far:5432", "blocked BAD_STATE(Peering)"},
		{"groups of a peer that is gone are stale", edits(joined, inState("deleted")), "F", "Far:5432", "blocked BAD_STATE(Peering) ENI_SG_RULES_MISMATCH(sg-far)"},
		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html
		{"a blackhole on the way back loses the reply", edits(joined, admitting(anywhere), func(s *cloud.Spec) {
			s.RouteTables[2].Routes[0].Target = cloud.ToBlackhole{Was: "pcx-ab"}
		}), "F", "Far:5432", "blocked <BAD_STATE_ROUTE(rtb-far)"},
		// https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-limitations
		{"a peering to another region carries traffic", edits(joined, abroad, admitting(from("10.0.0.0/16"))), "F", "Far:5432", "reachable"},
		{"and no references to groups", edits(joined, abroad), "F", "Far:5432", "blocked ENI_SG_RULES_MISMATCH(sg-far)"},
		{"outbound rules name no group there either", edits(joined, abroad, admitting(anywhere), egressOfF(tcp(5432, inGroup("sg-far")))), "F", "Far:5432", "blocked ENI_SG_RULES_MISMATCH(sg-f)"},
		{"a region that is stated may be the model's own", edits(joined, func(s *cloud.Spec) { s.VPCs[1].Region = "us-west-2" }), "F", "Far:5432", "reachable"},
		{"a peer's private host name means its private address", edits(joined), "F", farName, "reachable"},
		{"from another region only with the DNS option", edits(joined, abroad, admitting(anywhere)), "F", farName, "blocked PEERING_DNS_RESOLUTION_DISABLED(Peering)"},
		{"with which it does", edits(joined, abroad, admitting(anywhere), dns), "F", farName, "reachable"},
		{"outside of RFC 1918 the option is needed too", edits(joined, admitting(anywhere), func(s *cloud.Spec) {
			s.VPCs[1].CIDRs = known(cidr("10.1.0.0/16"), cidr("100.64.0.0/24"))
		}), "F", "ip-100-64-0-9.us-west-2.compute.internal:5432", "blocked PEERING_DNS_RESOLUTION_DISABLED(Peering)"},
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
		{"an endpoint that is available answers", edits(endpoint(true, "sg-endpoint"), inState("available")), "F", "aws:ssm", "reachable"},
		{"one that waits for its acceptance does not", edits(endpoint(true, "sg-endpoint"), inState("pendingAcceptance")), "F", "aws:ssm", "blocked BAD_STATE(Endpoint)"},
		{"of one that is there in part nobody knows", edits(endpoint(true, "sg-endpoint"), inState("Partial")), "F", "aws:ssm",
			"unknown ?Endpoint is there in part, and which part is not told"},
		{"a gateway endpoint that is being deleted takes nothing", edits(s3Endpoint, inState("deleting")), "F", "aws:s3", "blocked BAD_STATE(S3)"},
		// https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
		{"an endpoint has no interface where AWS does not offer the service", edits(endpoint(true, "sg-endpoint"), offered("us-west-2b", "us-west-2c")), "F", "aws:ssm", "blocked VPCE_SERVICE_NOT_INSTALLED_IN_AZ(Endpoint)"},
		{"and has one where it does", edits(endpoint(true, "sg-endpoint"), offered("us-west-2a")), "F", "aws:ssm", "reachable"},
		{"a customer's service is where its load balancer is", edits(balancer(true, "Box:80"), service("arn:lb"), zone("subnet-private", "us-west-2b"), func(s *cloud.Spec) {
			s.SecurityGroups[1].Ingress = rules(everything(anywhere))
		}), "F", "Theirs:80", "blocked VPCE_SERVICE_NOT_INSTALLED_IN_AZ(Theirs)"},
		{"which is well in the same zone", edits(balancer(true, "Box:80"), service("arn:lb"), func(s *cloud.Spec) { s.SecurityGroups[1].Ingress = rules(everything(anywhere)) }), "F", "Theirs:80", "reachable"},
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
		{"a NAT gateway that failed carries nothing", edits(nat("subnet-public", true), inState("failed")), "F", "internet", "blocked BAD_STATE(NAT)"},
	} {
		t.Run(c.fact, func(t *testing.T) {
			if got := why(t, change(t, c.with...), c.from, c.to); got != c.want {
				t.Errorf("%s -> %s\n got %s\nwant %s", c.from, c.to, got, c.want)
			}
		})
	}
}

// The detail says in which state a peering is, and why a group counts for
// nothing.
func TestStatesAreToldInAWSsWords(t *testing.T) {
	for _, c := range []struct {
		with []func(*cloud.Spec)
		want string
	}{
		{edits(peer(true, true, true), inState("rejected")), "peering Peering is not active: it is rejected"},
		{edits(peer(false, true, true)), "peering Peering is not active: it has not been accepted"},
		{edits(peer(true, true, true), abroad), "Peering leads to another region, across which rules cannot name groups"},
	} {
		r, err := Why(change(t, c.with...), Question{From: "F", To: "Far:5432"})
		if err != nil || !strings.Contains(r.Blockers[0].Detail, c.want) {
			t.Errorf("%v %v does not say %q", r.Blockers, err, c.want)
		}
	}
}
