package gateway

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// append2 writes an event of format 2.0 as encoding/json would, only that maps
// are not sorted: two thirds of a request's time would otherwise go into
// reflection over small maps. The tests hold both against each other.
func (e *event2) append2(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.text("version", e.Version)
	w.text("routeKey", e.RouteKey)
	w.text("rawPath", e.RawPath)
	w.text("rawQueryString", e.RawQuery)
	if len(e.Cookies) > 0 {
		w.key("cookies")
		w.list(e.Cookies)
	}
	w.texts("headers", e.Headers)
	if len(e.Query) > 0 {
		w.texts("queryStringParameters", e.Query)
	}
	w.key("requestContext")
	e.Context.append2(&w)
	if len(e.PathParams) > 0 {
		w.texts("pathParameters", e.PathParams)
	}
	if e.Body != nil {
		w.text("body", *e.Body)
	}
	if e.Base64 != nil {
		w.key("isBase64Encoded")
		w.b = strconv.AppendBool(w.b, *e.Base64)
	}
	if len(e.Variables) > 0 {
		w.texts("stageVariables", e.Variables)
	}
	return append(w.b, '}')
}

func (c *context2) append2(w *writer) {
	w.open()
	w.text("accountId", c.AccountID)
	w.text("apiId", c.APIID)
	if c.Authorizer != nil {
		w.key("authorizer")
		c.Authorizer.append2(w)
	}
	w.text("domainName", c.DomainName)
	w.text("domainPrefix", c.DomainPrefix)
	w.key("http")
	w.open()
	w.text("method", c.HTTP.Method)
	w.text("path", c.HTTP.Path)
	w.text("protocol", c.HTTP.Protocol)
	w.text("sourceIp", c.HTTP.SourceIP)
	w.text("userAgent", c.HTTP.UserAgent)
	w.close()
	w.text("requestId", c.RequestID)
	w.text("routeKey", c.RouteKey)
	w.text("stage", c.Stage)
	w.text("time", c.Time)
	w.key("timeEpoch")
	w.b = strconv.AppendInt(w.b, c.TimeEpoch, 10)
	w.close()
}

func (a *authorizer2) append2(w *writer) {
	if a.JWT == nil { // rarer, and of any shape
		text, err := json.Marshal(a)
		if err != nil { // a context comes out of JSON and goes back into it
			text = []byte("null")
		}
		w.b = append(w.b, text...)
		return
	}
	w.open()
	w.key("jwt")
	w.open()
	w.texts("claims", a.JWT.Claims)
	w.key("scopes")
	if a.JWT.Scopes == nil {
		w.b = append(w.b, "null"...)
	} else {
		w.list(a.JWT.Scopes)
	}
	w.close()
	w.close()
}

// A writer writes JSON. What it writes last tells whether a comma is due.
type writer struct{ b []byte }

func (w *writer) open()  { w.b = append(w.b, '{') }
func (w *writer) close() { w.b = append(w.b, '}') }

func (w *writer) comma() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

func (w *writer) key(name string) {
	w.comma()
	w.b = append(appendText(w.b, name), ':')
}

func (w *writer) text(name, value string) {
	w.key(name)
	w.b = appendText(w.b, value)
}

func (w *writer) texts(name string, values map[string]string) {
	w.key(name)
	w.open()
	for k, v := range values {
		w.text(k, v)
	}
	w.close()
}

func (w *writer) list(values []string) {
	w.b = append(w.b, '[')
	for _, v := range values {
		w.comma()
		w.b = appendText(w.b, v)
	}
	w.b = append(w.b, ']')
}

// appendText appends a JSON string. What is not valid UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if c >= utf8.RuneSelf && (r != utf8.RuneError || size > 1) {
			i += size
			continue
		}
		b = append(b, s[done:i]...)
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, "\ufffd"...)
		}
		i += size
		done = i
	}
	return append(append(b, s[done:]...), '"')
}

// plain are the bytes that stand for themselves in a JSON string.
var plain = func() (out [256]bool) {
	for c := range utf8.RuneSelf {
		out[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return out
}()

const hexDigits = "0123456789abcdef"
