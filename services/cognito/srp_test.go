package cognito_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bailey/cloud"
)

const oracle = "amazon-cognito-identity-js@6.3.21"

// nodeModules gives a folder with the client that does SRP: $BAILEY_ORACLES or,
// installed once, a folder in the user's cache.
func nodeModules(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("no node on this machine")
	}
	dir := os.Getenv("BAILEY_ORACLES")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			t.Skip("no cache folder on this machine: ", err)
		}
		dir = filepath.Join(cache, "bailey-oracles", "cognito")
	}
	modules := filepath.Join(dir, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, "amazon-cognito-identity-js")); err == nil {
		return modules
	}
	if out, err := exec.Command("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", dir, oracle).CombinedOutput(); err != nil {
		t.Skipf("%s is not installed and cannot be: %v\n%s", oracle, err, out)
	}
	return modules
}

// A browser is an application that uses amazon-cognito-identity-js.
type browser struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Scanner
}

func (b *bench) browser(t *testing.T) *browser {
	t.Helper()
	srv := httptest.NewServer(b.wire)
	t.Cleanup(srv.Close)
	cmd := exec.CommandContext(t.Context(), "node", "testdata/identity.js", srv.URL, poolID, clientID)
	cmd.Env = append(os.Environ(), "NODE_PATH="+nodeModules(t))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Logf("node: %v\n%s", err, stderr.String())
		}
	})
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	return &browser{t, in, lines}
}

// does takes one step.
func (w *browser) does(what, user string, more ...any) object {
	w.t.Helper()
	step := object{"do": what, "user": user}
	for i := 0; i < len(more); i += 2 {
		step[more[i].(string)] = more[i+1]
	}
	if err := json.NewEncoder(w.in).Encode(step); err != nil {
		w.t.Fatal(err)
	}
	var out object
	if !w.out.Scan() || json.Unmarshal(w.out.Bytes(), &out) != nil {
		w.t.Fatalf("%s %s: node printed %q, %v", what, user, w.out.Text(), w.out.Err())
	}
	return out
}

// The real client's whole life of a user: SRP, a new password, refreshing,
// changing the password, signing out everywhere.
func TestSRPWithTheRealClient(t *testing.T) {
	b := fresh(t)
	web := b.browser(t)
	b.do("AdminCreateUser", admin("ada", "TemporaryPassword", "temporary1", "UserAttributes", attributes("email", "a@example.com", "email_verified", "true")))
	same(t, "wrong password", web.does("signIn", "ada", "password", "wrong-pass1")["error"], wrong)
	same(t, "temporary password", web.does("signIn", "ada", "password", "temporary1")["challenge"], "NEW_PASSWORD_REQUIRED")
	if got := web.does("newPassword", "ada", "password", "Ünïcode-päss1"); got["error"] != nil {
		t.Fatal(got)
	}
	in := web.does("signIn", "ada", "password", "Ünïcode-päss1")
	if in["error"] != nil {
		t.Fatal(in)
	}
	id, access := in["id"].(object), in["access"].(object)
	same(t, "ID token", []any{id["cognito:username"], id["email"], id["email_verified"], id["token_use"], id["aud"]}, "[ada a@example.com true id "+clientID+"]")
	same(t, "access token", []any{access["username"], access["scope"], access["token_use"], access["client_id"]}, "[ada aws.cognito.signin.user.admin access "+clientID+"]")
	same(t, "attributes", web.does("attributes", "ada")["result"].([]any)[0], "[email a@example.com]")
	again := web.does("refresh", "ada")
	same(t, "refreshed", again["access"].(object)["origin_jti"], access["origin_jti"])
	same(t, "changed", web.does("changePassword", "ada", "password", "Ünïcode-päss1", "next", "another-pass1")["result"], "SUCCESS")
	same(t, "the old one is gone", web.does("signIn", "ada", "password", "Ünïcode-päss1")["error"], wrong)
	if got := web.does("signIn", "ada", "password", "another-pass1"); got["error"] != nil {
		t.Fatal(got)
	}
	same(t, "out", web.does("signOutEverywhere", "ada")["error"], nil)
	b.do("AdminDisableUser", admin("ada"))
	same(t, "disabled", web.does("signIn", "ada", "password", "another-pass1")["error"], "NotAuthorizedException: User is disabled.")
}

// Salts and keys of every shape: leading zeros, set first bits, user names whose
// own name is not what was typed.
func TestSRPOfManyUsers(t *testing.T) {
	b := fresh(t, byEmail, func(p *cloud.UserPool) { p.CaseSensitive = false })
	web := b.browser(t)
	for n := range 6 {
		name := string(rune('a'+n)) + "@Example.com"
		b.user(name, "right-pass1")
		in := web.does("signIn", strings.ToLower(name), "password", "right-pass1")
		if in["error"] != nil {
			t.Fatalf("%s: %v", name, in)
		}
		id := in["id"].(object)
		same(t, "user name", id["cognito:username"], id["sub"])
		same(t, "email", id["email"], name)
	}
	same(t, "nobody", web.does("signIn", "z@example.com", "password", "right-pass1")["error"], noUser)
}

func TestSignUpWithTheRealClient(t *testing.T) {
	b := fresh(t)
	web := b.browser(t)
	up := web.does("signUp", "ada", "password", "right-pass1", "attributes", object{"email": "ada@example.com"})["result"].(object)
	same(t, "sent", up["delivery"], "map[AttributeName:email DeliveryMedium:EMAIL Destination:a***@e***]")
	same(t, "not confirmed", web.does("signIn", "ada", "password", "right-pass1")["error"], "UserNotConfirmedException: User is not confirmed.")
	same(t, "wrong code", web.does("confirm", "ada", "code", "x")["error"], badCode)
	same(t, "confirmed", web.does("confirm", "ada", "code", b.lastPost().Code)["result"], "SUCCESS")
	if in := web.does("signIn", "ada", "password", "right-pass1"); in["error"] != nil {
		t.Fatal(in)
	}
	web.does("forgot", "ada")
	same(t, "reset", web.does("reset", "ada", "code", b.lastPost().Code, "password", "second-pass1")["result"], "SUCCESS")
	if in := web.does("signIn", "ada", "password", "second-pass1"); in["error"] != nil {
		t.Fatal(in)
	}
}
