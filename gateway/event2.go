package gateway

import (
	"strconv"
	"strings"
)

// event2 is the payload of format 2.0, which HTTP APIs have. What is not there
// is left out.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html#http-api-develop-integrations-lambda.proxy-format
type event2 struct {
	Version    string            `json:"version"`
	RouteKey   string            `json:"routeKey"`
	RawPath    string            `json:"rawPath"`
	RawQuery   string            `json:"rawQueryString"`
	Cookies    []string          `json:"cookies,omitempty"`
	Headers    map[string]string `json:"headers"`
	Query      map[string]string `json:"queryStringParameters,omitempty"`
	Context    context2          `json:"requestContext"`
	PathParams map[string]string `json:"pathParameters,omitempty"`
	Body       *string           `json:"body,omitempty"`
	Base64     *bool             `json:"isBase64Encoded,omitempty"`
	Variables  map[string]string `json:"stageVariables,omitempty"`
}

type context2 struct {
	AccountID    string       `json:"accountId"`
	APIID        string       `json:"apiId"`
	Authorizer   *authorizer2 `json:"authorizer,omitempty"`
	DomainName   string       `json:"domainName"`
	DomainPrefix string       `json:"domainPrefix"`
	HTTP         http2        `json:"http"`
	RequestID    string       `json:"requestId"`
	RouteKey     string       `json:"routeKey"`
	Stage        string       `json:"stage"`
	Time         string       `json:"time"`
	TimeEpoch    int64        `json:"timeEpoch"`
}

type http2 struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

// authorizer2 has one of its parts.
type authorizer2 struct {
	JWT    *jwt2 `json:"jwt,omitempty"`
	IAM    *iam2 `json:"iam,omitempty"`
	Lambda any   `json:"lambda,omitempty"`
}

type jwt2 struct {
	Claims map[string]string `json:"claims"`
	Scopes []string          `json:"scopes"` // null where the route asks for none
}

type iam2 struct {
	AccessKey       string  `json:"accessKey"`
	AccountID       string  `json:"accountId"`
	CallerID        string  `json:"callerId"`
	CognitoIdentity *string `json:"cognitoIdentity"`
	OrgID           *string `json:"principalOrgId"`
	UserARN         string  `json:"userArn"`
	UserID          string  `json:"userId"`
}

func (x *exchange) event2() event2 {
	path := beforeQuestion(stagePath(x.stage.StageName, x.path))
	encoded := false
	e := event2{Version: "2.0", RouteKey: x.route.key, RawPath: path, RawQuery: x.r.URL.RawQuery, PathParams: x.params, Base64: &encoded}
	e.Context = context2{AccountID: x.apis.model.Account(), APIID: x.api.ID, Authorizer: x.authorizer2(), DomainName: hostOf(x.r),
		DomainPrefix: x.domainPrefix(), RequestID: x.requestID, RouteKey: x.route.key, Stage: x.stage.StageName,
		Time: x.time(), TimeEpoch: x.now.UnixMilli(),
		HTTP: http2{x.method, path, "HTTP/1.1", x.sourceIP(), x.r.UserAgent()}}
	e.Cookies = cookies(x.r.Header["Cookie"])
	e.Headers, e.Query = x.joinedHeaders(), joined(x.query)
	if len(x.stage.variables) > 0 {
		e.Variables = x.stage.variables
	}
	if len(x.body) > 0 {
		var body string
		body, encoded = x.bodyText()
		e.Body = &body
	}
	return e
}

// beforeQuestion: an HTTP API decodes the path and takes what then stands
// behind a question mark for a query.
func beforeQuestion(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// joined puts several values of a name together with commas.
func joined(values map[string][]string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		if len(v) == 1 {
			out[name] = v[0]
			continue
		}
		out[name] = strings.Join(v, ",")
	}
	return out
}

// joinedHeaders are those of headers but for the cookies, with several values of
// a name put together.
func (x *exchange) joinedHeaders() map[string]string {
	out := make(map[string]string, len(x.r.Header)+6)
	for name, v := range x.r.Header {
		switch {
		case dropped[name] || name == "Cookie" || name == "Authorization" && x.caller != nil:
		case len(v) == 1:
			out[lower(name)] = v[0]
		default:
			out[lower(name)] = strings.Join(v, ",")
		}
	}
	x.added(func(name, v string) { out[lower(name)] = v })
	return out
}

// lower is strings.ToLower, which makes no new text for names that every
// client sends.
func lower(name string) string {
	if known, ok := lowered[name]; ok {
		return known
	}
	return strings.ToLower(name)
}

var lowered = map[string]string{"Accept": "accept", "Accept-Encoding": "accept-encoding", "Accept-Language": "accept-language", "Authorization": "authorization",
	"Content-Length": "content-length", "Content-Type": "content-type", "Cookie": "cookie", "Host": "host", "Origin": "origin", "Referer": "referer",
	"User-Agent": "user-agent", "X-Amzn-Trace-Id": "x-amzn-trace-id", "X-Forwarded-For": "x-forwarded-for", "X-Forwarded-Port": "x-forwarded-port",
	"X-Forwarded-Proto": "x-forwarded-proto"}

// cookies are the single cookies of all Cookie headers.
func cookies(headers []string) []string {
	var out []string
	for _, h := range headers {
		for part := range strings.SplitSeq(h, ";") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

func (x *exchange) authorizer2() *authorizer2 {
	g := x.granted
	switch {
	case g.function:
		if g.context == nil {
			return &authorizer2{Lambda: map[string]any{}}
		}
		return &authorizer2{Lambda: g.context}
	case g.claims != nil:
		return &authorizer2{JWT: &jwt2{g.claims, g.scopes}}
	case x.caller != nil:
		c := x.caller
		return &authorizer2{IAM: &iam2{AccessKey: c.AccessKeyID, AccountID: c.Account, CallerID: c.UserID, UserARN: c.PrincipalARN, UserID: c.UserID}}
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
