package token

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// ErrInvalid is in every error that is the token's own fault.
var ErrInvalid = errors.New("invalid token")

// ErrUnknownKey is in the error of a token whose key is not in the set: it is
// forged, or the set is older than the key.
var ErrUnknownKey = errors.New("no such key")

// maxLen is longer than any token of Cognito's; API Gateway takes 10 KB of
// headers at most.
const maxLen = 8 << 10

// leeway is how far two machines' clocks may differ.
const leeway = 30 * time.Second

// A Verifier knows which tokens are meant for this application.
type Verifier struct {
	Issuer string // https://cognito-idp.{region}.amazonaws.com/{pool}
	Client string // the ID of the pool's client
	Now    func() time.Time
}

// An Identity is who a valid token speaks of.
type Identity struct {
	Subject string // does not change and is nobody else's
	Name    string // the user's name in the pool
}

// claims are those of ID tokens and of access tokens: the client is the
// audience of the one and the client_id of the other.
type claims struct {
	jwt.RegisteredClaims
	Use      string `json:"token_use"`
	ClientID string `json:"client_id"`
	IDName   string `json:"cognito:username"`
	Name     string `json:"username"`
}

// Verify checks a token: signed with one of the keys by RS256 and nothing else,
// by this pool, for this client, not expired.
func (v Verifier) Verify(raw string, keys Keys) (Identity, error) {
	if len(raw) > maxLen {
		return Identity{}, fmt.Errorf("%w: %d bytes", ErrInvalid, len(raw))
	}
	var c claims
	parser := jwt.NewParser(jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(v.Issuer), jwt.WithExpirationRequired(),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(v.Now))
	if _, err := parser.ParseWithClaims(raw, &c, keys.forToken); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c.identity(v.Client)
}

// identity checks whom the token is for.
func (c claims) identity(client string) (Identity, error) {
	id := Identity{Subject: c.Subject, Name: c.Name}
	mine := c.ClientID == client
	switch c.Use {
	case "id":
		id.Name, mine = c.IDName, slices.Contains(c.Audience, client)
	case "access":
	default:
		return Identity{}, fmt.Errorf("%w: token_use is %q", ErrInvalid, c.Use)
	}
	switch {
	case !mine || client == "":
		return Identity{}, fmt.Errorf("%w: it is for another client", ErrInvalid)
	case c.Subject == "":
		return Identity{}, fmt.Errorf("%w: it names no subject", ErrInvalid)
	}
	return id, nil
}

// Bearer takes the token out of an Authorization header. ok is false where the
// header is something else: that is no anonymous request, but one that claims
// what it does not show.
func Bearer(header string) (raw string, ok bool) {
	scheme, raw, found := strings.Cut(header, " ")
	raw = strings.TrimSpace(raw)
	return raw, found && strings.EqualFold(scheme, "Bearer") && raw != ""
}
