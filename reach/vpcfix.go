package reach

import (
	"fmt"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach/patch"
)

// outOfVPC proposes to take the functions out of their VPC, which costs nothing
// and loses whatever is private: what it would close is worked out.
func (p *proposal) outOfVPC(f cloud.Function) [][]change {
	names := append([]string{f.Name}, p.also...)
	c := change{summary: fmt.Sprintf("take %s out of the VPC", listed(names)), opens: noVPC, leaves: true, apply: func(s *cloud.Spec) {
		for _, name := range names {
			editFunction(s, name, func(f *cloud.Function) { f.Network = nil })
		}
	}}
	for _, name := range names {
		c.edits = append(c.edits, patch.Remove{Of: p.function(name), Property: "VpcConfig"})
	}
	c.edits = append(c.edits, patch.Advice("proved against the paths that are known to be needed: state others under expect first"))
	return [][]change{{c}}
}

// intoVPC proposes to put a function that is in no VPC into that of what it is
// to reach, with a security group of its own.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (p *proposal) intoVPC() []change {
	f, ok := p.m.Function(p.q.From)
	e, found := p.destination()
	if !ok || f.Network != nil || !found {
		return nil
	}
	guard := proposed(p.fresh(logical(f.Name, "Group")), typeGroup)
	sg := cloud.SecurityGroup{Meta: metaOf(guard), ID: cloud.SecurityGroupID(cloud.PhysicalID("sg", p.m.Stack(), guard.Name)), VPC: e.VPC, Egress: cloud.AllowAllEgress(f.At)}
	sub, _ := p.m.Subnet(e.Subnet)
	return []change{{
		summary: fmt.Sprintf("put %s into %s", f.Name, sub.Name), opens: anyPort,
		edits: patch.Patch{
			patch.Add{Resource: guard, Properties: props("GroupDescription", f.Name, "VpcId", ref(p.vpc(e.VPC)))},
			patch.Set{Of: p.function(f.Name), Property: "VpcConfig", Value: props("SubnetIds", patch.Refs(p.subnet(e.Subnet)), "SecurityGroupIds", patch.Refs(guard))}},
		apply: func(s *cloud.Spec) {
			s.SecurityGroups = append(s.SecurityGroups, sg)
			editFunction(s, f.Name, func(f *cloud.Function) {
				f.Network = &cloud.Attachment{Subnets: cloud.Known([]cloud.SubnetID{e.Subnet}), Groups: cloud.Known([]cloud.SecurityGroupID{sg.ID}), At: f.At}
			})
		},
	}}
}

// destination is the interface that the question leads to.
func (p *proposal) destination() (cloud.ENI, bool) {
	dst := p.r.Witness.Dst.Addr()
	for e := range p.m.ENIs() {
		if e.PrivateIP == dst && e.VPC != cloud.LightsailVPC {
			return e, true
		}
	}
	return cloud.ENI{}, false
}

// apiHost proposes that an API answers under its execute-api name again.
func (p *proposal) apiHost(b path.Reason) []change {
	for a := range p.m.APIs() {
		if a.Name != b.Component {
			continue
		}
		return []change{{
			summary: "let " + a.Name + " answer under its execute-api name", opens: onePort,
			edits: patch.Patch{patch.Set{Of: resource(a.Meta, a.ID, "AWS::ApiGateway::RestApi"), Property: "DisableExecuteApiEndpoint", Value: patch.Bool(false)}},
			apply: func(s *cloud.Spec) {
				for i := range s.APIs {
					if s.APIs[i].Name == a.Name {
						s.APIs[i].DefaultHost = cloud.Known(true)
					}
				}
			},
		}}
	}
	return nil
}
