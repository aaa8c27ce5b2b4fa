package lambda

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// An InvocationType says whether the caller waits.
type InvocationType string

// The invocation types. An empty one is RequestResponse.
const (
	RequestResponse InvocationType = "RequestResponse"
	Event           InvocationType = "Event"  // into the queue
	DryRun          InvocationType = "DryRun" // only the checks
)

// A Request is one call of Invoke.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
type Request struct {
	Function  string // name, ARN or account:function:name, with a qualifier or without
	Qualifier string
	Payload   []byte // JSON; none is {}
	Valid     bool   // Payload is known to be JSON: it is not looked at
	Type      InvocationType
	LogTail   bool
	RequestID string // made up if empty
	TraceID   string // X-Ray's header; made up, and not sampled, if empty
	// ClientContext and CognitoIdentity are JSON, not in base64; synchronous
	// invocations only.
	ClientContext, CognitoIdentity string
}

// A Response is what came of it.
type Response struct {
	Status        int    // 200, 202 for Event, 204 for DryRun
	Payload       []byte // what the function, or AWS about it, says
	FunctionError string // Unhandled where Payload is about an error
	LogTail       []byte // the last 4 KB of the log, not in base64
	Version       string // that ran
	RequestID     string
	Environment   string   // the id of the execution environment that ran it
	Notes         []string // Bailey's own lines about it, as given to Annotate
	Timing        Timing
}

// Timing says where an invocation's time went.
type Timing struct {
	Queue    time.Duration // waiting, and making an environment where there was none
	Init     time.Duration // the Init phase; 0 in a warm environment
	Duration time.Duration // the Invoke phase
}

// Invoke invokes a function. What the API itself refuses is an *Error. A
// function that is running goes on where ctx ends, as on AWS when its caller
// hangs up; Close ends it.
func (s *Service) Invoke(ctx context.Context, req Request) (Response, error) {
	name, arn, err := s.target(req)
	if err != nil {
		return Response{}, err
	}
	if err := s.admissible(name, arn, &req); err != nil {
		return Response{}, err
	}
	inv := s.invocation(req, arn)
	res := Response{Version: Latest, RequestID: inv.id}
	switch req.Type {
	case DryRun:
		res.Status = http.StatusNoContent
		return res, nil
	case Event:
		res.Status = http.StatusAccepted
		return res, s.enqueue(name, arn, inv)
	}
	return s.wait(ctx, name, arn, inv)
}

// admissible checks a request before anything is counted or queued.
func (s *Service) admissible(name, arn string, req *Request) error {
	limit := requestLimit
	switch req.Type {
	case "", RequestResponse, DryRun:
	case Event:
		limit = asyncRequestLimit
	default:
		return errParameter("Value '%s' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]", req.Type)
	}
	if len(req.Payload) > limit {
		return errTooLarge(limit)
	}
	if len(req.Payload) == 0 {
		req.Payload = []byte("{}")
	}
	if !req.Valid && !json.Valid(req.Payload) {
		var v any
		return errContent(json.Unmarshal(req.Payload, &v))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fn, ok := s.functions[name]
	if !ok {
		return errNotFound(arn)
	}
	if fn.conf.refused != nil {
		return fn.conf.refused
	}
	return nil
}

// newTrace is a tracing header that asks nobody to sample.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func newTrace(t time.Time) string {
	var b [20]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", t.Unix(), b[:12], b[12:])
}
