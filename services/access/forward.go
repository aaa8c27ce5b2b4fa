package access

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"

	"bailey/cloud"
	"bailey/iam"
	"bailey/services/wire"
)

// forwarded turns a call's keys into those of a request that the called service
// makes to another one in the caller's name. It does not come through the
// caller's endpoint, so that endpoint's policy has no say, and what it carries
// of the caller's network AWS does not document: not known.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
func forwarded(keys map[string][]string, c *wire.Call) iam.Context {
	suffix := cloud.DNSSuffix(c.Region)
	for _, key := range []string{"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"} {
		keys[key] = []string{c.Service.Name + "." + suffix}
	}
	keys["aws:ViaAWSService"] = []string{"true"}
	keys["kms:ViaService"] = []string{c.Service.Name + "." + c.Region + "." + suffix}
	keys["iam:PassedToService"] = []string{c.Service.Name + "." + suffix}
	keys["kms:CallerAccount"] = []string{c.Identity.Account}
	return iam.NewContext(keys).WithUnknown(unstated...).
		WithUnknown("aws:SourceIp", "aws:VpcSourceIp", "aws:SourceVpc", "aws:SourceVpce", "kms:EncryptionContext*")
}

// ManagedKey is the ARN of the KMS key that AWS makes for a service in an
// account and shows as alias/aws/SERVICE.
func ManagedKey(service, region, account string) string {
	sum := sha256.Sum256([]byte(service + "\x00" + region + "\x00" + account))
	return cloud.ARN{Partition: "aws", Service: "kms", Region: region, Account: account,
		Resource: fmt.Sprintf("key/%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])}.String()
}

// keyed are the services that encrypt under a managed key of their own here.
var keyed = []string{"ssm", "secretsmanager"}

// keyPolicy gives the key policy of alias/aws/SERVICE, if resource is such a
// key. It lets every principal of the account use the key through that service,
// so that no identity policy needs kms:Decrypt for it:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html,
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-policies
// A Deny of kms:Decrypt counts all the same.
func keyPolicy(resource string) []iam.Policy {
	if p, ok := keyPolicies.Load(resource); ok {
		return p.([]iam.Policy)
	}
	arn, err := cloud.ParseARN(resource)
	if err != nil || arn.Service != "kms" {
		return nil
	}
	i := slices.IndexFunc(keyed, func(service string) bool { return resource == ManagedKey(service, arn.Region, arn.Account) })
	if i < 0 {
		return nil
	}
	name := "alias/aws/" + keyed[i]
	p, diags := iam.ParseJSON("the key policy of "+name, fmt.Appendf(nil, `{"Version": "2012-10-17", "Statement": [{
		"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*",
		"Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"],
		"Condition": {"StringEquals": {"kms:ViaService": "%s.%s.%s", "kms:CallerAccount": %q}}}]}`,
		keyed[i], arn.Region, cloud.DNSSuffix(arn.Region), arn.Account))
	if err := diags.Err(); err != nil {
		panic("access: " + err.Error())
	}
	policies := []iam.Policy{p.Named(name)}
	keyPolicies.Store(resource, policies)
	return policies
}

var keyPolicies sync.Map // ARN -> []iam.Policy
