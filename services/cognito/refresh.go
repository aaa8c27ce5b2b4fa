package cognito

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"bailey/services/store"
	"bailey/services/wire"
)

// grant signs a user in: tokens, and a refresh token whose hash is stored.
func (u *UserPools) grant(ctx context.Context, s signIn, found user, source string) (any, error) {
	i := issue{pool: s.pool, client: s.client, user: found, authTime: u.now(), origin: wire.NewRequestID(), event: wire.NewRequestID(),
		source: source, metadata: s.metadata}
	result, err := u.tokens(ctx, s.call, i)
	if err != nil {
		return nil, err
	}
	token, hash := newRefreshToken(i.origin)
	err = u.grants.Put(i.origin, grant{Pool: s.pool.ID, Client: s.client.ID, User: found.Username, Sub: found.Sub, Hash: hash,
		Generation: found.Generation, AuthTime: i.authTime, Expires: i.authTime.Add(s.client.RefreshToken)})
	if err != nil {
		return nil, err
	}
	result.RefreshToken = token
	if err := u.postAuthentication(ctx, s, &found); err != nil {
		return nil, err
	}
	return challengeAnswer{ChallengeParameters: map[string]string{}, AuthenticationResult: result}, nil
}

// newRefreshToken is the grant's name and a secret.
func newRefreshToken(origin string) (token string, hash []byte) {
	secret := make([]byte, 48)
	rand.Read(secret)
	token = origin + "." + base64.RawURLEncoding.EncodeToString(secret)
	sum := sha256.Sum256([]byte(token))
	return token, sum[:]
}

func invalidRefresh() error { return notAuthorized("Invalid Refresh Token") }

// grantOf finds the grant that a refresh token stands for, whatever became of
// it.
func (u *UserPools) grantOf(token string) (origin string, g grant, err error) {
	origin, _, _ = strings.Cut(token, ".")
	sum := sha256.Sum256([]byte(token))
	if origin == "" {
		return "", grant{}, invalidRefresh()
	}
	g, ok, err := u.grants.Get(origin)
	if err == nil && (!ok || subtle.ConstantTimeCompare(sum[:], g.Hash) == 0) {
		err = invalidRefresh()
	}
	return origin, g, err
}

// refresh is REFRESH_TOKEN_AUTH: new ID and access tokens of the same sign-in.
// SECRET_HASH covers the user's own name there.
func (u *UserPools) refresh(ctx context.Context, s signIn, token, secretHash string) (any, error) {
	if token == "" {
		return nil, invalidParameter("Missing required parameter REFRESH_TOKEN")
	}
	origin, g, err := u.grantOf(token)
	if err != nil {
		return nil, err
	}
	if g.Client != s.client.ID {
		return nil, invalidRefresh()
	}
	found, err := u.user(&s.pool, g.User)
	if err == nil {
		err = u.checkGrant(g, found)
	}
	if err == nil {
		err = s.client.checkSecret(found.Username, secretHash)
	}
	if err != nil {
		return nil, err
	}
	result, err := u.tokens(ctx, s.call, issue{pool: s.pool, client: s.client, user: found, authTime: g.AuthTime, origin: origin,
		event: wire.NewRequestID(), source: "TokenGeneration_RefreshTokens", metadata: s.metadata})
	if err != nil {
		return nil, err
	}
	return challengeAnswer{ChallengeParameters: map[string]string{}, AuthenticationResult: result}, nil
}

func (u *UserPools) checkGrant(g grant, found user) error {
	switch {
	case found.Sub != g.Sub:
		return noUser()
	case !found.Enabled:
		return disabled()
	case g.Revoked, g.Generation != found.Generation:
		return notAuthorized("Refresh Token has been revoked")
	case !u.now().Before(g.Expires):
		return notAuthorized("Refresh Token has expired")
	}
	return nil
}

type tokensInput struct {
	ClientId, ClientSecret, RefreshToken string
	ClientMetadata                       map[string]string
}

// getTokensFromRefreshToken is REFRESH_TOKEN_AUTH with the secret itself.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
func (u *UserPools) getTokensFromRefreshToken(ctx context.Context, c *wire.Call, in tokensInput) (any, error) {
	if err := required("RefreshToken", in.RefreshToken, "ClientId", in.ClientId); err != nil {
		return nil, err
	}
	app, p, err := u.client(in.ClientId)
	if err != nil {
		return nil, err
	}
	if err := app.checkPlainSecret(in.ClientSecret); err != nil {
		return nil, err
	}
	if app.Rotation {
		return nil, wire.NotHere("RefreshTokenRotation, which app client " + app.ID + " has")
	}
	app.Secret = "" // it is proved
	out, err := u.refresh(ctx, signIn{p, app, c, in.ClientMetadata}, in.RefreshToken, "")
	if err != nil {
		return nil, err
	}
	return map[string]any{"AuthenticationResult": out.(challengeAnswer).AuthenticationResult}, nil
}

func (c *client) checkPlainSecret(secret string) error {
	if subtle.ConstantTimeCompare([]byte(c.Secret), []byte(secret)) == 0 {
		return notAuthorized("Invalid client secret for client %s", c.ID)
	}
	return nil
}

type revokeInput struct{ Token, ClientId, ClientSecret string }

// revokeToken revokes a refresh token and every access token of its sign-in.
// One that is not known is no failure (RFC 7009).
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
func (u *UserPools) revokeToken(_ context.Context, _ *wire.Call, in revokeInput) (any, error) {
	if err := required("Token", in.Token, "ClientId", in.ClientId); err != nil {
		return nil, err
	}
	app, _, err := u.client(in.ClientId)
	if err != nil {
		return nil, err
	}
	switch {
	case app.checkPlainSecret(in.ClientSecret) != nil:
		return nil, wire.Errorf("UnauthorizedException", "Invalid client secret for client %s", app.ID)
	case !app.Revocation:
		return nil, wire.Errorf("UnsupportedOperationException", "Token revocation is not enabled for client %s", app.ID)
	case strings.Count(in.Token, ".") == 2:
		return nil, wire.Errorf("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
	}
	origin, g, err := u.grantOf(in.Token)
	if err != nil || g.Client != app.ID || g.Revoked {
		return nil, hide(err)
	}
	g.Revoked = true
	return nil, u.grants.Put(origin, g)
}

// hide drops a refusal, and keeps a failure of ours.
func hide(err error) error {
	if _, refusal := err.(*wire.Error); refusal {
		return nil
	}
	return err
}

// forgetExpired drops the grants that no token can come of.
func (u *UserPools) forgetExpired() error {
	var expired []string
	err := u.grants.View(func(tx store.Tx[grant]) error {
		return tx.Each("", "", func(origin string, g grant) bool {
			if !u.now().Before(g.Expires.Add(24 * time.Hour)) { // access tokens last a day at most
				expired = append(expired, origin)
			}
			return true
		})
	})
	if err != nil || len(expired) == 0 {
		return err
	}
	return u.grants.Update(func(tx store.Tx[grant]) error { return deleteAll(tx, expired) })
}
