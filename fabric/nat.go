package fabric

// Ports that Lambda and NAT gateways translate to:
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html#nacl-ephemeral-ports
const (
	firstPort = 1024
	portCount = 65536 - firstPort
	// portStep walks all ports in an order in which neighbours are far apart,
	// so that a network ACL that lets only some replies through shows soon. It
	// has no divisor in common with portCount.
	portStep = 39857
)

// natGatewayLimit is how many connections to one destination a NAT gateway
// keeps per address:
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
const natGatewayLimit = 55000

// A lease is the right to use a key's source address and port towards its
// destination. Owners differ where addresses may be the same: two VPCs.
type lease struct {
	owner string
	key   key
}

type leases struct {
	held  map[lease]struct{}
	count map[lease]int // by owner, source and destination, source port 0
	next  uint32
}

func newLeases() leases {
	return leases{held: map[lease]struct{}{}, count: map[lease]int{}}
}

// take leases k with its own source port.
func (l *leases) take(owner string, k key) (lease, bool) {
	le := lease{owner, k}
	if _, taken := l.held[le]; taken {
		return lease{}, false
	}
	l.held[le] = struct{}{}
	l.count[le.scope()]++
	return le, true
}

// takeAny leases k with a source port of 1024-65535 that is free, unless the
// owner has limit connections to that destination.
func (l *leases) takeAny(owner string, k key, limit int) (lease, bool) {
	k.sport = 0
	if l.count[lease{owner, k}] >= limit {
		return lease{}, false
	}
	for range portCount {
		l.next = (l.next + portStep) % portCount
		k.sport = uint16(firstPort + l.next)
		if le, ok := l.take(owner, k); ok {
			return le, true
		}
	}
	return lease{}, false
}

func (l *leases) give(le lease) {
	delete(l.held, le)
	if l.count[le.scope()]--; l.count[le.scope()] <= 0 {
		delete(l.count, le.scope())
	}
}

func (le lease) scope() lease {
	le.key.sport = 0
	return le
}
