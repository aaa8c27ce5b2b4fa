package snapshot

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"bailey/cloud"
	"bailey/path"
)

// empty are files in which nothing is listed. Each world has them but for those
// that it has itself, and those that it says are missing.
var empty = map[string]string{
	"EnableDnsSupport.json":            `{"VpcId": "vpc-1", "EnableDnsSupport": {"Value": true}}`,
	"EnableDnsHostnames.json":          `{"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": true}}`,
	"EnableDnsSupport.2.json":          `{"VpcId": "vpc-2", "EnableDnsSupport": {"Value": true}}`,
	"EnableDnsHostnames.2.json":        `{"VpcId": "vpc-2", "EnableDnsHostnames": {"Value": true}}`,
	"VpcBlockPublicAccessOptions.json": `{"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}}`,
	"Vpcs.json":                        `{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333", "Tags": [{"Key": "Name", "Value": "main"}]}]}`,
	"Subnets.json": `{"Subnets": [
		{"SubnetId": "subnet-a", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24", "AvailabilityZone": "eu-west-1a"},
		{"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1b"}]}`,
	"SecurityGroups.json": `{"SecurityGroups": [{"GroupId": "sg-open", "GroupName": "open", "VpcId": "vpc-1",
		"IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}], "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]}`,
	"NetworkAcls.json": `{"NetworkAcls": [{"NetworkAclId": "acl-1", "VpcId": "vpc-1", "IsDefault": true, "Entries": [
		{"RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "Egress": true}, {"RuleNumber": 100, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "Egress": false},
		{"RuleNumber": 32767, "RuleAction": "deny", "Protocol": "-1", "CidrBlock": "0.0.0.0/0", "Egress": true}]}]}`,
	"RouteTables.json": `{"RouteTables": [{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [{"Main": true, "AssociationState": {"State": "associated"}}], "Routes": []}]}`,
	"Functions.json": `{"Functions": [{"FunctionName": "fn", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:fn", "Role": "arn:aws:iam::111122223333:role/fn",
		"VpcConfig": {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-open"], "VpcId": "vpc-1"}}]}`,
	"RoleDetailList.json": `{"RoleDetailList": [{"RoleName": "fn", "Arn": "arn:aws:iam::111122223333:role/fn", "AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
		"AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}]}]}`,
}

func init() {
	for _, key := range bearing {
		if _, ok := empty[key+".json"]; !ok {
			empty[key+".json"] = fmt.Sprintf(`{%q: []}`, key)
		}
	}
}

// filesOf are a world's files, with those of empty.
func filesOf(a *txtar.Archive) (files []File, sections map[string]string) {
	sections = map[string]string{}
	own := map[string]bool{}
	for _, f := range a.Files {
		if !strings.HasSuffix(f.Name, ".json") { // a section
			sections[f.Name] = string(f.Data)
			continue
		}
		own[f.Name] = true
		files = append(files, File{Name: "snap/" + f.Name, Path: f.Name, Data: f.Data})
	}
	for name, text := range empty {
		home := ""
		if e := strings.Fields(sections["environment"]); len(e) == 2 {
			home = "aws_configs/" + e[0] + "/" + e[1] + "/"
		}
		if name = home + name; !own[name] && !slices.Contains(strings.Fields(sections["missing"]), name) {
			files = append(files, File{Name: "snap/" + name, Path: name, Data: []byte(text)}) // in the environment that is asked
		}
	}
	return files, sections
}

// A world is a txtar file: what it proves, the files of a snapshot, and then
//
//	-- missing --   the files that are not there
//	-- why --       questions: FROM TO VERDICT, then codes or words of what is said
//	-- diags --     codes of what the reader says, each with a place
//	-- states --    one state of STATUS a line, then a question as of why
//	-- interfaces --  an interface's ID, its only owner and its address
//	-- names --     names that Find knows, with the IDs under which it knows them
func TestWorlds(t *testing.T) {
	worlds, err := filepath.Glob("testdata/worlds/*.txtar")
	if err != nil || len(worlds) == 0 {
		t.Fatal(err, "no worlds")
	}
	for _, name := range worlds {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files, sections := filesOf(a)
			if sections["states"] == "" {
				check(t, files, sections)
			}
			for line := range strings.Lines(sections["states"]) {
				state, question, _ := strings.Cut(line, " ")
				var in []File
				for _, f := range files {
					f.Data = bytes.ReplaceAll(f.Data, []byte("STATUS"), []byte(state))
					in = append(in, f)
				}
				check(t, in, map[string]string{"why": question})
			}
		})
	}
}

func check(t *testing.T, files []File, sections map[string]string) {
	t.Helper()
	s, diags := Read("snap", files)
	of := s.Environments()[0]
	if e := strings.Fields(sections["environment"]); len(e) == 2 {
		of = Environment{e[0], e[1]}
	}
	spec, found := s.Spec(of, cloud.Spec{Stack: "snapshot"})
	diags = append(diags, found...)
	m, found := cloud.New(spec)
	diags = append(diags, found...)
	told := diags.Error()
	for line := range strings.Lines(sections["diags"]) {
		if line = strings.TrimSpace(line); !strings.Contains(told, line) {
			t.Errorf("nobody says %q:\n%s", line, told)
		}
	}
	if _, expected := sections["diags"]; !expected && len(diags) > 0 {
		t.Errorf("unexpected:\n%s", told)
	}
	if m == nil {
		if sections["why"] != "" {
			t.Fatalf("no model:\n%s", told)
		}
		return
	}
	for line := range strings.Lines(sections["why"]) {
		if f := strings.Fields(line); len(f) >= 3 {
			ask(t, m, f[0], f[1], f[2], strings.Join(f[3:], " "))
		}
	}
	for line := range strings.Lines(sections["interfaces"]) {
		f := strings.Fields(line)
		if e, ok := m.ENI(cloud.ENIID(f[0])); !ok || e.Name != f[1] || e.PrivateIP.String() != f[2] || len(m.ENIsOf(f[1])) != 1 {
			t.Errorf("%s is %+v, want %s at %s alone", f[0], e, f[1], f[2])
		}
	}
	for line := range strings.Lines(sections["names"]) {
		for _, called := range strings.Split(strings.TrimSpace(line), ", ") {
			if len(m.Find(called)) != 1 {
				t.Errorf("%q is %v", called, m.Find(called))
			}
		}
	}
}

// ask asks one question. What is said holds the words.
func ask(t *testing.T, m *cloud.Model, from, to, verdict, words string) {
	t.Helper()
	res, err := path.Why(m, path.Question{From: from, To: to})
	if err != nil {
		t.Errorf("%s -> %s: %v", from, to, err)
		return
	}
	var said []string
	for _, b := range res.Blockers {
		said = append(said, string(b.Code)+" "+b.Component+" "+b.Detail+" "+b.At.String())
	}
	for _, g := range res.Missing {
		said = append(said, g.String())
	}
	text := strings.Join(said, "\n")
	if res.Verdict.String() != verdict || !strings.Contains(text, words) {
		t.Errorf("%s -> %s is %s, want %s with %q:\n%s", from, to, res.Verdict, verdict, words, text)
	}
}

// What the worlds are made of is read without a word, so that each world shows
// its own.
func TestEmptyWorldIsComplete(t *testing.T) {
	files, _ := filesOf(&txtar.Archive{})
	check(t, files, map[string]string{"why": "fn internet blocked NO_ROUTE_TO_DESTINATION"})
	if _, err := os.Stat("testdata/worlds"); err != nil {
		t.Fatal(err)
	}
}
