package reach

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/path"
)

// Every name that a project may state is on the list, with what it is and where
// it is published, and the list has a day.
func TestPriceListIsWhole(t *testing.T) {
	var names []string
	for _, p := range prices {
		names = append(names, p.name)
		if p.usd <= 0 || p.what == "" || !regexp.MustCompile(`^https://aws\.amazon\.com/\S+/pricing/$`).MatchString(p.page) {
			t.Errorf("%+v", p)
		}
	}
	if !slices.Equal(slices.Sorted(slices.Values(names)), slices.Sorted(slices.Values(cloud.PriceNames()))) {
		t.Errorf("the list has %v, projects may state %v", names, cloud.PriceNames())
	}
	if _, err := time.Parse(time.DateOnly, priceDay); err != nil {
		t.Error(err)
	}
}

// 8,760 hours: NAT gateway 394.20, its address 43.80, an endpoint 87.60 a zone.
func TestYearly(t *testing.T) {
	m := model(t, lightsail())
	for want, names := range map[float64][]string{394.20: {cloud.PriceNATGateway}, 43.80: {cloud.PricePublicIPv4}, 87.60: {cloud.PriceInterfaceEndpoint},
		438.00: {cloud.PriceNATGateway, cloud.PricePublicIPv4}} {
		if got := yearly(m, names...); got != want {
			t.Errorf("%v: got %v, want %v", names, got, want)
		}
	}
}

// A stated price decides what a fix costs, and which of them is the cheapest.
func TestStatedPricesRank(t *testing.T) {
	m := model(t, lightsail(func(s *cloud.Spec) {
		s.Prices = cloud.Prices{cloud.PriceNATGateway: {USDPerHour: 0.001}, cloud.PricePublicIPv4: {USDPerHour: 0}}
	}))
	got := fixes(t, m, path.Question{From: "F", To: "aws:ssm"}, Need{Question: path.Question{From: "F", To: "Web:80"}})
	if !strings.HasPrefix(got, "$8.76 add a NAT gateway") {
		t.Errorf("got %s", got)
	}
	if note := PriceNote(m); !strings.Contains(note, "us-east-1") || !strings.Contains(note, priceDay) || !strings.Contains(note, "us-west-2 may differ") {
		t.Errorf("the note is %q", note)
	}
}
