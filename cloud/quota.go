package cloud

import "bailey/source"

// Quotas are limits of the account that answers depend on; those that the
// account has had raised are stated as facts.
type Quotas struct {
	// VPCInterfaces is how many interfaces Lambda may have in a VPC; 0: as AWS
	// sets it.
	VPCInterfaces int
	At            source.Span
}

// defaultVPCInterfaces is AWS's own quota; others, such as EFS's mounts, count
// against it too. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const defaultVPCInterfaces = 500

// InterfaceQuota is how many interfaces Lambda may have in a VPC.
func (m *Model) InterfaceQuota() int {
	if n := m.spec.Quotas.VPCInterfaces; n > 0 {
		return n
	}
	return defaultVPCInterfaces
}

// FunctionInterfaces is how many interfaces the functions and pollers of a VPC
// need: one for each pair of a subnet and a set of groups, however many share it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
func (m *Model) FunctionInterfaces(vpc VPCID) int { return m.hyperplane[vpc] }
