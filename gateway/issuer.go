package gateway

import (
	"context"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"

	"bailey/cloud"
)

// How keys are fetched and kept. AWS keeps a public key for up to two hours, and
// retrieves the key set again when a token names a key that it has not seen: so
// a new key works at once, and one that was withdrawn works on until then.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-keys.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const (
	keysKept   = 2 * time.Hour
	keysTime   = 1500 * time.Millisecond
	keysSize   = 150_000
	keysPause  = 5 * time.Second // between two fetches, where the first failed
	maxKeySets = 256
)

// keysAgain bounds the fetches for key IDs that are not known, whatever IDs
// hostile tokens name.
var keysAgain = cloud.Throttle{Rate: 0.2, Burst: 5}

// issuers are the signing keys of token issuers, and the tokens that were
// verified with them.
type issuers struct {
	fetch http.RoundTripper
	now   func() time.Time

	mu   sync.Mutex
	sets map[string]*keySet // by the address of the keys' owner

	verified tokens
}

func newIssuers(fetch http.RoundTripper, now func() time.Time) *issuers {
	return &issuers{fetch: fetch, now: now, sets: map[string]*keySet{}, verified: tokens{seen: map[tokenKey]*token{}}}
}

// A keySet is the keys of one issuer, as they were last fetched. Whoever knows
// a key needs not wait for one who asks for another.
type keySet struct {
	fetching sync.Mutex // one at a time

	mu      sync.Mutex
	keys    map[string]*rsa.PublicKey
	fetched time.Time
	tried   time.Time
	again   *bucket // for the fetches of keys that are not known
	err     error
}

// A source of keys: the issuer, and whether discovery says where they are, or
// they stand at the issuer's own /.well-known/jwks.json, as a user pool's do.
type keySource struct {
	issuer   string
	discover bool
}

// key finds an issuer's key by its ID. A key that is not known makes the set be
// fetched anew.
func (s *issuers) key(ctx context.Context, from keySource, id string) (*rsa.PublicKey, error) {
	set := s.set(from.issuer)
	if k, err, settled := set.look(id, s.now()); settled {
		return k, err
	}
	set.fetching.Lock()
	defer set.fetching.Unlock()
	now := s.now()
	k, err, settled := set.look(id, now) // somebody else may have fetched
	if settled || set.fresh(now) && !set.again.take(now) {
		return k, err
	}
	keys, err := s.load(ctx, from)
	set.took(keys, err, now)
	k, err, _ = set.look(id, now)
	return k, err
}

// fresh reports whether there are keys whose time is not up.
func (set *keySet) fresh(now time.Time) bool {
	set.mu.Lock()
	defer set.mu.Unlock()
	return set.keys != nil && now.Before(set.fetched.Add(keysKept))
}

// look answers from what was fetched; settled is false where that is too old,
// or lacks the key and may be asked for again.
func (set *keySet) look(id string, now time.Time) (k *rsa.PublicKey, err error, settled bool) {
	set.mu.Lock()
	defer set.mu.Unlock()
	fresh := set.keys != nil && now.Before(set.fetched.Add(keysKept))
	waits := set.err != nil && now.Before(set.tried.Add(keysPause))
	switch {
	case fresh && set.keys[id] != nil:
		return set.keys[id], nil, true
	case !fresh && set.err != nil:
		return nil, set.err, waits
	}
	return nil, errors.New("the token's key ID is not among the issuer's keys"), waits
}

// took keeps what a fetch gave. One that failed leaves the keys that are there
// until their time is up.
func (set *keySet) took(keys map[string]*rsa.PublicKey, err error, now time.Time) {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.tried, set.err = now, err
	if err == nil {
		set.keys, set.fetched = keys, now
	}
}

// holds reports whether the key that verified a token is still the issuer's.
func (s *issuers) holds(from keySource, id string, k *rsa.PublicKey, now time.Time) bool {
	set := s.set(from.issuer)
	set.mu.Lock()
	defer set.mu.Unlock()
	return now.Before(set.fetched.Add(keysKept)) && set.keys[id] == k
}

func (s *issuers) set(issuer string) *keySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	set := s.sets[issuer]
	if set == nil {
		if len(s.sets) >= maxKeySets {
			clear(s.sets)
		}
		set = &keySet{again: &bucket{limit: keysAgain}}
		s.sets[issuer] = set
	}
	return set
}

// load fetches an issuer's keys.
func (s *issuers) load(ctx context.Context, from keySource) (map[string]*rsa.PublicKey, error) {
	at := strings.TrimSuffix(from.issuer, "/") + "/.well-known/jwks.json"
	if from.discover {
		var discovered struct {
			Keys string `json:"jwks_uri"`
		}
		where := strings.TrimSuffix(from.issuer, "/") + "/.well-known/openid-configuration"
		if err := s.get(ctx, where, &discovered); err != nil {
			return nil, fmt.Errorf("OIDC discovery endpoint communication error: %w", err)
		}
		if at = discovered.Keys; at == "" {
			return nil, errors.New("OIDC discovery endpoint communication error: it names no jwks_uri")
		}
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := s.get(ctx, at, &set); err != nil {
		return nil, fmt.Errorf("JWKS communication error: %w", err)
	}
	keys := map[string]*rsa.PublicKey{}
	for _, k := range set.Keys {
		if public, ok := k.rsa(); ok && k.ID != "" {
			keys[k.ID] = public
		}
	}
	return keys, nil
}

func (s *issuers) get(ctx context.Context, address string, into any) error {
	if s.fetch == nil {
		return errors.New("nothing connects to " + address)
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), keysTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := s.fetch.RoundTrip(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", address, res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, keysSize+1))
	switch {
	case err != nil:
		return err
	case len(body) > keysSize:
		return fmt.Errorf("%s answered more than %d bytes", address, keysSize)
	}
	return json.Unmarshal(body, into)
}

// A jwk is a public key as issuers publish it (RFC 7517).
type jwk struct {
	ID   string `json:"kid"`
	Type string `json:"kty"`
	Use  string `json:"use"`
	N    string `json:"n"`
	E    string `json:"e"`
}

// rsa reads an RSA key: AWS verifies with no other.
func (k jwk) rsa() (*rsa.PublicKey, bool) {
	n, err1 := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.N, "="))
	e, err2 := base64.RawURLEncoding.DecodeString(strings.TrimRight(k.E, "="))
	if k.Type != "RSA" || k.Use != "" && k.Use != "sig" || err1 != nil || err2 != nil || len(n) < 128 || len(n) > 1024 || len(e) == 0 || len(e) > 4 {
		return nil, false
	}
	public := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	return public, public.E > 1 && public.E%2 == 1
}
