package gateway

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// byToken is an HTTP API's JWT authorizer: any OpenID Connect issuer.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func (x *exchange) byToken() error {
	z := x.route.auth
	issuer, known := z.Issuer.Get()
	audience, stated := z.Audience.Get()
	if !known || !stated || issuer == "" {
		return refuse(authorizerConfiguration, "authorizer", "the issuer or audience of %s is not known", z.Name)
	}
	text := x.bearer(z)
	if text == "" {
		x.granted.err = "missing token"
		return refuse(unauthorized, "authorizer", "%s: there is no token", z.Name).with("Www-Authenticate", "Bearer")
	}
	t, err := x.g.tokens.verify(x.r.Context(), keySource{issuer, true}, text)
	if err == nil {
		err = t.inTime(x.now)
	}
	switch {
	case err != nil:
		return x.invalidToken(z, reason(err))
	case !sameIssuer(t.claims["iss"], issuer):
		return x.invalidToken(z, "the token does not have a valid issuer")
	case !t.forAudience(audience):
		return x.invalidToken(z, "the token does not have a valid audience")
	}
	asked := x.route.Auth.Scopes
	x.granted.claims, x.granted.status = t.text, "200"
	if len(asked) == 0 {
		return nil
	}
	if x.granted.scopes = t.granted(asked); len(x.granted.scopes) > 0 {
		return nil
	}
	why := "the token does not have the required scopes"
	x.granted.err, x.granted.status = why, "403"
	return refuse(accessDenied, "authorizer", "%s: %s (%s)", z.Name, why, strings.Join(asked, ", ")).
		with("Www-Authenticate", fmt.Sprintf("Bearer scope=%q error=\"insufficient_scope\" error_description=%q", strings.Join(asked, " "), why))
}

// sameIssuer compares iss with the issuer that is configured, character by
// character.
func sameIssuer(claim any, issuer string) bool {
	s, ok := claim.(string)
	return ok && s == issuer
}

// bearer is the token at the identity source, with Bearer before it or
// without.
func (x *exchange) bearer(z *authorizer) string {
	source := "$request.header.Authorization"
	if !x.http() {
		source = "method.request.header.Authorization"
	}
	if len(z.Identity) > 0 {
		source = z.Identity[0]
	}
	v, _ := x.source(source)
	scheme, rest, ok := strings.Cut(v, " ")
	if ok && strings.EqualFold(scheme, "bearer") {
		return strings.TrimSpace(rest)
	}
	return strings.TrimSpace(v)
}

// invalidToken is 401; the header says what is wrong with the token.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html
func (x *exchange) invalidToken(z *authorizer, why string) error {
	x.granted.err, x.granted.status = why, "401"
	return refuse(unauthorized, "authorizer", "%s: %s", z.Name, why).
		with("Www-Authenticate", fmt.Sprintf("Bearer scope=%q error=\"invalid_token\" error_description=%q", strings.Join(x.route.Auth.Scopes, " "), printable(why)))
}

// reason says in a few words what is wrong with a token. It repeats nothing of
// the token.
func reason(err error) string {
	var noKey keyFailure
	switch {
	case errors.As(err, &noKey):
		return noKey.Error()
	case errors.Is(err, jwt.ErrTokenSignatureInvalid) && strings.Contains(err.Error(), "signing method"):
		return "signing method is not supported"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return "the token has an invalid signature"
	case errors.Is(err, jwt.ErrTokenMalformed):
		return "the token is malformed"
	}
	return err.Error()
}

// printable keeps a header's value to printable ASCII.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

// byPool is a REST API's Cognito authorizer: an ID token, or, where the method
// names scopes, an access token with one of them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
func (x *exchange) byPool() error {
	z := x.route.auth
	text := x.bearer(z)
	refused := func(why string) error {
		x.granted.err, x.granted.status = why, "401"
		return refuse(unauthorized, "authorizer", "%s: %s", z.Name, why)
	}
	if text == "" {
		return refused("there is no token")
	}
	if z.expression != nil && !z.expression(audienceOf(text)) {
		return refused("the token's audience does not match the validation expression")
	}
	t, why := x.poolToken(z, text)
	if t == nil {
		return refused(why)
	}
	use, _ := t.claims["token_use"].(string)
	asked := x.route.Auth.Scopes
	switch err := t.inTime(x.now); {
	case errors.Is(err, errExpired):
		x.granted.err, x.granted.status = err.Error(), "401"
		return refuse(unauthorized, "authorizer", "%s: %v", z.Name, err).saying("The incoming token has expired")
	case err != nil:
		return refused(err.Error())
	case len(asked) == 0 && use != "id":
		return refused("the method names no scopes, so it takes ID tokens only; this is of use " + printable(use))
	case len(asked) > 0 && (use != "access" || len(t.granted(asked)) == 0):
		return refused("the method takes access tokens with one of the scopes " + strings.Join(asked, ", "))
	}
	x.granted.claims, x.granted.status = poolClaims(t), "200"
	return nil
}

// poolToken verifies a token by the pool that it says it is of, which must be
// one of the authorizer's.
func (x *exchange) poolToken(z *authorizer, text string) (*token, string) {
	var claims jwt.MapClaims
	if _, _, err := parser.ParseUnverified(text, &claims); err != nil {
		return nil, "the token is malformed"
	}
	for _, root := range z.roots {
		if !sameIssuer(claims["iss"], root) {
			continue
		}
		t, err := x.g.tokens.verify(x.r.Context(), keySource{root, false}, text)
		if err != nil {
			return nil, reason(err)
		}
		return t, ""
	}
	return nil, "the token is of no user pool of the authorizer"
}

// audienceOf is a token's aud, before it is verified: the validation expression
// is matched against it.
// https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html
func audienceOf(text string) string {
	var claims jwt.MapClaims
	if _, _, err := parser.ParseUnverified(text, &claims); err != nil {
		return ""
	}
	aud, _ := claims["aud"].(string)
	return aud
}

// poolClaims are the claims as a REST API passes them on: times are written
// out, lists have commas.
func poolClaims(t *token) map[string]string {
	out := make(map[string]string, len(t.claims))
	for name, v := range t.claims {
		switch list, isList := v.([]any); {
		case name == "exp" || name == "iat":
			at, _, _ := t.moment(name)
			out[name] = time.Unix(int64(at), 0).UTC().Format("Mon Jan 02 15:04:05 MST 2006")
		case isList:
			parts := make([]string, len(list))
			for i, item := range list {
				parts[i] = jsonText(item)
			}
			out[name] = strings.Join(parts, ",")
		default:
			out[name] = jsonText(v)
		}
	}
	return out
}
