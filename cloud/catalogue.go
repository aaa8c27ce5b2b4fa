package cloud

import (
	"hash/fnv"
	"net/netip"
	"strings"
)

// A Service is one AWS service as a VPC sees it: the host names its clients
// dial and the endpoints that can stand in for them.
//
// https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
type Service struct {
	Name      string // the short name of its endpoint service: ssm, ecr.api
	Host      string // the label before .{region}.amazonaws.com that clients dial
	IAM       string // the prefix of its IAM actions
	Interface bool   // an interface endpoint exists
	Gateway   bool   // a gateway endpoint exists
	Since     string // the day from which the interface endpoint has existed, where that matters
	Wildcard  bool   // private DNS also covers every name below the host
}

// services is the catalogue, by name. Since is given only where an answer for
// a date in the past may depend on it.
var services = []Service{
	{Name: "athena", Host: "athena", IAM: "athena", Interface: true},
	{Name: "autoscaling", Host: "autoscaling", IAM: "autoscaling", Interface: true},
	{Name: "bedrock", Host: "bedrock", IAM: "bedrock", Interface: true, Since: "2023-09-28"},
	{Name: "bedrock-runtime", Host: "bedrock-runtime", IAM: "bedrock", Interface: true, Since: "2023-09-28"},
	{Name: "cloudformation", Host: "cloudformation", IAM: "cloudformation", Interface: true},
	{Name: "cognito-identity", Host: "cognito-identity", IAM: "cognito-identity", Interface: true, Since: "2025-10-01"},
	{Name: "cognito-idp", Host: "cognito-idp", IAM: "cognito-idp", Interface: true, Since: "2025-11-01"},
	{Name: "dynamodb", Host: "dynamodb", IAM: "dynamodb", Interface: true, Gateway: true, Since: "2024-03-19"},
	{Name: "ec2", Host: "ec2", IAM: "ec2", Interface: true},
	{Name: "ecr.api", Host: "api.ecr", IAM: "ecr", Interface: true},
	{Name: "ecr.dkr", Host: "dkr.ecr", IAM: "ecr", Interface: true, Wildcard: true},
	{Name: "ecs", Host: "ecs", IAM: "ecs", Interface: true},
	{Name: "elasticfilesystem", Host: "elasticfilesystem", IAM: "elasticfilesystem", Interface: true},
	{Name: "email", Host: "email", IAM: "ses", Interface: true},
	{Name: "events", Host: "events", IAM: "events", Interface: true},
	{Name: "execute-api", Host: "execute-api", IAM: "execute-api", Interface: true, Wildcard: true},
	{Name: "glue", Host: "glue", IAM: "glue", Interface: true},
	{Name: "kinesis-firehose", Host: "firehose", IAM: "firehose", Interface: true},
	{Name: "kinesis-streams", Host: "kinesis", IAM: "kinesis", Interface: true},
	{Name: "kms", Host: "kms", IAM: "kms", Interface: true},
	{Name: "lambda", Host: "lambda", IAM: "lambda", Interface: true, Since: "2020-10-20"},
	{Name: "logs", Host: "logs", IAM: "logs", Interface: true},
	{Name: "monitoring", Host: "monitoring", IAM: "cloudwatch", Interface: true},
	{Name: "rds", Host: "rds", IAM: "rds", Interface: true},
	{Name: "rds-data", Host: "rds-data", IAM: "rds-data", Interface: true},
	{Name: "s3", Host: "s3", IAM: "s3", Interface: true, Gateway: true, Since: "2021-02-02", Wildcard: true},
	{Name: "scheduler", Host: "scheduler", IAM: "scheduler", Interface: true},
	{Name: "secretsmanager", Host: "secretsmanager", IAM: "secretsmanager", Interface: true},
	{Name: "sns", Host: "sns", IAM: "sns", Interface: true},
	{Name: "sqs", Host: "sqs", IAM: "sqs", Interface: true},
	{Name: "ssm", Host: "ssm", IAM: "ssm", Interface: true},
	{Name: "ssmmessages", Host: "ssmmessages", IAM: "ssmmessages", Interface: true},
	{Name: "states", Host: "states", IAM: "states", Interface: true},
	{Name: "sts", Host: "sts", IAM: "sts", Interface: true},
	{Name: "xray", Host: "xray", IAM: "xray", Interface: true},
}

// Services gives the catalogue in the order of its names.
func Services() []Service { return append([]Service(nil), services...) }

// ServiceByName finds a service by the short name of its endpoint.
func ServiceByName(name string) (Service, bool) {
	for _, s := range services {
		if s.Name == name {
			return s, true
		}
	}
	return Service{}, false
}

// ServicesByIAM finds the services behind an IAM action prefix.
func ServicesByIAM(prefix string) []Service {
	var out []Service
	for _, s := range services {
		if s.IAM == prefix {
			out = append(out, s)
		}
	}
	return out
}

// HostIn is the regional host name that a client dials.
func (s Service) HostIn(region string) string { return s.Host + "." + region + "." + DNSSuffix(region) }

// EndpointService is the full name that an endpoint resource states.
func (s Service) EndpointService(region string) string {
	if strings.HasPrefix(region, "cn-") && !s.Gateway {
		return "cn.com.amazonaws." + region + "." + s.Name
	}
	return "com.amazonaws." + region + "." + s.Name
}

// Covers reports whether private DNS of the service's endpoint answers for host.
func (s Service) Covers(host, region string) bool {
	own := s.HostIn(region)
	return host == own || s.Wildcard && strings.HasSuffix(host, "."+own)
}

// ServiceOfHost finds the service that answers at a public host name. Names of
// single buckets, APIs and registries belong to their service.
func ServiceOfHost(host, region string) (Service, bool) {
	for _, s := range services {
		if own := s.HostIn(region); host == own || strings.HasSuffix(host, "."+own) {
			return s, true
		}
	}
	return Service{}, false
}

// ServiceOfEndpoint finds the service of a ServiceName such as
// com.amazonaws.us-west-2.ssm.
func ServiceOfEndpoint(serviceName, region string) (Service, bool) {
	for _, s := range services {
		if s.EndpointService(region) == serviceName {
			return s, true
		}
	}
	return Service{}, false
}

// Partition is the partition of a region.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// DNSSuffix is the domain of a region's partition.
func DNSSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Public addresses are made up, the same for the same name: inside a world
// nobody must meet a stranger's real host. AWS's services get addresses of
// AWS's own ranges, so that rules written for those ranges mean what they say;
// everything else gets addresses that RFC 2544 gives to nobody.
var (
	s3Range       = netip.MustParsePrefix("52.92.128.0/17")
	dynamoRange   = netip.MustParsePrefix("52.119.224.0/20")
	awsRange      = netip.MustParsePrefix("52.94.0.0/16")
	elasticRange  = netip.MustParsePrefix("198.19.0.0/16")
	internetRange = netip.MustParsePrefix("198.18.0.0/16")
)

// PublicAddr is the public IPv4 address behind a host name.
func PublicAddr(host, region string) netip.Addr {
	if s, ok := ServiceOfHost(host, region); ok {
		switch s.Name {
		case "s3":
			return addrIn(s3Range, host)
		case "dynamodb":
			return addrIn(dynamoRange, host)
		}
		return addrIn(awsRange, host)
	}
	if strings.HasSuffix(host, "."+DNSSuffix(region)) {
		return addrIn(awsRange, host)
	}
	return addrIn(internetRange, host)
}

// ElasticAddr is the public IPv4 address that AWS would allocate to name.
func ElasticAddr(stack, name string) netip.Addr { return addrIn(elasticRange, stack+"\x00"+name) }

// ManagedPrefixList gives AWS's own prefix list for a gateway endpoint.
func ManagedPrefixList(service, region string) (PrefixList, bool) {
	pl := PrefixList{
		Meta: Meta{Name: "com.amazonaws." + region + "." + service, Type: "AWS::EC2::PrefixList"},
		ID:   PrefixListID("pl-" + service),
	}
	switch service {
	case "s3":
		pl.Prefixes = []netip.Prefix{s3Range}
	case "dynamodb":
		pl.Prefixes = []netip.Prefix{dynamoRange}
	default:
		return PrefixList{}, false
	}
	return pl, true
}

// addrIn picks an address of an IPv4 range by a hash of key, never the first
// or the last.
func addrIn(p netip.Prefix, key string) netip.Addr {
	h := fnv.New32a()
	h.Write([]byte(key))
	size := uint32(1) << (32 - p.Bits())
	return addAddr(p.Masked().Addr(), 1+h.Sum32()%(size-2))
}

// addAddr adds n to an IPv4 address.
func addAddr(a netip.Addr, n uint32) netip.Addr {
	b := a.As4()
	v := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	v += n
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
}
