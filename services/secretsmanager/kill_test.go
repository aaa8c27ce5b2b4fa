package secretsmanager_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/secretsmanager"
	"bailey/services/store"
)

// The test binary is also the Secrets Manager that a test kills.
const dirVariable = "BAILEY_SECRETS_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(dirVariable); dir != "" {
		if err := createUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// createUntilKilled prints each number when CreateSecret and PutSecretValue
// have answered.
func createUntilKilled(dir string) error {
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	model, _ := cloud.New(cloud.Spec{Region: Region, Account: Account})
	x, err := secretsmanager.New(secretsmanager.Config{Store: s, Model: func() *cloud.Model { return model }})
	if err != nil {
		return err
	}
	d := newDirect(x)
	for n := 0; ; n++ {
		for _, call := range [][2]string{{"CreateSecret", `{"Name": "s%d", "SecretString": "first"}`}, {"PutSecretValue", `{"SecretId": "s%[1]d", "SecretString": "%[1]d"}`}} {
			if w := d.call(call[0], fmt.Appendf(nil, call[1], n)); w.Code != 200 {
				return fmt.Errorf("%s %d: %s", call[0], n, w.Body)
			}
		}
		fmt.Println(n)
	}
}

// What has been answered for survives kill -9.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), dirVariable+"="+dir)
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
		if last >= 20 && !killed {
			killed = true
			cmd.Process.Kill() // what it answered before it died still comes
		}
	}
	cmd.Wait()
	if last < 20 {
		t.Fatalf("it answered %d times only", last+1)
	}
	d := newDirect(start(t, dir, Model(t)))
	for n := range last + 1 {
		if got := d.value(fmt.Sprintf("s%d", n)); got != fmt.Sprint(n) {
			t.Fatalf("s%d of %d is %q", n, last, got)
		}
	}
}
