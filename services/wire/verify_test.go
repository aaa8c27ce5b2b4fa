package wire

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The worked example of AWS's documentation: IAM ListUsers on 30 August 2015.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
func documentedExample() *http.Request {
	return request("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", "",
		"Content-Type", "application/x-www-form-urlencoded; charset=utf-8",
		"X-Amz-Date", "20150830T123600Z",
		"Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "+
			"SignedHeaders=content-type;host;x-amz-date, "+
			"Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
}

func TestVerifyDocumentedExample(t *testing.T) {
	v := Verifier{Secret: secrets, Now: clock(day("20150830T123600Z"))}
	got, err := v.Verify(documentedExample(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Identity{
		AccessKeyID: exampleKey, Region: "us-east-1", Service: "iam", SignedAt: day("20150830T123600Z"),
		Account: exampleCred.Account, PrincipalARN: exampleCred.PrincipalARN, UserID: exampleCred.UserID,
	}
	if got != want {
		t.Errorf("Verify = %+v, want %+v", got, want)
	}
}

func TestVerifyRefuses(t *testing.T) {
	const credential = "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request"
	auth := func(value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	replace := func(old, new string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
		}
	}
	presign := func(query string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Del("Authorization"); r.RequestURI = ""; r.URL.RawQuery = query }
	}
	const presigned = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request" +
		"&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
	tests := []struct {
		name    string
		change  func(*http.Request)
		code    string
		message string
	}{
		{"no signature", func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"bearer", auth("Bearer abc"), "IncompleteSignatureException", "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed"},
		{"no date", func(r *http.Request) { r.Header.Del("X-Amz-Date") }, "IncompleteSignatureException", "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."},
		{"bad date", func(r *http.Request) { r.Header.Set("X-Amz-Date", "yesterday") }, "IncompleteSignatureException", "Got 'yesterday'"},
		{"sigv4a", auth("AWS4-ECDSA-P256-SHA256 " + credential), "IncompleteSignatureException", "bailey does not have SigV4a (AWS4-ECDSA-P256-SHA256)"},
		{"sha1", auth("AWS4-HMAC-SHA1 " + credential), "IncompleteSignatureException", "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'."},
		{"short credential", replace("/iam/", "/"), "IncompleteSignatureException", "exactly 5 slash-delimited elements"},
		{"terminator", replace("aws4_request", "aws5_request"), "InvalidSignatureException", "valid terminator: 'aws4_request', not 'aws5_request'"},
		{"other day", replace("20150830", "20150829"), "InvalidSignatureException", "'20150829' != '20150830', from '20150830T123600Z'"},
		{"host not signed", replace("content-type;host;", "content-type;"), "InvalidSignatureException", "'Host' or ':authority' must be a 'SignedHeader'"},
		{"unknown key", replace("AKIDEXAMPLE", "AKIDNOBODY"), "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"token with a long-term key", func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "t") }, "UnrecognizedClientException", "The security token included in the request is invalid."},
		{"other signature", replace("5d672d", "5d672e"), "InvalidSignatureException", "The request signature we calculated does not match"},
		{"signature cut short", replace("Signature=5d672d", "Signature="), "InvalidSignatureException", "does not match"},
		{"other region", replace("us-east-1", "us-east-2"), "InvalidSignatureException", "does not match"},
		{"other method", func(r *http.Request) { r.Method = "POST" }, "InvalidSignatureException", "does not match"},
		{"other query", func(r *http.Request) { r.RequestURI = "/?Action=DeleteUser&Version=2010-05-08" }, "InvalidSignatureException", "does not match"},
		{"other path", func(r *http.Request) { r.RequestURI = "/x?Action=ListUsers&Version=2010-05-08" }, "InvalidSignatureException", "does not match"},
		{"other host", func(r *http.Request) { r.Host = "sts.amazonaws.com" }, "InvalidSignatureException", "does not match"},
		{"other header", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, "InvalidSignatureException", "does not match"},
		{"lying body hash", func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", hexSHA256([]byte("x"))) }, "InvalidSignatureException", "does not match what was computed"},
		{"chunk-signed", func(r *http.Request) {
			r.Header.Set("X-Amz-Content-Sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
		}, "IncompleteSignatureException", "bailey does not have chunk-signed bodies"},
		{"presigned without parts", presign("X-Amz-Algorithm=AWS4-HMAC-SHA256"), "IncompleteSignatureException", "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Date'."},
		{"presigned for ever", presign(presigned + "&X-Amz-Expires=604801"), "IncompleteSignatureException", "0 to 604800, not '604801'"},
		{"presigned badly", presign(presigned), "InvalidSignatureException", "does not match"},
	}
	v := Verifier{Secret: secrets, Now: clock(day("20150830T123600Z"))}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := documentedExample()
			tt.change(r)
			got, err := v.Verify(r, nil)
			wantError(t, err, tt.code, tt.message)
			if got != (Identity{}) {
				t.Errorf("a refused request has the identity %+v", got)
			}
		})
	}
}

func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error = %v, want %s", err, code)
	}
	if e.Code != code || !strings.Contains(e.Message, message) {
		t.Errorf("error = %v\nwant %s: ...%s...", e, code, message)
	}
}

func TestVerifyClock(t *testing.T) {
	at := day("20150830T123600Z")
	tests := []struct {
		name    string
		now     time.Time
		message string // empty: accepted
	}{
		{"15 minutes later", at.Add(15 * time.Minute), ""},
		{"15 minutes before", at.Add(-15 * time.Minute), ""},
		{"later still", at.Add(15*time.Minute + time.Second),
			"Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)"},
		{"earlier still", at.Add(-15*time.Minute - time.Second),
			"Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := Verifier{Secret: secrets, Now: clock(tt.now)}
			_, err := v.Verify(documentedExample(), nil)
			if tt.message == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "InvalidSignatureException", tt.message)
		})
	}
}

func TestVerifyTemporaryCredential(t *testing.T) {
	at := day("20150830T123600Z")
	cred := Credential{SecretAccessKey: "s", SessionToken: "token/+=", Expires: at.Add(time.Minute)}
	tests := []struct {
		name  string
		token string
		now   time.Time
		code  string
	}{
		{"right", cred.SessionToken, at, ""},
		{"other token", "token", at, "UnrecognizedClientException"},
		{"no token", "", at, "UnrecognizedClientException"},
		{"expired", cred.SessionToken, cred.Expires, "ExpiredTokenException"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request("POST", "http://localhost:4566/", "{}")
			Sign(r, []byte("{}"), "ASIA", Credential{SecretAccessKey: "s", SessionToken: tt.token}, "us-west-2", "ssm", at)
			v := Verifier{Secret: func(string, Origin) (Credential, bool) { return cred, true }, Now: clock(tt.now)}
			identity, err := v.Verify(r, []byte("{}"))
			if tt.code != "" {
				wantError(t, err, tt.code, "The security token included in the request is ")
			} else if err != nil || identity.SessionToken != tt.token {
				t.Errorf("Verify = %+v, %v", identity, err)
			}
		})
	}
}

// A signature of one body is worth nothing with another, unless the client
// signed that it does not matter.
func TestVerifyBody(t *testing.T) {
	for _, payload := range []string{"", unsignedPayload} {
		r := request("POST", "http://localhost:4566/", "{}")
		if payload != "" {
			r.Header.Set("X-Amz-Content-Sha256", payload)
		}
		signed(r, "{}", "ssm")
		_, err := (&Verifier{Secret: secrets}).Verify(r, []byte(`{"other": 1}`))
		if accepted := err == nil; accepted != (payload == unsignedPayload) {
			t.Errorf("another body with x-amz-content-sha256 %q: %v", payload, err)
		}
	}
}

// A key whose secret is not known here passes with any signature, but not from
// a web page, and not in a URL.
func TestVerifyUnverifiable(t *testing.T) {
	at := day("20150830T123600Z")
	presigned := "/?Action=A&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIASTRANGER%2F20150830%2Fus-west-2%2Fssm%2Faws4_request" +
		"&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Signature=" + strings.Repeat("0", 64)
	tests := []struct {
		name    string
		change  func(*http.Request)
		code    string // empty: accepted
		message string
	}{
		{"as it is", func(*http.Request) {}, "", ""},
		{"a session token", func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "t") }, "", ""},
		{"the wrong secret", func(r *http.Request) { r.Header.Set("X-Signed", "no") }, "", ""},
		{"by 127.0.0.1", func(r *http.Request) { r.Host = "127.0.0.1:4566" }, "", ""},
		{"by [::1]", func(r *http.Request) { r.Host = "[::1]:4566" }, "", ""},
		{"by AWS's name", func(r *http.Request) { r.Host = "ssm.us-west-2.amazonaws.com" }, "", ""},
		{"by a container's", func(r *http.Request) { r.Host = "host.docker.internal:4566" }, "", ""},
		{"by a stranger's name", func(r *http.Request) { r.Host = "rebound.example.com:4566" }, "UnrecognizedClientException", "host name rebound.example.com:4566"},
		{"from a page", func(r *http.Request) { r.Header.Set("Origin", "https://example.com") }, "UnrecognizedClientException", "web page"},
		{"from a page's image", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, "UnrecognizedClientException", "web page"},
		{"no signature", func(r *http.Request) { r.Header.Del("Authorization") }, "MissingAuthenticationTokenException", ""},
		{"half a signature", func(r *http.Request) {
			r.Header.Set("Authorization", strings.TrimSuffix(r.Header.Get("Authorization"), "0"))
		}, "IncompleteSignatureException", "64 hexadecimal digits"},
		{"a scope without a region", func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIASTRANGER/ssm, SignedHeaders=host, Signature=00")
		}, "IncompleteSignatureException", "5 slash-delimited"},
		{"yesterday's", func(r *http.Request) {
			Sign(r, nil, "AKIASTRANGER", Credential{}, "us-west-2", "ssm", at.Add(-24*time.Hour))
		}, "InvalidSignatureException", "Signature expired"},
		{"presigned", func(r *http.Request) {
			r.Header.Del("Authorization")
			r.URL, _ = url.Parse("http://localhost:4566" + presigned)
			r.RequestURI = presigned
		}, "UnrecognizedClientException", "presigned"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := request("POST", "http://localhost:4566/", "{}")
			Sign(r, []byte("{}"), "AKIASTRANGER", Credential{SecretAccessKey: "theirs"}, "us-west-2", "ssm", at)
			header := r.Header.Get("Authorization")
			r.Header.Set("Authorization", header[:len(header)-1]+"0") // so that one test can cut it
			tt.change(r)
			v := Verifier{Now: clock(at), Secret: func(string, Origin) (Credential, bool) {
				return Credential{Unverifiable: true, PrincipalARN: "arn:aws:iam::123456789012:root"}, true
			}}
			id, err := v.Verify(r, []byte("{}"))
			if tt.code != "" {
				wantError(t, err, tt.code, tt.message)
			} else if err != nil || id.PrincipalARN != "arn:aws:iam::123456789012:root" || id.AccessKeyID != "AKIASTRANGER" {
				t.Errorf("Verify = %+v, %v", id, err)
			}
		})
	}
}

// A secret that everybody knows must be right all the same, and is worth
// nothing in a web page.
func TestVerifyPublic(t *testing.T) {
	at := day("20150830T123600Z")
	public := Credential{SecretAccessKey: "test", Public: true}
	v := Verifier{Now: clock(at), Secret: func(string, Origin) (Credential, bool) { return public, true }}
	for secret, code := range map[string]string{"test": "", "other": "InvalidSignatureException"} {
		r := request("POST", "http://localhost:4566/", "{}")
		Sign(r, []byte("{}"), "test", Credential{SecretAccessKey: secret}, "us-west-2", "ssm", at)
		if _, err := v.Verify(r, []byte("{}")); code != "" {
			wantError(t, err, code, "does not match")
		} else if err != nil {
			t.Error(err)
		}
		r.Header.Set("Origin", "null")
		_, err := v.Verify(r, []byte("{}"))
		wantError(t, err, "UnrecognizedClientException", "web page")
	}
}

// Secret hears where the request comes from.
func TestVerifyOrigin(t *testing.T) {
	at := day("20150830T123600Z")
	v := Verifier{Now: clock(at), Secret: func(_ string, from Origin) (Credential, bool) {
		return Credential{SecretAccessKey: "s"}, from.Host
	}}
	r := request("POST", "http://localhost:4566/", "{}")
	Sign(r, []byte("{}"), "AKIA", Credential{SecretAccessKey: "s"}, "us-west-2", "ssm", at)
	if _, err := v.Verify(r.WithContext(WithOrigin(r.Context(), Origin{Host: true})), []byte("{}")); err != nil {
		t.Error(err)
	}
	_, err := v.Verify(r.WithContext(WithOrigin(r.Context(), Origin{VPCID: "vpc-1"})), []byte("{}"))
	wantError(t, err, "UnrecognizedClientException", "")
}

func TestErrorInProtocol(t *testing.T) {
	tests := []struct {
		kind   kind
		in     Protocol
		code   string
		status int
	}{
		{unrecognizedClient, AwsJSON11, "UnrecognizedClientException", 400},
		{unrecognizedClient, AwsQuery, "InvalidClientTokenId", 403},
		{unrecognizedClient, RestJSON, "UnrecognizedClientException", 403},
		{invalidSignature, AwsQuery, "SignatureDoesNotMatch", 403},
		{missingToken, AwsQuery, "MissingAuthenticationToken", 403},
		{expiredToken, AwsQuery, "ExpiredToken", 403},
		{accessDenied, AwsJSON10, "AccessDeniedException", 400},
		{accessDenied, AwsQuery, "AccessDenied", 403},
		{accessDenied, RestJSON, "AccessDeniedException", 403},
		{unknownOperation, RestJSON, "UnknownOperationException", 404},
	}
	for _, tt := range tests {
		got := common(tt.kind, "m").In(tt.in)
		if got.Code != tt.code || got.Status() != tt.status {
			t.Errorf("%s in %v = %s %d, want %s %d", commonErrors[tt.kind].json, tt.in, got.Code, got.Status(), tt.code, tt.status)
		}
	}
	own := Errorf("ExpiredTokenException", "the web identity's")
	if got := own.In(AwsQuery); got != own {
		t.Errorf("a handler's own error became %v", got)
	}
}

func BenchmarkVerify(b *testing.B) {
	v := Verifier{Secret: secrets}
	for name, size := range map[string]int{"100B": 100, "64KB": 64 << 10} {
		b.Run(name, func(b *testing.B) {
			body := strings.Repeat("x", size)
			r := signed(request("POST", "http://localhost:4566/", body, "X-Amz-Target", "AmazonSSM.GetParameter",
				"Content-Type", "application/x-amz-json-1.1", "User-Agent", "Boto3/1.43 md/Botocore#1.43"), body, "ssm")
			raw := []byte(body)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(r, raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
