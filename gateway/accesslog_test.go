package gateway_test

import (
	"strings"
	"testing"

	"bailey/cloud"
)

// A client of a REST API may choose the request's ID, if it is a UUID.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
func TestARequestIDOfTheClients(t *testing.T) {
	const chosen = "0dbb0e5e-8d4a-4b6e-9f4c-3d1f6a1c2b3A"
	a := restAPI(route("GET /"))
	a.Stages[0].AccessLog = &cloud.AccessLog{Format: "$context.requestId", Destination: logGroup}
	s := stood(t, a).on("f", says(fine))
	if got := s.call("GET /prod", headers{"x-amzn-RequestId": chosen}).Header; asSent(got, "x-amzn-RequestId")[0] != chosen {
		t.Errorf("the answer has %v", got)
	}
	if id := at(s.event(), "requestContext.requestId"); id != chosen || s.lines[0] != "/api: "+chosen {
		t.Errorf("the function got %v, the log %q", id, s.lines)
	}
	if got := s.call("GET /prod", headers{"x-amzn-RequestId": chosen + "0"}).Header; strings.HasPrefix(asSent(got, "x-amzn-RequestId")[0], chosen) {
		t.Errorf("what is no UUID is answered with: %v", got)
	}
	if s.lines[1] != "/api: UUID_REPLACED_INVALID_REQUEST_ID" {
		t.Errorf("the log: %q", s.lines)
	}
}

// A long request neither fills an execution log nor a terminal.
func TestLongRequestsAreToldShort(t *testing.T) {
	a := restAPI(route("GET /"))
	a.Stages[0].Routes = map[string]cloud.StageRule{"* /*": {Logging: "INFO"}}
	m := model(t, a)
	s := standing(t, m)
	s.call("GET /prod/"+strings.Repeat("é", 800), nil)
	if r := s.refusals[0]; len(r.Route) > 256 || !strings.HasPrefix(r.Route, "GET /%C3%A9") || len(r.Why) > 1024 {
		t.Errorf("%d bytes of path, %d of reason: %s", len(r.Route), len(r.Why), r.Route)
	}
	for _, line := range s.lines {
		if _, line, _ = strings.Cut(line, ": "); len(line) > 1024 {
			t.Errorf("an event of %d bytes", len(line))
		}
	}
}
