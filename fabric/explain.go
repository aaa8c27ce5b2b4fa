package fabric

import "bailey/path"

// Explanations say what the codes of this package mean, in the manner of
// path.Explanations.
func Explanations() []path.Explanation {
	return []path.Explanation{
		{Code: NoWorkload, Title: "allowed, but nothing runs behind the interface",
			Text: "The network lets the flow through to an interface that no workload of bailey.yaml stands behind, so nobody answers.",
			Mend: "name a program for the resource under workloads: in bailey.yaml", Source: "bailey"},
		{Code: TableFull, Title: "the table of flows is full",
			Text: "More flows are open at once than the fabric keeps, and none of them has been idle long enough to go.",
			Mend: "close connections, or look for a loop that opens them", Source: "bailey"},
		{Code: PortsExhausted, Title: "no source port is left towards the destination",
			Text: "A NAT gateway carries 55,000 connections at once to one destination, and an interface of Lambda's has the ports from 1024 up.",
			Mend: "reuse connections, or spread them over more NAT gateways or subnets", Source: "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"},
		{Code: Moved, Title: "the flow was cut: the next model sends it elsewhere",
			Text: "The model was replaced while the flow was open, and delivers it to another place than the old one did.",
			Mend: "connect again", Source: "bailey"},
		{Code: NAT64NotCarried, Title: "allowed through NAT64, which is not carried here",
			Text: "On AWS the NAT gateway would make IPv4 of this IPv6 flow (NAT64). Bailey's answers know that; its network translates no packet from one family to the other.",
			Mend: "run the workload in a dual-stack subnet here, or ask with bailey why", Source: "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"},
		{Code: AddressMismatch, Title: "sent from an address that is not the interface's",
			Text: "An interface with source/destination check drops what it sends from another address than its own.",
			Mend: "send from the interface's own address", Source: "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"},
	}
}
