package secretsmanager_test

import (
	"fmt"
	"os"
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
			if w := d.Call(call[0], fmt.Appendf(nil, call[1], n)); w.Code != 200 {
				return fmt.Errorf("%s %d: %s", call[0], n, w.Body)
			}
		}
		fmt.Println(n)
	}
}

// What has been answered for survives kill -9.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	last := Killed(t, dirVariable, dir, 20)
	d := newDirect(start(t, dir, Model(t)))
	for n := range last + 1 {
		if got := d.value(fmt.Sprintf("s%d", n)); got != fmt.Sprint(n) {
			t.Fatalf("s%d of %d is %q", n, last, got)
		}
	}
}
