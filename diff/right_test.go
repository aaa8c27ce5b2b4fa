package diff

import (
	"slices"
	"strings"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

// role gives F a role that may do actions, one statement, on everything.
func role(actions ...string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		arn := cloud.ARN{Partition: "aws", Service: "iam", Account: "123456789012", Resource: "role/R"}
		s.Roles = []cloud.Role{{Meta: named("R", 50), ARN: arn, RoleName: "R", Policies: []cloud.Policy{{Name: "P", Doc: policy(actions)}}}}
		s.Functions[0].Role = cloud.Known(arn.String())
	}
}

func policy(actions []string) source.Node {
	text := func(s string) source.Node { return source.Node{Kind: source.String, Text: s} }
	list := source.Node{Kind: source.List}
	for _, a := range actions {
		list.Items = append(list.Items, text(a))
	}
	entry := func(k string, v source.Node) source.Entry { return source.Entry{Key: k, Value: v} }
	statement := source.Node{Kind: source.Map, At: source.Span{File: "t.yaml", Line: 51}, Entries: []source.Entry{
		entry("Effect", text("Allow")), entry("Action", list), entry("Resource", text("*"))}}
	return source.Node{Kind: source.Map, Entries: []source.Entry{entry("Version", text("2012-10-17")),
		entry("Statement", source.Node{Kind: source.List, Items: []source.Node{statement}})}}
}

var vpcAccess = []string{"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"}

func TestWhatRolesMayDoOtherwise(t *testing.T) {
	type changes = []func(*cloud.Spec)
	for _, c := range []struct {
		name     string
		old, now changes
		want     []string
	}{
		{"the same", changes{role("ssm:GetParameter")}, changes{role("ssm:GetParameter")}, nil},
		{"of roles that nobody described", changes{undescribed("AWS::IAM::Role")}, changes{role("ssm:GetParameter")}, nil},
		{"more", changes{role(append(vpcAccess, "ssm:GetParameter")...)}, changes{role(append(vpcAccess, "ssm:GetParameter", "ssm:PutParameter", "ssm:Delete*")...)},
			[]string{"gained R may call ssm:PutParameter, ssm:Delete* on *"}},
		{"less", changes{role("ssm:GetParameter", "sqs:SendMessage")}, changes{role("ssm:GetParameter")},
			[]string{"lost R may no longer call sqs:SendMessage on *"}},
		{"left over", changes{role(vpcAccess...)}, changes{role(vpcAccess...), outside},
			[]string{"left-over VPC permissions left: F is in no VPC any more, and R may still call ec2:CreateNetworkInterface, ec2:DescribeNetworkInterfaces, ec2:DeleteNetworkInterface"}},
		{"left over, by a pattern", changes{role("ec2:*NetworkInterface*")}, changes{role("ec2:*NetworkInterface*"), outside},
			[]string{"left-over VPC permissions left: F is in no VPC any more, and R may still call ec2:*NetworkInterface*"}},
		{"gone with the VPC", changes{role(vpcAccess...)}, changes{role("ssm:GetParameter"), outside},
			[]string{"gained R may call ssm:GetParameter", "lost R may no longer call ec2:Create"}},
		{"never in a VPC", changes{role(vpcAccess...), outside}, changes{role(vpcAccess...), outside}, nil},
		{"into a VPC without them", changes{role("ec2:CreateNetworkInterface"), outside}, changes{role("ec2:CreateNetworkInterface")},
			[]string{"lacking F comes into a VPC, and nothing lets R call ec2:DescribeNetworkInterfaces, ec2:DeleteNetworkInterface"}},
		{"into a VPC with them", changes{role(vpcAccess...), outside}, changes{role(vpcAccess...)}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range Between(Side{Model: world(c.old...)}, Side{Model: world(c.now...)}).Rights {
				got = append(got, string(r.What)+" "+r.Detail)
				if r.At.Line < 50 || r.Role != "R" || !slices.Equal(r.Functions, []string{"F"}) {
					t.Errorf("%+v", r)
				}
			}
			if !slices.EqualFunc(got, c.want, strings.HasPrefix) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
