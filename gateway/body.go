package gateway

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// mediaTypes are a REST API's binary media types: image/png, image/*, */*.
type mediaTypes []string

func (m mediaTypes) match(t string) bool {
	if t == "" {
		return false
	}
	kind, _, _ := strings.Cut(t, "/")
	for _, want := range m {
		want = strings.ToLower(want)
		if want == t || want == "*/*" || want == kind+"/*" {
			return true
		}
	}
	return false
}

// bodyText is the request's body as a function gets it: text, or in base64.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
func (x *exchange) bodyText() (text string, encoded bool) {
	binary := x.binaryRequest()
	if binary {
		return base64.StdEncoding.EncodeToString(x.body), true
	}
	return strings.ToValidUTF8(string(x.body), "\ufffd"), false
}

// binaryRequest: a REST API has a list; an HTTP API takes for text what says
// that it is text, JSON, JavaScript or XML, uncompressed, and what says nothing
// and is UTF-8.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
func (x *exchange) binaryRequest() bool {
	t := contentType(x.r.Header)
	if !x.http() {
		return x.api.binary.match(t) || t == "" && x.api.binary.match("*/*")
	}
	if x.r.Header.Get("Content-Encoding") != "" {
		return true
	}
	return t == "" && !utf8.Valid(x.body) || t != "" && !textual(t)
}

func textual(t string) bool {
	switch t {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "+xml")
}

// decodes reports whether a function's body in base64 goes to the client as
// bytes: a REST API asks the first type of Accept, an HTTP API always.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
func (x *exchange) decodes() bool {
	if x.http() {
		return true
	}
	t := x.accepted()
	if t == "" {
		t = "*/*"
	}
	return x.api.binary.match(t)
}

// inflate undoes the compression of a request's body, which a REST API with
// compression does. What then is too large is refused as it would be plain.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
func (x *exchange) inflate() error {
	encoding := strings.ToLower(x.r.Header.Get("Content-Encoding"))
	if x.http() || x.api.MinCompression < 0 || encoding == "" || encoding == "identity" {
		return nil
	}
	var from io.Reader
	var err error
	switch encoding {
	case "gzip":
		from, err = gzip.NewReader(bytes.NewReader(x.body))
	case "deflate":
		from, err = zlib.NewReader(bytes.NewReader(x.body))
	default:
		return refuse(unsupportedMedia, "request", "the body is encoded as %s", encoding)
	}
	if err == nil {
		x.body, err = io.ReadAll(io.LimitReader(from, maxBody+1))
	}
	switch {
	case err != nil:
		return refuse(badRequest, "request", "the body is no %s: %v", encoding, err)
	case len(x.body) > maxBody:
		return refuse(requestTooLarge, "request", "the body is larger than %d bytes", maxBody)
	}
	x.r.Header.Del("Content-Encoding")
	return nil
}

// deflate compresses an answer that is large enough, where the client takes it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-receive-response-with-compressed-payload.html
func (x *exchange) deflate(a *answer, h http.Header) {
	if x.api == nil || x.api.MinCompression < 0 || len(a.body) < x.api.MinCompression || len(a.body) == 0 || h.Get("Content-Encoding") != "" {
		return
	}
	coding := chosenCoding(x.r.Header.Get("Accept-Encoding"))
	var b bytes.Buffer
	var to io.WriteCloser
	switch coding {
	case "gzip":
		to = gzip.NewWriter(&b)
	case "deflate":
		to, _ = zlib.NewWriterLevel(&b, flate.DefaultCompression)
	default:
		return
	}
	to.Write(a.body)
	to.Close()
	a.body = b.Bytes()
	h["Content-Encoding"] = []string{coding}
}

// chosenCoding is the first of the client's that is here; * stands for gzip.
func chosenCoding(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(weight) == "q=0" {
			continue
		}
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "gzip", "deflate", "identity":
			return name
		case "*":
			return "gzip"
		}
	}
	return ""
}
