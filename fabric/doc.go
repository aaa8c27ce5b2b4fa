// Package fabric moves packets between the network namespaces of workloads
// and decides nothing about where they may go.
//
//	function environment        instance              services namespace
//	169.254.76.2                10.0.2.7              listeners on 0.0.0.0
//	  eth0 (TUN)                eth0 (TUN)            eth0 (TUN), any address is local
//	    │  ▲                      │  ▲                   │  ▲
//	    ▼  │                      ▼  │                   ▼  │
//	  Tap ─┴─ forward: parse, look up, rewrite, write ───┴── Tap
//	             │ no such flow yet
//	             ▼
//	          open ──▶ Decider (path.Trace over the current model)
//	             │         │ a verdict with all its reasons
//	             ▼         ▼
//	          two flow table entries, one for each direction,
//	          or one entry that swallows what follows
//
// The rule it obeys: the first packet of a flow asks the Decider, and what the
// answer says is done to every packet of that flow, both ways, until the flow
// ends, idles out or Recheck finds that a new model says otherwise. Anything
// but Reachable is dropped; there is no default that lets a packet pass. A
// dropped flow gets silence, as on AWS, and one Record with the reasons.
//
// Devices carry virtio-net headers: a segment of up to 64 KB crosses in one
// read and one write and is never cut, and a checksum that the kernel left for
// later is left so. The path of a packet whose flow is known takes no lock
// but the destination's read lock, and allocates nothing.
//
// Addresses. An instance owns its private address. Execution environments of
// Lambda all have the same inner address and share the address of their
// Hyperplane interface, with a port of 1024-65535 chosen for each flow. To a
// server in the services namespace every tap is an address of its own out of
// Config.Identities: OriginOf tells for a connection which workload it came
// from and through which endpoint or gateway, which no claim of the caller can
// change.
//
// It carries IPv4 and IPv6. A device whose workload has no IPv6 address has
// IPv6 off, so a program sees "network is unreachable" at once, as in an
// IPv4-only subnet. What NAT64 would make IPv4 of is refused by name: no packet
// is translated from one family to the other.
//
// Neighbours: path gives the verdicts, world implements Decider and wires
// taps to workloads, sandbox makes the namespaces, the servers of world and
// services ask OriginOf.
package fabric
