package wire

import "testing"

func TestCanonicalPath(t *testing.T) {
	tests := []struct{ service, path, want string }{
		{"ssm", "", "/"},
		{"ssm", "/", "/"},
		{"ssm", "//a//b/", "/a/b/"},
		{"ssm", "/a/./b/../c", "/a/c"},
		{"ssm", "/../..", "/"},
		{"ssm", "/a%20b", "/a%2520b"},
		{"lambda", "/functions/arn:aws:x", "/functions/arn%3Aaws%3Ax"},
		{"lambda", "/functions/arn%3Aaws", "/functions/arn%253Aaws"},
		{"s3", "//a/../b", "//a/../b"},
		{"s3", "/a%20b", "/a%20b"},
		{"s3", "/a%2Fb", "/a/b"},
		{"s3", "/~a(b)", "/~a%28b%29"},
	}
	for _, tt := range tests {
		if got := canonicalPath(tt.path, tt.service); got != tt.want {
			t.Errorf("canonicalPath(%q, %s) = %q, want %q", tt.path, tt.service, got, tt.want)
		}
	}
}

func TestCanonicalQuery(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"", ""},
		{"b=2&a=1", "a=1&b=2"},
		{"a-b=1&a=2", "a=2&a-b=1"}, // by name, not by name=value
		{"a=2&a=1&a", "a=&a=1&a=2"},
		{"a=x%20y&b=x+y&c=%7e", "a=x%20y&b=x%20y&c=~"},
		{"a=%2f&b=/", "a=%2F&b=%2F"},
		{"a=%zz", "a=%25zz"},
		{"a=b=c", "a=b%3Dc"},
		{"&&X-Amz-Signature=00&a=1", "a=1"},
	}
	for _, tt := range tests {
		if got := canonicalQuery(tt.raw); got != tt.want {
			t.Errorf("canonicalQuery(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestHeaderValue(t *testing.T) {
	r := request("POST", "http://ssm.us-west-2.amazonaws.com:443/", "12345",
		"My-Header", "  a   b  c ", "My-Header", `"d   e"`)
	for name, want := range map[string]string{
		"host": "ssm.us-west-2.amazonaws.com:443", "my-header": `a b c,"d e"`, "content-length": "5", "none": "",
	} {
		if got := headerValue(r, name); got != want {
			t.Errorf("headerValue(%s) = %q, want %q", name, got, want)
		}
	}
}
