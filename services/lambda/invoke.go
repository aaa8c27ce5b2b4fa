package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	engine "bailey/lambda"
	"bailey/services/wire"
)

// invoke carries a call to the Invoker, whose checks are the API's.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
func (a *api) invoke(ctx context.Context, c *wire.Call) (any, error) {
	ref, err := a.reference(c)
	if err != nil {
		return nil, err
	}
	req := engine.Request{
		Function: ref.name, Qualifier: ref.qualifier, Payload: c.Body,
		Type:      engine.InvocationType(c.Header.Get("X-Amz-Invocation-Type")),
		RequestID: c.RequestID, TraceID: c.Header.Get("X-Amzn-Trace-Id"),
	}
	if _, err := a.find(c); err != nil { // in another account or region, above all
		return nil, err
	}
	if req.LogTail, err = logTail(c.Header.Get("X-Amz-Log-Type")); err != nil {
		return nil, err
	}
	if req.ClientContext, err = clientContext(c.Header.Get("X-Amz-Client-Context")); err != nil {
		return nil, err
	}
	if c.Header.Get("X-Amz-Durable-Execution-Name") != "" || c.Header.Get("X-Amz-Tenant-Id") != "" {
		return nil, wire.NotHere("lambda:Invoke with a durable execution or a tenant")
	}
	res, err := a.cfg.Invoker.Invoke(ctx, req)
	if err != nil {
		return nil, asWire(err)
	}
	return response(res, req.LogTail), nil
}

// logTail reads X-Amz-Log-Type.
func logTail(kind string) (bool, error) {
	switch kind {
	case "", "None":
		return false, nil
	case "Tail":
		return true, nil
	}
	var check wire.Constraints
	check.Enum("logType", kind, "None", "Tail")
	return false, check.Err()
}

// clientContext is JSON in base64, up to 3,583 bytes of it.
func clientContext(header string) (string, error) {
	text, err := base64.StdEncoding.DecodeString(header)
	if err != nil || header != "" && !json.Valid(text) || len(header) > 3583 {
		return "", &wire.Error{Code: "InvalidRequestContentException",
			Message: "Client context must be a valid Base64-encoded JSON object."}
	}
	return string(text), nil
}

// response renders what came of it. The request's id is on every answer.
func response(res engine.Response, tail bool) *wire.Response {
	out := &wire.Response{Status: res.Status, Header: http.Header{}, Body: res.Payload}
	if res.Status == http.StatusOK {
		out.Header.Set("X-Amz-Executed-Version", res.Version)
		if res.FunctionError != "" {
			out.Header.Set("X-Amz-Function-Error", res.FunctionError)
		}
		if tail {
			out.Header.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(res.LogTail))
		}
	}
	return out
}

// asWire spells the Invoker's refusal; what is none is our own failure.
func asWire(err error) error {
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	out := &wire.Error{Code: e.Type, Message: e.Message, HTTPStatus: e.Status}
	if e.Status >= http.StatusInternalServerError {
		out.Fault = wire.Receiver
	}
	if e.Reason != "" {
		out.Members = map[string]any{"Reason": e.Reason}
	}
	return out
}
