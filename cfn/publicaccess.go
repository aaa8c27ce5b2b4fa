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
	l.spec.PublicAccessExclusions = append(l.spec.PublicAccessExclusions, cloud.PublicAccessExclusion{Meta: r.Meta,
		VPC: cloud.VPCID(o.known("VpcId")), Subnet: cloud.SubnetID(o.known("SubnetId")), Mode: o.known("InternetGatewayExclusionMode")})
}
