package cloud

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"bailey/source"
)

// Physical IDs, as other resources refer to them. Each is a type of its own,
// so that a subnet cannot stand where a security group belongs.
type (
	VPCID               string // vpc-...
	SubnetID            string // subnet-...
	RouteTableID        string // rtb-...
	SecurityGroupID     string // sg-...
	NetworkACLID        string // acl-...
	InternetGatewayID   string // igw-...
	EgressOnlyGatewayID string // eigw-...
	NATGatewayID        string // nat-...
	PeeringID           string // pcx-...
	PrefixListID        string // pl-...
	EndpointID          string // vpce-...
	ENIID               string // eni-...
)

// Meta is what every resource has: the name and the place its author gave it.
type Meta struct {
	Name string      // logical ID or Terraform address; for facts, the fact's name
	Type string      // AWS::EC2::Subnet
	At   source.Span // where it is declared
}

// Label names the resource for a person.
func (m Meta) Label() string { return m.Name }

// PhysicalID makes up the ID that AWS would make up, the same for the same
// stack and name: prefix, a dash and 17 hexadecimal digits.
func PhysicalID(prefix, stack, name string) string {
	sum := sha256.Sum256([]byte(prefix + "\x00" + stack + "\x00" + name))
	return prefix + "-0" + hex.EncodeToString(sum[:])[:16]
}

// An ARN is an Amazon Resource Name, taken apart. String puts it together again.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// ParseARN reads arn:partition:service:region:account:resource.
func ParseARN(s string) (ARN, error) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return ARN{}, fmt.Errorf("%q is not an ARN", s)
	}
	return ARN{p[1], p[2], p[3], p[4], p[5]}, nil
}

// String gives the ARN's text; the zero ARN is empty.
func (a ARN) String() string {
	if a == (ARN{}) {
		return ""
	}
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

// MadeID makes up n characters of alphabet, the same for the same names: the
// IDs that AWS draws in an alphabet of their own.
func MadeID(alphabet string, n int, names ...string) string {
	out := make([]byte, 0, n+sha256.Size)
	for block := byte(0); len(out) < n; block++ {
		sum := sha256.Sum256(append([]byte{block}, strings.Join(names, "\x00")...))
		for _, b := range sum {
			out = append(out, alphabet[int(b)%len(alphabet)])
		}
	}
	return string(out[:n])
}

// LowerAlnum is the alphabet of API IDs and Cognito's client IDs.
const LowerAlnum = "abcdefghijklmnopqrstuvwxyz0123456789"

// Alnum is LowerAlnum with capitals, the alphabet of user pool IDs.
const Alnum = LowerAlnum + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
