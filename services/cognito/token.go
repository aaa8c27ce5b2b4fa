package cognito

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"bailey/services/wire"
)

// partition is the part of AWS that a region belongs to.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// Issuer is the iss claim of a pool's tokens, and where its documents are.
func Issuer(pool string) string {
	region, _, _ := strings.Cut(pool, "_")
	suffix := ".amazonaws.com"
	if partition(region) == "aws-cn" {
		suffix += ".cn"
	}
	return "https://cognito-idp." + region + suffix + "/" + pool
}

// adminScope is the scope of tokens that the API issues.
const adminScope = "aws.cognito.signin.user.admin"

// An issue is what one set of tokens is made of.
type issue struct {
	pool     pool
	client   client
	user     user
	authTime time.Time
	origin   string // origin_jti
	event    string
	source   string // triggerSource of PreTokenGeneration
	metadata map[string]string
}

// authResult is API_AuthenticationResultType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AuthenticationResultType.html
type authResult struct {
	AccessToken  string
	ExpiresIn    int
	TokenType    string
	RefreshToken string `json:",omitempty"`
	IdToken      string
}

// tokens signs an ID and an access token.
func (u *UserPools) tokens(ctx context.Context, c *wire.Call, i issue) (*authResult, error) {
	groups, err := u.groupsOf(&i.pool, &i.user)
	if err != nil {
		return nil, err
	}
	shared := u.sharedClaims(i)
	id, access := maps.Clone(shared), maps.Clone(shared)
	u.idClaims(id, i, groups)
	accessClaims(access, i, groups)
	if err := u.preTokenGeneration(ctx, c, i, groups, id, access); err != nil {
		return nil, err
	}
	now := u.now().Unix()
	id["exp"] = now + int64(i.client.IDToken/time.Second)
	access["exp"] = now + int64(i.client.AccessToken/time.Second)
	keys, err := u.keys.of(i.pool.ID)
	if err != nil {
		return nil, err
	}
	out := &authResult{ExpiresIn: int(i.client.AccessToken / time.Second), TokenType: "Bearer"}
	if out.IdToken, err = keys.id.sign(id); err != nil {
		return nil, err
	}
	out.AccessToken, err = keys.access.sign(access)
	return out, err
}

// sharedClaims are those of both tokens. Without token revocation there is no
// origin_jti, and nothing can be told apart to be revoked.
// https://docs.aws.amazon.com/cognito/latest/developerguide/token-revocation.html
func (u *UserPools) sharedClaims(i issue) map[string]any {
	out := map[string]any{"sub": i.user.Sub, "iss": Issuer(i.pool.ID), "event_id": i.event, "auth_time": i.authTime.Unix(), "iat": u.now().Unix()}
	if i.client.Revocation {
		out["origin_jti"] = i.origin
	}
	return out
}

// idClaims adds those of an ID token: who the user is, as far as the client may
// read it.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
func (u *UserPools) idClaims(out map[string]any, i issue, groups []group) {
	out["aud"], out["token_use"], out["cognito:username"] = i.client.ID, "id", i.user.Username
	if i.client.Revocation {
		out["jti"] = wire.NewRequestID()
	}
	for name, value := range i.user.Attributes {
		if len(i.client.Read) == 0 || slices.Contains(i.client.Read, name) {
			out[name] = claimOf(name, value)
		}
	}
	addGroups(out, groups)
	var roles []string
	for _, g := range groups {
		if g.Role != "" && !slices.Contains(roles, g.Role) {
			roles = append(roles, g.Role)
		}
	}
	if len(roles) > 0 {
		out["cognito:roles"] = roles
	}
	if role := preferredRole(groups); role != "" {
		out["cognito:preferred_role"] = role
	}
}

// accessClaims adds those of an access token.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
func accessClaims(out map[string]any, i issue, groups []group) {
	out["client_id"], out["token_use"], out["username"], out["scope"] = i.client.ID, "access", i.user.Username, adminScope
	out["jti"] = wire.NewRequestID()
	addGroups(out, groups)
}

func addGroups(out map[string]any, groups []group) {
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	if len(names) > 0 {
		out["cognito:groups"] = names
	}
}

// claimOf gives an attribute its type in a token.
func claimOf(name, value string) any {
	switch name {
	case "email_verified", "phone_number_verified":
		return value == "true"
	case "address":
		return map[string]string{"formatted": value}
	}
	return value
}

// preferredRole is the role of the group with the lowest precedence, unless two
// such groups have different ones.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GroupType.html
func preferredRole(groups []group) string {
	role := ""
	for i, g := range groups { // in the order of precedence
		if i > 0 && comparePrecedence(g, groups[0]) != 0 {
			break
		}
		if role != "" && g.Role != role {
			return ""
		}
		role = g.Role
	}
	return role
}

// comparePrecedence orders groups; none is after all numbers.
func comparePrecedence(a, b group) int {
	switch {
	case a.Precedence == nil && b.Precedence == nil:
		return 0
	case a.Precedence == nil:
		return 1
	case b.Precedence == nil:
		return -1
	}
	return cmp.Compare(*a.Precedence, *b.Precedence)
}

// claims are what is read from an access token.
type claims struct {
	Iss       string `json:"iss"`
	Sub       string `json:"sub"`
	Username  string `json:"username"`
	ClientID  string `json:"client_id"`
	TokenUse  string `json:"token_use"`
	Scope     string `json:"scope"`
	OriginJTI string `json:"origin_jti"`
	Exp       int64  `json:"exp"`
	Iat       int64  `json:"iat"`
}

// A bearer is whom an access token speaks for.
type bearer struct {
	pool   pool
	client client
	user   user
	claims claims
}

func invalidToken() error { return notAuthorized("Invalid Access Token") }

// bearer verifies an access token and finds its user.
func (u *UserPools) bearer(token string) (b bearer, err error) {
	if err := required("AccessToken", token); err != nil {
		return b, err
	}
	if b.claims, err = u.verify(token); err != nil {
		return b, err
	}
	switch {
	case b.claims.TokenUse != "access":
		return b, invalidToken()
	case u.now().Unix() >= b.claims.Exp:
		return b, notAuthorized("Access Token has expired")
	case !slices.Contains(strings.Fields(b.claims.Scope), adminScope):
		return b, notAuthorized("Access Token does not have required scopes")
	}
	if b.client, b.pool, err = u.client(b.claims.ClientID); err != nil {
		return b, invalidToken()
	}
	if b.user, err = u.user(&b.pool, b.claims.Username); err != nil {
		return b, err
	}
	return b, u.checkBearer(b)
}

// checkBearer holds a token against what happened to its user since.
func (u *UserPools) checkBearer(b bearer) error {
	revoked := time.Unix(b.claims.Iat, 0).Before(b.user.SignedOut.Truncate(time.Second))
	if b.claims.OriginJTI != "" {
		g, ok, err := u.grants.Get(b.claims.OriginJTI)
		if err != nil {
			return err
		}
		revoked = !ok || g.Revoked || g.Generation != b.user.Generation
	}
	switch {
	case b.user.Sub != b.claims.Sub:
		return noUser()
	case revoked:
		return notAuthorized("Access Token has been revoked")
	case !b.user.Enabled:
		return disabled()
	}
	return nil
}

// verify checks a token's form and signature: RS256, by a published key of the
// pool that it says it is of.
func (u *UserPools) verify(token string) (c claims, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(token) > 64<<10 {
		return c, invalidToken()
	}
	var header struct{ Kid, Alg string }
	signature, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if err != nil || !readPart(parts[0], &header) || !readPart(parts[1], &c) || header.Alg != "RS256" {
		return c, invalidToken()
	}
	pool := c.Iss[strings.LastIndexByte(c.Iss, '/')+1:]
	if p, ok, err := u.pools.Get(pool); err != nil || !ok || p.Gone || Issuer(pool) != c.Iss {
		return c, invalidToken()
	}
	keys, err := u.keys.of(pool)
	if err != nil {
		return c, err
	}
	if !keys.verify(header.Kid, parts[0]+"."+parts[1], signature) {
		return c, invalidToken()
	}
	return c, nil
}

func readPart(part string, into any) bool {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && json.NewDecoder(bytes.NewReader(text)).Decode(into) == nil
}
