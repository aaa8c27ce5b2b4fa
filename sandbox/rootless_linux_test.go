package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// asUser makes a command that runs this test binary as an ordinary user.
// Where the tests are not run by root, they are that user's already.
func asUser(t *testing.T, as string, args ...string) *exec.Cmd {
	t.Helper()
	if err := namespacesUsable(); err != nil {
		t.Skip(err)
	}
	dir := hold(os.MkdirTemp("/tmp", "sandbox-user"))(t)
	t.Cleanup(func() { os.RemoveAll(dir) })
	program := filepath.Join(dir, "test")
	if err := os.WriteFile(program, hold(os.ReadFile("/proc/self/exe"))(t), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=/tmp", role + "=" + as}
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return cmd
}

func realRoot() bool { return os.Getenv(entered) == "" }

// The same tests, all but those of real root, as an ordinary user.
func TestRootless(t *testing.T) {
	if !realRoot() {
		return
	}
	cmd := asUser(t, "", "-test.v", "-test.run", "^("+strings.Join([]string{
		"TestIsolation", "TestWritableMount", "TestMountsNest", "TestStartErrors", "TestState", "TestKill", "TestFreeze",
		"TestMemoryLimit", "TestProcessLimit", "TestExec", "TestOutput", "TestDo", "TestNoThreadStaysInside",
		"TestSocketsStayInside", "TestNothingIsLeft", "TestNothingIsLeftByKill9",
	}, "|")+")$")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if n := strings.Count(string(out), "\n--- PASS"); n < 15 || strings.Contains(string(out), "--- SKIP") {
		t.Errorf("%d tests passed:\n%s", n, out)
	}
}

func TestEnterExitCode(t *testing.T) {
	if !realRoot() {
		return
	}
	cmd := asUser(t, "exit 7")
	cmd.Run()
	if got := cmd.ProcessState.ExitCode(); got != 7 {
		t.Errorf("exit code %d, want 7", got)
	}
}

func TestEnterForwardsSignals(t *testing.T) {
	if !realRoot() {
		return
	}
	cmd := asUser(t, "exit 9 on SIGTERM")
	startAndRead(t, cmd)
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 9 {
		t.Errorf("exit code %d, want 9", got)
	}
}

func TestEnteredDiesWithParent(t *testing.T) {
	if !realRoot() {
		return
	}
	cmd := asUser(t, "exit 9 on SIGTERM")
	var pid int
	fmt.Sscan(startAndRead(t, cmd), &pid)
	if pid == cmd.Process.Pid || pid == 0 {
		t.Fatalf("the entered process has id %d, as the one that entered", pid)
	}
	fd := hold(unix.PidfdOpen(pid, 0))(t)
	cmd.Process.Kill()
	gone(t, fd)
	cmd.Wait()
}

// startAndRead starts a command and returns its first line; a goroutine-free
// pipe stays open until the test ends.
func startAndRead(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out io.Reader = hold(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return hold(bufio.NewReader(out).ReadString('\n'))(t)
}

func TestExitCode(t *testing.T) {
	for status, want := range map[syscall.WaitStatus]int{0: 0, 3 << 8: 3, 9: 137, 15: 143} {
		if got := exitCode(status); got != want {
			t.Errorf("exitCode(%#x) = %d, want %d", status, got, want)
		}
	}
}

func TestTUNUsable(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct{ name, file, want string }{
		{"there is none", filepath.Join(dir, "tun"), "sudo modprobe tun"},
		{"it is something else", dir, "is a directory"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tunUsable(tt.file)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want one line with %q", err, tt.want)
			}
		})
	}
	if err := tunUsable("/dev/null"); err != nil {
		t.Error(err)
	}
}

func TestChooseID(t *testing.T) {
	for name, tt := range map[string]struct {
		uidMap string
		want   int
	}{
		"real root":         {"0 0 4294967295\n", programID},
		"container":         {"0 100000 65536\n", nobodyID},
		"rootless":          {"0 1000 1\n", 0},
		"with subordinates": {"0 1000 1\n1 100000 65536\n", nobodyID},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "uid_map")
			os.WriteFile(file, []byte(tt.uidMap), 0o600)
			if got := hold(chooseID(file))(t); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
