package sandbox

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Config is the machine a program is given and the program itself. Paths
// inside are absolute. Only Argv is required.
type Config struct {
	Argv []string // Argv[0] is looked up in the PATH of Env unless it holds a slash
	Env  []string // exactly this; nothing is inherited
	Dir  string   // working directory inside; "/" if empty

	Hostname string // "localhost" if empty
	User     string // name in /etc/passwd; "sandbox" if empty
	UID, GID int    // who the program appears to be; 1000 if zero, never root

	// Mounts are made in order, so a later one may lie inside an earlier one.
	Mounts []Mount
	// Files are written read-only with this content, by path: /etc/hosts,
	// /etc/resolv.conf. They replace the plain ones that every sandbox has.
	Files map[string][]byte
	// CABundle (PEM) is put where OpenSSL, Go, Python and Node.js look for the
	// system's trusted authorities: see CAPaths. None is trusted if empty.
	CABundle []byte

	MemoryMB int // 0: no limit. Enforced where Limits says so
	MaxPIDs  int // processes and threads; 0: no limit
	MaxFiles int // open file descriptors; 1024 if zero

	Stdin          *os.File  // /dev/null if nil
	Stdout, Stderr io.Writer // /dev/null if nil; an *os.File is handed over as it is
}

// CAPaths are the files in which programs look for trusted authorities.
var CAPaths = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
}

// A Mount is a folder or file of the host seen inside, or, with no Source, a
// fresh tmpfs of at most SizeMB.
type Mount struct {
	Target   string // absolute, inside
	Source   string // on the host; empty for a tmpfs
	Writable bool   // of a Source; a tmpfs always is
	SizeMB   int    // of a tmpfs; 0: half of the machine's memory
}

// ReadOnly shows the host's source at target, for reading only.
func ReadOnly(source, target string) Mount { return Mount{Source: source, Target: target} }

// Writable shows the host's source at target; what is written there is the
// host's, in the name of the folder's owner.
func Writable(source, target string) Mount {
	return Mount{Source: source, Target: target, Writable: true}
}

// Tmpfs puts an empty writable folder of at most sizeMB at target.
func Tmpfs(target string, sizeMB int) Mount { return Mount{Target: target, SizeMB: sizeMB} }

// State is how a program ended.
type State struct {
	ExitCode   int            // -1 if a signal ended it
	Signal     syscall.Signal // 0 if it exited
	OOMKilled  bool           // the memory limit ended it
	MemoryPeak uint64         // bytes, the most it held at once
	CPU        time.Duration  // user and system time
}

// String says it in words: "exit status 2", "signal: killed (out of memory)".
func (s State) String() string {
	switch {
	case s.OOMKilled:
		return fmt.Sprintf("signal: %v (out of memory)", s.Signal)
	case s.Signal != 0:
		return fmt.Sprintf("signal: %v", s.Signal)
	}
	return fmt.Sprintf("exit status %d", s.ExitCode)
}

// Limits says which of Config's limits this machine enforces.
type Limits struct {
	Memory bool   // MemoryMB
	PIDs   bool   // MaxPIDs by cgroup; a resource limit stands in where not
	Via    string // "cgroup v2", "cgroup v1" or "none"
	Why    string // where Memory is not enforced: the reason, one line
}

// String is the line to show to the user, once.
func (l Limits) String() string {
	if l.Memory {
		return "memory limits are enforced by " + l.Via
	}
	return "memory limits are not enforced: " + l.Why
}

// withDefaults fills in what a Config leaves open.
func (c Config) withDefaults() Config {
	c.Env, c.Mounts = slices.Clone(c.Env), slices.Clone(c.Mounts)
	c.Dir = or(c.Dir, "/")
	c.Hostname = or(c.Hostname, "localhost")
	c.User = or(c.User, "sandbox")
	c.UID, c.GID = or(c.UID, 1000), or(c.GID, 1000)
	c.MaxFiles = or(c.MaxFiles, 1024)
	c.Files = maps.Clone(c.Files)
	return c
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// check refuses a Config that could not mean anything.
func (c Config) check() error {
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return fmt.Errorf("sandbox: no program to run")
	}
	if c.UID < 0 || c.GID < 0 || c.MemoryMB < 0 || c.MaxPIDs < 0 || c.MaxFiles < 0 {
		return fmt.Errorf("sandbox: %s: a negative id or limit", c.Argv[0])
	}
	if strings.ContainsAny(c.User, ":\n") {
		return fmt.Errorf("sandbox: %s: user name %q", c.Argv[0], c.User)
	}
	paths := []string{c.Dir}
	for _, m := range c.Mounts {
		paths = append(paths, m.Target)
	}
	for p := range c.Files {
		paths = append(paths, p)
	}
	return c.checkPaths(paths)
}

func (c Config) checkPaths(paths []string) error {
	for _, p := range paths {
		if !strings.HasPrefix(p, "/") {
			return fmt.Errorf("sandbox: %s: path %q is not absolute", c.Argv[0], p)
		}
	}
	for p := range c.Files {
		for _, m := range c.Mounts {
			if under(path.Clean(p), path.Clean(m.Target)) {
				return fmt.Errorf("sandbox: %s: file %s lies in the mount %s, which would hide it", c.Argv[0], p, m.Target)
			}
		}
	}
	return nil
}

// under reports whether p is below dir; both are clean.
func under(p, dir string) bool { return strings.HasPrefix(p, strings.TrimSuffix(dir, "/")+"/") }
