package ssm_test

import (
	"fmt"
	"os"
	"testing"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/ssm"
	"bailey/services/store"
)

// The test binary is also the Parameter Store that a test kills.
const dirVariable = "BAILEY_SSM_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(dirVariable); dir != "" {
		if err := putUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// putUntilKilled prints each number when PutParameter has answered.
func putUntilKilled(dir string) error {
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	model, _ := cloud.New(cloud.Spec{Region: Region, Account: Account})
	p, err := ssm.New(ssm.Config{Store: s, Model: func() *cloud.Model { return model }})
	if err != nil {
		return err
	}
	d := newDirect(p)
	for n := 0; ; n++ {
		body := fmt.Appendf(nil, `{"Name": "/p/%d", "Value": "%d", "Type": "SecureString"}`, n, n)
		if w := d.Call("PutParameter", body); w.Code != 200 {
			return fmt.Errorf("put %d: %s", n, w.Body)
		}
		fmt.Println(n)
	}
}

// What PutParameter has answered for survives kill -9.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	last := Killed(t, dirVariable, dir, 30)
	d := newDirect(start(t, dir, Model(t)))
	for n := range last + 1 {
		if got, want := d.value(fmt.Sprintf("/p/%d", n)), fmt.Sprintf("%d v1", n); got != want {
			t.Fatalf("/p/%d of %d is %q, want %q", n, last, got, want)
		}
	}
}
