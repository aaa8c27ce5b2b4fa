package token

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"
)

// Keys are a pool's public keys by their ID.
type Keys map[string]*rsa.PublicKey

// smallest is the least modulus, in bits, that RS256 may be used with.
// https://www.rfc-editor.org/rfc/rfc7518#section-3.3
const smallest = 2048

// ParseKeys reads a JSON web key set. A key that is no RSA key for signatures
// is left out; one that is damaged makes the set an error.
// https://www.rfc-editor.org/rfc/rfc7517
func ParseKeys(text []byte) (Keys, error) {
	var set struct {
		Keys []struct{ Kty, Kid, Use, N, E string } `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("the key set: %w", err)
	}
	keys := Keys{}
	for _, k := range set.Keys {
		if k.Kty != "RSA" || k.Kid == "" || k.Use != "sig" && k.Use != "" {
			continue
		}
		n, err := number(k.N)
		if err != nil {
			return nil, fmt.Errorf("key %s: n: %w", k.Kid, err)
		}
		e, err := number(k.E)
		if err != nil {
			return nil, fmt.Errorf("key %s: e: %w", k.Kid, err)
		}
		if n.BitLen() < smallest || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil, fmt.Errorf("key %s: %d bits with exponent %s are no key for RS256", k.Kid, n.BitLen(), e)
		}
		keys[k.Kid] = &rsa.PublicKey{N: n, E: int(e.Int64())}
	}
	return keys, nil
}

func number(text string) (*big.Int, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	return new(big.Int).SetBytes(b), err
}

// forToken gives the key that a token's header names.
func (k Keys) forToken(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	key, ok := k[kid]
	if !ok {
		return nil, fmt.Errorf("%w: %.100q", ErrUnknownKey, kid)
	}
	return key, nil
}
