package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/services/wire"
)

// An exchange is one request on its way through the layers, and what was
// learnt about it so far.
type exchange struct {
	g    *Gateway
	apis *apis
	now  time.Time
	w    http.ResponseWriter
	r    *http.Request
	// method is the one that counts: the request's own, unless a REST API's
	// client overrides it.
	method string

	origin wire.Origin
	place
	route  *route
	params map[string]string // of the path
	sent   string            // REST: the path behind the stage, slashes and all
	query  url.Values
	body   []byte

	requestID  string
	invalidID  bool // the client wanted an ID that is none
	extendedID string
	traceID    string
	moment     string // now, as events and logs write it

	caller  *wire.Identity // who signed; nil: nobody
	granted grant          // what the authorizer gave
	key     *apiKey        // nil: none was asked for

	refusal     *refusal
	integration outcome
	status      int
	length      int
	took        time.Duration
}

// An outcome is what became of the integration, for the log.
type outcome struct {
	done     bool
	latency  time.Duration
	status   string // what the function or backend answered
	service  string // what Lambda itself answered
	message  string // an error's
	request  string // Lambda's request ID
	executed bool
}

// Limits on a request.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
const (
	maxBody    = 10 << 20
	maxHeaders = 10240
	maxURL     = 10240
	maxEdgeURL = 8192 // of an edge-optimized API
	maxARN     = 1600 // of a method with authorization or under a policy
	bodyTime   = 30 * time.Second
)

func (g *Gateway) begin(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{g: g, apis: g.apis.Load(), now: g.config.Now(), w: w, r: r, method: r.Method}
	x.origin, _ = wire.OriginFrom(r.Context())
	x.place = x.apis.find(r)
	x.extendedID = newExtendedID()
	x.requestID = x.extendedID
	if !x.http() {
		x.requestID = newRequestID()
		x.takeRequestID(r.Header.Get("X-Amzn-Requestid"))
	}
	x.traceID = r.Header.Get("X-Amzn-Trace-Id")
	return x
}

// http reports whether the API is an HTTP API; what leads nowhere is answered
// as a REST API would.
func (x *exchange) http() bool { return x.api != nil && x.api.Kind == cloud.HTTPAPI }

// newRequestID is a random UUID. It identifies, it does not protect.
func newRequestID() string {
	a, b := rand.Uint64(), rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(a), uint16(a>>32), a>>52, 0x8000|uint16(b)>>2, b>>16)
}

var uuid = regexp.MustCompile(`^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// takeRequestID: a REST API's client may choose the request's ID, if that is a
// UUID. Of another the access log says only that it was not one.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#apigateway-cloudwatch-log-formats
func (x *exchange) takeRequestID(wanted string) {
	switch {
	case wanted == "":
	case uuid.MatchString(wanted):
		x.requestID = wanted
	default:
		x.invalidID = true
	}
}

// loggedID is the request's ID in access logs.
func (x *exchange) loggedID() string {
	if x.invalidID {
		return "UUID_REPLACED_INVALID_REQUEST_ID"
	}
	return x.requestID
}

// newExtendedID is 15 characters and a sign of equality: Mc7UVioPPHcEKPA=.
func newExtendedID() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], rand.Uint64())
	binary.LittleEndian.PutUint64(b[8:], rand.Uint64())
	return base64.StdEncoding.EncodeToString(b[:11])
}

// trace is the X-Ray header of the request, made up where the client sent none.
// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
func (x *exchange) trace() string {
	if x.traceID == "" {
		a, b := rand.Uint64(), rand.Uint32()
		var text [12]byte
		binary.BigEndian.PutUint64(text[:], a)
		binary.BigEndian.PutUint32(text[8:], b)
		out := binary.BigEndian.AppendUint32(nil, uint32(x.now.Unix()))
		x.traceID = "Root=1-" + hex.EncodeToString(out) + "-" + hex.EncodeToString(text[:])
	}
	return x.traceID
}

// pass leads the request through the layers, to the answer or to the first
// refusal.
func (x *exchange) pass() (*answer, error) {
	if err := x.checkHeaders(); err != nil {
		return nil, err
	}
	if err := x.checkPlace(); err != nil {
		return nil, err
	}
	x.query = x.parseQuery(x.r.URL.RawQuery)
	if err := x.match(); err != nil {
		return nil, err
	}
	if err := x.readBody(); err != nil {
		return nil, err
	}
	if err := x.admit(); err != nil {
		return nil, err
	}
	return x.integrate()
}

// checkHeaders: the values of all headers, for an HTTP API the request line
// too, are together at most 10,240 bytes.
func (x *exchange) checkHeaders() error {
	size := len(x.r.Host)
	if x.http() {
		size += len(x.r.Method) + len(x.r.RequestURI) + len(x.r.Proto) + 2
	}
	for _, values := range x.r.Header {
		for _, v := range values {
			size += len(v)
		}
	}
	if size > maxHeaders {
		return refuse(headersTooLarge, "request", "the headers have %d bytes; API Gateway takes %d", size, maxHeaders)
	}
	limit := maxURL
	if x.api != nil && !x.http() && x.api.Endpoint == cloud.EdgeEndpoint {
		limit = maxEdgeURL
	}
	if n := len("https://") + len(x.r.Host) + len(x.r.RequestURI); n > limit {
		return refuse(uriTooLong, "request", "the address has %d bytes; API Gateway takes %d", n, limit)
	}
	return nil
}

// match finds the route.
func (x *exchange) match() error {
	if !x.http() {
		x.sent, x.path = x.path, "/"+strings.TrimLeft(x.path, "/") // slashes at its beginning count as one
		x.overrideMethod()
		if x.route = x.api.matchREST(x.method, x.path); x.route == nil {
			return refuse(missingAuthenticationToken, "routing", "the API has no %s on %s", x.method, x.path)
		}
		x.params = x.route.pathParams(strings.TrimSuffix(x.path, "/"))
		return nil
	}
	// An HTTP API works on the decoded path.
	x.path, x.full = decoded(x.path), decoded(x.full)
	x.route = x.api.matchHTTP(x.method, x.path)
	switch {
	case x.route != nil:
		x.params = x.route.pathParams(x.path)
	case !x.preflight():
		return refuse(notFound, "routing", "the API has no route for %s %s", x.method, x.path)
	}
	return nil
}

func decoded(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}

// parseQuery reads a query string; what is malformed is taken as it stands.
// An empty name has no value to give. A REST API splits at a semicolon too.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis
func (x *exchange) parseQuery(raw string) url.Values {
	out := url.Values{}
	if !x.http() {
		raw = strings.ReplaceAll(raw, ";", "&")
	}
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if name == "" {
			continue
		}
		name, value = unescaped(name), unescaped(value)
		out[name] = append(out[name], value)
	}
	return out
}

func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// readBody takes the whole body, within its limit and in good time.
func (x *exchange) readBody() error {
	if x.r.Body == nil || x.r.Body == http.NoBody || x.r.ContentLength == 0 {
		return nil
	}
	tooLarge := refuse(requestTooLarge, "request", "the body is larger than %d bytes", maxBody)
	if x.r.ContentLength > maxBody {
		return tooLarge
	}
	control := http.NewResponseController(x.w)
	timed := control.SetReadDeadline(time.Now().Add(bodyTime)) == nil // the connection's clock, not the API's
	var err error
	x.body, err = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	var size *http.MaxBytesError
	switch {
	case errors.As(err, &size):
		return tooLarge
	case err != nil: // the deadline stays: the server would wait for the rest
		x.w.Header().Set("Connection", "close")
		return refuse(badRequest, "request", "reading the body: %v", err)
	case timed:
		if err := control.SetReadDeadline(time.Time{}); err != nil {
			return refuse(badRequest, "request", "the connection is gone: %v", err)
		}
	}
	return x.inflate()
}
