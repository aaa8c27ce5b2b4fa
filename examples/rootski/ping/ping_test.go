package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// network answers web requests by URL; what it does not know it swallows, as
// a network without a way does: until the caller gives up.
type network struct {
	pages map[string]page
	calls *[]string
}

type page struct {
	status int
	body   string
	err    error
}

func (n network) RoundTrip(req *http.Request) (*http.Response, error) {
	*n.calls = append(*n.calls, req.URL.String())
	p, known := n.pages[req.URL.String()]
	switch {
	case !known:
		<-req.Context().Done()
		return nil, req.Context().Err()
	case p.err != nil:
		return nil, p.err
	}
	return &http.Response{
		StatusCode: p.status, Status: http.StatusText(p.status),
		Body: io.NopCloser(strings.NewReader(p.body)), Request: req,
	}, nil
}

// store is a Parameter Store with one answer, or one that never answers.
type store struct {
	value string
	err   error
	hangs chan struct{} // if set: no answer before it is closed
	calls *[]string
}

func (s store) GetParameter(ctx context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	*s.calls = append(*s.calls, *in.Name)
	if s.hangs != nil {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.hangs:
			return nil, errors.New("dial tcp: i/o timeout")
		}
	}
	if s.err != nil {
		return nil, s.err
	}
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: aws.String(s.value)}}, nil
}

const (
	name    = "/lightsail-poc/test-parameter"
	public  = "http://203.0.113.9"
	private = "http://172.26.0.16"
	jwks    = "https://cognito-idp.us-west-2.amazonaws.com/pool/.well-known/jwks.json"
)

// world is a pinger in a made-up network, and the order in which it calls.
func world(s store, pages map[string]page) (pinger, *[]string) {
	calls := new([]string)
	s.calls = calls
	return pinger{
		parameters: s, web: &http.Client{Transport: network{pages, calls}},
		parameter: name, publicURL: public, privateURL: private, jwksURL: jwks,
	}, calls
}

func ok(detail string) Outcome { return Outcome{OK: true, Detail: detail} }

func failed(detail string, after time.Duration) Outcome {
	return Outcome{Detail: detail, Millis: after.Milliseconds()}
}

func TestPing(t *testing.T) {
	quiet(t)
	hello := page{status: 200, body: "hello from web\nsecond line\n"}
	keys := page{status: 200, body: `{"keys":[]}`}
	timeout3, timeout1 := failed("no answer within 3s", 3*time.Second), failed("no answer within 1.5s", 1500*time.Millisecond)
	tests := []struct {
		name  string
		store store
		pages map[string]page
		want  Report
	}{
		{"as on AWS", store{value: "secret"}, map[string]page{private: hello},
			Report{ok("secret"), timeout3, ok("OK: hello from web"), timeout1}},
		{"everything answers", store{value: "secret"}, map[string]page{public: hello, private: hello, jwks: keys},
			Report{ok("secret"), ok("OK: hello from web"), ok("OK: hello from web"), ok(`OK: {"keys":[]}`)}},
		{"an error does not keep the next call from being made", store{err: errors.New("AccessDeniedException")}, map[string]page{private: hello},
			Report{failed("AccessDeniedException", 0), timeout3, ok("OK: hello from web"), timeout1}},
		{"a refusal is told without the URL", store{value: "secret"}, map[string]page{private: {err: errors.New("connection refused")}},
			Report{ok("secret"), timeout3, failed("connection refused", 0), timeout1}},
		{"a page that is not OK is no success", store{value: "secret"}, map[string]page{private: {status: 503, body: "later"}},
			Report{ok("secret"), timeout3, failed("Service Unavailable: later", 0), timeout1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, calls := world(test.store, test.pages)
				if got := p.ping(t.Context()); got != test.want {
					t.Errorf("ping:\n got %+v\nwant %+v", got, test.want)
				}
				if want := []string{name, public, private, jwks}; !slices.Equal(*calls, want) {
					t.Errorf("calls: got %q, want %q", *calls, want)
				}
			})
		})
	}
}

// The function may live for 10 s. All web calls failing must leave it room.
func TestPingEndsBeforeTheFunctionsTimeout(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		p, _ := world(store{value: "secret"}, nil)
		start := time.Now()
		p.ping(t.Context())
		if took := time.Since(start); took > 9*time.Second {
			t.Errorf("with no web call answered: took %v of 10 s", took)
		}
	})
}

// Without a way to Systems Manager the first call outlives the invocation: its
// deadline passes and nothing else has been tried.
func TestPingHangsInItsFirstCall(t *testing.T) {
	quiet(t)
	synctest.Test(t, func(t *testing.T) {
		hangs := make(chan struct{})
		p, calls := world(store{hangs: hangs}, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		done := make(chan Report, 1)
		go func() { done <- p.ping(ctx) }()
		<-ctx.Done()
		synctest.Wait()
		if want := []string{name}; !slices.Equal(*calls, want) {
			t.Errorf("calls before the deadline: got %q, want %q", *calls, want)
		}
		close(hangs)
		<-done
	})
}

func TestFirstLineIsShort(t *testing.T) {
	got, err := firstLine(strings.NewReader(strings.Repeat("x", 1000)))
	if err != nil || len(got) != 200 {
		t.Errorf("firstLine of 1000 bytes: %d bytes, %v; want 200, nil", len(got), err)
	}
}

// The demo in bailey.yaml points into the response by these names.
func TestResponseShape(t *testing.T) {
	got, err := json.Marshal(Report{SSM: ok("v"), JWKS: failed("no", time.Second)})
	want := `{"ssm":{"ok":true,"detail":"v","ms":0},"publicIp":{"ok":false,"detail":"","ms":0},` +
		`"privateIp":{"ok":false,"detail":"","ms":0},"jwks":{"ok":false,"detail":"no","ms":1000}}`
	if err != nil || string(got) != want {
		t.Errorf("response: %v\n got %s\nwant %s", err, got, want)
	}
}

func TestOneLogLineACall(t *testing.T) {
	out := quiet(t)
	synctest.Test(t, func(t *testing.T) {
		p, _ := world(store{value: "secret"}, map[string]page{private: {status: 200, body: "hello\n"}})
		p.ping(t.Context())
	})
	want := "ssm " + name + " ok after 0 ms: secret\n" +
		"publicIp " + public + " failed after 3000 ms: no answer within 3s\n" +
		"privateIp " + private + " ok after 0 ms: OK: hello\n" +
		"jwks " + jwks + " failed after 1500 ms: no answer within 1.5s\n"
	if got := out.String(); got != want {
		t.Errorf("log:\n got %s\nwant %s", got, want)
	}
}

// quiet sends the log into a buffer until the test ends.
func quiet(t *testing.T) *bytes.Buffer {
	out := new(bytes.Buffer)
	flags, before := log.Flags(), log.Writer()
	log.SetOutput(out)
	log.SetFlags(0)
	t.Cleanup(func() { log.SetOutput(before); log.SetFlags(flags) })
	return out
}
