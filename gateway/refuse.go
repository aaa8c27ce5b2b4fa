package gateway

import (
	"errors"
	"fmt"
	"net/http"
)

// A kind is a gateway response type with its default answer, for both kinds of
// API. https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
type kind struct {
	name      string // the response type; empty: it cannot be customised
	status    int
	errorType string // x-amzn-errortype of a REST API
	body      string // of a REST API; %s: the message, quoted

	httpStatus int // of an HTTP API; 0: as status
	httpBody   string
}

// The bodies of an HTTP API's own answers. The troubleshooting pages spell the
// words. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting.html
const (
	plainBody   = `{"message":%s}`
	spacedBody  = `{"message": %s}` // what comes from the integration has a blank
	capitalBody = `{"Message":%s}`  // what comes from a policy has a capital
)

var (
	accessDenied               = &kind{"ACCESS_DENIED", 403, "AccessDeniedException", capitalBody, 403, "Forbidden"}
	explicitlyDenied           = &kind{"ACCESS_DENIED", 403, "AccessDeniedException", capitalBody, 403, "Forbidden"}
	apiConfiguration           = &kind{"API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", spacedBody, 500, "Internal Server Error"}
	authorizerConfiguration    = &kind{"AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException", plainBody, 500, "Internal Server Error"}
	authorizerFailure          = &kind{"AUTHORIZER_FAILURE", 500, "AuthorizerConfigurationException", plainBody, 500, "Internal Server Error"}
	badParameters              = &kind{"BAD_REQUEST_PARAMETERS", 400, "BadRequestException", spacedBody, 400, "Bad Request"}
	badBody                    = &kind{"BAD_REQUEST_BODY", 400, "BadRequestException", spacedBody, 400, "Bad Request"}
	badRequest                 = &kind{"DEFAULT_4XX", 400, "BadRequestException", plainBody, 400, "Bad Request"}
	expiredToken               = &kind{"EXPIRED_TOKEN", 403, "ExpiredTokenException", plainBody, 403, "Forbidden"}
	integrationFailure         = &kind{"INTEGRATION_FAILURE", 504, "InternalServerErrorException", spacedBody, 503, "Service Unavailable"}
	integrationTimeout         = &kind{"INTEGRATION_TIMEOUT", 504, "InternalServerErrorException", spacedBody, 503, "Service Unavailable"}
	badGateway                 = &kind{"DEFAULT_5XX", 502, "InternalServerErrorException", spacedBody, 500, "Internal Server Error"}
	internalError              = &kind{"DEFAULT_5XX", 500, "InternalServerErrorException", spacedBody, 500, "Internal Server Error"}
	invalidAPIKey              = &kind{"INVALID_API_KEY", 403, "ForbiddenException", plainBody, 403, "Forbidden"}
	invalidSignature           = &kind{"INVALID_SIGNATURE", 403, "InvalidSignatureException", plainBody, 403, "Forbidden"}
	missingAuthenticationToken = &kind{"MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException", plainBody, 403, "Forbidden"}
	quotaExceeded              = &kind{"QUOTA_EXCEEDED", 429, "LimitExceededException", plainBody, 429, "Too Many Requests"}
	requestTooLarge            = &kind{"REQUEST_TOO_LARGE", 413, "RequestTooLargeException", plainBody, 413, "Request Entity Too Large"}
	notFound                   = &kind{"RESOURCE_NOT_FOUND", 404, "NotFoundException", plainBody, 404, "Not Found"}
	throttled                  = &kind{"THROTTLED", 429, "TooManyRequestsException", plainBody, 429, "Too Many Requests"}
	unauthorized               = &kind{"UNAUTHORIZED", 401, "UnauthorizedException", plainBody, 401, "Unauthorized"}
	unsupportedMedia           = &kind{"UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", spacedBody, 415, "Unsupported Media Type"}
	// Before an API is found there are no gateway responses of its own.
	forbidden       = &kind{"", 403, "ForbiddenException", plainBody, 403, "Forbidden"}
	headersTooLarge = &kind{"", 431, "RequestHeaderSectionTooLargeException", plainBody, 431, "Request Header Fields Too Large"}
	uriTooLong      = &kind{"", 414, "RequestUriTooLongException", plainBody, 414, "Request URI too long"}
)

// messages are the default words of a REST API's answers.
var messages = map[*kind]string{
	apiConfiguration: "Internal server error", badGateway: "Internal server error", internalError: "Internal server error",
	badRequest: "Bad Request", badBody: "Invalid request body", forbidden: "Forbidden", invalidAPIKey: "Forbidden",
	integrationFailure: "Network error communicating with endpoint", integrationTimeout: "Endpoint request timed out",
	missingAuthenticationToken: "Missing Authentication Token", quotaExceeded: "Limit Exceeded", requestTooLarge: "Request Too Long",
	notFound: "Not Found", throttled: "Too Many Requests", unauthorized: "Unauthorized", unsupportedMedia: "Unsupported Media Type",
	headersTooLarge: "Request Header Fields Too Large", uriTooLong: "Request URI too long",
}

// A refusal is what the gateway itself answers instead of the integration. Of
// an authorizer that is not set up well the client learns nothing: its message
// is null.
type refusal struct {
	kind    *kind
	message string // in a REST API's answer; empty: the kind's
	layer   string // which part refused
	why     string // for the log
	header  http.Header
	// named goes to every kind of API's client: what bailey does not have.
	named string
	// validation is the validator's own sentence.
	validation string
}

func (r *refusal) Error() string { return r.layer + ": " + r.why }

// refuse makes a refusal with the words of its kind.
func refuse(k *kind, layer, format string, args ...any) *refusal {
	return &refusal{kind: k, layer: layer, why: fmt.Sprintf(format, args...)}
}

// saying gives the refusal other words for a REST API's client.
func (r *refusal) saying(format string, args ...any) *refusal {
	r.message = fmt.Sprintf(format, args...)
	return r
}

// with adds a header to the answer.
func (r *refusal) with(name, value string) *refusal {
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header[name] = []string{value}
	return r
}

// notHere refuses by name what bailey does not have.
func notHere(what string) *refusal {
	r := refuse(internalError, "bailey", "%s", what)
	r.named = what
	return r
}

// said is the message that the client reads, and whether there is one.
func (r *refusal) said(http bool) (string, bool) {
	switch {
	case r.named != "":
		return r.named, true
	case http:
		return r.kind.httpBody, true
	case r.message != "":
		return r.message, true
	}
	m, ok := messages[r.kind]
	return m, ok
}

func asRefusal(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return refuse(internalError, "bailey", "%v", err)
}
