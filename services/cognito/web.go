package cognito

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"bailey/services/wire"
)

// documentPath is where a pool's public documents are.
var documentPath = regexp.MustCompile(`^/([\w-]{1,45}_[0-9a-zA-Z]{1,9})/\.well-known/(jwks\.json|openid-configuration)$`)

// Documents answers for the public documents of the pools and leaves the rest
// to next:
//
//	https://cognito-idp.REGION.amazonaws.com/POOL/.well-known/jwks.json
//	http://localhost:4566/POOL/.well-known/openid-configuration
//
// No signature and no permission is asked for.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
func (u *UserPools) Documents(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part := documentPath.FindStringSubmatch(r.URL.Path)
		endpoint, aws := wire.ParseHost(r.Host)
		if part == nil || aws && endpoint.Service != "cognito-idp" || !aws && !isHost(r) {
			next.ServeHTTP(w, r)
			return
		}
		u.serveDocument(w, r, part[1], part[2])
	})
}

// isHost reports a request on the host's own port, whatever it calls the host.
func isHost(r *http.Request) bool {
	o, ok := wire.OriginFrom(r.Context())
	return ok && o.Host
}

func (u *UserPools) serveDocument(w http.ResponseWriter, r *http.Request, pool, name string) {
	w.Header().Set("Access-Control-Allow-Origin", "*") // applications in browsers read them
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeDocument(w, http.StatusMethodNotAllowed, map[string]string{"message": "Method Not Allowed"})
		return
	}
	document, err := u.document(pool, name)
	var refused *wire.Error
	switch {
	case errors.As(err, &refused):
		writeDocument(w, http.StatusNotFound, map[string]string{"message": refused.Message})
	case err != nil:
		writeDocument(w, http.StatusInternalServerError, map[string]string{"message": err.Error()})
	default:
		w.Header().Set("Cache-Control", "public, max-age=86400, must-revalidate")
		writeDocument(w, http.StatusOK, document)
	}
}

func writeDocument(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // a client that has gone is no failure of ours
}

func (u *UserPools) document(id, name string) (any, error) {
	p, err := u.pool(id)
	if err != nil {
		return nil, err
	}
	if name == "openid-configuration" {
		return p.configuration(), nil
	}
	return u.jwks(id)
}

// jwks are the public keys of a pool.
func (u *UserPools) jwks(pool string) (any, error) {
	keys, err := u.keys.of(pool)
	if err != nil {
		return nil, err
	}
	out := []jwk{}
	for _, k := range keys.published() {
		out = append(out, k.public())
	}
	return map[string]any{"keys": out}, nil
}

// configuration is OpenID Connect's discovery document. The endpoints of OAuth
// are there once the pool has a domain.
// https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
func (p *pool) configuration() map[string]any {
	issuer := Issuer(p.ID)
	out := map[string]any{"issuer": issuer, "jwks_uri": issuer + "/.well-known/jwks.json",
		"id_token_signing_alg_values_supported": []string{"RS256"}, "subject_types_supported": []string{"public"},
		"response_types_supported": []string{"code", "token"}, "scopes_supported": []string{"openid", "email", "phone", "profile"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post"}}
	if p.Domain == "" {
		return out
	}
	region, _, _ := strings.Cut(p.ID, "_")
	base := "https://" + p.Domain + ".auth." + region + ".amazoncognito.com"
	if strings.Contains(p.Domain, ".") {
		base = "https://" + p.Domain
	}
	for name, path := range map[string]string{"authorization_endpoint": "/oauth2/authorize", "token_endpoint": "/oauth2/token",
		"userinfo_endpoint": "/oauth2/userInfo", "revocation_endpoint": "/oauth2/revoke", "end_session_endpoint": "/logout"} {
		out[name] = base + path
	}
	return out
}
