package reach

import (
	"fmt"
	"maps"
	"strings"

	"bailey/cloud"
	"bailey/reach/patch"
)

// resource is how a patch speaks of a resource of the model. typ is its type in
// CloudFormation; what has none in the model is stated as a fact, or AWS makes it
// with something else, and is known by its ID.
func resource(m cloud.Meta, id, typ string) patch.Resource {
	r := patch.Resource{Name: m.Name, ID: id, Construct: m.At.Construct.Path()}
	if m.Type != "" {
		r.Type = typ
	}
	if at := m.At.Construct.Path(); at == "" && strings.Count(m.Name, ".") == 1 && r.Type != "" && !strings.Contains(m.Name, "_") {
		_, r.Name, _ = strings.Cut(m.Name, ".") // the stack is the template's own business
	}
	return r
}

// proposed is a resource that a fix makes: with a name that nothing has yet.
func proposed(name, typ string) patch.Resource { return patch.Resource{Name: name, Type: typ} }

// metaOf is what a proposed resource is called in the model.
func metaOf(r patch.Resource) cloud.Meta { return cloud.Meta{Name: r.Name, Type: r.Type} }

const (
	typeVPC        = "AWS::EC2::VPC"
	typeSubnet     = "AWS::EC2::Subnet"
	typeTable      = "AWS::EC2::RouteTable"
	typeRoute      = "AWS::EC2::Route"
	typeGroup      = "AWS::EC2::SecurityGroup"
	typeACL        = "AWS::EC2::NetworkAcl"
	typeEndpoint   = "AWS::EC2::VPCEndpoint"
	typeNAT        = "AWS::EC2::NatGateway"
	typeEgressOnly = "AWS::EC2::EgressOnlyInternetGateway"
	typeEIP        = "AWS::EC2::EIP"
	typePeering    = "AWS::EC2::VPCPeeringConnection"
	typeTransit    = "AWS::EC2::TransitGateway"
	typeAttachment = "AWS::EC2::TransitGatewayAttachment"
	typeFunction   = "AWS::Lambda::Function"
	typeRole       = "AWS::IAM::Role"
)

func (p *proposal) group(id cloud.SecurityGroupID) patch.Resource {
	g, _ := p.m.SecurityGroup(id)
	return resource(g.Meta, string(id), typeGroup)
}

func (p *proposal) groups(ids []cloud.SecurityGroupID) patch.List {
	var out patch.List
	for _, id := range ids {
		out = append(out, patch.Ref{Resource: p.group(id)})
	}
	return out
}

func (p *proposal) subnet(id cloud.SubnetID) patch.Resource {
	s, _ := p.m.Subnet(id)
	return resource(s.Meta, string(id), typeSubnet)
}

func (p *proposal) vpc(id cloud.VPCID) patch.Resource {
	v, _ := p.m.VPC(id)
	return resource(v.Meta, string(id), typeVPC)
}

func table(t cloud.RouteTable) patch.Resource { return resource(t.Meta, string(t.ID), typeTable) }

func ref(r patch.Resource) patch.Value { return patch.Ref{Resource: r} }

func text(s string) patch.Value { return patch.Text(s) }

// props makes a map of names and values by turns.
func props(pairs ...any) patch.Map {
	var out patch.Map
	for i := 0; i+1 < len(pairs); i += 2 {
		v, ok := pairs[i+1].(patch.Value)
		if s, plain := pairs[i+1].(string); plain {
			v, ok = patch.Text(s), true
		}
		if name, named := pairs[i].(string); named && ok {
			out = append(out, patch.Property{Name: name, Value: v})
		}
	}
	return out
}

// standIns says of resources whose ID AWS makes up that the patch cannot know it.
func standIns(resources ...patch.Resource) patch.Patch {
	var out patch.Patch
	for _, r := range resources {
		if !r.Declared() && strings.Contains(r.Name, " ") {
			out = append(out, patch.StandIn{Resource: r})
		}
	}
	return out
}

// fresh is a name that no resource of the model has yet.
func (p *proposal) fresh(name string) string {
	taken := p.names()
	for i, base := 2, name; taken[name]; i++ {
		name = fmt.Sprint(base, i)
	}
	return name
}

func (p *proposal) names() map[string]bool {
	taken := map[string]bool{}
	for v := range p.m.VPCs() {
		taken[v.Name] = true
	}
	for v := range p.m.Subnets() {
		taken[v.Name] = true
	}
	for v := range p.m.RouteTables() {
		taken[v.Name] = true
		for _, r := range v.Routes {
			taken[r.Name] = true
		}
	}
	for v := range p.m.SecurityGroups() {
		taken[v.Name] = true
	}
	for v := range p.m.NATGateways() {
		taken[v.Name] = true
	}
	for v := range p.m.EgressOnlyGateways() {
		taken[v.Name] = true
	}
	for v := range p.m.Endpoints() {
		taken[v.Name] = true
	}
	for v := range p.m.Unmodelled() {
		taken[v.Name] = true
	}
	for _, n := range p.m.Names() {
		taken[n] = true
	}
	for name := range maps.Clone(taken) { // Terraform's label is the last part of an address
		taken[logical(name[strings.LastIndexByte(name, '.')+1:])] = true
	}
	return taken
}

// logical makes a name for a new resource out of the names it is for.
func logical(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		for _, w := range strings.FieldsFunc(p, func(r rune) bool { return !isAlnum(r) }) {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return b.String()
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
