package wire

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// Whatever arrives, Verify answers, and accepts nothing that it did not see
// signed.
func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00", "20150830T123600Z", "/", "a=1")
	f.Add("", "", "/%zz//..", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request"+
		"&X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host;;&X-Amz-Signature=0&X-Amz-Expires=1")
	v := Verifier{Secret: secrets, Now: clock(day("20150830T123600Z"))}
	f.Fuzz(func(t *testing.T, authorization, date, path, query string) {
		r := &http.Request{Method: "GET", Host: "iam.amazonaws.com", RequestURI: path + "?" + query,
			URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}}}
		if id, err := v.Verify(r, nil); err == nil {
			t.Errorf("accepted %+v", id)
		}
	})
}

// Whatever bytes arrive, the Router answers with a status, in bounded words.
func FuzzRouter(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nHost: ssm.us-west-2.amazonaws.com\r\nX-Amz-Target: AmazonSSM.GetParameter\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 65\r\n\r\n" +
		"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&a.member.1.b=2"))
	f.Add([]byte("GET /2015-03-31/functions/%zz?X-Amz-Credential=a/b/c/lambda/d HTTP/1.1\r\nHost: vpce-1.lambda.x.vpce.amazonaws.com\r\n\r\n"))
	f.Add([]byte("OPTIONS * HTTP/1.1\r\nHost: lambda.us-west-2.amazonaws.com\r\nContent-Encoding: gzip\r\n\r\n"))
	rt := newRouter(f, testConfig())
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		rt.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 599 || w.Body.Len() > 64<<10 {
			t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
		}
	})
}

// Whatever body is signed, decoding it ends in a value or an *Error.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"Name": "n", "Items": [{"Key": 1}], "At": 1e9, "deep": {"deep": null}}`), "a=1&Names.member.1=x&ByName.entry.1.key=k")
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		if tree, err := jsonTree(body); err == nil {
			_ = decodeInto(AwsJSON11, tree, &shape{})
		}
		form, err := parseForm(query, body)
		if err != nil {
			return
		}
		if tree, err := formTree(form); err == nil {
			_ = decodeInto(AwsQuery, tree, &shape{})
		}
	})
}
