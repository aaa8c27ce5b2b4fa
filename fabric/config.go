package fabric

import (
	"net/netip"
	"time"

	"bailey/netset"
	"bailey/path"
)

// A Decider says what the network does with a flow: path.Trace over the
// current model. flow is as the network sees it, so after Lambda's own
// translation; ports of protocols without ports are 0. Called from several
// goroutines at once.
type Decider interface {
	Decide(from path.From, flow netset.Flow) path.Result
	// DecideVia is Decide once a NAT gateway on the way has drawn its port.
	DecideVia(from path.From, flow netset.Flow, natPort uint16) path.Result
}

// A Namespace is a network namespace: Do runs f on a thread that is in it.
type Namespace interface {
	Do(f func() error) error
}

// Config is what a fabric is made of. Only Decider is required.
type Config struct {
	Decider Decider
	Log     func(Record) // the first subscriber; see Subscribe
	Account string       // of flow-log records; "-" if empty

	// Arrive is called for each flow that goes to the services namespace,
	// before its first packet does: the moment to open the port it asks for.
	Arrive func(Origin)

	// FailFast answers what is dropped with a TCP reset or an ICMP "filtered"
	// where AWS would leave the caller waiting.
	FailFast bool

	MTU        int          // of the devices; 9001 if 0, as between instances of one VPC
	MaxFlows   int          // 65536 if 0
	Identities netip.Prefix // 100.64.0.0/10 if zero: who is who in the services namespace
	Idle       Idle
	Now        func() time.Time // time.Now if nil
}

// Idle is how long a flow without packets is remembered. Defaults:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
type Idle struct {
	NAT     time.Duration // through a NAT gateway: 350 s; a TCP peer that goes on is reset
	TCP     time.Duration // 5 days
	UDP     time.Duration // 180 s, also for all other protocols
	Dropped time.Duration // 60 s: longer than between two SYNs of one connect
	Ended   time.Duration // 2 s: for what is sent again after the last FIN or a RST
}

// orDefaults fills in what c leaves open.
func (c Config) orDefaults() Config {
	setDefault(&c.MTU, 9001)
	setDefault(&c.MaxFlows, 65536)
	setDefault(&c.Account, "-")
	setDefault(&c.Identities, netip.MustParsePrefix("100.64.0.0/10"))
	setDefault(&c.Idle.NAT, 350*time.Second)
	setDefault(&c.Idle.TCP, 5*24*time.Hour)
	setDefault(&c.Idle.UDP, 180*time.Second)
	setDefault(&c.Idle.Dropped, 60*time.Second)
	setDefault(&c.Idle.Ended, 2*time.Second)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func setDefault[T comparable](v *T, to T) {
	if zero := *new(T); *v == zero {
		*v = to
	}
}
