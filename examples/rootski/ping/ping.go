package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// How long a web server may take. Both web calls and the keys together stay
// below the function's own timeout of 10 s, even if all of them fail.
const (
	webTimeout  = 3 * time.Second
	jwksTimeout = 1500 * time.Millisecond
)

// An Outcome is what became of one call.
type Outcome struct {
	OK     bool   `json:"ok"`
	Detail string `json:"detail"` // the answer, or why there was none
	Millis int64  `json:"ms"`     // how long it took
}

// A Report is the function's response: the outcomes in the order of the calls.
type Report struct {
	SSM       Outcome `json:"ssm"`
	PublicIP  Outcome `json:"publicIp"`
	PrivateIP Outcome `json:"privateIp"`
	JWKS      Outcome `json:"jwks"`
}

// parameterStore is what the function needs of Systems Manager.
type parameterStore interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// A pinger makes the four calls.
type pinger struct {
	parameters parameterStore
	web        *http.Client

	parameter  string // the name of a parameter in Parameter Store
	publicURL  string // the web server's static IP
	privateURL string // the same server's private address
	jwksURL    string // the user pool's JSON web keys
}

// ping makes the calls one after the other, whatever becomes of each.
func (p pinger) ping(ctx context.Context) Report {
	var r Report
	r.SSM = attempt("ssm", p.parameter, func() (string, error) { return p.readParameter(ctx) })
	r.PublicIP = attempt("publicIp", p.publicURL, func() (string, error) { return p.get(ctx, p.publicURL, webTimeout) })
	r.PrivateIP = attempt("privateIp", p.privateURL, func() (string, error) { return p.get(ctx, p.privateURL, webTimeout) })
	r.JWKS = attempt("jwks", p.jwksURL, func() (string, error) { return p.get(ctx, p.jwksURL, jwksTimeout) })
	return r
}

// attempt times one call and writes its line to the log.
func attempt(name, target string, call func() (string, error)) Outcome {
	start := time.Now()
	detail, err := call()
	out := Outcome{OK: err == nil, Detail: detail, Millis: time.Since(start).Milliseconds()}
	verdict := "ok"
	if err != nil {
		verdict, out.Detail = "failed", err.Error()
	}
	log.Printf("%s %s %s after %d ms: %s", name, target, verdict, out.Millis, out.Detail)
	return out
}

// readParameter reads the parameter's value. It leaves the waiting to the SDK,
// as most functions do: the invocation's deadline is not passed on, and the
// SDK's own patience (30 s to connect, three attempts) outlives the function.
func (p pinger) readParameter(ctx context.Context) (string, error) {
	out, err := p.parameters.GetParameter(context.WithoutCancel(ctx), &ssm.GetParameterInput{Name: &p.parameter})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Parameter.Value), nil
}

// get fetches a page and returns its status and first line. Anything but 200
// is an error.
func (p pinger) get(ctx context.Context, page string, timeout time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, page, nil)
	if err != nil {
		return "", err
	}
	resp, err := p.web.Do(req)
	if err != nil {
		return "", brief(err, timeout)
	}
	defer resp.Body.Close()
	line, err := firstLine(resp.Body)
	switch {
	case err != nil:
		return "", brief(err, timeout)
	case resp.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%s: %s", resp.Status, line)
	}
	return resp.Status + ": " + line, nil
}

// firstLine reads the first line, at most 200 bytes of it.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 200)).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimSpace(line), err
}

// brief strips an error of the URL, which its line in the log has already, and
// says of a timeout how long it was.
func brief(err error, timeout time.Duration) error {
	var slow interface{ Timeout() bool }
	if errors.As(err, &slow) && slow.Timeout() {
		return fmt.Errorf("no answer within %v", timeout)
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
