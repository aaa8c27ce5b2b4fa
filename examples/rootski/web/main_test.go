package main

import (
	"io"
	"log"
	"net/http/httptest"
	"testing"
)

func TestPage(t *testing.T) {
	log.SetOutput(io.Discard)
	tests := []struct{ name, remote, want string }{
		{"over the peering", "172.31.15.250:41952", "hello from web, you came from 172.31.15.250\n"},
		{"IPv6", "[2001:db8::1]:41952", "hello from web, you came from 2001:db8::1\n"},
		{"no port", "somewhere", "hello from web, you came from somewhere\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req := httptest.NewRequest("GET", "/", nil)
			req.RemoteAddr = test.remote
			got := httptest.NewRecorder()
			page("web").ServeHTTP(got, req)
			if got.Code != 200 || got.Body.String() != test.want {
				t.Errorf("page: got %d %q, want 200 %q", got.Code, got.Body, test.want)
			}
		})
	}
}
