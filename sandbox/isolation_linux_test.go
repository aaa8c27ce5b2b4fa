package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// What a program sees and may do, each as a line of shell and what it prints:
// exactly, or after ~ a pattern in it, which never says "changed".
func TestIsolation(t *testing.T) {
	w := newWorld(t)
	leaked := leakedDescriptor(t)
	inRoot := rootFolder()
	c := Config{
		Hostname: "function", User: "sbx_user1051", UID: 993, GID: 990,
		Env:      []string{"PATH=/usr/bin:/bin", "LC_ALL=C"},
		Mounts:   []Mount{ReadOnly(private(t), "/var/task"), Tmpfs("/tmp", 1)},
		Files:    map[string][]byte{"/etc/resolv.conf": []byte("nameserver 10.0.0.2\n")},
		CABundle: []byte("the authority"),
		MaxFiles: 77,
	}
	for _, tt := range []struct{ name, script, want string }{
		{"user", "id -u; id -g; id -un; id -G", "993\n990\nsbx_user1051\n990"},
		{"host name", "uname -n", "function"},
		{"first process", "echo $$; echo /proc/[0-9]*", "1\n/proc/1"},
		{"root folder", "cd /; echo *", inRoot},
		{"host's home", "cd /root || cd /home || echo none", "~none$"},
		{"above the root folder", "cd /..; echo *", inRoot},
		{"host's mounts are gone", "grep -c ' / ' /proc/mounts", "1"},
		{"devices", "cd /dev; echo *", "fd full null random stderr stdin stdout urandom zero"},
		{"device works", "head -c 3 /dev/zero | wc -c; echo lost >/dev/null", "3"},
		{"code under a private folder", "cat /var/task/code", "the code"},
		{"code cannot be changed", "echo x >/var/task/code && echo changed", "~Read-only"},
		{"code's folder cannot be changed", "echo x >/var/task/new && echo changed", "~Read-only"},
		{"root cannot be changed", "echo x >/new && echo changed", "~Read-only"},
		{"/etc cannot be changed", "echo x >/etc/hosts && echo changed", "~Read-only|Permission"},
		{"/usr cannot be changed", "echo x >/usr/new && echo changed", "~Read-only|Permission"},
		{"kernel settings cannot be changed", "echo 0 >/proc/sys/kernel/ns_last_pid && echo changed", "~Read-only|Permission"},
		{"no remount", "mount -o remount,rw /var/task && echo changed", "~denied|permitted|superuser"},
		{"no unmount", "umount /var/task && echo changed", "~denied|permitted|superuser|failed"},
		{"/tmp is empty and writable", "ls /tmp; echo x >/tmp/x; cat /tmp/x", "x"},
		{"/tmp has a limit", "head -c 3000000 /dev/zero >/tmp/x || echo full", "~No space left|full"},
		{"no capability", "grep -E '^(Cap|NoNewPrivs)' /proc/self/status | tr -d '\\t\\n'",
			"CapInh:0000000000000000CapPrm:0000000000000000CapEff:0000000000000000CapBnd:0000000000000000CapAmb:0000000000000000NoNewPrivs:1"},
		{"network cannot be changed", "ip link set lo down && echo changed", "~permitted|denied|not found"},
		{"descriptors", "ls /proc/$$/fd | tr '\\n' ' '; readlink /proc/$$/fd/" + leaked + " || echo none", "~none$"},
		{"streams can be opened anew", "echo yes >/dev/stdout", "yes"},
		{"environment", "/usr/bin/env | grep -v -E '^(PWD|OLDPWD|SHLVL|_)='", "PATH=/usr/bin:/bin\nLC_ALL=C"},
		{"resolver", "cat /etc/resolv.conf", "nameserver 10.0.0.2"},
		{"authorities", "cat " + strings.Join(CAPaths, " "), "the authoritythe authoritythe authority"},
		{"file limit", "ulimit -n", "77"},
		{"no core files", "ulimit -c", "0"},
		{"ports below 1024", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start", "0"},
		{"signals", "grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\t\\n'",
			"SigBlk:0000000000000000SigIgn:0000000000000000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := w.run(c, tt.script)
			ok := got == tt.want
			if pattern, is := strings.CutPrefix(tt.want, "~"); is {
				ok = regexp.MustCompile(pattern).MatchString(got) && !strings.Contains(got, "changed")
			}
			if !ok {
				t.Errorf("%s\nprints %q\nwant   %q", tt.script, got, tt.want)
			}
		})
	}
}

// rootFolder lists what is in a sandbox's: where programs live depends on the
// host.
func rootFolder() string {
	names := []string{"dev", "etc", "proc", "tmp", "var"}
	for _, p := range shared {
		if _, err := os.Lstat(p); err == nil && filepath.Dir(p) == "/" {
			names = append(names, filepath.Base(p))
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// private is a folder that only its owner may enter, in another such.
func private(t *testing.T) string {
	dir := filepath.Join(t.TempDir(), "home", "task")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "code"), []byte("the code"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// leakedDescriptor is one that survives exec, as Bailey may have inherited.
func leakedDescriptor(t *testing.T) string {
	fd := hold(unix.Open("/", unix.O_PATH, 0))(t)
	high := hold(unix.FcntlInt(uintptr(fd), unix.F_DUPFD, 90))(t)
	t.Cleanup(func() { unix.Close(fd); unix.Close(high) })
	return "90"
}

func TestWritableMount(t *testing.T) {
	w := newWorld(t)
	dir := private(t)
	got, state := w.run(Config{Mounts: []Mount{Writable(dir, "/srv/app")}, Dir: "/srv/app"},
		"pwd; echo data >written; mkdir sub; ls -n written | cut -d' ' -f3")
	if want := "/srv/app\n1000"; got != want || state.ExitCode != 0 {
		t.Errorf("got %q (%v), want %q", got, state, want)
	}
	info := hold(os.Stat(filepath.Join(dir, "written")))(t)
	if uid := info.Sys().(*syscall.Stat_t).Uid; int(uid) != os.Getuid() {
		t.Errorf("the host's file belongs to %d, want the folder's owner %d", uid, os.Getuid())
	}
}

func TestMountsNest(t *testing.T) {
	w := newWorld(t)
	dir := private(t)
	got, _ := w.run(Config{Mounts: []Mount{
		Tmpfs("/var", 1),
		ReadOnly(dir, "/var/lib/deep/task"),
		ReadOnly(filepath.Join(dir, "code"), "/var/one/file"),
		Tmpfs("/var/lib/deep/over", 1),
	}}, "cat /var/lib/deep/task/code /var/one/file; echo x >/var/lib/deep/over/x && echo ok")
	if want := "the codethe codeok"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStartErrors(t *testing.T) {
	w := newWorld(t)
	text := filepath.Join(private(t), "code")
	for _, tt := range []struct {
		name   string
		config Config
		want   string
		is     error
	}{
		{"no program", Config{}, "no program to run", nil},
		{"program not there", Config{Argv: []string{"/var/task/bootstrap"}}, "/var/task/bootstrap: exec /var/task/bootstrap: no such file", unix.ENOENT},
		{"program not in PATH", Config{Argv: []string{"bootstrap"}, Env: []string{"PATH=/nowhere:/usr/bin"}}, "no such file", unix.ENOENT},
		{"not executable", Config{Argv: []string{"/code"}, Mounts: []Mount{ReadOnly(text, "/code")}}, "exec /code: permission denied", unix.EACCES},
		{"no such folder", Config{Argv: []string{"true"}, Dir: "/nowhere"}, "working directory /nowhere: no such file", unix.ENOENT},
		{"no such source", Config{Argv: []string{"true"}, Mounts: []Mount{ReadOnly("/nowhere", "/x")}}, "mount /x: stat /nowhere: no such file", unix.ENOENT},
		{"mount in a read-only one", Config{Argv: []string{"true"}, Mounts: []Mount{Tmpfs("/usr/nowhere", 1)}}, "mount /usr/nowhere: no such file", unix.ENOENT},
		{"relative target", Config{Argv: []string{"true"}, Mounts: []Mount{Tmpfs("tmp", 1)}}, `"tmp" is not absolute`, nil},
		{"negative limit", Config{Argv: []string{"true"}, MemoryMB: -1}, "negative", nil},
		{"file under a mount", Config{Argv: []string{"true"}, Files: map[string][]byte{"/tmp/x": nil}, Mounts: []Mount{Tmpfs("/tmp", 1)}}, "/tmp/x lies in the mount /tmp", nil},
		{"user name", Config{Argv: []string{"true"}, User: "a:b"}, "user name", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := w.h.Start(w.ns, tt.config)
			if err == nil {
				p.Kill()
				t.Fatal("started")
			}
			if !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %q, want %q", err, tt.want)
			}
		})
	}
	if left := len(w.h.running); left != 0 {
		t.Errorf("%d processes are still tracked", left)
	}
}
