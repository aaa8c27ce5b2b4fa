package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// The demo's table is as expected from its first to its last row, and nothing
// in it is left out.
func TestDemo(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(bailey, "up", "--once", "..", "--state", t.TempDir(), "--listen", "127.0.0.1:0").Output()
	if err != nil || bytes.Contains(out, []byte("not run")) || bytes.Count(out, []byte("✓")) < 20 {
		t.Errorf("%v\n%s", err, out)
	}
}

// Who gets in, by HTTP and the AWS SDK, and what PostgreSQL then holds.
func TestStory(t *testing.T) {
	t.Parallel()
	w := up(t, t.TempDir())
	defer w.stop()
	if status, _ := w.get("a.b.c"); status != 403 {
		t.Errorf("a token before any key is saved: %d", status)
	}
	for _, name := range []string{"ada", "bob"} {
		if err := w.addUser(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	w.saveKeys(2)
	ada := w.signIn("ada")
	w.eventually("ada is known", func() bool { status, _ := w.get(ada); return status == 200 })

	const word = `{"word":"подход","parts":["под","ход"]}`
	for name, c := range map[string]struct {
		token, body string
		status      int
	}{
		"no token": {"", word, 401}, "no JWT": {"x", word, 403}, "forged": {forged(ada), word, 403}, "alg none": {unsigned(ada), word, 403}, "cut off": {ada[:len(ada)-4], word, 403},
		"ada's": {ada, word, 201}, "no word": {ada, "{}", 400},
	} {
		if status, body, err := w.request(t.Context(), "POST", "/breakdown", c.token, c.body); status != c.status || err != nil {
			t.Errorf("POST with %s token: %d %s, %v; want %d", name, status, body, err, c.status)
		}
	}
	if status, body := w.get(""); status != 200 || !strings.HasPrefix(body, `{"you":null,`) || strings.Contains(body, "mine") || !strings.Contains(body, "подход") {
		t.Errorf("anonymous: %d %s", status, body)
	}
	if status, body := w.get(ada); status != 200 || !strings.HasPrefix(body, `{"you":"ada",`) || !strings.Contains(body, `"mine":true`) {
		t.Errorf("ada: %d %s", status, body)
	}
	if status, body := w.get(w.signIn("bob")); status != 200 || !strings.HasPrefix(body, `{"you":"bob",`) || strings.Contains(body, "mine") {
		t.Errorf("bob: %d %s", status, body)
	}
	var rows int
	if err := w.database().QueryRow(t.Context(), "SELECT count(*) FROM breakdowns WHERE word = 'подход'").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("PostgreSQL has %d rows, %v; want 1", rows, err)
	}

	// New keys: both are good until the old ones are withdrawn and that is saved.
	w.run("cognito", "rotate-keys", "UserPool")
	next := w.signIn("ada")
	if status, _ := w.get(next); status != 403 {
		t.Errorf("a token whose key is not saved yet: %d", status)
	}
	w.saveKeys(4)
	w.eventually("the new token is taken", func() bool { status, _ := w.get(next); return status == 200 })
	if status, _ := w.get(ada); status != 200 {
		t.Errorf("the old token while its key is published: %d", status)
	}
	w.run("cognito", "rotate-keys", "--withdraw", "UserPool")
	w.saveKeys(2)
	w.eventually("the old token is refused", func() bool { status, _ := w.get(ada); return status == 403 })
	if status, _ := w.get(next); status != 200 {
		t.Errorf("the new token after the old key is gone: %d", status)
	}
}

// forged is a token that says it is somebody else's.
func forged(token string) string {
	parts := strings.Split(token, ".")
	return parts[0] + "." + encode(map[string]any{"sub": "root", "token_use": "id", "exp": 1 << 40}) + "." + parts[2]
}

// unsigned is a token that asks not to be verified.
func unsigned(token string) string {
	return encode(map[string]any{"alg": "none", "typ": "JWT"}) + "." + strings.Split(token, ".")[1] + "."
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
