// Package reach looks at the whole model: which paths it needs, and what
// would open one that is closed, for how much.
//
//	roles, environment, expectations -> Needs -> path.Why -> verdicts
//	                                                |
//	      blockers -> candidate changes -> Model.With -> path.Why again
//	                                                |
//	                      Fixes: proved, priced, the cheapest first
//	                                                |
//	                      Mend: the cheapest set of them for all paths together
//
//	functions that reach it <- who may invoke those <- who may invoke them: WaysIn
//
// and, for all flows at once, who can reach whom:
//
//	Model -> Compile -> classes of interfaces that the network cannot tell apart
//	                    zones of addresses that no rule, route or block divides
//	                         |
//	   From  To  Pairs  FromInternet  FromOnPremises  ToInternet  Abroad: exact sets of packets (netset),
//	                         |        open, or hanging on a named fact
//	   the next Model -> Next: only what the change touches is worked out again
//
// A flow's fate is the conjunction of what its source's groups let out (a row
// for each set of rules), the way between two places, there and back (network
// ACLs, routes, gateways), and what the destination's groups and owner take in.
// Each is worked out once for all interfaces that share it, so time and memory
// grow with classes. This half calls nothing of path: package conform holds the
// two against each other, packet by packet. An interface with addresses of both
// families is in a class for each; NAT64 leads from one to the other.
//
// Nothing is printed as proved that was not walked again on a copy of the
// model with the change applied. Which host a function dials, and which calls
// AWS makes in its stead, is decided in needs.go and whodials.go; what a change
// costs in price.go; how it is written in package patch below. Pure, like path.
package reach
