package lambda

import (
	"fmt"
	"net/http"
)

// An Error is what the Lambda API answers where it does not invoke. Its Type
// and Status are those of the API, so that services/lambda only has to render
// it. A function that fails is not an Error: see Response.FunctionError.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
type Error struct {
	Status  int    // of HTTP
	Type    string // ResourceNotFoundException
	Message string
	Reason  string // of a TooManyRequestsException
}

// Error gives the type and the message.
func (e *Error) Error() string { return e.Type + ": " + e.Message }

// The reasons of a TooManyRequestsException.
const (
	ReasonReserved = "ReservedFunctionConcurrentInvocationLimitExceeded"
	ReasonAccount  = "ConcurrentInvocationLimitExceeded"
)

func errNotFound(arn string) *Error {
	return &Error{Status: http.StatusNotFound, Type: "ResourceNotFoundException", Message: "Function not found: " + arn}
}

func errThrottled(reason string) *Error {
	return &Error{Status: http.StatusTooManyRequests, Type: "TooManyRequestsException", Message: "Rate Exceeded.", Reason: reason}
}

// errTooLarge has the type that the service really sends; the API reference
// calls it RequestTooLargeException.
func errTooLarge(limit int) *Error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Type: "RequestEntityTooLargeException",
		Message: fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit)}
}

func errContent(why error) *Error {
	return &Error{Status: http.StatusBadRequest, Type: "InvalidRequestContentException",
		Message: "Could not parse request body into json: Could not parse payload into json: " + why.Error()}
}

func errParameter(format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: "InvalidParameterValueException", Message: fmt.Sprintf(format, args...)}
}

// errUnsupported is a function that AWS would run and Bailey does not.
func errUnsupported(why error) *Error {
	return &Error{Status: http.StatusBadGateway, Type: "InvalidRuntimeException", Message: why.Error()}
}

func errService(why error) *Error {
	return &Error{Status: http.StatusInternalServerError, Type: "ServiceException", Message: why.Error()}
}
