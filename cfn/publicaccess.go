package cfn

import (
	"bailey/cloud"
)

func publicAccessRows() []*row {
	return []*row{
		{Type: "AWS::EC2::VPCBlockPublicAccessOptions", read: readPublicAccess, ref: idRef("bpa"), properties: "!InternetGatewayBlockMode", atts: attributes{"AccountId": nil, "ExclusionsAllowed": nil}},
		{Type: "AWS::EC2::VPCBlockPublicAccessExclusion", read: readPublicAccessExclusion, ref: idRef("vpcbpa-exclude"),
			properties: "!InternetGatewayExclusionMode SubnetId Tags VpcId", atts: attributes{"ExclusionId": idRef("vpcbpa-exclude")}},
	}
}

// readPublicAccess. https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
func readPublicAccess(l *loader, r *resource) {
	l.spec.PublicAccess = cloud.PublicAccess{Meta: r.Meta, Mode: l.object(r).text("InternetGatewayBlockMode", cloud.Known(""))}
}

func readPublicAccessExclusion(l *loader, r *resource) {
	o := l.object(r)
	e := cloud.PublicAccessExclusion{Meta: r.Meta}
	if g, open := o.open("VpcId", "SubnetId", "InternetGatewayExclusionMode"); open {
		e.Open = &g
	} else {
		e.VPC, e.Subnet, e.Mode = cloud.VPCID(o.known("VpcId")), cloud.SubnetID(o.known("SubnetId")), o.known("InternetGatewayExclusionMode")
	}
	l.spec.PublicAccessExclusions = append(l.spec.PublicAccessExclusions, e)
}
