package cognito_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// The test binary is also the user pool that a test kills.
const dirVariable = "BAILEY_COGNITO_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(dirVariable); dir != "" {
		os.Args = []string{os.Args[0], "-test.run=^TestSignUpUntilKilled$", "-test.timeout=60s"}
	}
	os.Exit(m.Run())
}

// TestSignUpUntilKilled is what the killed process does: it prints each number
// when SignUp has answered.
func TestSignUpUntilKilled(t *testing.T) {
	dir := os.Getenv(dirVariable)
	if dir == "" {
		return // TestKill starts it
	}
	b := open(t, dir, users())
	for n := 0; ; n++ {
		b.do("SignUp", object{"ClientId": clientID, "Username": fmt.Sprint("u", n), "Password": fmt.Sprint("right-pass", n)})
		b.do("AdminConfirmSignUp", admin(fmt.Sprint("u", n)))
		fmt.Println("answered", n)
	}
}

// Users whose sign-up was answered survive kill -9.
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
	last := -1
	lines := bufio.NewScanner(out)
	for last < 20 && lines.Scan() {
		fmt.Sscanf(lines.Text(), "answered %d", &last)
	}
	cmd.Process.Kill()
	for lines.Scan() { // what it answered before it died
		fmt.Sscanf(lines.Text(), "answered %d", &last)
	}
	cmd.Wait()
	if last < 20 {
		t.Fatalf("it answered %d calls only", last+1)
	}
	b := open(t, dir, users())
	for n := range last + 1 {
		b.signIn(fmt.Sprint("u", n), fmt.Sprint("right-pass", n))
	}
}
