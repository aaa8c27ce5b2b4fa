package cfn_test

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/source"
)

// describeNames writes what a Spec holds that is dialled by name.
func describeNames(b *strings.Builder, s cloud.Spec) {
	for _, v := range s.Stores {
		fmt.Fprintf(b, "%s %s: %s %s ports %s subnets %s one of %v groups %s public %s\n  names %v of %q targets %v\n", strings.TrimPrefix(v.Type, "AWS::"), v.Name, v.ID, v.Engine,
			show(v.Ports), show(v.Subnets), v.OneOf, show(v.Groups), show(v.Public), v.Hosts, v.Of, v.Targets)
	}
	for _, v := range s.LoadBalancers {
		fmt.Fprintf(b, "%s %s: %s internal %s %s\n  in %s with %s ungrouped %v\n", strings.TrimPrefix(v.Type, "AWS::"), v.Name, v.Kind, show(v.Internal), v.Host, show(v.Subnets), show(v.Groups), v.Ungrouped)
		for _, l := range v.Listeners {
			fmt.Fprintf(b, "  listener %s %s %d itself %v groups %v\n", l.Name, l.Proto, l.Port, l.Itself, l.Groups)
		}
	}
	for _, e := range s.Endpoints {
		if e.Customers() {
			fmt.Fprintf(b, "endpoint %s for %s leads to %v\n", e.Name, e.Service, e.Balancers)
		}
	}
	for _, g := range s.TargetGroups {
		fmt.Fprintf(b, "target group %s: %s %s keeps client %v targets %v open %v\n", g.ARN, g.Kind, g.Proto, g.KeepsClient, g.Targets, g.Open)
	}
	for _, z := range s.HostedZones {
		fmt.Fprintf(b, "Route53::HostedZone %s: %s %s private %v in %v open %v\n", z.Name, z.ID, z.Domain, z.Private, z.VPCs, z.Open)
		for _, rec := range z.Records {
			fmt.Fprintf(b, "  %s %s %s alias %v\n", rec.Host, rec.Kind, show(rec.Values), rec.Alias)
		}
	}
	for _, d := range s.DHCPOptions {
		fmt.Fprintf(b, "EC2::DHCPOptions %s: %s %s for %v\n", d.Name, d.ID, show(d.Servers), d.VPCs)
	}
	for _, r := range s.ResolverRules {
		fmt.Fprintf(b, "Route53Resolver::ResolverRule %s: %s %s forward %v for %v\n", r.Name, r.ID, show(r.Domain), r.Forward, r.VPCs)
	}
	for _, v := range s.Stores {
		if len(v.AccessPoints) > 0 {
			fmt.Fprintf(b, "%s is mounted as %v\n", v.Name, v.AccessPoints)
		}
	}
}

// The master user, as the template has it or leaves it open.
func TestLogin(t *testing.T) {
	const template = `
Parameters:
  Password: {Type: String, NoEcho: true, Default: hunter22}
Resources:
  Stated: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, MasterUsername: app, MasterUserPassword: !Ref Password, DBName: words}}
  Kept: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, MasterUsername: app, MasterUserPassword: "{{resolve:secretsmanager:login:SecretString:password}}"}}
  Managed: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, MasterUsername: app, ManageMasterUserPassword: true}}
  Restored: {Type: AWS::RDS::DBInstance, Properties: {Engine: postgres, DBSnapshotIdentifier: old}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: login, SecretString: '{"password": "from the secret"}'}}
`
	want := map[string]string{
		"Stated":   "app hunter22 words",
		"Kept":     "app from the secret postgres",
		"Managed":  "app ?the password of Managed is made up by AWS, in a secret of its own (ManageMasterUserPassword) (t.yaml:7:3) postgres",
		"Restored": "?the template states no MasterUsername for Restored (t.yaml:8:3) ?the template states no MasterUserPassword for Restored (t.yaml:8:3) postgres",
	}
	spec, diags := cfn.Load(cfn.Input{File: "t.yaml", Data: []byte(template), Spec: cloud.Spec{Region: "us-west-2", Account: "123456789012"}})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	for _, s := range spec.Stores {
		if got := show(s.Login.User) + " " + show(s.Login.Password) + " " + show(s.Login.Database); got != want[s.Name] {
			t.Errorf("%s: %s, want %s", s.Name, got, want[s.Name])
		}
	}
}

// An instance that does not say whether it is public is so in a VPC with an
// internet gateway.
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func TestADatabaseIsPublicWhereThereIsAnInternetGateway(t *testing.T) {
	const template = `
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  %s
  Subnets: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: d, SubnetIds: [!Ref Subnet]}}
  DB: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, DBSubnetGroupName: !Ref Subnets}}
`
	attached := "Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}"
	for text, want := range map[string]bool{attached: true, "": false} {
		s, diags := load(fmt.Sprintf(template, text))
		if diags.HasErrors() || len(s.Stores) != 1 || s.Stores[0].Public.Or(!want) != want {
			t.Errorf("with %q: %v %+v", text, diags, s.Stores)
		}
	}
}

// Without subnets a database is in the default VPC, where that is stated.
func TestADatabaseIsInTheDefaultVPC(t *testing.T) {
	spec := cloud.Spec{Region: "us-west-2", Stack: "app"}
	spec.AddDefaultVPC("vpc-1", "default", []cloud.DefaultSubnet{{ID: "subnet-1", AZ: "us-west-2a"}, {ID: "subnet-2", AZ: "us-west-2b"}}, source.Span{})
	s, diags := cfn.Load(cfn.Input{File: "t.yaml", Spec: spec, Data: []byte("Resources: {DB: {Type: AWS::RDS::DBInstance, Properties: {Engine: mariadb}}}")})
	if diags.HasErrors() || show(s.Stores[0].Subnets) != "[subnet-1 subnet-2]" || !s.Stores[0].OneOf || !s.Stores[0].Public.Or(false) {
		t.Errorf("%v %+v", diags, s.Stores)
	}
}
