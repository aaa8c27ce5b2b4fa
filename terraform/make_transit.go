package terraform

import (
	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// attachmentOptions are what CloudFormation has within Options.
var attachmentOptions = (&parser{text: "ApplianceModeSupport DnsSupport Ipv6Support SecurityGroupReferencingSupport"}).properties()

func transitAttachment(t *translator, i *instance) {
	properties := t.own(i)
	if options := t.properties(attachmentOptions, i.body); len(options) > 0 {
		properties = append(properties, entry("Options", object(i.at, options...)))
	}
	t.emit(i, "", i.row.cfn, properties)
}

// transitTable gives the default route table of a transit gateway, which is
// written where somebody refers to it.
func (t *translator) transitTable(gateway *instance, at source.Span) source.Node {
	id := gateway.logical + "pdefault"
	physical := gateway.id
	if physical == "" {
		physical = cloud.PhysicalID("tgw", t.stack, gateway.logical)
	}
	t.emit(gateway, "default", "AWS::EC2::TransitGatewayRouteTable", []source.Entry{entry("TransitGatewayId", ref(gateway, gateway.at))})
	t.known[id] = cfn.Identity{Name: t.shown(gateway.addr) + " default route table", ID: string(cloud.DefaultTransitTableID(cloud.TransitGatewayID(physical)))}
	return object(at, entry("Ref", text(id, at)))
}

// attachments says which attachments leave the default route table of their
// transit gateway: the provider takes them out of it.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_transit_gateway_vpc_attachment
func (t *translator) attachments(spec *cloud.Spec) {
	out := map[string]*instance{}
	for _, i := range t.instances {
		if i.b.typ == "aws_ec2_transit_gateway_vpc_attachment" && !i.b.data {
			out[t.shown(i.addr)] = i
		}
	}
	for k := range spec.TransitGatewayAttachments {
		a := &spec.TransitGatewayAttachments[k]
		if i := out[a.Name]; i != nil {
			a.NotAssociated = !i.body.flag("transit_gateway_default_route_table_association", true)
			a.NotPropagated = !i.body.flag("transit_gateway_default_route_table_propagation", true)
		}
	}
}
