package reach

import (
	"slices"

	"bailey/cloud"
	"bailey/path"
)

// forBlocker gives the changes that mend one blocker. unmendable says of the
// codes that are not here why no change of the model mends them.
func (p *proposal) forBlocker(b path.Reason) []change {
	switch b.Code {
	case path.SGRulesMismatch, path.SGHasNoRules:
		return p.groupRule(b)
	case path.SubnetACL:
		return p.aclEntry(b)
	case path.NoRoute, path.BadStateRoute, path.IGWPrivateDest, path.IGWSharedDest:
		return slices.Concat(p.peeringRoute(b), p.transitRoute(b), p.natRoute())
	case path.IGWNoPublicIP:
		return slices.Concat(p.publicAddress(b), p.natRoute())
	case path.BadState:
		return slices.Concat(p.attachment(b), p.acceptPeering(b))
	case path.NATInPrivateSubnet:
		return p.natMove(b)
	case path.PrivateNATToIGW:
		return p.natPublic(b)
	case path.TransitNoAssociation, path.TransitNoRoute, path.SGReferencing:
		return p.transitSetting(b)
	case path.TransitZone:
		return p.transitZone(b)
	case path.ENISourceDestCheck:
		return p.sourceDestCheck(b)
	case path.PrivateDNSOff, path.DNSHostnamesOff, path.DNSSupportOff:
		return p.dns(b)
	case path.EndpointPolicyDeniesAll:
		return p.endpointPolicy(b)
	case path.NotInVPC:
		return p.intoVPC()
	case path.RoleCannotCreateENI:
		return p.startable(b)
	case path.InvokeDenied:
		return p.invokable(b)
	case path.PermissionMissing:
		return p.permitted()
	case path.InterfaceQuota:
		return p.sharing()
	case path.NoConcurrency:
		return p.unreserved(b)
	case path.PublicAPIByEndpoint:
		return p.uncaptured(b)
	case path.PeeringDNSOff:
		return p.peeringDNS(b)
	case path.ZoneNotAssociated:
		return p.associateZone(b)
	case path.APIHostOff:
		return p.apiHost(b)
	}
	return nil
}

// around are the candidates that need not know the blockers: another way out,
// another name to dial, or no call at all.
func (p *proposal) around() [][]change {
	for e := range p.m.EventSourceMappings() {
		if network := e.Network(); e.Name == p.q.From && network != nil {
			return p.endpoint(cloud.Function{Meta: e.Meta, Network: network})
		}
	}
	named := p.dialInstead()
	f, ok := p.m.Function(p.q.From)
	switch {
	case !ok:
		return named
	case f.Network == nil:
		return append(named, p.authorizer(f)...)
	}
	return slices.Concat(named, p.authorizer(f), p.endpoint(f), p.egressOnly(f), p.nat(f), p.outOfVPC(f))
}
