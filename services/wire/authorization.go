package wire

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// authorization is what a request says about its own signature, taken from the
// Authorization header or from the query of a presigned URL.
type authorization struct {
	accessKeyID   string
	scope         scope
	timestamp     string // as sent in X-Amz-Date, or made from Date
	at            time.Time
	signedHeaders []string // lower case, as listed
	signature     string
	token         string        // session token
	payload       string        // X-Amz-Content-Sha256, if sent
	presigned     bool          // by query
	expires       time.Duration // presigned: good this long from at
}

// parseAuthorization reads the signature's parts. All that is wrong with them
// is in the one error, as AWS says it.
func parseAuthorization(r *http.Request) (*authorization, *Error) {
	if header := r.Header.Get("Authorization"); header != "" {
		return parseHeader(r, header)
	}
	query := r.URL.Query()
	if query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential") {
		return parsePresigned(r, query)
	}
	return nil, common(missingToken, "Missing Authentication Token")
}

func checkAlgorithm(name string) *Error {
	switch {
	case name == algorithm:
		return nil
	case strings.HasPrefix(name, "AWS4-ECDSA-P256"):
		return common(incompleteSignature,
			"bailey does not have SigV4a (%s); sign with %s", name, algorithm)
	}
	return common(incompleteSignature, "Unsupported AWS 'algorithm': '%s'.", name)
}

// parseHeader reads
//
//	AWS4-HMAC-SHA256 Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=hex
func parseHeader(r *http.Request, header string) (*authorization, *Error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(header), " ")
	if strings.HasPrefix(name, "AWS4-") {
		if err := checkAlgorithm(name); err != nil {
			return nil, err
		}
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[key] = value
	}
	var wrong []string
	for _, key := range []string{"Credential", "Signature", "SignedHeaders"} {
		if fields[key] == "" {
			wrong = append(wrong, "Authorization header requires '"+key+"' parameter.")
		}
	}
	date := r.Header.Get("X-Amz-Date")
	if date == "" {
		date = r.Header.Get("Date")
	}
	if date == "" {
		wrong = append(wrong, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if len(wrong) > 0 {
		sum := sha256.Sum256([]byte(header))
		return nil, common(incompleteSignature,
			"%s (Hashed with SHA-256 and encoded with Base64) Authorization=%s",
			strings.Join(wrong, " "), base64.StdEncoding.EncodeToString(sum[:]))
	}
	a := &authorization{
		signature: fields["Signature"],
		token:     r.Header.Get("X-Amz-Security-Token"),
		payload:   r.Header.Get("X-Amz-Content-Sha256"),
	}
	return a, a.fill(fields["Credential"], fields["SignedHeaders"], date)
}

// maxExpires is the longest that a presigned URL may be good for: seven days.
const maxExpires = 7 * 24 * time.Hour

func parsePresigned(r *http.Request, query url.Values) (*authorization, *Error) {
	var wrong []string
	for _, key := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"} {
		if query.Get(key) == "" {
			wrong = append(wrong, "AWS query-string parameters must include '"+key+"'.")
		}
	}
	if len(wrong) > 0 {
		return nil, common(incompleteSignature, "%s Re-examine the query-string parameters.", strings.Join(wrong, " "))
	}
	if err := checkAlgorithm(query.Get("X-Amz-Algorithm")); err != nil {
		return nil, err
	}
	a := &authorization{
		presigned: true,
		signature: query.Get("X-Amz-Signature"),
		token:     query.Get("X-Amz-Security-Token"),
		payload:   query.Get("X-Amz-Content-Sha256"),
		expires:   defaultSkew,
	}
	if a.payload == "" {
		a.payload = r.Header.Get("X-Amz-Content-Sha256")
	}
	if text := query.Get("X-Amz-Expires"); text != "" {
		seconds, err := strconv.ParseUint(text, 10, 32)
		a.expires = time.Duration(seconds) * time.Second
		if err != nil || a.expires > maxExpires {
			return nil, common(incompleteSignature, "X-Amz-Expires must be a number of seconds from 0 to 604800, not '%s'.", text)
		}
	}
	return a, a.fill(query.Get("X-Amz-Credential"), query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Date"))
}

// fill reads the three parts that header and query spell alike.
func (a *authorization) fill(credential, signedHeaders, date string) *Error {
	part := strings.Split(credential, "/")
	if len(part) != 5 {
		return common(incompleteSignature,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	}
	a.accessKeyID, a.scope = part[0], scope{date: part[1], region: part[2], service: part[3]}
	if part[4] != terminator {
		return common(invalidSignature, "Credential should be scoped with a valid terminator: '%s', not '%s'.", terminator, part[4])
	}
	var err error
	if a.at, err = parseDate(date); err != nil {
		return common(incompleteSignature,
			"Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", date)
	}
	a.timestamp = a.at.Format(isoBasic)
	if day := a.timestamp[:8]; day != a.scope.date {
		return common(invalidSignature,
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '%s' != '%s', from '%s'.",
			a.scope.date, day, a.timestamp)
	}
	a.signedHeaders = strings.Split(strings.ToLower(signedHeaders), ";")
	if !slices.Contains(a.signedHeaders, "host") {
		return common(invalidSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}

// parseDate takes the ISO 8601 basic format, or a Date header's HTTP date, whose
// zone botocore writes as -0000.
func parseDate(s string) (time.Time, error) {
	var firstErr error
	for _, layout := range []string{isoBasic, http.TimeFormat, time.RFC1123Z} {
		t, err := time.Parse(layout, s)
		if err == nil {
			return t.UTC(), nil
		}
		firstErr = cmp.Or(firstErr, err)
	}
	return time.Time{}, firstErr
}
