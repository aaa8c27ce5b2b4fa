package logs

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/services/wire"
)

// Whatever JSON comes, every operation answers in AWS's form.
func FuzzOperations(f *testing.F) {
	f.Add([]byte(`{"logGroupName": "/g", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}], "filterPattern": "?\"a", "limit": 1}`))
	f.Add([]byte(`{"logGroupName": "/g", "logStreamName": "s", "nextToken": "f/1.9223372036854775807", "startFromHead": true}`))
	f.Add([]byte(`{"logGroupIdentifier": ":log-group::*", "nextToken": "", "logEvents": [], "endTime": -1}`))
	model, _ := cloud.New(cloud.Spec{Region: "us-west-2", Account: "123456789012"})
	l, err := New(Config{Model: func() *cloud.Model { return model }})
	if err != nil {
		f.Fatal(err)
	}
	l.Put("/g", "s", time.Now(), "m")
	anybody := wire.Credential{SecretAccessKey: "s"}
	router, err := wire.New(wire.Config{
		Services:  []*wire.Service{l.Service()},
		Verifier:  &wire.Verifier{Secret: func(string, wire.Origin) (wire.Credential, bool) { return anybody, true }},
		Authorize: func(context.Context, *wire.Call, string, []string) error { return nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range l.Service().Operations {
			r := httptest.NewRequest("POST", "http://localhost/", bytes.NewReader(body))
			r.Header.Set("X-Amz-Target", "Logs_20140328."+op.Name)
			wire.Sign(r, body, "AKIA", anybody, "us-west-2", "logs", time.Now())
			w := httptest.NewRecorder()
			router.ServeHTTP(w, r)
			if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", op.Name, w.Code, w.Body)
			}
		}
	})
}
