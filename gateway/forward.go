package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"bailey/cloud"
)

// forward is an HTTP proxy integration: request and answer pass, but for what
// the parameter mappings change.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
func (x *exchange) forward(i *cloud.Integration) (*answer, error) {
	ctx, stop := context.WithTimeout(x.r.Context(), i.Timeout)
	defer stop()
	d, params := x.draft(), x.params
	if x.http() {
		x.forwarded(d)
	} else {
		params = x.mapREST(d, i.Params)
	}
	req, err := x.outgoing(ctx, i, d, params, x.body)
	if err != nil {
		return nil, err
	}
	res, body, err := x.fetch(i, req)
	if err != nil {
		return nil, err
	}
	a := &answer{status: res.StatusCode, header: http.Header{}, body: body}
	for name, values := range res.Header {
		if !dropped[name] {
			x.setHeader(a, name, values)
		}
	}
	if !x.http() {
		x.typed(a, "application/json")
	}
	x.mapResponses(a, i)
	return a, nil
}

// fetch sends a request and takes the whole answer.
func (x *exchange) fetch(i *cloud.Integration, req *http.Request) (*http.Response, []byte, error) {
	through, err := x.transport(i)
	if err != nil {
		return nil, nil, err
	}
	begun := x.g.config.Now()
	res, err := through.RoundTrip(req)
	x.integration = outcome{done: true, executed: true, latency: x.g.since(begun)}
	if err != nil {
		return nil, nil, x.unanswered(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	x.integration.latency = x.g.since(begun)
	if err == nil && len(body) > maxBody {
		return nil, nil, refuse(internalError, "integration", "Execution failed: the answer is larger than %d bytes", maxBody)
	}
	if err != nil {
		return nil, nil, x.unanswered(err)
	}
	x.integration.status = strconv.Itoa(res.StatusCode)
	x.integration.service = x.integration.status
	return res, body, nil
}

func (x *exchange) unanswered(err error) error {
	x.integration.message = err.Error()
	if errors.Is(err, context.DeadlineExceeded) {
		return refuse(integrationTimeout, "integration", "Execution failed due to a timeout error")
	}
	return refuse(integrationFailure, "integration", "Execution failed due to configuration error: There was an internal error while executing your request: %v", err)
}

// outgoing is the request to the backend. params are put into its address.
func (x *exchange) outgoing(ctx context.Context, i *cloud.Integration, d *draft, params map[string]string, body []byte) (*http.Request, error) {
	address, known := i.URL.Get()
	if !known {
		gap, _ := i.URL.Gap()
		return nil, x.misconfigured("the integration's address is not known: " + gap.Because)
	}
	if listener(i, address) {
		address = "http://" + hostOf(x.r) + x.contextPath()
	}
	var err error
	if d.url, err = url.Parse(withParams(x.withVariables(address), params)); err != nil || d.url.Host == "" && i.VPCLink == "" {
		return nil, x.misconfigured("Invalid endpoint address")
	}
	if x.http() {
		if x.route.Path == "$default" {
			d.url = d.url.JoinPath(x.path)
		}
		x.mapHTTP(d, i.Params)
	}
	for name, values := range d.url.Query() {
		if _, ok := d.query[name]; !ok {
			d.query[name] = values
		}
	}
	d.url.RawQuery = d.query.Encode()
	method := i.Method
	if method == "" || method == "ANY" {
		method = x.method
	}
	req, err := http.NewRequestWithContext(ctx, method, d.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, x.misconfigured("Invalid endpoint address")
	}
	if !x.http() {
		d.header["X-Amzn-Apigateway-Api-Id"] = []string{x.api.ID}
	}
	req.Header = d.header
	return req, nil
}

// draft is what the client sent, without what belongs to its own connection.
func (x *exchange) draft() *draft {
	d := &draft{query: url.Values{}, header: http.Header{}}
	for name, values := range x.headers() {
		if canonical := http.CanonicalHeaderKey(name); canonical != "Host" && canonical != "Content-Length" {
			d.header[canonical] = values
		}
	}
	for name, values := range x.query {
		d.query[name] = values
	}
	return d
}

// withParams puts path parameters into an address; {proxy+} is written {proxy}
// or {proxy+} there.
func withParams(address string, params map[string]string) string {
	for name, v := range params {
		escaped := (&url.URL{Path: "/" + v}).EscapedPath()[1:]
		address = strings.ReplaceAll(address, "{"+name+"}", escaped)
		address = strings.ReplaceAll(address, "{"+name+"+}", escaped)
	}
	return address
}

// transport is the way to the backend: over the internet, or through the link
// into a VPC.
func (x *exchange) transport(i *cloud.Integration) (http.RoundTripper, error) {
	if i.VPCLink == "" {
		if x.g.config.Internet == nil {
			return nil, refuse(integrationFailure, "integration", "nothing connects to %s", i.URL.Or(""))
		}
		return x.g.config.Internet, nil
	}
	id := x.withVariables(i.VPCLink)
	for link := range x.apis.model.VPCLinks() {
		if link.ID != id {
			continue
		}
		if x.g.config.Dial == nil {
			return nil, notHere("bailey does not have VPC links (" + link.Name + ")")
		}
		return &http.Transport{DisableKeepAlives: true, DisableCompression: true,
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				if arn := i.URL.Or(""); listener(i, arn) {
					address = arn
				}
				return x.g.config.Dial(ctx, link, address)
			}}, nil
	}
	return nil, x.misconfigured("the VPC link " + id + " is not there")
}

// listener reports whether a private integration names a load balancer's
// listener or a service's ARN instead of an address. The backend then gets the
// path as it is, with the stage.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
func listener(i *cloud.Integration, address string) bool {
	return i.VPCLink != "" && strings.HasPrefix(address, "arn:")
}
