//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"bailey/cloud"
	"bailey/snapshot"
)

// interfaces is how many a large account has.
const interfaces = 10_000

type object = map[string]any

// accountSnapshot writes what the CLI prints of an account with n interfaces, in
// VPCs of 2,000: half of them instances', a quarter tasks' and a quarter Lambda's,
// one for each function.
func accountSnapshot(n int) []snapshot.File {
	lists := map[string][]object{}
	add := func(key string, o object) { lists[key] = append(lists[key], o) }
	var files []snapshot.File
	write := func(name string, doc any) {
		data, err := json.MarshalIndent(doc, "", "    ")
		if err != nil {
			panic(err) // unreachable: text, numbers and maps
		}
		files = append(files, snapshot.File{Name: name, Path: name, Data: data})
	}
	for i := range n {
		v := i / 2000
		vpc := fmt.Sprintf("vpc-%04d", v)
		if i%2000 == 0 {
			accountNetwork(v, vpc, add)
			for _, a := range []string{"EnableDnsSupport", "EnableDnsHostnames"} {
				write(a+"."+vpc+".json", object{"VpcId": vpc, a: object{"Value": true}})
			}
		}
		accountInterface(i, v, vpc, add)
	}
	for _, key := range []string{"VpcEndpoints", "VpcPeeringConnections", "HostedZones", "ResolverRules", "ResolverRuleAssociations", "PrefixLists"} {
		lists[key] = []object{}
	}
	for key, list := range lists {
		write(key+".json", object{key: list})
	}
	write("VpcBlockPublicAccessOptions.json", object{"VpcBlockPublicAccessOptions": object{"InternetGatewayBlockMode": "off"}})
	return files
}

// accountNetwork is one VPC: a subnet in each of two zones, and fifty groups.
func accountNetwork(v int, vpc string, add func(string, object)) {
	add("Vpcs", object{"VpcId": vpc, "CidrBlock": fmt.Sprintf("10.%d.0.0/16", v), "OwnerId": "123456789012", "State": "available", "DhcpOptionsId": "default"})
	add("InternetGateways", object{"InternetGatewayId": "igw-" + vpc, "Attachments": []object{{"State": "available", "VpcId": vpc}}})
	for s := range 2 {
		add("Subnets", object{"SubnetId": fmt.Sprintf("subnet-%d-%d", v, s), "VpcId": vpc, "CidrBlock": fmt.Sprintf("10.%d.%d.0/17", v, 128*s), "AvailabilityZone": "us-west-2" + string('a'+rune(s)), "State": "available"})
	}
	add("RouteTables", object{"RouteTableId": "rtb-" + vpc, "VpcId": vpc, "Associations": []object{{"Main": true, "AssociationState": object{"State": "associated"}}},
		"Routes": []object{{"DestinationCidrBlock": fmt.Sprintf("10.%d.0.0/16", v), "GatewayId": "local", "State": "active"}, {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-" + vpc, "State": "active"}}})
	entry := func(out bool) object {
		return object{"RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "Egress": out}
	}
	add("NetworkAcls", object{"NetworkAclId": "acl-" + vpc, "VpcId": vpc, "IsDefault": true, "Entries": []object{entry(true), entry(false)}})
	for g := range 50 {
		add("SecurityGroups", object{"GroupId": fmt.Sprintf("sg-%d-%d", v, g), "GroupName": fmt.Sprintf("group%d", g), "VpcId": vpc,
			"IpPermissions":       []object{{"IpProtocol": "tcp", "FromPort": 1000 + g, "ToPort": 1000 + g, "UserIdGroupPairs": []object{{"GroupId": fmt.Sprintf("sg-%d-%d", v, (g+1)%50)}}}},
			"IpPermissionsEgress": []object{{"IpProtocol": "-1", "IpRanges": []object{{"CidrIp": "0.0.0.0/0"}}}}})
	}
}

// accountInterface is one interface with what owns it.
func accountInterface(i, v int, vpc string, add func(string, object)) {
	subnet, group := fmt.Sprintf("subnet-%d-%d", v, i%2), fmt.Sprintf("sg-%d-%d", v, i%50)
	k := i % 2000
	addr := fmt.Sprintf("10.%d.%d.%d", v, 128*(i%2)+(k+8)/250, (k+8)%250)
	eni := object{"NetworkInterfaceId": fmt.Sprintf("eni-%017x", i), "SubnetId": subnet, "VpcId": vpc, "AvailabilityZone": "us-west-2" + string('a'+rune(i%2)), "InterfaceType": "interface",
		"MacAddress": "02:00:00:00:00:00", "OwnerId": "123456789012", "Description": "", "PrivateIpAddress": addr, "PrivateDnsName": "ip-" + addr + ".us-west-2.compute.internal", "RequesterManaged": false,
		"PrivateIpAddresses": []object{{"Primary": true, "PrivateDnsName": "ip-" + addr + ".us-west-2.compute.internal", "PrivateIpAddress": addr}}, "SourceDestCheck": true, "Status": "in-use",
		"Groups": []object{{"GroupId": group, "GroupName": "group"}}, "Ipv6Addresses": []object{}, "TagSet": []object{{"Key": "team", "Value": "a"}}}
	switch i % 4 {
	case 0, 2:
		eni["Attachment"] = object{"AttachmentId": "eni-attach-1", "DeviceIndex": 0, "InstanceId": fmt.Sprintf("i-%017x", i), "Status": "attached"}
		add("Reservations", object{"ReservationId": fmt.Sprintf("r-%017x", i), "Instances": []object{{"InstanceId": fmt.Sprintf("i-%017x", i), "State": object{"Code": 16, "Name": "running"}, "SubnetId": subnet, "VpcId": vpc,
			"PrivateIpAddress": addr, "SourceDestCheck": true, "SecurityGroups": []object{{"GroupId": group}}, "NetworkInterfaces": []object{eni}, "Tags": []object{{"Key": "Name", "Value": fmt.Sprintf("web%d", i)}}}}})
	case 1:
		eni["Description"] = fmt.Sprintf("arn:aws:ecs:us-west-2:123456789012:attachment/%d", i)
	case 3:
		name := fmt.Sprintf("fn%d", i)
		eni["InterfaceType"], eni["Description"] = "lambda", "AWS Lambda VPC ENI-"+name
		add("Functions", object{"FunctionName": name, "FunctionArn": "arn:aws:lambda:us-west-2:123456789012:function:" + name, "Role": "arn:aws:iam::123456789012:role/fn", "Runtime": "nodejs22.x", "Handler": "index.handler",
			"Timeout": 3, "MemorySize": 128, "VpcConfig": object{"VpcId": vpc, "SubnetIds": []string{subnet}, "SecurityGroupIds": []string{group}}})
	}
	add("NetworkInterfaces", eni)
}

// seeing gives the time from a snapshot's bytes to a model, for each per of them.
func seeing(files []snapshot.File, n int, per float64) func() (float64, error) {
	return func() (float64, error) {
		s, err := p50(n, func() (time.Duration, error) {
			began := time.Now()
			s, diags := snapshot.Read("snapshot", files)
			if diags.HasErrors() {
				return 0, diags
			}
			spec, diags := s.Spec(s.Environments()[0], cloud.Spec{})
			if diags.HasErrors() {
				return 0, diags
			}
			m, diags := cloud.New(spec)
			if m == nil {
				return 0, diags
			}
			return time.Since(began), nil
		})
		return s / per, err
	}
}

// openSnapshot holds the model of a large account against decoding its bytes.
func openSnapshot(b *bench) (pair, error) {
	files := accountSnapshot(interfaces)
	return pair{ours: seeing(files, b.loads, 1), peer: func() (float64, error) {
		return p50(b.loads, func() (time.Duration, error) {
			began := time.Now()
			for _, f := range files {
				var doc any
				if err := json.Unmarshal(f.Data, &doc); err != nil {
					return 0, err
				}
			}
			return time.Since(began), nil
		})
	}}, nil
}

// openSnapshotGrowth holds the time for a thousand interfaces in an account of
// many against that in one of few.
func openSnapshotGrowth(b *bench) (pair, error) {
	return pair{ours: seeing(accountSnapshot(2*interfaces), b.loads, 20), peer: seeing(accountSnapshot(interfaces/5), b.loads, 2)}, nil
}

// openSnapshotMemory holds the largest size of a process that asks one question
// of a large account against the bytes themselves.
func openSnapshotMemory(b *bench) (pair, error) {
	dir := filepath.Join(b.dir, "snapshot")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return pair{}, err
	}
	bytes := 0
	for _, f := range accountSnapshot(interfaces) {
		bytes += len(f.Data)
		if err := os.WriteFile(filepath.Join(dir, f.Path), f.Data, 0o644); err != nil {
			return pair{}, err
		}
	}
	bailey, err := b.bailey()
	return pair{ours: func() (float64, error) {
		_, size, err := ran(exec.Command(bailey, "why", "fn3", "web2:1002", dir))
		return size, err
	}, peer: func() (float64, error) { return float64(bytes), nil }}, err
}
