package project

import (
	"testing"

	"bailey/cloud"
)

func TestQuotasAreFacts(t *testing.T) {
	s := applied(t, "region: us-west-2\nfacts: {quotas: {vpc-interfaces: 750}}")
	m, diags := cloud.New(s)
	if diags.HasErrors() || m.InterfaceQuota() != 750 {
		t.Errorf("got %d, %v", m.InterfaceQuota(), diags)
	}
	if m, _ := cloud.New(applied(t, "region: us-west-2")); m.InterfaceQuota() != 500 {
		t.Errorf("without the fact it is %d", m.InterfaceQuota())
	}
}
