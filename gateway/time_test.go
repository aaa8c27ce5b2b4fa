package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"bailey/cloud"
	"bailey/lambda"
	"bailey/services/wire"
)

// pipes is a listener whose connections are in memory, with a clock that a
// test's bubble knows.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// overPipe serves a stand within a bubble and sends it the beginning of a
// request; it gives the status and how long the answer took.
func overPipe(t *testing.T, s *stand, request string) (string, time.Duration) {
	p := pipes{make(chan net.Conn), make(chan struct{})}
	srv := wire.NewServer(s.gateway, func(net.Conn) wire.Origin { return s.origin })
	go srv.Serve(p)
	near, far := net.Pipe()
	p.conns <- far
	begun := time.Now()
	go io.WriteString(near, request)
	res, err := http.ReadResponse(bufio.NewReader(near), nil)
	took := time.Since(begun)
	near.Close()
	close(p.done)
	srv.Close()
	synctest.Wait()
	if err != nil {
		return "closed", took
	}
	return fmt.Sprint(res.StatusCode), took
}

// A client that stops in the middle of a body or of its headers is let go.
func TestSlowClients(t *testing.T) {
	for _, test := range []struct {
		request, want string
		after         time.Duration
	}{
		{"POST / HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 10\r\n\r\nabc", "400", 30 * time.Second},
		{"POST / HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "400", 30 * time.Second},
		{"GET / HTTP/1.1\r\nHost: ", "closed", 30 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := stood(t, httpAPI(route("$default"))).on("f", says(fine))
			if got, took := overPipe(t, s, test.request); got != test.want || took != test.after {
				t.Errorf("%q: %s after %s, want %s after %s", test.request, got, took, test.want, test.after)
			}
		})
	}
}

// hangs is a function that does not answer.
type hangs struct{}

func (hangs) Invoke(ctx context.Context, _ lambda.Request) (lambda.Response, error) {
	<-ctx.Done()
	return lambda.Response{}, ctx.Err()
}

func (s *stand) hanging() *stand {
	s.config.Invoke = hangs{}
	s.restart()
	return s
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
func TestTimeouts(t *testing.T) {
	for _, test := range []struct {
		name   string
		api    cloud.API
		call   string
		header headers
		want   string
		after  time.Duration
	}{
		{"REST", restAPI(route("GET /")), "GET /prod", nil, `504 {"message": "Endpoint request timed out"}`, 29 * time.Second},
		{"HTTP", httpAPI(route("GET /", func(r *cloud.APIRoute) { r.Integration.Timeout = 30 * time.Second })), "GET /", nil, `503 {"message":"Service Unavailable"}`, 30 * time.Second},
		{"shorter", restAPI(route("GET /", func(r *cloud.APIRoute) { r.Integration.Timeout = 50 * time.Millisecond })), "GET /prod", nil, `504 {"message": "Endpoint request timed out"}`, 50 * time.Millisecond},
		{"an HTTP API's authorizer", httpAuthorized(nil), "GET /a", headers{"Authorization": "t"}, `500 {"message":"Internal Server Error"}`, 10 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := stood(t, test.api).hanging()
			s.config.Now = nil
			s.restart()
			begun := time.Now()
			s.gets(test.call, test.header, test.want)
			if took := time.Since(begun); took != test.after {
				t.Errorf("%s: after %s, want %s", test.name, took, test.after)
			}
		})
	}
}

// A client that hangs up ends its request; nothing waits for the function.
func TestAClientThatHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := stood(t, restAPI(route("GET /"))).hanging()
		ctx, stop := context.WithCancel(context.Background())
		r, _ := http.NewRequestWithContext(ctx, "GET", "https://"+host+"/prod", nil)
		r.RequestURI = "/prod"
		go stop()
		s.do(r)
	})
}
