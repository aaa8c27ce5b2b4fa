package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"bailey/cloud"
	"bailey/services/wire"
)

// served is a stand behind a real server.
func (s *stand) served() *httptest.Server {
	srv := httptest.NewUnstartedServer(s.gateway)
	srv.Config = wire.NewServer(s.gateway, func(net.Conn) wire.Origin { return s.origin })
	srv.Start()
	s.t.Cleanup(srv.Close)
	return srv
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	return path
}

// curl reads what the gateway writes, headers and all.
func TestCurl(t *testing.T) {
	curl := tool(t, "curl")
	srv := stood(t, httpAPI(route("ANY /echo/{id}"))).on("f", func(e map[string]any) (any, error) {
		return map[string]any{"statusCode": 201, "headers": map[string]any{"x-method": at(e, "requestContext.http.method")}, "cookies": []string{"a=1", "b=2"}, "body": fmt.Sprint(e["body"])}, nil
	}).served()
	out, err := exec.Command(curl, "-sS", "-i", "-X", "PUT", "-H", "Host: "+host, "-H", "Content-Type: application/json", "-d", `{"x":1}`, srv.URL+"/echo/7").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"HTTP/1.1 201 Created\r\n", "X-Method: PUT\r\n", "Set-Cookie: a=1\r\n", "Set-Cookie: b=2\r\n", "Apigw-Requestid: ", "Content-Length: 7\r\n", "\r\n\r\n{\"x\":1}"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// signer signs as botocore does and sends the request itself.
const signer = `
import sys, urllib.request, urllib.error
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
url, host, secret, body = sys.argv[1:5]
r = AWSRequest(method="POST", url=url, data=body.encode(), headers={"Host": host, "Content-Type": "application/json"})
SigV4Auth(Credentials("AKIDEXAMPLE", secret), "execute-api", "us-east-1").add_auth(r)
q = urllib.request.Request(url, data=body.encode(), headers=dict(r.headers), method="POST")
try:
    a = urllib.request.urlopen(q)
except urllib.error.HTTPError as e:
    a = e
print(a.status, a.headers.get("x-amzn-ErrorType"), a.read().decode())
`

// Requests that botocore signs pass; those signed with another key do not.
func TestBotocoreSignsForAnAPI(t *testing.T) {
	python := tool(t, "python3")
	if exec.Command(python, "-c", "import botocore").Run() != nil {
		t.Skip("python3 has no botocore")
	}
	s, _ := signing(t, restAPI(route("POST /a/{id}", guarded(cloud.AuthIAM, ""))), `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}`)
	s.config.Callers = callers{&wire.Verifier{Secret: func(id string, _ wire.Origin) (wire.Credential, bool) {
		return wire.Credential{SecretAccessKey: "secret", Account: account, PrincipalARN: "arn:aws:sts::123456789012:assumed-role/app/s"}, id == "AKIDEXAMPLE"
	}}, s.config.Callers.(callers).policies}
	s.restart()
	srv := s.served()
	ask := func(secret string) string {
		out, err := exec.Command(python, "-c", signer, srv.URL+"/prod/a/x%20%C3%A4?q=1&p=%C3%A4", host, secret, `{"k":"v"}`).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	s.on("f", says(fine))
	if got := ask("secret"); got != "200 None fine" {
		t.Error(got)
	}
	if got := ask("wrong"); !strings.HasPrefix(got, "403 InvalidSignatureException ") {
		t.Error(got)
	}
}

// raw sends bytes and gives the status line of each answer.
func raw(t *testing.T, srv *httptest.Server, request string) []string {
	t.Helper()
	u, _ := url.Parse(srv.URL)
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, request)
	c.(*net.TCPConn).CloseWrite()
	var out []string
	in := bufio.NewReader(c)
	for {
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			return out
		}
		io.Copy(io.Discard, res.Body)
		out = append(out, res.Status)
	}
}

// Requests that mean one thing to one server and another to the next are
// refused, and nothing behind them is taken for a request.
func TestSmuggling(t *testing.T) {
	s := stood(t, httpAPI(route("$default"))).on("f", says(fine))
	srv := s.served()
	head := "POST / HTTP/1.1\r\nHost: " + host + "\r\n"
	hidden := "GET /hidden HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
	for name, request := range map[string]string{
		"two lengths":         head + "Content-Length: 3\r\nContent-Length: 0\r\n\r\nabc" + hidden,
		"a signed length":     head + "Content-Length: +3\r\n\r\nabc" + hidden,
		"two codings":         head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + hidden,
		"an odd coding":       head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"a folded header":     head + "X: a\r\n b\x00\r\n\r\n" + hidden,
		"a blank in a name":   head + "Content-Length : 3\r\n\r\nabc" + hidden,
		"a bad chunk":         head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + hidden,
		"no host":             "GET / HTTP/1.1\r\n\r\n" + hidden,
		"two hosts":           "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + hidden,
		"a bad escape":        "GET /%zz HTTP/1.1\r\nHost: " + host + "\r\n\r\n" + hidden,
		"a body that is less": head + "Content-Length: 100\r\n\r\nabc",
	} {
		s.mu.Lock()
		s.invoked, s.events = nil, nil
		s.mu.Unlock()
		for _, status := range raw(t, srv, request) {
			if !strings.HasPrefix(status, "4") && !strings.HasPrefix(status, "501") {
				t.Errorf("%s: %s", name, status)
			}
		}
		s.mu.Lock()
		if len(s.invoked) != 0 {
			t.Errorf("%s: the function got %v", name, s.event()["rawPath"])
		}
		s.mu.Unlock()
	}
}

// Many clients at once, with the model changing under them.
func TestManyAtOnce(t *testing.T) {
	a := byToken(1)
	a.Stages[0].Default = &cloud.Throttle{Rate: 1e6, Burst: 1e6}
	s := stood(t, a).on("f", says(fine)).on("auth", says(policy("Allow", "*")))
	s.config.Account = cloud.Throttle{Rate: 1e6, Burst: 1e6}
	s.restart()
	srv := s.served()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 50 {
				r, _ := http.NewRequest("GET", srv.URL+"/prod/a", nil)
				r.Host = host
				r.Header.Set("Authorization", fmt.Sprint("token", i, n%5))
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				if body := text(res); body != "fine" {
					t.Errorf("%d %s", res.StatusCode, body)
				}
				res.Body.Close()
				if n%10 == 0 {
					s.gateway.Swap(s.config.Model)
				}
			}
		})
	}
	all.Wait()
}

// Whatever a request is, it gets an answer of the gateway's.
func FuzzRequests(f *testing.F) {
	f.Add("GET", "/prod/pets/1?q=1", "X-A", "b", "body")
	f.Add("POST", "/restapis/"+apiID+"/prod/_user_request_/x", "Content-Encoding", "gzip", "\x1f\x8b")
	f.Add("OPTIONS", "/%2e%2e/?%zz&=&a=%", "Origin", "null", "")
	f.Add("GET", "//prod///", "Host", "[::1]:80", "{}")
	rest := restAPI(route("ANY /{proxy+}", func(r *cloud.APIRoute) {
		r.ValidateBody, r.ValidateParams, r.BodyModels = true, true, map[string]string{"application/json": "M"}
		r.Params = map[string]bool{"method.request.header.X-A": true}
	}))
	rest.Models = []cloud.APIModel{{ModelName: "M", Schema: jsonNode(f, `{"type":["object","string"]}`)}}
	rest.BinaryTypes, rest.MinCompression = []string{"image/*"}, 1
	rest.Responses = []cloud.GatewayResponse{{Kind: "DEFAULT_4XX", Params: map[string]string{"gatewayresponse.header.X-Back": "method.request.header.X-A"},
		Templates: map[string]string{"application/json": `$context.path $context.identity.userAgent ${method.request.querystring.q`}}}
	rest.Stages[0].AccessLog = &cloud.AccessLog{Destination: logGroup, Format: `{"p":"$context.path","h":"$context.domainName","u":"$context.identity.userAgent"}`}
	two := httpAPI(route("$default"), route("GET /pets/{id}"))
	two.ID, two.Name, two.Endpoint, two.MinCompression = "http567890", "Two", cloud.RegionalEndpoint, -1
	two.CORS = &cloud.CORS{Origins: []string{"https://*"}, MaxAge: -1}
	m := model(f, rest, func(s *cloud.Spec) { two.DefaultHost = cloud.Known(true); s.APIs = append(s.APIs, two) })
	f.Fuzz(func(t *testing.T, method, target, name, value, body string) {
		for _, to := range []string{host, "http567890.execute-api.localhost"} {
			r, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: " + to + "\r\n\r\n")))
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.ParseRequestURI(target)
			if err != nil {
				return
			}
			r.Method, r.URL, r.RequestURI = method, u, target
			if name == "Host" {
				r.Host = value
			} else {
				r.Header[http.CanonicalHeaderKey(name)] = []string{value}
			}
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), -1
			s := standing(t, m).on("f", says(fine))
			res := s.do(r)
			if res.StatusCode < 200 || res.StatusCode > 599 || res.StatusCode >= 500 {
				t.Errorf("%d: %s", res.StatusCode, text(res))
			}
			for k, values := range res.Header {
				if strings.ContainsAny(k+strings.Join(values, ""), "\r\n\x00") {
					t.Errorf("a header breaks out: %q %q", k, values)
				}
			}
		}
	})
}
