package lambda

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// The limits on payloads, in bytes: 6 MB, and 100 bytes more for a response.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const (
	requestLimit      = 6 << 20
	asyncRequestLimit = 1 << 20
	responseLimit     = 6<<20 + 100
)

// runtimeAPI serves the Runtime API of one environment. Each request belongs
// to the runtime that current gives.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func runtimeAPI(current func() *session) http.Handler {
	type handler func(http.ResponseWriter, *http.Request, *session)
	mux := http.NewServeMux()
	on := func(pattern string, h handler) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { h(w, r, current()) })
	}
	answering := func(h handler) handler {
		return func(w http.ResponseWriter, r *http.Request, s *session) {
			if !s.known(r.PathValue("id")) {
				reply(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
				return
			}
			h(w, r, s)
		}
	}
	on("GET /2018-06-01/runtime/invocation/next", serveNext)
	on("POST /2018-06-01/runtime/invocation/{id}/response", answering(serveResponse))
	on("POST /2018-06-01/runtime/invocation/{id}/error", answering(serveError))
	on("POST /2018-06-01/runtime/init/error", serveInitError)
	mux.HandleFunc("/2020-01-01/extension/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotFound, "Extension.NotSupported", "bailey does not run Lambda extensions yet")
	})
	return mux
}

func serveNext(w http.ResponseWriter, r *http.Request, s *session) {
	inv, bad := s.next(r.Context())
	if bad != nil {
		replyTransition(w, bad)
		return
	}
	if inv == nil {
		return // the runtime hung up
	}
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Lambda-Runtime-Aws-Request-Id"] = []string{inv.id}
	h["Lambda-Runtime-Deadline-Ms"] = []string{strconv.FormatInt(inv.deadline.UnixMilli(), 10)}
	h["Lambda-Runtime-Invoked-Function-Arn"] = []string{inv.arn}
	h["Lambda-Runtime-Trace-Id"] = []string{inv.trace}
	if inv.clientContext != "" {
		h["Lambda-Runtime-Client-Context"] = []string{inv.clientContext}
	}
	if inv.cognitoIdentity != "" {
		h["Lambda-Runtime-Cognito-Identity"] = []string{inv.cognitoIdentity}
	}
	h["Content-Length"] = []string{strconv.Itoa(len(inv.payload))}
	w.Write(inv.payload)
}

// serveResponse takes a response at once or, in streaming mode, in pieces: in
// an Invoke that does not ask for a stream, AWS too returns it in one.
func serveResponse(w http.ResponseWriter, r *http.Request, s *session) {
	if bad := s.begin(stateResponding); bad != nil {
		replyTransition(w, bad)
		return
	}
	if mode := r.Header.Get("Lambda-Runtime-Function-Response-Mode"); mode != "" && mode != "streaming" {
		s.finish(failure("Runtime.InvalidResponseModeHeader", ""))
		reply(w, http.StatusBadRequest, "InvalidFunctionResponseMode", "Invalid function response mode")
		return
	}
	body, err := readBody(r)
	switch {
	case errors.Is(err, errOversized):
		s.finish(failure("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", responseLimit)))
		reply(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", responseLimit))
	case err != nil:
		s.finish(failure("Runtime.TruncatedResponse", ""))
		reply(w, http.StatusBadRequest, "TruncatedHTTPRequest", "HTTP request detected as truncated")
	default:
		s.finish(streamed(r, body))
		accepted(w)
	}
}

// streamed is the answer in a response's body, or in the trailers by which a
// streaming runtime says that its handler failed in the middle.
func streamed(r *http.Request, body []byte) answer {
	if r.Trailer.Get("Lambda-Runtime-Function-Error-Type") == "" {
		return answer{payload: body}
	}
	text, err := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
	if err != nil || len(text) == 0 {
		return failure(validErrorType(r.Trailer.Get("Lambda-Runtime-Function-Error-Type")), "")
	}
	return answer{payload: text, failed: true}
}

func serveError(w http.ResponseWriter, r *http.Request, s *session) {
	if bad := s.begin(stateErring); bad != nil {
		replyTransition(w, bad)
		return
	}
	s.finish(answer{payload: errorBody(r), failed: true})
	accepted(w)
}

func serveInitError(w http.ResponseWriter, r *http.Request, s *session) {
	f := &fault{status: statusError, errorType: validErrorType(r.Header.Get("Lambda-Runtime-Function-Error-Type")), payload: errorBody(r)}
	if bad := s.failInit(f); bad != nil {
		replyTransition(w, bad)
		return
	}
	accepted(w)
}

// errorBody is what a runtime says about an error. What it says for X-Ray in
// the same document is not for the caller.
func errorBody(r *http.Request) []byte {
	body, err := readBody(r)
	if err != nil {
		return []byte("{}")
	}
	if r.Header.Get("Content-Type") != "application/vnd.aws.lambda.error.cause+json" {
		return body
	}
	var e struct {
		Message json.RawMessage `json:"errorMessage,omitempty"`
		Type    json.RawMessage `json:"errorType,omitempty"`
		Stack   json.RawMessage `json:"stackTrace,omitempty"`
	}
	if json.Unmarshal(body, &e) != nil {
		return []byte(`"Invalid error body"`)
	}
	out, _ := json.Marshal(e)
	return out
}

var errOversized = errors.New("larger than a response may be")

// readBody reads a request's body up to the limit on responses. Of one beyond
// it the rest is read and dropped, so that the runtime gets to see the answer.
func readBody(r *http.Request) ([]byte, error) {
	var buf bytes.Buffer
	if n := r.ContentLength; n > 0 && n <= responseLimit {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r.Body, responseLimit+1))
	if err != nil {
		return nil, err
	}
	if n > responseLimit {
		io.Copy(io.Discard, r.Body)
		return nil, errOversized
	}
	return buf.Bytes(), nil
}

var errorTypes = regexp.MustCompile(`(Runtime|Function)\.[A-Z][a-zA-Z]+`)

// validErrorType is the error type that AWS makes of what a runtime claims.
func validErrorType(s string) string {
	switch {
	case errorTypes.MatchString(s):
		return s
	case strings.HasPrefix(s, "Function."):
		return "Function.Unknown"
	}
	return "Runtime.Unknown"
}

// failure is an answer that AWS makes in the runtime's place.
func failure(errorType, message string) answer {
	payload, _ := json.Marshal(struct {
		Message string `json:"errorMessage,omitempty"`
		Type    string `json:"errorType"`
	}{message, errorType})
	return answer{payload: payload, failed: true}
}

var acceptedBody = []byte("{\"status\":\"OK\"}\n")

func accepted(w http.ResponseWriter) {
	w.Header()["Content-Type"] = []string{"application/json"}
	w.WriteHeader(http.StatusAccepted)
	w.Write(acceptedBody)
}

func reply(w http.ResponseWriter, status int, errorType, message string) {
	body, _ := json.Marshal(struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}{message, errorType})
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

func replyTransition(w http.ResponseWriter, t *transition) {
	reply(w, http.StatusForbidden, "InvalidStateTransition",
		fmt.Sprintf("State transition from %s to %s failed for runtime. Error: State transition is not allowed", t.from, t.to))
}
