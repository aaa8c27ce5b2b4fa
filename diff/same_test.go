package diff

import (
	"slices"
	"testing"

	"bailey/cloud"
	"bailey/path"
	"bailey/reach"
)

// renamed calls everything otherwise, as another front end would, and keeps the
// IDs and physical names.
func renamed(s *cloud.Spec) {
	s.VPCs[0].Name = "aws_vpc.net"
	for i := range s.Subnets {
		s.Subnets[i].Name = "aws_subnet.private[" + string('0'+rune(i)) + "]"
	}
	for i := range s.SecurityGroups {
		s.SecurityGroups[i].Name = "aws_security_group." + string(s.SecurityGroups[i].ID)
	}
	s.InternetGateways[0].Name = "aws_internet_gateway.gw"
	s.Functions[0].Name = "aws_lambda_function.f"
	s.Instances[0].Name = "aws_instance.box"
}

// Two inputs that call the same resources otherwise are compared as if they
// called them alike, and told by the new names.
func TestTheSameResourceUnderTwoNames(t *testing.T) {
	r := Between(Side{Model: world()}, Side{Model: world(renamed)})
	if !r.IsEmpty() {
		t.Errorf("only names are different: %+v", r)
	}
	r = Between(Side{Model: world()}, Side{Model: world(admit(22, cloud.PeerGroup{ID: "sg-f"}), renamed)})
	want := "aws_lambda_function.f -> aws_instance.box blocked to reachable: tcp 22 because aws_security_group.sg-b added tcp 22 from aws_security_group.sg-f"
	if len(r.Changes) != 1 || told(r.Changes[0]) != want || len(r.Added)+len(r.Removed) > 0 {
		t.Errorf("got %+v, want only %s", r, want)
	}
}

// An expectation of the old side is asked about the resource that it meant.
func TestExpectationsFollowTheirResource(t *testing.T) {
	old := Side{Model: world(), Expected: []reach.Expectation{{Question: path.Question{From: "F", To: "Box:5432"}, Verdict: path.Reachable}}}
	now := Side{Model: world(func(s *cloud.Spec) { s.SecurityGroups[1].Ingress = nil }, renamed)}
	var got []string
	for _, p := range Between(old, now).Paths {
		got = append(got, p.Question.From+" -> "+p.Question.To)
	}
	if !slices.Equal(got, []string{"aws_lambda_function.f -> aws_instance.box:5432"}) {
		t.Errorf("got %v", got)
	}
}

// A name that has come to mean another resource is not taken for the old one's.
func TestANameThatMovedOn(t *testing.T) {
	swapped := func(s *cloud.Spec) {
		s.SecurityGroups[0].Name, s.SecurityGroups[1].Name = "BoxGroup", "FunctionGroup"
	}
	if r := Between(Side{Model: world()}, Side{Model: world(swapped)}); !r.IsEmpty() {
		t.Errorf("the groups changed names and nothing else: %+v", r)
	}
	taken := func(s *cloud.Spec) {
		s.Functions[0].Name = "G"
		g := function("F", "subnet-a")
		s.Functions = append(s.Functions, g)
		s.Functions[1].FunctionName = "other"
	}
	r := Between(Side{Model: world()}, Side{Model: world(taken)})
	if len(r.Removed) > 0 || len(r.Added) != 1 || r.Added[0].Name != "F" {
		t.Errorf("F is called G now, and another F came: added %v, removed %v", r.Added, r.Removed)
	}
}
