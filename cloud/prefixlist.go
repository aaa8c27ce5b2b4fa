package cloud

import (
	"fmt"
	"slices"
	"strings"

	"bailey/source"
)

// Lists that AWS keeps, by their names, with {region} in place of a region. All
// but VPC Lattice's, which is link-local, hold addresses of the internet.
// https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
var managedLists = []string{
	"com.amazonaws.global.cloudfront.origin-facing", "com.amazonaws.global.groundstation", "com.amazonaws.global.ipv6.cloudfront.origin-facing",
	"com.amazonaws.{region}.dynamodb", "com.amazonaws.{region}.ec2-instance-connect", "com.amazonaws.{region}.ipv6.ec2-instance-connect",
	"com.amazonaws.{region}.ipv6.route53-healthchecks", "com.amazonaws.{region}.ipv6.vpc-lattice", "com.amazonaws.{region}.route53-healthchecks",
	"com.amazonaws.{region}.s3", "com.amazonaws.{region}.s3express", "com.amazonaws.{region}.vpc-lattice",
}

// ManagedPrefixLists are the names of the lists that AWS keeps for a region.
func ManagedPrefixLists(region string) []string {
	var out []string
	for _, name := range managedLists {
		out = append(out, strings.ReplaceAll(name, "{region}", region))
	}
	return out
}

// NamedPrefixList is a list that AWS keeps, under the ID that it has in the
// account's region. What is in it AWS changes as it likes; only S3's and
// DynamoDB's are known here.
func NamedPrefixList(id PrefixListID, name, region string, at source.Span) (PrefixList, bool) {
	if !slices.Contains(ManagedPrefixLists(region), name) {
		return PrefixList{}, false
	}
	pl := PrefixList{Meta: Meta{Name: name, Type: "AWS::EC2::PrefixList", At: at}, ID: id}
	if own, ok := ManagedPrefixList(name[strings.LastIndexByte(name, '.')+1:], region); ok {
		pl.Prefixes = own.Prefixes
		return pl, true
	}
	pl.Public = !strings.HasSuffix(name, ".vpc-lattice")
	pl.Open = &Gap{fmt.Sprintf("what is in AWS's prefix list %s is not known", name), at}
	return pl, true
}
