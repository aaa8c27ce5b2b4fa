package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"example.com/rootski/api/keys"
	"example.com/rootski/api/token"
)

type (
	request  = events.APIGatewayV2HTTPRequest
	response = events.APIGatewayV2HTTPResponse
)

// A door tells who a visitor is.
type door interface {
	Visitor(context.Context, map[string]string) (keys.Visitor, error)
}

// words are the breakdowns that are saved.
type words interface {
	list(ctx context.Context, author string) ([]Breakdown, error)
	save(ctx context.Context, author string, b Breakdown) (int64, error)
}

type backend struct {
	door  door
	words words
}

// List is the answer to GET /breakdowns.
type List struct {
	You        *string     `json:"you"` // null for an anonymous visitor
	Breakdowns []Breakdown `json:"breakdowns"`
}

// handle answers one request. What the client cannot help is an error, which
// API Gateway turns into a 500 without a word of it.
func (b *backend) handle(ctx context.Context, r request) (response, error) {
	visitor, err := b.door.Visitor(ctx, r.Headers)
	switch {
	case errors.Is(err, token.ErrInvalid):
		log.Printf("refused: %v", err)
		return message(http.StatusUnauthorized, "the token is not valid"), nil
	case err != nil:
		return response{}, err
	}
	switch r.RouteKey {
	case "GET /breakdowns":
		return b.list(ctx, visitor)
	case "POST /breakdown":
		return b.save(ctx, visitor, r)
	}
	return message(http.StatusNotFound, "there is no "+r.RouteKey), nil
}

func (b *backend) list(ctx context.Context, v keys.Visitor) (response, error) {
	all, err := b.words.list(ctx, v.Subject)
	if err != nil {
		return response{}, err
	}
	out := List{Breakdowns: all}
	if v.Known {
		out.You = &v.Name
	}
	return answer(http.StatusOK, out), nil
}

func (b *backend) save(ctx context.Context, v keys.Visitor, r request) (response, error) {
	if !v.Known {
		return message(http.StatusUnauthorized, "sign in first"), nil
	}
	word, err := breakdown(r)
	if err != nil {
		return message(http.StatusBadRequest, err.Error()), nil
	}
	if word.ID, err = b.words.save(ctx, v.Subject, word); err != nil {
		return response{}, err
	}
	word.Mine = true
	return answer(http.StatusCreated, word), nil
}

// maxWord is longer than any word, in bytes.
const maxWord = 200

// breakdown reads a request's body: a word and the parts that make it up.
func breakdown(r request) (Breakdown, error) {
	body := []byte(r.Body)
	if r.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(r.Body); err != nil {
			return Breakdown{}, errors.New("the body is not base64")
		}
	}
	var b struct {
		Word  string   `json:"word"`
		Parts []string `json:"parts"`
	}
	switch err := json.Unmarshal(body, &b); {
	case err != nil:
		return Breakdown{}, errors.New(`the body is not like {"word": "...", "parts": ["...", "..."]}`)
	case b.Word == "" || len(b.Word) > maxWord || !utf8.ValidString(b.Word) || strings.ContainsRune(b.Word, 0):
		return Breakdown{}, errors.New("word: give one, of at most 200 bytes")
	case strings.Join(b.Parts, "") != b.Word:
		return Breakdown{}, errors.New("parts: put together they must be the word")
	}
	return Breakdown{Word: b.Word, Parts: b.Parts}, nil
}

func message(status int, text string) response {
	return answer(status, map[string]string{"message": text})
}

func answer(status int, v any) response {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // only types of ours come here, and all of them can be encoded
	}
	return response{StatusCode: status, Headers: map[string]string{"content-type": "application/json; charset=utf-8", "cache-control": "no-store"}, Body: string(body)}
}
