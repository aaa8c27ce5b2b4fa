package diff

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/path"
)

// routes are the routes of an API, each with whom it lets in: what its
// authorization asks, and for whom on the internet the API answers at all.
func routes(m *cloud.Model, a cloud.API) []door {
	front := answer(m, path.Question{From: "internet", To: a.ID})
	var out []door
	for _, r := range a.Routes {
		if r.Implied {
			continue
		}
		lets := asks(a, r)
		switch {
		case front.Verdict == path.Blocked && lets.Who == Anybody:
			lets = Admission{Who: Guarded, Text: "nobody on the internet"}
			if a.Endpoint == cloud.PrivateEndpoint {
				lets.Text = "who comes by a VPC endpoint"
			}
		case front.Verdict == path.Unknown && len(front.Missing) > 0 && lets.Who == Anybody:
			lets = unsure(front.Missing[0])
		}
		if gap := m.DoubtOf(r.Name); gap != nil {
			lets = unsure(*gap)
		}
		out = append(out, door{kind: Routes, of: a.Name, name: strings.TrimSpace(r.Method + " " + r.Path), lets: lets, at: r.At, typ: apiType(a.Kind)})
	}
	return out
}

func apiType(k cloud.APIKind) string {
	if k == cloud.RESTAPI {
		return "AWS::ApiGateway::RestApi"
	}
	return "AWS::ApiGatewayV2::Api"
}

// asks is whom a route's authorization lets in.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
func asks(a cloud.API, r cloud.APIRoute) Admission {
	if r.Auth.Open != nil {
		return unsure(*r.Auth.Open)
	}
	by := r.Auth.Authorizer
	if i := slices.IndexFunc(a.Authorizers, func(o cloud.Authorizer) bool { return o.ID == by }); i >= 0 {
		by = a.Authorizers[i].Name
	}
	guarded := func(format string, args ...any) Admission {
		return Admission{Who: Guarded, Text: fmt.Sprintf(format, args...)}
	}
	switch r.Auth.Kind {
	case cloud.AuthIAM:
		return guarded("who signs with IAM and may")
	case cloud.AuthCustom:
		return guarded("who %s lets in", by)
	case cloud.AuthCognito, cloud.AuthJWT:
		if len(r.Auth.Scopes) > 0 {
			return guarded("who has a token with scope %s that %s accepts", strings.Join(r.Auth.Scopes, " or "), by)
		}
		return guarded("who has a token that %s accepts", by)
	case cloud.AuthNone:
		return withKey(r)
	}
	return unsure(cloud.Gap{Because: "what the route asks of its callers is not stated", At: r.At})
}

// withKey is whom a route without authorization lets in: a REST API may ask for
// an API key, by which it counts its callers.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
func withKey(r cloud.APIRoute) Admission {
	if gap, open := r.KeyRequired.Gap(); open {
		return unsure(gap)
	}
	if r.KeyRequired.Or(false) {
		return Admission{Who: Guarded, Text: "who has an API key"}
	}
	return anybody
}

// throughURL is whom a function URL lets in: with AuthType NONE the function's
// permissions decide alone.
// https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
func throughURL(m *cloud.Model, u cloud.FunctionURL) Admission {
	if auth, known := u.Auth.Get(); known && auth != "NONE" && m.DoubtOf(u.Name) == nil {
		return Admission{Who: Guarded, Text: "who signs with IAM and may"}
	}
	switch r := path.WhyURL(m, u); {
	case r.Verdict == path.Reachable:
		return anybody
	case r.Verdict == path.Blocked:
		return Admission{Who: Nobody, Text: "nobody: no permission is for everybody"}
	case len(r.Missing) > 0:
		return unsure(r.Missing[0])
	}
	return unsure(cloud.Gap{Because: "whom " + u.Name + " lets in", At: u.At})
}
