package source

import (
	"testing"
)

func TestClosest(t *testing.T) {
	names := []string{"CidrBlock", "VpcId", "SubnetIds", "SecurityGroupIds", "Vpc"}
	for in, want := range map[string]string{
		"CidrBlok": "CidrBlock", "vpcid": "VpcId", "SubnetId": "SubnetIds", "Colour": "", "Vpcs": "Vpc", "": "",
	} {
		if got := Closest(in, names); got != want {
			t.Errorf("Closest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWithinCountsEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		n    int
	}{{"kitten", "sitting", 3}, {"abc", "abc", 0}, {"", "ab", 2}, {"Vpc", "VPC", 2}} {
		if !Within(c.a, c.b, c.n) || c.n > 0 && Within(c.a, c.b, c.n-1) {
			t.Errorf("%q and %q are not exactly %d edits apart", c.a, c.b, c.n)
		}
	}
}
