package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"testing"

	"example.com/rootski/api/keys"
	"example.com/rootski/api/token"
)

type fixed struct {
	visitor keys.Visitor
	err     error
}

func (f fixed) Visitor(context.Context, map[string]string) (keys.Visitor, error) {
	return f.visitor, f.err
}

func TestAuthorize(t *testing.T) {
	log.SetOutput(io.Discard)
	tests := []struct {
		name, want string
		door       fixed
		fails      bool
	}{
		{"no token", `{"isAuthorized":true,"context":{"visitor":"anonymous"}}`, fixed{}, false},
		{"a valid one", `{"isAuthorized":true,"context":{"name":"ada","sub":"1","visitor":"known"}}`, fixed{visitor: keys.Visitor{Identity: token.Identity{Subject: "1", Name: "ada"}, Known: true}}, false},
		{"an invalid one", `{"isAuthorized":false}`, fixed{err: token.ErrInvalid}, false},
		{"nobody can tell", `{"isAuthorized":false}`, fixed{err: errors.New("no route")}, true},
	}
	for _, test := range tests {
		got, err := authorize(test.door)(t.Context(), request{})
		text, _ := json.Marshal(got)
		if string(text) != test.want || (err != nil) != test.fails {
			t.Errorf("%s: %s, %v; want %s", test.name, text, err, test.want)
		}
	}
}
