package fabric

import "bailey/path"

// Codes for what no model can state: they are about what runs, not about what
// may. AddressMismatch is Reachability Analyzer's name for it.
const (
	NoWorkload      path.Code = "NO_WORKLOAD_BEHIND_ENI"            // allowed, but nobody is there
	TableFull       path.Code = "FLOW_TABLE_FULL"                   // Config.MaxFlows are open
	PortsExhausted  path.Code = "NAT_PORT_ALLOCATION_FAILED"        // no port left towards a destination
	Moved           path.Code = "FLOW_DELIVERED_ELSEWHERE"          // cut: the new model sends it to another place
	NAT64NotCarried path.Code = "NAT64_NOT_CARRIED"                 // IPv6 that would become IPv4: Bailey translates no packet
	AddressMismatch path.Code = "ENI_SOURCE_DEST_CHECK_RESTRICTION" // sent from an address not its own
)
