package wire

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const (
	algorithm       = "AWS4-HMAC-SHA256"
	terminator      = "aws4_request"
	unsignedPayload = "UNSIGNED-PAYLOAD"
	isoBasic        = "20060102T150405Z"
)

// scope is the credential scope: what a signing key is good for.
type scope struct{ date, region, service string }

func (s scope) String() string {
	return s.date + "/" + s.region + "/" + s.service + "/" + terminator
}

// sign returns the hexadecimal signature of a canonical request.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func (s scope) sign(secret, timestamp, canonical string) string {
	toSign := algorithm + "\n" + timestamp + "\n" + s.String() + "\n" + hexSHA256([]byte(canonical))
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.date, s.region, s.service, terminator} {
		key = hmacSHA256(key, part)
	}
	return hex.EncodeToString(hmacSHA256(key, toSign))
}

func hmacSHA256(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// canonicalRequest writes the request as both sides sign it. The names in
// signedHeaders are lower case.
func canonicalRequest(r *http.Request, service string, signedHeaders []string, payload string) string {
	names := slices.Clone(signedHeaders)
	slices.Sort(names)
	path, query := wireTarget(r)
	var b strings.Builder
	b.Grow(512)
	b.WriteString(r.Method + "\n")
	b.WriteString(canonicalPath(path, service) + "\n")
	b.WriteString(canonicalQuery(query) + "\n")
	for _, name := range names {
		b.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(names, ";") + "\n" + payload)
	return b.String()
}

// wireTarget returns path and query as they were sent, still encoded.
func wireTarget(r *http.Request) (path, query string) {
	target := r.RequestURI
	if !strings.HasPrefix(target, "/") { // a client's request, or an absolute form
		return r.URL.EscapedPath(), r.URL.RawQuery
	}
	path, query, _ = strings.Cut(target, "?")
	return path, query
}

// canonicalPath encodes the path once more than it was sent, after removing
// dot segments and doubled slashes; for S3, whose keys may hold both, it
// encodes it exactly once.
func canonicalPath(path, service string) string {
	if path == "" {
		return "/"
	}
	if service == "s3" {
		if plain, err := url.PathUnescape(path); err == nil {
			path = plain
		}
		return uriEncode(path, true)
	}
	var segments []string
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case segment == "" || segment == ".":
		case segment == "..":
			segments = segments[:max(len(segments)-1, 0)]
		default:
			segments = append(segments, uriEncode(segment, false))
		}
	}
	out := "/" + strings.Join(segments, "/")
	if len(segments) > 0 && strings.HasSuffix(path, "/") {
		out += "/"
	}
	return out
}

// canonicalQuery sorts by encoded name, then by encoded value, and leaves out
// the signature itself.
func canonicalQuery(raw string) string {
	if raw == "" {
		return ""
	}
	type pair struct{ name, value string }
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if part == "" || name == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, pair{reencode(name), reencode(value)})
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.name + "=" + p.value)
	}
	return b.String()
}

// reencode brings one part of a query into AWS's only spelling of it.
func reencode(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		s = plain
	}
	return uriEncode(s, false)
}

// uriEncode is AWS's UriEncode: every byte but the unreserved characters of
// RFC 3986 becomes %XY, upper case.
func uriEncode(s string, keepSlash bool) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		if unreserved(c) || c == '/' && keepSlash {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '_' || c == '.' || c == '~'
}

// headerValue joins a header's values by commas, each trimmed and its runs of
// spaces made one. Host and Content-Length stand apart in a Go request.
func headerValue(r *http.Request, name string) string {
	if name == "host" {
		return cmp.Or(r.Host, r.URL.Host)
	}
	values := r.Header.Values(name)
	if name == "content-length" && len(values) == 0 && r.ContentLength >= 0 {
		return strconv.FormatInt(r.ContentLength, 10)
	}
	trimmed := make([]string, len(values))
	for i, v := range values {
		trimmed[i] = strings.Join(strings.Fields(v), " ")
	}
	return strings.Join(trimmed, ",")
}
