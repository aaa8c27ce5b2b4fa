package wire

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseHost(t *testing.T) {
	tests := []struct {
		host string
		want Endpoint
	}{
		{"ssm.us-west-2.amazonaws.com", Endpoint{"ssm", "us-west-2", ""}},
		{"SSM.us-west-2.amazonaws.com.:443", Endpoint{"ssm", "us-west-2", ""}},
		{"ssm-fips.us-gov-west-1.amazonaws.com", Endpoint{"ssm", "us-gov-west-1", ""}},
		{"ssm.us-west-2.api.aws", Endpoint{"ssm", "us-west-2", ""}},
		{"s3.dualstack.us-west-2.amazonaws.com", Endpoint{"s3", "us-west-2", ""}},
		{"ssm.cn-north-1.amazonaws.com.cn", Endpoint{"ssm", "cn-north-1", ""}},
		{"sts.amazonaws.com", Endpoint{"sts", "", ""}},
		{"api.ecr.us-west-2.amazonaws.com", Endpoint{"api.ecr", "us-west-2", ""}},
		{"a1b2c3.execute-api.us-west-2.amazonaws.com", Endpoint{"a1b2c3.execute-api", "us-west-2", ""}},
		{"vpce-0a1b-2c3d.ssm.us-west-2.vpce.amazonaws.com", Endpoint{"ssm", "us-west-2", "vpce-0a1b"}},
		{"vpce-0a1b-2c3d-us-west-2a.ssm.us-west-2.vpce.amazonaws.com", Endpoint{"ssm", "us-west-2", "vpce-0a1b"}},
		{"localhost:4566", Endpoint{}},
		{"amazonaws.com", Endpoint{}},
		{"us-west-2.amazonaws.com", Endpoint{Region: "us-west-2"}},
		{"ssm.us-west-2.amazonaws.com.example.org", Endpoint{}},
		{"", Endpoint{}},
	}
	for _, tt := range tests {
		got, ok := ParseHost(tt.host)
		if got != tt.want || ok != (tt.want.Service != "") {
			t.Errorf("ParseHost(%q) = %+v, %v, want %+v", tt.host, got, ok, tt.want)
		}
	}
}

func TestTemplates(t *testing.T) {
	s := &Service{Name: "x", Protocol: RestJSON}
	for _, uri := range []string{
		"/f", "/f/{Name}", "/f/{Name}/list", "/f/{Name}/p", "/f/{Name}/p?List=ALL", "/f/special", "/proxy/{rest+}", "/proxy/{rest+}/end", "/",
	} {
		s.Operations = append(s.Operations, Operation{Name: uri, Method: "GET", URI: uri})
	}
	s, err := s.ready()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path, query, want, labels string
	}{
		{"/f", "", "/f", ""},
		{"/f/", "", "/f", ""},
		{"/f/a", "", "/f/{Name}", "a"},
		{"/f/special", "", "/f/special", ""},
		{"/f/a%2Fb%20c", "", "/f/{Name}", "a/b c"},
		{"/f/a/list", "", "/f/{Name}/list", "a"},
		{"/f/a/p", "", "/f/{Name}/p", "a"},
		{"/f/a/p", "List=ALL&x=1", "/f/{Name}/p?List=ALL", "a"},
		{"/f/a/p", "List=ONE", "/f/{Name}/p", "a"},
		{"/proxy/a/b/c", "", "/proxy/{rest+}", "a/b/c"},
		{"/proxy/a/b/end", "", "/proxy/{rest+}/end", "a/b"},
		{"/proxy", "", "", ""},
		{"/", "", "/", ""},
		{"/f//list", "", "", ""},
		{"/f/%zz", "", "", ""},
		{"/f/a/b/c", "", "", ""},
		{"/g", "", "", ""},
	}
	for _, tt := range tests {
		query, _ := url.ParseQuery(tt.query)
		op, labels := s.byURI("GET", tt.path, query)
		got := ""
		if op != nil {
			got = op.Name
		}
		if got != tt.want || labels["Name"]+labels["rest"] != tt.labels {
			t.Errorf("%s?%s is for %q %v, want %q %s", tt.path, tt.query, got, labels, tt.want, tt.labels)
		}
		if op, _ := s.byURI("POST", tt.path, query); op != nil {
			t.Errorf("POST %s is for %s", tt.path, op.Name)
		}
	}
}

// TestPrintable: what a client sends cannot break a line, or flood a message.
func TestPrintable(t *testing.T) {
	if got := printable("a\r\nb\x00\xff"); got != "a??b??" {
		t.Errorf("printable = %q", got)
	}
	if got := printable(strings.Repeat("é", 300)); len(got) > 210 {
		t.Errorf("printable keeps %d bytes", len(got))
	}
}
