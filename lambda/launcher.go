package lambda

import (
	"context"
	"fmt"
	"io"
	"net"
	"syscall"

	"bailey/cloud"
)

// RuntimeAPIAddress is where the Runtime API listens inside an environment of
// its own network namespace, as on AWS.
const RuntimeAPIAddress = "127.0.0.1:9001"

// TaskRoot is where a function's code is, inside its environment.
const TaskRoot = "/var/task"

// A Launcher makes places for execution environments.
type Launcher interface {
	// Open makes a place for environment id of function f: its network, its
	// file systems with f's code at TaskRoot, its limits. Nothing runs yet.
	Open(ctx context.Context, id string, f cloud.Function) (Place, error)
}

// A Place is where one execution environment lives.
type Place interface {
	// RuntimeAPI listens on the environment's own loopback. The service closes
	// the listener before it closes the place.
	RuntimeAPI() net.Listener
	// Start starts a program in the place. It returns an *ExecError where the
	// kernel will not execute the program.
	Start(Command) (Process, error)
	// Close ends whatever runs in the place and removes it.
	Close() error
}

// A Command is the program to start, with its whole environment.
type Command struct {
	Argv   []string // Argv[0] is a path inside the place
	Dir    string
	Env    []string  // NAME=value
	Output io.Writer // both standard output and standard error; an *os.File
}

// An ExecError is the kernel's refusal to execute a program: not ours but the
// function's fault, as with code for another processor.
type ExecError struct {
	Path  string
	Errno syscall.Errno
}

// Error is AWS's wording.
func (e *ExecError) Error() string { return fmt.Sprintf("fork/exec %s: %v", e.Path, e.Errno) }

// A Process is a runtime and every process that it started.
type Process interface {
	Freeze() error // none of them runs until Thaw
	Thaw() error
	Kill() error
	Wait() Exit         // blocks until all are gone; any number of callers
	MemoryPeak() uint64 // bytes, the most they held at once so far
}

// An Exit is how a runtime ended.
type Exit struct {
	Code        int            // where no signal ended it
	Signal      syscall.Signal // 0 if none did
	OutOfMemory bool           // the memory limit ended it
}

// reason is AWS's wording.
func (x Exit) reason() string {
	switch {
	case x.OutOfMemory:
		return "Runtime exited with error: signal: killed"
	case x.Signal != 0:
		return fmt.Sprintf("Runtime exited with error: signal: %v", x.Signal)
	case x.Code != 0:
		return fmt.Sprintf("Runtime exited with error: exit status %d", x.Code)
	}
	return "Runtime exited without providing a reason"
}

// Credentials are the temporary credentials of a function's role.
type Credentials struct {
	AccessKeyID, SecretAccessKey, SessionToken string
}
