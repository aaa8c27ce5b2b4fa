// Package path walks ONE concrete flow through a cloud.Model, hop by hop, in
// both directions. It is the only definition of what the network does: check,
// why and diff print its answer, fabric enforces it packet by packet, so what
// is explained and what is enforced cannot differ.
//
//	name -> Resolve -> address
//	                     |
//	   From ------ security group (egress)        the resolver and a gateway
//	                     |                        endpoint's policy have hops
//	               network ACL (out)              of their own
//	                     |
//	               route table: longest prefix
//	               /    |      |        |      \      \
//	           local  igw   nat   peering   endpoint  transit gateway, VPN,
//	               \    |      |        |      /      /    middlebox, egress-only
//	               network ACL (in)
//	                     |
//	               security group (ingress) ------ To
//	                     |
//	               the reply: network ACLs and routes again, groups remember
//
// TO a function is its invocation, which no packet carries into its VPC: the
// Lambda API must be within reach, and package iam must allow it by the caller's
// policies, the function's permissions and the endpoint's policy. TO an API asks
// its own policy too.
//
// Resolve knows the private zones, resolver rules and DHCP options of a VPC,
// the private DNS of endpoints, and the names that AWS gives to databases, load
// balancers and machines. A name that leads nowhere is a reason of its own.
//
// A walk does not stop at the first obstacle: it notes the blocker and goes on
// as if that were mended, so the answer is the complete list of what to change.
// A fact that the model lacks is noted as missing and makes the verdict
// unknown unless something known blocks anyway. The rules and their sources
// stand beside the code that follows them.
//
// IPv4 and IPv6 are walked apart: a route, rule or entry of one says nothing of
// the other. A question by name tries both where both ends have them, and one
// that works is enough (families.go); the other is reported beside it.
//
// Pure: no I/O, no clock, no logging. Trace is for one packet, Why for a
// question between names. reach answers for all flows at once.
package path
