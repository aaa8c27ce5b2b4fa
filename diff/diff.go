package diff

import (
	"bailey/cloud"
	"bailey/netset"
	"bailey/path"
	"bailey/reach"
)

// A Side is one of the two states that are compared.
type Side struct {
	Model    *cloud.Model
	Expected []reach.Expectation
}

// A Report is everything that is different, what opens most first.
type Report struct {
	Changes []Change
	Entries []Entry
	Paths   []PathChange
	Rights  []Right
	Costs   []CostChange
	// Added and Removed are the resources that only one side has, in the order
	// of their names.
	Added, Removed []cloud.Meta
	// Unlisted is why some of these may be on both sides: nobody tells which there
	// are of their type on the other one.
	Unlisted []cloud.Gap
}

// A Change is packets whose fate is another in the new model: the same for
// every one of From to every one of To.
type Change struct {
	Was, Now path.Verdict // Reachable, Blocked or Unknown; never the same
	From, To Party
	Traffic  netset.Traffic
	// Hosts are the addresses on the internet that it is about, where From or
	// To is the internet, and Except all others there of their families.
	Hosts, Except netset.Addrs
	// Within are the subnets of From, or else of To, that it is about; none if
	// it is all of them.
	Within   []string
	Old, New Look // the same packet in either model
	Because  []Edit
}

// A Look is what becomes of a Change's witness in one model.
type Look struct {
	// Absent names the party that the model does not have; there is no Result.
	Absent string
	// Elsewhere: what the packet is addressed to is something else for its
	// sender, which two networks with the same addresses may bring about. Only
	// Flow of the Result is then of use.
	Elsewhere bool
	path.Result
	From path.From // where the walk starts
}

// A Party is resources that the network cannot tell apart, neither in the old
// model nor in the new one.
type Party struct {
	Kind    Kind
	Names   []string
	Service string // of an endpoint: ssm
	Public  bool   // their public addresses are meant
}

// Kind says what a party is.
type Kind string

// The kinds of party: those of interfaces, and what is beyond the model.
const (
	Function  Kind = "function"
	Instance  Kind = "instance"
	Lightsail Kind = "lightsail-instance"
	Endpoint  Kind = "endpoint"
	NAT       Kind = "nat-gateway"
	Store     Kind = "store" // a database, a cache, a mount target
	Balancer  Kind = "load-balancer"
	Internet  Kind = "internet"
	Service   Kind = "aws-service"
	Resolver  Kind = "resolver"
)

func kindOf(k cloud.ENIKind) Kind {
	return map[cloud.ENIKind]Kind{cloud.FunctionENI: Function, cloud.InstanceENI: Instance,
		cloud.LightsailENI: Lightsail, cloud.EndpointENI: Endpoint, cloud.NATENI: NAT, cloud.StoreENI: Store, cloud.LoadBalancerENI: Balancer}[k]
}

// Opens reports whether packets get through for certain that did not before.
func (c Change) Opens() bool { return c.Now == path.Reachable }

// Closes reports whether packets are lost for certain that were not before.
func (c Change) Closes() bool { return c.Now == path.Blocked }

// Between compares two models. An expectation of either side that cannot be
// asked of a model is not answered there: the change may be what made it so.
// What is the same resource of AWS is called by its name in now.
func Between(old, now Side) Report {
	old = aligned(old, now)
	c := newComparison(old.Model, now.Model)
	r := Report{Changes: c.changes(), Entries: entries(old.Model, now.Model)}
	r.Paths = paths(old, now)
	r.Rights = rights(old.Model, now.Model)
	r.Costs = costs(old.Model, now.Model)
	r.Added, r.Removed = onlyIn(now.Model, old.Model), onlyIn(old.Model, now.Model)
	r.Unlisted = append(unlisted(r.Added, old.Model), unlisted(r.Removed, now.Model)...)
	return r
}

// IsEmpty reports whether nothing of any consequence is different.
func (r Report) IsEmpty() bool {
	return len(r.Changes)+len(r.Entries)+len(r.Paths)+len(r.Rights)+len(r.Costs)+len(r.Added)+len(r.Removed) == 0
}
