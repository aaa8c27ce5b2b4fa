package terraform

import (
	"slices"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// Every property and attribute that the table names is one that CloudFormation's
// type has: cfn reads each with nothing known of it and says what it does not
// have. What is required a row states, or the function that completes it.
func TestTableNamesWhatCloudFormationHas(t *testing.T) {
	at := source.Span{File: "table"}
	for _, name := range keys(rows()) {
		r := rows()[name]
		if r.cfn == "" || r.tf == "aws_cloudfront_distribution" {
			continue
		}
		var properties []source.Entry
		for _, p := range r.parsed {
			properties = append(properties, entry(p.name, source.Node{Kind: source.Unknown, Text: "open", At: at}))
		}
		resource := object(at, entry("Type", text(r.cfn, at)), entry("Properties", object(at, properties...)))
		var outputs []source.Entry
		for _, a := range keys(r.atts) {
			for _, asked := range attributesOf(r.atts[a]) {
				outputs = append(outputs, entry("O"+strings.Map(letters, a+asked), object(at, entry("Value", object(at, entry("Fn::GetAtt", list(at, text("R", at), text(asked, at))))))))
			}
		}
		root := object(at, entry("Resources", object(at, entry("R", resource))))
		if len(outputs) > 0 {
			root.Entries = append(root.Entries, entry("Outputs", object(at, outputs...)))
		}
		_, diags := cfn.Load(cfn.Input{Root: root, Spec: cloud.Spec{Region: "us-west-2"}})
		for _, d := range diags {
			missing := d.Code == "CFN_MISSING_PROPERTY" && r.make == nil && !strings.Contains(d.Summary, "exactly one")
			if missing || slices.Contains([]string{"CFN_UNKNOWN_PROPERTY", "CFN_UNKNOWN_ATTRIBUTE", "CFN_UNMODELLED_TYPE"}, d.Code) {
				t.Errorf("%s: %s", name, d.Summary)
			}
		}
	}
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// attributesOf are what an attribute of the table asks of CloudFormation.
func attributesOf(how string) []string {
	pattern, sub := strings.CutPrefix(how, "Sub:")
	if !sub {
		if how == "" || how == "Ref" || how == "Peering" || how == "Secret" {
			return nil
		}
		return []string{how}
	}
	var out []string
	for _, part := range strings.Split(pattern, "${")[1:] {
		name, _, _ := strings.Cut(part, "}")
		if name != "Ref" && !strings.HasPrefix(name, "AWS::") && !strings.HasPrefix(name, ".") {
			out = append(out, name)
		}
	}
	return out
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{"VpcId": "vpc_id", "DBSubnetGroupName": "db_subnet_group_name", "Ipv6CidrBlock": "ipv6_cidr_block", "EnableDnsSupport": "enable_dns_support", "TTL": "ttl",
		"VpcEndpointType": "vpc_endpoint_type", "SSMEndpoint": "ssm_endpoint", "S3GatewayEndpoint": "s3_gateway_endpoint", "": ""} {
		if got := Snake(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
