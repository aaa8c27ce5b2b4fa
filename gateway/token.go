package gateway

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A token is one whose signature was verified. What depends on time and route
// is asked anew on each request.
type token struct {
	from   keySource
	keyID  string
	key    *rsa.PublicKey
	claims jwt.MapClaims
	text   map[string]string // the claims as integrations see them
	scopes []string
}

// tokens keeps verified tokens: a verification costs some 75 microseconds. One
// goes when its time is up or its key is no longer the issuer's.
type tokens struct {
	mu   sync.Mutex
	seen map[tokenKey]*token
}

type tokenKey struct {
	issuer string // by whose keys it was verified
	text   string
}

const (
	maxTokens = 4096
	maxToken  = 16 << 10 // longer ones do not fit into the headers anyway
)

func (t *tokens) get(k tokenKey) *token {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen[k]
}

func (t *tokens) put(k tokenKey, v *token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for old := range t.seen {
		if len(t.seen) < maxTokens {
			break
		}
		delete(t.seen, old)
	}
	t.seen[k] = v
}

func (t *tokens) drop(k tokenKey) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.seen, k)
}

// parser takes RSA signatures only: AWS supports no other, and none is no
// signature. Claims are asked by us, in AWS's words.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
var parser = jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "RS384", "RS512"}), jwt.WithoutClaimsValidation(), jwt.WithJSONNumber())

// verify checks a token's signature by the issuer's keys.
func (s *issuers) verify(ctx context.Context, from keySource, text string) (*token, error) {
	k := tokenKey{from.issuer, text}
	if t := s.verified.get(k); t != nil {
		if s.holds(from, t.keyID, t.key, s.now()) {
			return t, nil
		}
		s.verified.drop(k)
	}
	if len(text) > maxToken {
		return nil, errors.New("the token is too long")
	}
	t := &token{from: from, claims: jwt.MapClaims{}}
	_, err := parser.ParseWithClaims(text, &t.claims, func(parsed *jwt.Token) (any, error) {
		id, ok := parsed.Header["kid"].(string)
		if !ok || id == "" {
			return nil, keyFailure("the token has no key ID")
		}
		if _, critical := parsed.Header["crit"]; critical {
			return nil, keyFailure("the token has critical headers that are not known")
		}
		var err error
		t.keyID = id
		if t.key, err = s.key(ctx, from, id); err != nil {
			return nil, keyFailure(err.Error())
		}
		return t.key, nil
	})
	if err != nil {
		return nil, err
	}
	t.text = make(map[string]string, len(t.claims))
	for name, v := range t.claims {
		t.text[name] = claimText(v)
	}
	t.scopes = scopesOf(t.claims)
	s.verified.put(k, t)
	return t, nil
}

// A keyFailure is why there is no key to verify a token by.
type keyFailure string

func (f keyFailure) Error() string { return string(f) }

// claimText is how an HTTP API passes a claim on: as text, a list in brackets
// with blanks between its items.
func claimText(v any) string {
	list, ok := v.([]any)
	if !ok {
		return jsonText(v)
	}
	parts := make([]string, len(list))
	for i, item := range list {
		parts[i] = jsonText(item)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// scopesOf are the scopes in scope or scp: text with blanks, or a list.
func scopesOf(claims jwt.MapClaims) []string {
	var out []string
	for _, name := range []string{"scope", "scp"} {
		switch v := claims[name].(type) {
		case string:
			out = append(out, strings.Fields(v)...)
		case []any:
			for _, item := range v {
				if s, ok := item.(string); ok {
					out = append(out, s)
				}
			}
		}
	}
	return out
}

// moment reads a claim that is a time in seconds. A claim of another type is
// no time.
func (t *token) moment(name string) (at float64, there, valid bool) {
	v, there := t.claims[name]
	if !there {
		return 0, false, true
	}
	n, ok := v.(json.Number)
	if !ok {
		return 0, true, false
	}
	at, err := strconv.ParseFloat(n.String(), 64)
	return at, true, err == nil
}

// inTime checks exp, which has to be there, nbf and iat.
func (t *token) inTime(now time.Time) error {
	seconds := float64(now.UnixNano()) / 1e9
	exp, there, valid := t.moment("exp")
	switch {
	case !there:
		return errors.New("the token has no expiration")
	case !valid:
		return errors.New("the token has an invalid expiration")
	case seconds >= exp:
		return errExpired
	}
	if nbf, _, valid := t.moment("nbf"); !valid || nbf > seconds {
		return errors.New("the token is not valid yet")
	}
	if iat, _, valid := t.moment("iat"); !valid || iat > seconds {
		return errors.New("the token was issued in the future")
	}
	return nil
}

var errExpired = errors.New("the token has expired")

// forAudience checks aud, or client_id where there is no aud.
func (t *token) forAudience(audience []string) bool {
	switch aud := t.claims["aud"].(type) {
	case string:
		return slices.Contains(audience, aud)
	case []any:
		return slices.ContainsFunc(aud, func(v any) bool {
			s, ok := v.(string)
			return ok && slices.Contains(audience, s)
		})
	case nil:
		client, ok := t.claims["client_id"].(string)
		return ok && slices.Contains(audience, client)
	}
	return false
}

// granted are the scopes that a route asks for and the token has; any one is
// enough.
func (t *token) granted(asked []string) []string {
	var out []string
	for _, s := range t.scopes {
		if slices.Contains(asked, s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
