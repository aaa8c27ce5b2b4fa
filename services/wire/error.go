package wire

import "fmt"

// Fault says whose mistake an Error is.
type Fault uint8

const (
	Sender   Fault = iota // the caller's: HTTP 4xx, AWS SDKs do not retry
	Receiver              // the service's: HTTP 5xx, AWS SDKs retry
)

// String gives the word of the awsQuery protocol's <Type>.
func (f Fault) String() string {
	if f == Receiver {
		return "Receiver"
	}
	return "Sender"
}

// An Error is a failure as an AWS service reports it, the only such type. The
// zero HTTPStatus stands for 400, or 500 if the fault is the Receiver's.
type Error struct {
	Code       string
	Message    string
	HTTPStatus int
	Fault      Fault
	Members    map[string]any    // further members of a modeled exception: Reason
	Header     map[string]string // members that travel as headers: Retry-After

	kind kind // for those that AWS words by protocol
}

// Errorf makes an error of the caller's with HTTP status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error gives code and message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Status returns the HTTP status of the answer.
func (e *Error) Status() int {
	switch {
	case e.HTTPStatus != 0:
		return e.HTTPStatus
	case e.Fault == Receiver:
		return 500
	}
	return 400
}

// In returns the error as it is spelled in protocol p: what AwsJSON calls
// UnrecognizedClientException with status 400 is InvalidClientTokenId with 403
// in AwsQuery. An error that a handler made is the same in every protocol.
func (e *Error) In(p Protocol) *Error {
	if e.kind == 0 {
		return e
	}
	out, row := *e, commonErrors[e.kind]
	switch p {
	case AwsQuery:
		out.Code, out.HTTPStatus = row.query, row.queryStatus
		if e.kind == missingToken {
			out.Message = "Request is missing Authentication Token"
		}
	case RestJSON:
		out.HTTPStatus = row.restStatus
	}
	return &out
}

// kind tells apart the failures that every service has.
type kind uint8

const (
	_ kind = iota
	missingToken
	incompleteSignature
	unrecognizedClient
	invalidSignature
	expiredToken
	requestExpired
	accessDenied
	unknownOperation
	serialization
	validation
	tooLarge
	badEncoding
	incompleteBody
	internalFailure
)

// commonErrors spells the failures that every service has, per protocol.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html has
// the codes of AwsQuery,
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html
// those of AwsJSON; statuses of JSON and REST are those that the services send.
var commonErrors = [...]struct {
	json, query                         string
	jsonStatus, queryStatus, restStatus int
}{
	missingToken:        {"MissingAuthenticationTokenException", "MissingAuthenticationToken", 400, 403, 403},
	incompleteSignature: {"IncompleteSignatureException", "IncompleteSignature", 400, 400, 403},
	unrecognizedClient:  {"UnrecognizedClientException", "InvalidClientTokenId", 400, 403, 403},
	invalidSignature:    {"InvalidSignatureException", "SignatureDoesNotMatch", 400, 403, 403},
	expiredToken:        {"ExpiredTokenException", "ExpiredToken", 400, 403, 403},
	requestExpired:      {"RequestExpired", "RequestExpired", 400, 400, 400},
	accessDenied:        {"AccessDeniedException", "AccessDenied", 400, 403, 403},
	unknownOperation:    {"UnknownOperationException", "InvalidAction", 400, 400, 404},
	serialization:       {"SerializationException", "MalformedInput", 400, 400, 400},
	validation:          {"ValidationException", "ValidationError", 400, 400, 400},
	tooLarge:            {"RequestEntityTooLargeException", "RequestEntityTooLarge", 413, 413, 413},
	badEncoding:         {"UnsupportedMediaTypeException", "UnsupportedMediaType", 415, 415, 415},
	incompleteBody:      {"IncompleteBody", "IncompleteBody", 400, 400, 400},
	internalFailure:     {"InternalFailure", "InternalFailure", 500, 500, 500},
}

func common(k kind, format string, args ...any) *Error {
	e := Errorf(commonErrors[k].json, format, args...)
	e.HTTPStatus, e.kind = commonErrors[k].jsonStatus, k
	if e.HTTPStatus >= 500 {
		e.Fault = Receiver
	}
	return e
}

// AccessDenied is the refusal of IAM or of a resource's own policy. The caller
// words it as AWS does: "User: ARN is not authorized to perform: ...".
func AccessDenied(message string) *Error { return common(accessDenied, "%s", message) }

// Validation is the refusal of an input that decodes but breaks a rule of the
// operation's. [Constraints] words the usual ones.
func Validation(format string, args ...any) *Error { return common(validation, format, args...) }

// NotHere refuses by name what Bailey does not have: "ssm:CreateDocument", or a
// whole service.
func NotHere(what string) *Error {
	return common(unknownOperation, "bailey does not have %s yet", what)
}
