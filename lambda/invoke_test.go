package lambda

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"bailey/cloud"
)

func TestRefusals(t *testing.T) {
	dir := codeDir(t)
	const arn = "arn:aws:lambda:us-west-2:123456789012:function:"
	b := newBench(t, nil, declare("f", dir),
		declare("py", dir, func(f *cloud.Function) { f.Runtime = "python3.12" }),
		declare("image", dir, func(f *cloud.Function) { f.Runtime, f.Code.Image = "", "repo:tag" }))
	big := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
	tests := []struct {
		name    string
		req     Request
		status  int
		typ     string
		message string
	}{
		{"unknown function", Request{Function: "g"}, 404, "ResourceNotFoundException", "Function not found: " + arn + "g"},
		{"unknown, as an event", Request{Function: "g", Type: Event}, 404, "ResourceNotFoundException", "Function not found: " + arn + "g"},
		{"unknown version", Request{Function: "f", Qualifier: "7"}, 404, "ResourceNotFoundException", "Function not found: " + arn + "f:7"},
		{"alias in the ARN", Request{Function: arn + "f:PROD"}, 404, "ResourceNotFoundException", "Function not found: " + arn + "f:PROD"},
		{"two qualifiers", Request{Function: "f:1", Qualifier: "2"}, 400, "InvalidParameterValueException", "The derived qualifier from the function name does not match the specified qualifier."},
		{"not JSON", Request{Function: "f", Payload: []byte("hello")}, 400, "InvalidRequestContentException", "Could not parse request body into json: Could not parse payload into json: invalid character 'h' looking for beginning of value"},
		{"half JSON", Request{Function: "f", Payload: []byte(`{"a":`)}, 400, "InvalidRequestContentException", "Could not parse request body into json: Could not parse payload into json: unexpected end of JSON input"},
		{"too large", Request{Function: "f", Payload: big(requestLimit + 1)}, 413, "RequestEntityTooLargeException", "Request must be smaller than 6291456 bytes for the InvokeFunction operation"},
		{"too large an event", Request{Function: "f", Type: Event, Payload: big(asyncRequestLimit + 1)}, 413, "RequestEntityTooLargeException", "Request must be smaller than 1048576 bytes for the InvokeFunction operation"},
		{"type", Request{Function: "f", Type: "Later"}, 400, "InvalidParameterValueException", "Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]"},
		{"managed runtime", Request{Function: "py"}, 502, "InvalidRuntimeException", "bailey does not run python3.12 functions yet"},
		{"image", Request{Function: "image", Type: DryRun}, 502, "InvalidRuntimeException", "bailey does not run functions from container images yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := b.Invoke(t.Context(), tt.req)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Status != tt.status || e.Type != tt.typ || !strings.Contains(e.Message, tt.message) {
				t.Errorf("got %v, want %d %s: %s", err, tt.status, tt.typ, tt.message)
			}
		})
	}
	if n := len(b.launcher.places); n != 0 {
		t.Errorf("%d environments were made", n)
	}
}

func TestFunctionNames(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(func(_ *fakeRuntime, e event) string {
			return `"` + e.header.Get("Lambda-Runtime-Invoked-Function-Arn") + `"`
		})), declare("f", dir))
		const arn = "arn:aws:lambda:us-west-2:123456789012:function:f"
		for req, want := range map[[2]string]string{
			{"f"}: arn, {arn}: arn, {"123456789012:function:f"}: arn,
			{"f:$LATEST"}: arn + ":$LATEST", {arn, "$LATEST"}: arn + ":$LATEST",
		} {
			res, err := b.Invoke(t.Context(), Request{Function: req[0], Qualifier: req[1]})
			if err != nil || string(res.Payload) != `"`+want+`"` || res.Version != "$LATEST" || res.Status != 200 {
				t.Errorf("%s: %+v, %v; want %s", req, res, err, want)
			}
		}
	})
}

func TestDryRun(t *testing.T) {
	b := newBench(t, nil, declare("f", codeDir(t)))
	res, err := b.Invoke(t.Context(), Request{Function: "f", Type: DryRun})
	if err != nil || res.Status != 204 || len(res.Payload) != 0 || len(b.launcher.places) != 0 {
		t.Errorf("got %+v, %v, and %d environments", res, err, len(b.launcher.places))
	}
}

func TestPayloads(t *testing.T) {
	dir := codeDir(t)
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, only(serve(echo)), declare("f", dir))
		for _, n := range []int{2, 100, 1 << 20, requestLimit} {
			payload := `"` + strings.Repeat("é", (n-2)/2) + `"`
			if got := b.call(t, "f", payload); string(got.Payload) != payload {
				t.Errorf("%d bytes: %d came back: %.80s", len(payload), len(got.Payload), got.Payload)
			}
		}
		res, err := b.Invoke(t.Context(), Request{Function: "f"})
		if err != nil || string(res.Payload) != "{}" {
			t.Errorf("no payload reaches the function as %s, %v; want {}", res.Payload, err)
		}
	})
}

func TestIDs(t *testing.T) {
	dir := codeDir(t)
	b := newBench(t, only(serve(echo)), declare("f", dir))
	seen := map[string]bool{}
	for range 20 {
		res, err := b.Invoke(t.Context(), Request{Function: "f"})
		if err != nil || len(res.RequestID) != 36 || res.RequestID[14] != '4' || seen[res.RequestID] {
			t.Fatalf("request id %q, %v", res.RequestID, err)
		}
		seen[res.RequestID] = true
	}
}
