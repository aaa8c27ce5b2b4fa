package cfn

import (
	"cmp"
	"net/netip"

	"bailey/cloud"
	"bailey/netset"
	"bailey/source"
)

func lightsailRows() []*row {
	return []*row{
		{Type: "AWS::Lightsail::Instance", read: readLightsailInstance, ref: nameRef("InstanceName", 255),
			properties: "AddOns AvailabilityZone !BlueprintId !BundleId Hardware !InstanceName KeyPairName Location Networking State Tags UserData",
			atts: attributes{"PrivateIpAddress": lightsailPrivate, "Location.AvailabilityZone": property("AvailabilityZone"),
				"PublicIpAddress":     func(l *loader, r *resource) source.Node { return l.text(l.lightsailPublic(r).String(), r.At) },
				"Location.RegionName": func(l *loader, r *resource) source.Node { return l.text(l.spec.Region, r.At) },
				"InstanceArn":         nil, "SshKeyName": nil, "SupportCode": nil, "ResourceType": nil, "IsStaticIp": nil, "Ipv6Addresses": nil,
				"Hardware.CpuCount": nil, "Hardware.RamSizeInGb": nil, "State.Code": nil, "State.Name": nil, "UserName": nil,
				"Networking.MonthlyTransfer.GbPerMonthAllocated": nil}},
		{Type: "AWS::Lightsail::StaticIp", ref: nameRef("StaticIpName", 255), properties: "AttachedTo !StaticIpName",
			atts: attributes{"StaticIpArn": nil, "IsAttached": nil,
				"IpAddress": func(l *loader, r *resource) source.Node {
					return l.text(l.elasticAddr(r).String(), r.At)
				}}},
	}
}

// lightsailPrivate is the private address in Lightsail's network, whose CIDR
// no template states.
func lightsailPrivate(l *loader, r *resource) source.Node {
	cidr, known := l.spec.Lightsail.CIDR.Get()
	if known && cidr.IsValid() {
		return l.text(cloud.LightsailHost(cidr, l.rank(r)).String(), r.At)
	}
	because, at := "the CIDR of Lightsail's network is not stated (facts.lightsail.cidr in bailey.yaml)", r.At
	if g, ok := l.spec.Lightsail.CIDR.Gap(); ok {
		because, at = g.Because, cmp.Or(g.At, r.At)
	}
	return open(because, at)
}

// lightsailPublic is the public address: the static IP attached to the
// instance, else the one that it is given.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lightsail-staticip.html
func (l *loader) lightsailPublic(r *resource) netip.Addr {
	if static := l.lightsailStatic(r); static != nil {
		return l.elasticAddr(static)
	}
	return l.elasticAddr(r)
}

// lightsailStatic is the static IP attached to an instance; nil where there is
// none.
func (l *loader) lightsailStatic(r *resource) *resource {
	name := l.nameOf(r, "InstanceName", 255)
	for _, other := range l.resources {
		if other.Type != "AWS::Lightsail::StaticIp" || !l.exists(other) {
			continue
		}
		if to := l.prop(other, "AttachedTo"); to.IsScalar() && to.Text == name {
			return other
		}
	}
	return nil
}

// portKeys are the keys of a port in a Lightsail firewall.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lightsail-instance-port.html
var portKeys = []string{"AccessDirection", "AccessFrom", "AccessType", "CidrListAliases", "Cidrs", "CommonName", "FromPort",
	"Ipv6Cidrs", "Protocol", "ToPort"}

func readLightsailInstance(l *loader, r *resource) {
	o := l.object(r)
	in := cloud.LightsailInstance{Meta: r.Meta, InstanceName: l.nameOf(r, "InstanceName", 255),
		AZ: o.text("AvailabilityZone", cloud.Known("")).Or(""), PublicIP: l.lightsailPublic(r)}
	if static := l.lightsailStatic(r); static != nil {
		in.StaticIP = static.Meta
	}
	if addr := lightsailPrivate(l, r); addr.Kind == source.String {
		in.PrivateIP, _ = netip.ParseAddr(addr.Text)
	}
	if net, ok := o.child("Networking", "MonthlyTransfer", "Ports"); ok {
		if _, ok := net.get("Ports"); ok {
			in.Firewall = []cloud.FirewallPort{} // what is stated replaces Lightsail's own openings
			for _, p := range net.children("Ports", portKeys...) {
				in.Firewall = append(in.Firewall, l.firewallPort(p, r)...)
			}
		}
	}
	l.spec.LightsailInstances = append(l.spec.LightsailInstances, in)
}

// firewallPort reads one opening. Without any range it is open to the world.
func (l *loader) firewallPort(o object, r *resource) []cloud.FirewallPort {
	if o.n.Kind == source.Unknown {
		open := gap(o.n)
		l.needed("Networking.Ports", r.Name, open)
		return []cloud.FirewallPort{{Proto: netset.AnyProtocol, Ports: netset.AllPorts, Open: &open, At: o.at}}
	}
	proto := valueOf(o, "Protocol", "a protocol", cloud.Known(netset.TCP), func(n source.Node) (netset.Protocol, error) { return netset.ParseProtocol(n.Text) })
	ports, missing := o.ports("FromPort", "ToPort", proto.Or(netset.AnyProtocol))
	if g, ok := proto.Gap(); ok {
		missing = append(missing, g)
	}
	p := cloud.FirewallPort{Proto: proto.Or(netset.AnyProtocol), Ports: ports, At: o.at}
	for _, key := range []string{"Cidrs", "Ipv6Cidrs"} {
		list := o.texts(key)
		if g, ok := list.Gap(); ok {
			missing = append(missing, g)
		}
		for _, text := range list.Or(nil) {
			cidr, err := parseCIDR(text)
			if err != nil {
				n, _ := o.get(key)
				o.bad(key, n, err.Error())
				return nil
			}
			p.CIDRs = append(p.CIDRs, cidr)
		}
	}
	for _, g := range missing {
		l.needed("Networking.Ports", r.Name, g)
		p.Open = &g
	}
	if _, aliased := o.get("CidrListAliases"); aliased && len(p.CIDRs) == 0 {
		l.diags.Add(source.Diag{Code: "CFN_UNMODELLED_KIND", Severity: source.Note, At: o.at,
			Summary: "a port of " + r.Name + " is open to Lightsail's own browser client only", Hint: "it is taken as closed"})
		return nil
	}
	return []cloud.FirewallPort{p}
}
