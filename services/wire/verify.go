package wire

import (
	"cmp"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Credential is what one access key stands for.
type Credential struct {
	SecretAccessKey string
	SessionToken    string    // temporary credentials only
	Expires         time.Time // zero: never
	Account         string    // 12 digits
	PrincipalARN    string    // arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION
	UserID          string    // aws:userid

	// Unverifiable: the secret is not known here, so any well-formed signature
	// with a good date passes. Public: the secret is known to everybody. Either
	// is worth something only in the Authorization header of a client that is
	// no web browser: a web page must not be able to act with it, and it can
	// make neither that header nor its own Origin header go away.
	Unverifiable, Public bool
}

// An Identity is who a request was proved to come from.
type Identity struct {
	AccessKeyID  string
	SessionToken string
	Region       string // of the signature's scope
	Service      string // signing name of the signature's scope
	SignedAt     time.Time
	Presigned    bool
	Account      string
	PrincipalARN string
	UserID       string
}

// defaultSkew is how far a client's clock may be off.
// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html, RequestExpired.
const defaultSkew = 15 * time.Minute

// A Verifier checks Signature Version 4, in the Authorization header or in the
// query of a presigned URL. It is safe for concurrent use if its functions are.
type Verifier struct {
	// Secret finds a credential by its key, for a request from there.
	Secret func(accessKeyID string, from Origin) (Credential, bool)
	Now    func() time.Time // nil: time.Now
	Skew   time.Duration    // 0: 15 minutes
}

// Verify returns who signed the request, whose body is given as it was sent.
// Its error is always an *Error, in AwsJSON's spelling; [Error.In] gives it in
// another protocol's. SigV4a and chunk-signed bodies are refused by name.
func (v *Verifier) Verify(r *http.Request, body []byte) (Identity, error) {
	a, err := parseAuthorization(r)
	if err != nil {
		return Identity{}, err
	}
	origin, _ := OriginFrom(r.Context())
	cred, ok := v.Secret(a.accessKeyID, origin)
	if !ok {
		return Identity{}, common(unrecognizedClient, "The security token included in the request is invalid.")
	}
	if cred.Unverifiable || cred.Public {
		if err := a.checkClient(r); err != nil {
			return Identity{}, err
		}
	}
	payload, err := a.payloadHash(body)
	if err != nil {
		return Identity{}, err
	}
	canonical := canonicalRequest(r, a.scope.service, a.signedHeaders, payload)
	want := a.scope.sign(cred.SecretAccessKey, a.timestamp, canonical)
	now := v.now()
	err = a.checkTime(now, v.skew())
	if !cred.Unverifiable {
		err = cmp.Or(a.checkToken(cred, now), err, a.checkSignature(want))
	}
	if err != nil {
		return Identity{}, err
	}
	return a.identity(cred), nil
}

// checkClient keeps web pages from acting with a credential that is no secret.
// A browser says by itself that it is one, and a page cannot stop it; one whose
// own name was made to lead here is known by that name.
// https://developer.mozilla.org/en-US/docs/Glossary/Forbidden_request_header
func (a *authorization) checkClient(r *http.Request) *Error {
	switch {
	case a.presigned:
		return common(unrecognizedClient, "The security token included in the request is invalid: "+
			"bailey takes a presigned URL only from a key that it issued itself")
	case r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "":
		return common(unrecognizedClient, "The security token included in the request is invalid: "+
			"bailey takes no request from a web page")
	case !localHost(r.Host):
		return common(unrecognizedClient, "The security token included in the request is invalid: "+
			"bailey does not answer for the host name %s; use localhost", printable(r.Host))
	case !hexSignature.MatchString(a.signature):
		return common(incompleteSignature, "Signature must be 64 hexadecimal digits, got '%s'", printable(a.signature))
	}
	return nil
}

// localHost reports whether a host name is one by which a client on this
// machine or in a container beside it calls, or AWS's own.
func localHost(host string) bool {
	if _, ok := ParseHost(host); ok {
		return true
	}
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	_, top, dotted := cutLast(strings.ToLower(host), ".")
	return !dotted || top == "localhost" || top == "internal" || top == "local"
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

var hexSignature = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (a *authorization) identity(cred Credential) Identity {
	return Identity{
		AccessKeyID: a.accessKeyID, SessionToken: a.token,
		Region: a.scope.region, Service: a.scope.service,
		SignedAt: a.at, Presigned: a.presigned,
		Account: cred.Account, PrincipalARN: cred.PrincipalARN, UserID: cred.UserID,
	}
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now().UTC()
	}
	return v.Now().UTC()
}

func (v *Verifier) skew() time.Duration {
	if v.Skew == 0 {
		return defaultSkew
	}
	return v.Skew
}

// payloadHash is the last line of the canonical request. A hash that the
// client sent is never taken on trust: it must be the body's.
func (a *authorization) payloadHash(body []byte) (string, *Error) {
	switch {
	case a.payload == unsignedPayload, a.presigned && a.scope.service == "s3":
		return unsignedPayload, nil
	case strings.HasPrefix(a.payload, "STREAMING-"):
		return "", common(incompleteSignature,
			"bailey does not have chunk-signed bodies (x-amz-content-sha256: %s); send the body whole", a.payload)
	}
	hash := hexSHA256(body)
	if a.payload != "" && a.payload != hash {
		return "", common(invalidSignature, "The provided 'x-amz-content-sha256' header does not match what was computed.")
	}
	return hash, nil
}

// checkToken holds the session token against the credential's. A long-term key
// has none, and a temporary one is worthless without it.
func (a *authorization) checkToken(cred Credential, now time.Time) *Error {
	if subtle.ConstantTimeCompare([]byte(a.token), []byte(cred.SessionToken)) == 0 {
		return common(unrecognizedClient, "The security token included in the request is invalid.")
	}
	if !cred.Expires.IsZero() && !now.Before(cred.Expires) {
		return common(expiredToken, "The security token included in the request is expired")
	}
	return nil
}

func (a *authorization) checkTime(now time.Time, skew time.Duration) *Error {
	earliest, latest := now.Add(-skew), now.Add(skew)
	stamp := now.Format(isoBasic)
	switch {
	case a.at.After(latest):
		return common(invalidSignature, "Signature not yet current: %s is still later than %s (%s + %d min.)",
			a.timestamp, latest.Format(isoBasic), stamp, int(skew.Minutes()))
	case a.presigned && now.After(a.at.Add(a.expires)):
		return common(requestExpired, "Request has expired.")
	case !a.presigned && a.at.Before(earliest):
		return common(invalidSignature, "Signature expired: %s is now earlier than %s (%s - %d min.)",
			a.timestamp, earliest.Format(isoBasic), stamp, int(skew.Minutes()))
	}
	return nil
}

func (a *authorization) checkSignature(want string) *Error {
	if subtle.ConstantTimeCompare([]byte(a.signature), []byte(want)) == 0 {
		return common(invalidSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

// Sign adds an Authorization header to a client's request, signing all its
// headers. It sets X-Amz-Date, and X-Amz-Security-Token for temporary
// credentials.
func Sign(r *http.Request, body []byte, accessKeyID string, cred Credential, region, service string, at time.Time) {
	stamp := at.UTC().Format(isoBasic)
	r.Header.Set("X-Amz-Date", stamp)
	if cred.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", cred.SessionToken)
	}
	r.Header.Del("Authorization")
	names := []string{"host"}
	for name := range r.Header {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	payload := cmp.Or(r.Header.Get("X-Amz-Content-Sha256"), hexSHA256(body))
	s := scope{date: stamp[:8], region: region, service: service}
	signature := s.sign(cred.SecretAccessKey, stamp, canonicalRequest(r, service, names, payload))
	r.Header.Set("Authorization", algorithm+" Credential="+accessKeyID+"/"+s.String()+
		", SignedHeaders="+strings.Join(names, ";")+", Signature="+signature)
}
