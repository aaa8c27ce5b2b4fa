package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"bailey/services/wire/wiretest"
)

// A signingCase is one request for botocore to sign: see testdata/sign.py.
type signingCase struct {
	Method   string            `json:"method"`
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers"`
	Body     []byte            `json:"body"`
	Service  string            `json:"service"`
	Region   string            `json:"region"`
	Key      string            `json:"key"`
	Secret   string            `json:"secret"`
	Token    string            `json:"token"`
	Time     int64             `json:"time"`
	Style    string            `json:"style"`
	Unsigned bool              `json:"unsigned"`
}

// received turns what botocore signed into what a server receives.
func (c signingCase) received(t *testing.T, signedURL string, headers [][2]string) *http.Request {
	t.Helper()
	u, err := url.Parse(signedURL)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	_, target, _ := strings.Cut(strings.TrimPrefix(signedURL, u.Scheme+"://"), u.Host)
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", c.Method, target, u.Host)
	for _, h := range headers {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(c.Body), c.Body)
	r, err := http.ReadRequest(bufio.NewReader(&b))
	if err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	return r
}

// signingCases are requests with everything that canonicalisation treats: odd
// paths, repeated and empty parameters, runs of spaces, each way to sign.
func signingCases(n int) []signingCase {
	rnd := rand.New(rand.NewPCG(4, 566))
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	segment := func() string {
		return pick("", "a", ".", "..", "a%20b", "arn:aws:lambda", "arn%3Aaws%3Alambda", "%2F", "~x-._", "é", "(1)", "$LATEST", "a+b", "%25")
	}
	var cases []signingCase
	for i := range n {
		c := signingCase{
			Method: pick("GET", "POST", "PUT"), Service: pick("ssm", "lambda", "sts", "execute-api", "s3"),
			Region: pick("us-west-2", "eu-central-1"), Key: exampleKey, Secret: exampleSecret,
			Token: pick("", "IQoJb3JpZ2lu/+=="), Time: 1700000000 + int64(i)*997, Style: pick("header", "header", "query", "date"),
			Body: []byte(pick("", "{}", "Action=X&Version=1", "\x00\xff binary")), Unsigned: rnd.IntN(4) == 0,
			Headers: map[string]string{"X-Amz-Target": pick("A.B", "  two   spaces  ", "a,b")},
		}
		if c.Style == "query" {
			c.Body = nil       // botocore would move it into the query
			c.Unsigned = false // botocore would not tell the server
		}
		path := "/"
		for range rnd.IntN(5) {
			path += segment() + "/"
		}
		if rnd.IntN(2) == 0 && len(path) > 1 {
			path = strings.TrimSuffix(path, "/")
		}
		if c.Service == "s3" { // S3's clients send the one encoding that AWS asks for
			path = strings.NewReplacer(":", "%3A", "(", "%28", ")", "%29", "$", "%24", "+", "%2B", "é", "%C3%A9").Replace(path)
			path = strings.ReplaceAll(path, "%2F", "x")
			c.Style = strings.Replace(c.Style, "date", "header", 1)
		}
		path = strings.ReplaceAll(path, "é", "%C3%A9")
		var query []string
		for range rnd.IntN(4) {
			query = append(query, pick("a", "a-b", "A", "List")+pick("", "=", "=1", "=x%20y", "=%2F", "=~", "=ALL"))
		}
		c.URL = pick("https://", "http://") + pick("ssm.us-west-2.amazonaws.com", "localhost:4566") + path
		if len(query) > 0 {
			c.URL += "?" + normalQuery(query)
		}
		cases = append(cases, c)
	}
	return cases
}

// normalQuery writes each pair as SDKs do, name=value.
func normalQuery(pairs []string) string {
	for i, p := range pairs {
		if !strings.Contains(p, "=") {
			pairs[i] = p + "="
		}
	}
	return strings.Join(pairs, "&")
}

// botocore, AWS's own signer, signs; we verify. One byte changed, we refuse.
func TestVerifyBotocore(t *testing.T) {
	cases := signingCases(400)
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(wiretest.Python(t), "testdata/sign.py")
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("sign.py: %v\n%s", err, stderr.String())
	}
	var results []struct {
		URL     string      `json:"url"`
		Headers [][2]string `json:"headers"`
	}
	if err := json.Unmarshal(out, &results); err != nil || len(results) != len(cases) {
		t.Fatalf("sign.py gave %d results: %v", len(results), err)
	}
	for i, c := range cases {
		cred := exampleCred
		cred.SessionToken = c.Token
		at := time.Unix(c.Time, 0)
		v := Verifier{Secret: func(string, Origin) (Credential, bool) { return cred, true }, Now: clock(at)}
		r := c.received(t, results[i].URL, results[i].Headers)
		id, err := v.Verify(r, c.Body)
		if err != nil {
			t.Errorf("%s %s of %s for %s (unsigned %v): %v\n%v", c.Style, c.Method, c.URL, c.Service, c.Unsigned, err, results[i])
			continue
		}
		if id.Region != c.Region || id.Service != c.Service || id.SessionToken != c.Token || id.Presigned != (c.Style == "query") {
			t.Errorf("%s: identity %+v", c.URL, id)
		}
		r.Header.Set("X-Amz-Target", "A.C")
		if _, err := v.Verify(r, c.Body); err == nil {
			t.Errorf("%s %s: accepted with another X-Amz-Target", c.Style, c.URL)
		}
	}
}
