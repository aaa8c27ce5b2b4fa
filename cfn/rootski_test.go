package cfn_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"bailey/cfn"
	"bailey/cloud"
	"bailey/project"
)

// rootski loads the example through project and cfn, as the command does.
func rootski(t *testing.T, folder string) (cloud.Spec, *cloud.Model) {
	t.Helper()
	p, diags := project.Load(folder, os.ReadFile)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	var spec cloud.Spec
	if err := p.Apply(&spec).Err(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, p.Template)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spec, diags = cfn.Load(cfn.Input{File: file, Data: data, Parameters: p.Parameters, Spec: spec})
	if len(diags) > 0 {
		t.Fatalf("the example has diagnostics:\n%v", diags.Error())
	}
	m, diags := cloud.New(spec)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return spec, m
}

func TestRootskiResolves(t *testing.T) {
	_, m := rootski(t, "../examples/rootski/states")
	f, ok := m.Function("PingFunction")
	if !ok {
		t.Fatal("no PingFunction")
	}
	subnets, _ := f.Network.Subnets.Get()
	if len(subnets) != 4 || len(m.ENIsOf("PingFunction")) != 4 {
		t.Errorf("the function is in subnets %v with %d interfaces, want 4 of each", subnets, len(m.ENIsOf("PingFunction")))
	}
	for _, e := range m.ENIsOf("PingFunction") {
		if len(e.Open) > 0 || !e.PrivateIP.IsValid() {
			t.Errorf("interface in %s is open: %v", e.Subnet, e.Open)
		}
	}
	role, ok := m.Role(f.Role.Or(""))
	if !ok || len(role.Policies) != 1 || len(role.Managed) != 1 {
		t.Fatalf("role %v has policies %v and managed %v", f.Role, role.Policies, role.Managed)
	}
	resource, _ := role.Policies[0].Doc.Path("Statement")
	text, _ := resource.Items[0].Get("Resource")
	if want := "arn:aws:ssm:us-west-2:123456789012:parameter/lightsail-poc/test-parameter"; text.Text != want {
		t.Errorf("the statement's resource is %s, want %s", text.Text, want)
	}
	for e := range m.Endpoints() {
		if dns, known := e.PrivateDNS.Get(); e.Service != "ssm" || !dns || !known || e.Kind != cloud.InterfaceEndpoint {
			t.Errorf("endpoint %s: service %s, private DNS %v, kind %v", e.Name, e.Service, dns, e.Kind)
		}
	}
}

func TestRootskiEnvironmentHoldsTheModelsOwnAddresses(t *testing.T) {
	spec, m := rootski(t, "../examples/rootski/states")
	web := slices.Collect(m.LightsailInstances())[0]
	if web.PrivateIP != cloud.LightsailHost(netip.MustParsePrefix("172.26.0.0/16"), 0) {
		t.Errorf("the instance's private address is %s", web.PrivateIP)
	}
	want := map[string]string{
		"PARAMETER_NAME": "/lightsail-poc/test-parameter",
		"WEB_PUBLIC_IP":  web.PublicIP.String(),
		"WEB_PRIVATE_IP": web.PrivateIP.String(),
		"JWKS_URL":       "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_Example00/.well-known/jwks.json",
	}
	for _, v := range spec.Functions[0].Env {
		if got, known := v.Value.Get(); !known || got != want[v.Name] {
			t.Errorf("%s = %q (known %v), want %q", v.Name, got, known, want[v.Name])
		}
		delete(want, v.Name)
	}
	if len(want) > 0 {
		t.Errorf("the environment lacks %v", want)
	}
	if e, ok := m.ENIByPublicIP(web.PublicIP); !ok || e.Name != "Web" {
		t.Errorf("the static IP leads to %q", e.Name)
	}
}

func TestRootskiCounterfactuals(t *testing.T) {
	_, m := rootski(t, "../examples/rootski/broken/no-endpoint")
	if n := len(slices.Collect(m.Endpoints())); n != 0 {
		t.Errorf("without the endpoint there are %d endpoints", n)
	}
	_, m = rootski(t, "../examples/rootski/broken/no-peering")
	if g, missing := m.Lightsail().Peered.Gap(); !missing || g.At.Line == 0 {
		t.Errorf("without the peering fact, peered is %v with gap %v", m.Lightsail().Peered.Or(false), g)
	}
}
