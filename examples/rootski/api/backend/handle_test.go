package main

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log"
	"strings"
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

// shelf is a database of one word of ada's.
type shelf struct {
	saved []string
	err   error
}

func (s *shelf) list(_ context.Context, author string) ([]Breakdown, error) {
	return []Breakdown{{ID: 1, Word: "подход", Parts: []string{"под", "ход"}, Mine: author == "1"}}, s.err
}

func (s *shelf) save(_ context.Context, author string, b Breakdown) (int64, error) {
	s.saved = append(s.saved, author+":"+strings.Join(b.Parts, "|"))
	return 2, s.err
}

func TestHandle(t *testing.T) {
	log.SetOutput(io.Discard)
	ada := fixed{visitor: keys.Visitor{Identity: token.Identity{Subject: "1", Name: "ada"}, Known: true}}
	const word = `{"word":"подход","parts":["под","ход"]}`
	down := errors.New("connection refused")
	tests := []struct {
		name, route, body string
		door              fixed
		store             shelf
		status            int // 0: an error
		want              string
		saved             int
	}{
		{"anonymous", "GET /breakdowns", "", fixed{}, shelf{}, 200, `{"you":null,"breakdowns":[{"id":1,"word":"подход","parts":["под","ход"]}]}`, 0},
		{"known", "GET /breakdowns", "", ada, shelf{}, 200, `{"you":"ada","breakdowns":[{"id":1,"word":"подход","parts":["под","ход"],"mine":true}]}`, 0},
		{"a bad token past the authorizer", "GET /breakdowns", "", fixed{err: token.ErrInvalid}, shelf{}, 401, `{"message":"the token is not valid"}`, 0},
		{"nobody can tell", "GET /breakdowns", "", fixed{err: down}, shelf{}, 0, "", 0},
		{"no database", "GET /breakdowns", "", ada, shelf{err: down}, 0, "", 0},
		{"saved", "POST /breakdown", word, ada, shelf{}, 201, `{"id":2,"word":"подход","parts":["под","ход"],"mine":true}`, 1},
		{"saved anonymously", "POST /breakdown", word, fixed{}, shelf{}, 401, `{"message":"sign in first"}`, 0},
		{"not saved", "POST /breakdown", word, ada, shelf{err: down}, 0, "", 1},
		{"no JSON", "POST /breakdown", "word", ada, shelf{}, 400, `{"message":"the body is not like {\"word\": \"...\", \"parts\": [\"...\", \"...\"]}"}`, 0},
		{"parts of another word", "POST /breakdown", `{"word":"ход","parts":["под"]}`, ada, shelf{}, 400, `{"message":"parts: put together they must be the word"}`, 0},
		{"no word", "POST /breakdown", `{"parts":[]}`, ada, shelf{}, 400, `{"message":"word: give one, of at most 200 bytes"}`, 0},
		{"a byte that PostgreSQL's text cannot hold", "POST /breakdown", `{"word":"a\u0000","parts":["a\u0000"]}`, ada, shelf{}, 400, `{"message":"word: give one, of at most 200 bytes"}`, 0},
		{"a long word", "POST /breakdown", `{"word":"` + strings.Repeat("a", 201) + `"}`, ada, shelf{}, 400, `{"message":"word: give one, of at most 200 bytes"}`, 0},
		{"another route", "DELETE /breakdown", "", ada, shelf{}, 404, `{"message":"there is no DELETE /breakdown"}`, 0},
	}
	for _, test := range tests {
		b := &backend{door: test.door, words: &test.store}
		got, err := b.handle(t.Context(), request{RouteKey: test.route, Body: test.body})
		if (err != nil) != (test.status == 0) || got.StatusCode != test.status || got.Body != test.want || len(test.store.saved) != test.saved {
			t.Errorf("%s: %d %s, %v, saved %v; want %d %s", test.name, got.StatusCode, got.Body, err, test.store.saved, test.status, test.want)
		}
	}
}

func TestBodyInBase64(t *testing.T) {
	s := &shelf{}
	b := &backend{door: fixed{visitor: keys.Visitor{Known: true}}, words: s}
	for body, want := range map[string]int{base64.StdEncoding.EncodeToString([]byte(`{"word":"ход","parts":["ход"]}`)): 201, "!": 400} {
		if got, err := b.handle(t.Context(), request{RouteKey: "POST /breakdown", Body: body, IsBase64Encoded: true}); err != nil || got.StatusCode != want {
			t.Errorf("%s: %d %s, %v", body, got.StatusCode, got.Body, err)
		}
	}
}
