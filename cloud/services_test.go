package cloud

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestCatalogueIsSortedAndNamesAreOnes(t *testing.T) {
	byName := func(a, b Service) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(services, byName) {
		t.Error("services are not in the order of their names")
	}
	for i, s := range services {
		if i > 0 && services[i-1].Name == s.Name || s.Host == "" || s.IAM == "" {
			t.Errorf("%q is there twice, or says too little", s.Name)
		}
	}
}

// Which host a client dials, partition by partition, and whose it is.
func TestHostsOfServices(t *testing.T) {
	for _, c := range []struct{ service, region, host, endpoint string }{
		{"ssm", "us-west-2", "ssm.us-west-2.amazonaws.com", "com.amazonaws.us-west-2.ssm"},
		{"ssm", "us-gov-west-1", "ssm.us-gov-west-1.amazonaws.com", "com.amazonaws.us-gov-west-1.ssm"},
		{"ssm", "cn-north-1", "ssm.cn-north-1.amazonaws.com.cn", "cn.com.amazonaws.cn-north-1.ssm"},
		{"s3", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn", "com.amazonaws.cn-north-1.s3"},
		{"ecr.dkr", "us-west-2", "dkr.ecr.us-west-2.amazonaws.com", "com.amazonaws.us-west-2.ecr.dkr"},
		{"iam", "us-west-2", "iam.amazonaws.com", ""},
		{"dynamodb-streams", "us-west-2", "streams.dynamodb.us-west-2.amazonaws.com", "com.amazonaws.us-west-2.dynamodb-streams"},
	} {
		s, ok := ServiceByName(c.service)
		if !ok || s.HostIn(c.region) != c.host || c.endpoint != "" && s.EndpointService(c.region) != c.endpoint {
			t.Errorf("%s in %s: %s %s, want %s %s", c.service, c.region, s.HostIn(c.region), s.EndpointService(c.region), c.host, c.endpoint)
		}
		if of, ok := ServiceOfHost(c.host, c.region); !ok || of.Name != c.service {
			t.Errorf("%s is %s's, want %s's", c.host, of.Name, c.service)
		}
	}
	if s, ok := ServiceOfEndpoint("com.amazonaws.cn-north-1.kms", "cn-north-1"); !ok || s.Name != "kms" {
		t.Error("in China both forms of a service name are in use")
	}
}

// What private DNS of an endpoint covers, and what its clients dial besides.
// https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html
func TestWhatPrivateDNSCovers(t *testing.T) {
	const r = "us-west-2"
	for _, c := range []struct {
		service, host string
		want          bool
	}{
		{"sqs", "sqs.us-west-2.amazonaws.com", true}, {"sqs", "us-west-2.queue.amazonaws.com", false}, {"sts", "sts.amazonaws.com", false},
		{"ecr.dkr", "123456789012.dkr.ecr.us-west-2.amazonaws.com", true}, {"ecr.api", "123456789012.dkr.ecr.us-west-2.amazonaws.com", false},
		{"s3", "bucket.s3.us-west-2.amazonaws.com", true}, {"s3", "123456789012.s3-control.us-west-2.amazonaws.com", true},
		{"kinesis-streams", "123456789012.data-kinesis.us-west-2.amazonaws.com", true}, {"ssm", "a.ssm.us-west-2.amazonaws.com", false},
	} {
		if s, _ := ServiceByName(c.service); s.Covers(c.host, r) != c.want {
			t.Errorf("%s covers %s: %v, want %v", c.service, c.host, !c.want, c.want)
		}
	}
	for host, want := range map[string]string{"us-west-2.queue.amazonaws.com": "sqs", "sts.amazonaws.com": "sts", "sqs.us-west-2.amazonaws.com": ""} {
		if s, _ := Uncovered(host, r); s.Name != want {
			t.Errorf("%s is another name of %q, want %q", host, s.Name, want)
		}
	}
}

// An action is one endpoint's of several with its prefix.
func TestServicesForAction(t *testing.T) {
	for action, want := range map[string]string{
		"bedrock:InvokeModel": "bedrock-runtime", "bedrock:ListFoundationModels": "bedrock", "states:StartSyncExecution": "sync-states", "states:StartExecution": "states",
		"dynamodb:GetItem": "dynamodb", "dynamodb:GetRecords": "dynamodb-streams", "states:*": "states sync-states", "states:Start*": "states sync-states",
		"timestream:WriteRecords": "timestream.ingest", "timestream:Select": "timestream.query", "iot:Publish": "iot.data", "nothing:Do": "",
	} {
		var got []string
		for _, s := range ServicesForAction(action) {
			if !s.Quiet {
				got = append(got, s.Name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", action, got, want)
		}
	}
}

func TestEC2Hosts(t *testing.T) {
	a := netip.MustParseAddr("10.0.0.5")
	for _, c := range []struct{ region, private, public string }{
		{"us-west-2", "ip-10-0-0-5.us-west-2.compute.internal", "ec2-10-0-0-5.us-west-2.compute.amazonaws.com"},
		{"us-east-1", "ip-10-0-0-5.ec2.internal", "ec2-10-0-0-5.compute-1.amazonaws.com"},
	} {
		if PrivateHost(a, c.region) != c.private || PublicHost(a, c.region) != c.public {
			t.Errorf("%s: %s %s", c.region, PrivateHost(a, c.region), PublicHost(a, c.region))
		}
		for host, public := range map[string]bool{c.private: false, c.public: true} {
			if got, isPublic, ok := EC2Host(host, c.region); !ok || got != a || isPublic != public {
				t.Errorf("%s: %v %v %v", host, got, isPublic, ok)
			}
		}
	}
	for _, not := range []string{"ip-10-0-0.us-west-2.compute.internal", "box.us-west-2.compute.internal", "example.com"} {
		if _, _, ok := EC2Host(not, "us-west-2"); ok {
			t.Errorf("%s is no machine's", not)
		}
	}
}
