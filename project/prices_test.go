package project

import (
	"strings"
	"testing"

	"bailey/cloud"
)

func TestPricesReplaceTheList(t *testing.T) {
	s := applied(t, "prices: {nat-gateway-hour: 0.052, public-ipv4-hour: 0}")
	if p := s.Prices[cloud.PriceNATGateway]; p.USDPerHour != 0.052 || p.At.Line != 1 {
		t.Errorf("got %+v", p)
	}
	if _, stated := s.Prices[cloud.PricePublicIPv4]; !stated {
		t.Error("a price of nothing is a price too")
	}
	if _, stated := s.Prices[cloud.PriceInterfaceEndpoint]; stated {
		t.Error("what nobody stated is there")
	}
}

func TestPriceNamesAreGuessed(t *testing.T) {
	_, diags := Parse("f", []byte("prices: {nat-gatway-hour: 0.05}"))
	if len(diags) != 1 || diags[0].Hint != "did you mean nat-gateway-hour?" {
		t.Errorf("got %v", diags)
	}
	for _, name := range cloud.PriceNames() {
		if !strings.Contains(string(Schema()), `"`+name+`"`) {
			t.Errorf("%s is not in the schema", name)
		}
	}
}
