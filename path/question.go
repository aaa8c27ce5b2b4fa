package path

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

// A Question asks whether FROM can reach TO, in the words of the command line.
type Question struct {
	From     string          // a resource, "internet"
	To       string          // a resource, aws:NAME, a host, an address, "internet"; each may end in :PORT
	Protocol netset.Protocol // zero: tcp
	SrcPort  uint16          // zero: every ephemeral port that the source uses
}

// A target is what a destination means: a host name to resolve, or addresses.
type target struct {
	label string // as asked, without the port
	host  string
	addr  netip.Addr
	also  netip.Addr // of the other family, where it has one
	ipv4  bool       // a host without IPv6
	port  uint16
}

// addrs are the addresses of a target that is no name.
func (t target) addrs() []netip.Addr {
	if t.also.IsValid() && t.addr.IsValid() {
		return []netip.Addr{t.addr, t.also}
	}
	if t.also.IsValid() {
		return []netip.Addr{t.also}
	}
	return []netip.Addr{t.addr}
}

// source is who asks, once for each interface.
type origin struct {
	from   From
	vpc    cloud.VPCID
	subnet cloud.SubnetID
	az     string // where it is known
	label  string // the subnet, where there are several
	src    netip.Addr
	ipv6   netip.Addr // zero: none
	maybe6 bool       // it is not known whether there is one
	kind   cloud.ENIKind
	shown  bool      // its first walk is likely to be shown
	found  *findings // nil: nothing
}

// A QuestionError is a question that cannot be asked: a name that nothing has,
// a destination that needs a port.
type QuestionError struct{ Problem, Hint string }

func (e *QuestionError) Error() string {
	if e.Hint == "" {
		return e.Problem
	}
	return e.Problem + "; " + e.Hint
}

// splitPort takes a :PORT off the end of a destination.
func splitPort(to string) (string, uint16, error) {
	i := strings.LastIndexByte(to, ':')
	if i < 0 || strings.HasPrefix(to, "arn:") || strings.Count(to, ":") > 1 && !strings.HasPrefix(to, "aws:") && !strings.HasPrefix(to, "[") {
		return to, 0, nil
	}
	n, err := strconv.ParseUint(to[i+1:], 10, 16)
	if err != nil {
		if strings.HasPrefix(to, "aws:") && i == 3 {
			return to, 0, nil
		}
		return "", 0, &QuestionError{fmt.Sprintf("%q does not end in a port", to), "write NAME:PORT with a port from 0 to 65535"}
	}
	return strings.Trim(to[:i], "[]"), uint16(n), nil
}

// destination reads the question's To.
func (q Question) destination(m *cloud.Model) (target, error) {
	name, port, err := splitPort(q.To)
	if err != nil {
		return target{}, err
	}
	t := target{label: name, port: port}
	if t.port == 0 {
		t.port = 443
	}
	switch {
	case name == "internet":
		t.host, t.ipv4 = "example.com", true
		return t, nil
	case strings.HasPrefix(name, "aws:"):
		return t.awsService(m, strings.TrimPrefix(name, "aws:"))
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		t.addr = addr
		return t, nil
	}
	if found, ok, err := q.resource(m, t, port); ok || err != nil {
		return found, err
	}
	if strings.Contains(name, ".") {
		t.host = name
		return t, nil
	}
	return target{}, unknownName(m, name)
}

func (t target) awsService(m *cloud.Model, name string) (target, error) {
	svc, ok := cloud.ServiceByName(name)
	if !ok {
		var names []string
		for _, s := range cloud.Services() {
			names = append(names, s.Name)
		}
		return target{}, &QuestionError{fmt.Sprintf("there is no AWS service called %q here", name), source.DidYouMean(name, names, "there are: "+strings.Join(names, ", "))}
	}
	t.host = svc.HostIn(m.Region())
	return t, nil
}

// resource reads a destination that is a resource of the model. A static IP
// means the public address of its instance; from the internet every instance
// does.
func (q Question) resource(m *cloud.Model, t target, port uint16) (target, bool, error) {
	for in := range m.LightsailInstances() {
		if in.StaticIP.Name != "" && in.StaticIP.Name == t.label {
			t.addr = in.PublicIP
			return t, true, needPort(t.label, port)
		}
	}
	found := m.Find(t.label)
	if len(found) == 0 {
		return t, false, nil
	}
	if len(found) > 1 {
		return t, true, &QuestionError{fmt.Sprintf("%q means more than one resource", t.label), "use its physical ID or its ARN"}
	}
	if o, ok := m.OnPremisesCalled(found[0].Name); ok {
		t.addr = o.Hosts()[0]
		if other, ok := hostLike(o, strangerLike(!t.addr.Is6())); ok {
			t.also = other
		}
		return t, true, needPort(t.label, port)
	}
	if s, ok := m.Store(found[0].Name); ok && len(s.Hosts) > 0 {
		return t.store(s, port)
	}
	if b, ok := m.LoadBalancer(found[0].Name); ok {
		if t.host = b.Host; port == 0 && len(b.Listeners) > 0 {
			t.port = b.Listeners[0].Port
			return t, true, nil
		}
		return t, true, needPort(t.label, port)
	}
	enis := m.ENIsOf(found[0].Name)
	if len(enis) == 0 {
		return t, true, &QuestionError{fmt.Sprintf("%s has no network interface", t.label), "ask for what it leads to, or for one of its addresses"}
	}
	e := enis[0]
	t.addr, t.also = e.PrivateIP, e.IPv6
	if q.From == "internet" && e.PublicIP.IsValid() {
		t.addr = e.PublicIP
	}
	if len(e.Answers) > 0 && port == 0 {
		t.port = e.Answers[0].Port
		return t, true, nil
	}
	if e.Kind == cloud.EndpointENI {
		return t, true, nil
	}
	return t, true, needPort(t.label, port)
}

// store is a database or the like: its own name, on its own port.
func (t target) store(s cloud.Store, port uint16) (target, bool, error) {
	t.host = s.Hosts[0]
	if ports, known := s.Ports.Get(); port == 0 && known && len(ports) > 0 {
		t.port = ports[0]
		return t, true, nil
	}
	return t, true, needPort(t.label, port)
}

func needPort(name string, port uint16) error {
	if port == 0 {
		return &QuestionError{fmt.Sprintf("%s is a machine: which port is meant?", name), fmt.Sprintf("write %s:80", name)}
	}
	return nil
}

// origins reads the question's From.
func (q Question) origins(m *cloud.Model) ([]origin, []cloud.Gap, error) {
	if q.From == "internet" {
		return []origin{{from: FromInternet{}, src: strangerAddr, ipv6: strangerIPv6}}, nil, nil
	}
	if addr, err := netip.ParseAddr(q.From); err == nil {
		return fromAddress(m, addr)
	}
	found := m.Find(q.From)
	if len(found) != 1 {
		return nil, nil, unknownName(m, q.From)
	}
	if f, ok := m.Function(found[0].Name); ok {
		if f.Network == nil {
			return []origin{{from: FromLambda{}, src: cloud.ElasticAddr(m.Stack(), "lambda"), kind: cloud.FunctionENI}}, nil, nil
		}
		if gap, open := f.Network.Subnets.Gap(); open {
			return nil, []cloud.Gap{gap}, nil
		}
	}
	names := []string{found[0].Name}
	if s, ok := m.Store(found[0].Name); ok {
		names = nil
		for _, member := range m.MembersOf(s) {
			names = append(names, member.Name)
		}
	}
	var out []origin
	if o, ok := m.OnPremisesCalled(found[0].Name); ok {
		for i, host := range o.Hosts() {
			from := origin{from: FromOnPremises{o.Name}, label: o.CIDRs[i].String(), src: host}
			if host.Is6() {
				from.src, from.ipv6 = netip.Addr{}, host
			}
			out = append(out, from)
		}
	}
	for _, name := range names {
		for _, e := range m.ENIsOf(name) {
			out = append(out, originOf(m, e))
		}
	}
	return out, nil, nil
}

// originOf is an interface that asks.
func originOf(m *cloud.Model, e cloud.ENI) origin {
	sub, _ := m.Subnet(e.Subnet)
	return origin{FromENI{e.ID}, e.VPC, e.Subnet, sub.AZ.Or(""), sub.Name, e.PrivateIP, e.IPv6, e.OpenIPv6 != nil, e.Kind, false, nil}
}

// fromAddress starts from whatever has the address: an interface of the model,
// or for a public address that none has, some host on the internet.
func fromAddress(m *cloud.Model, addr netip.Addr) ([]origin, []cloud.Gap, error) {
	for e := range m.ENIs() {
		o := origin{from: FromENI{e.ID}, vpc: e.VPC, subnet: e.Subnet, label: string(e.Subnet), src: e.PrivateIP, kind: e.Kind}
		switch addr {
		case e.PrivateIP, e.PublicIP:
			return []origin{o}, nil, nil
		case e.IPv6:
			o.src, o.ipv6 = netip.Addr{}, addr
			return []origin{o}, nil, nil
		}
	}
	if isPublic(addr) {
		o := origin{from: FromInternet{}, src: addr}
		if addr.Is6() {
			o.src, o.ipv6 = netip.Addr{}, addr
		}
		return []origin{o}, nil, nil
	}
	return nil, nil, &QuestionError{fmt.Sprintf("nothing here has the address %s", addr), "give a function or an instance by its name"}
}

// strangerAddr and strangerIPv6 stand for any host on the internet: addresses
// that rules for single hosts do not name.
// https://www.rfc-editor.org/rfc/rfc5737 https://www.rfc-editor.org/rfc/rfc3849
var (
	strangerAddr = netip.MustParseAddr("203.0.113.10")
	strangerIPv6 = netip.MustParseAddr("2001:db8::10")
)

// strangerLike is one of the two, by family.
func strangerLike(v6 bool) netip.Addr {
	if v6 {
		return strangerIPv6
	}
	return strangerAddr
}

func unknownName(m *cloud.Model, name string) error {
	names := append(m.Names(), "internet")
	for a := range m.APIs() {
		names = append(names, a.Name)
	}
	for a := range m.Aliases() {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return &QuestionError{fmt.Sprintf("nothing here is called %q", name), source.DidYouMean(name, names, "there are: "+strings.Join(names, ", "))}
}
