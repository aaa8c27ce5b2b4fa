package accesstest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"bailey/services/wire"
)

// A Direct client calls one service without a listener, as somebody who may
// everything.
type Direct struct {
	service *wire.Service
	handler http.Handler
}

var anybody = wire.Credential{SecretAccessKey: "s", Account: Account, PrincipalARN: "arn:aws:iam::" + Account + ":user/u"}

// NewDirect makes a Direct client of a service of the JSON protocols.
func NewDirect(s *wire.Service) Direct {
	h, err := wire.New(wire.Config{
		Services: []*wire.Service{s}, Region: Region,
		Verifier:  &wire.Verifier{Secret: func(string, wire.Origin) (wire.Credential, bool) { return anybody, true }},
		Authorize: func(context.Context, *wire.Call, string, []string) error { return nil },
	})
	if err != nil {
		panic(err) // the table is wrong
	}
	return Direct{s, h}
}

// Call calls an operation.
func (d Direct) Call(operation string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "http://localhost:4566/", bytes.NewReader(body))
	r.Header.Set("X-Amz-Target", d.service.TargetPrefix+"."+operation)
	wire.Sign(r, body, "AKIA", anybody, Region, d.service.Name, time.Now())
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

// Killed runs the test's own binary with the environment variable set to dir,
// kills it when it has printed the number least, and returns the last number
// that it printed before it died.
func Killed(t *testing.T, variable, dir string, least int) int {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	last, killed := -1, false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Sscan(lines.Text(), &last)
		if last >= least && !killed {
			killed = cmd.Process.Kill() == nil // what it answered before it died still comes
		}
	}
	cmd.Wait()
	if last < least {
		t.Fatalf("it printed %d numbers only", last+1)
	}
	return last
}
