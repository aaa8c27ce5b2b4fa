// Package wiretest lets tests call services with the real clients, boto3 and
// the AWS CLI, as separate programs.
//
//	steps (Python) -> boto3 -> HTTP -> the service under test
//	     what an application sees  <-/
//
// It is for _test.go files only, and it is no client of its own: what it
// reports is what botocore made of an answer. The rule it obeys: a machine
// without the clients skips with one line that names what is missing. It
// imports nothing of ours, so that the tests of services/wire can use it too.
package wiretest

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A Caller is the credentials and the region that a client is set up with.
type Caller struct{ Key, Secret, Token, Region string }

// prelude defines client(name, **more) and step(name, call).
//
//go:embed prelude.py
var prelude string

// Python finds a python3 that has boto3.
func Python(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(path, "-c", "import boto3").Run()
	}
	if err != nil {
		t.Skip("no python3 with boto3 on this machine: ", err)
	}
	return path
}

// CLI finds the AWS CLI, of any version.
func CLI(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no AWS CLI on this machine: ", err)
	}
	return path
}

// CLI2 finds an AWS CLI of version 2, which has commands that version 1 lacks,
// anywhere on the PATH.
func CLI2(t testing.TB) string {
	t.Helper()
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, "aws")
		if out, err := exec.Command(path, "--version").CombinedOutput(); err == nil && bytes.HasPrefix(out, []byte("aws-cli/2.")) {
			return path
		}
	}
	t.Skip("no AWS CLI of version 2 on this machine")
	return ""
}

// Boto3 runs steps, Python lines such as
//
//	step("get", lambda: client("ssm").get_parameter(Name="/app/url"))
//
// against url, and returns what each came to.
func Boto3(t testing.TB, url string, as Caller, steps string) map[string]Outcome {
	t.Helper()
	cmd := exec.Command(Python(t), "-c", prelude+steps, url)
	cmd.Env = as.environment()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s\n%s", err, out, stderr.String())
	}
	got := map[string]Outcome{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var line struct {
			Step string
			Outcome
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("python3 printed %s: %v", lines.Text(), err)
		}
		got[line.Step] = line.Outcome
	}
	return got
}

// AWS runs the AWS CLI against url and returns all that it printed; an error
// is its exit status.
func AWS(t testing.TB, url string, as Caller, args ...string) (string, error) {
	t.Helper()
	cmd := Command(t, CLI(t), url, as, args...)
	out, err := cmd.CombinedOutput()
	// Version 2 says of every error that it did not try again.
	return strings.ReplaceAll(string(out), " (reached max retries: 0)", ""), err
}

// Command is the AWS CLI at path, against url, ready to start. It ends with the
// test.
func Command(t testing.TB, path, url string, as Caller, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), path, append([]string{"--endpoint-url", url}, args...)...)
	cmd.Env = as.environment()
	return cmd
}

// environment keeps whatever the machine's owner configured out of the test.
func (as Caller) environment() []string {
	env := []string{
		"AWS_ACCESS_KEY_ID=" + as.Key, "AWS_SECRET_ACCESS_KEY=" + as.Secret, "AWS_DEFAULT_REGION=" + as.Region,
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1", "AWS_PAGER=",
	}
	if as.Token != "" {
		env = append(env, "AWS_SESSION_TOKEN="+as.Token)
	}
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") && !strings.Contains(strings.ToLower(v), "_proxy=") {
			env = append(env, v)
		}
	}
	return env
}
