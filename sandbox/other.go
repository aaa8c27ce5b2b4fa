//go:build !linux

package sandbox

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"syscall"
)

// errNotLinux is what everything here answers on other systems: checking and
// explaining work there, running does not, and never does so unenforced.
var errNotLinux = fmt.Errorf("sandbox: networks can be enforced on Linux only, not on %s: run it in a Linux virtual machine or container", runtime.GOOS)

// Supported says that this system cannot enforce networks.
func Supported() error { return errNotLinux }

// Enter fails: there are no namespaces here.
func Enter() error { return errNotLinux }

// Sweep has nothing to remove.
func Sweep() error { return nil }

// A Host cannot be had on this system.
type Host struct{}

// New fails on this system.
func New() (*Host, error) { return nil, errNotLinux }

// Start fails on this system.
func (*Host) Start(*Namespace, Config) (*Process, error) { return nil, errNotLinux }

// Limits says that nothing is enforced.
func (*Host) Limits() Limits { return Limits{Via: "none", Why: errNotLinux.Error()} }

// Give fails on this system.
func (*Host) Give(string) error { return errNotLinux }

// Close does nothing.
func (*Host) Close() error { return nil }

// A Namespace cannot be had on this system.
type Namespace struct{}

// NewNamespace fails on this system.
func NewNamespace() (*Namespace, error) { return nil, errNotLinux }

// Do fails on this system.
func (*Namespace) Do(func() error) error { return errNotLinux }

// Listen fails on this system.
func (*Namespace) Listen(string, string) (net.Listener, error) { return nil, errNotLinux }

// ListenPacket fails on this system.
func (*Namespace) ListenPacket(string, string) (net.PacketConn, error) { return nil, errNotLinux }

// Dial fails on this system.
func (*Namespace) Dial(context.Context, string, string) (net.Conn, error) { return nil, errNotLinux }

// Close does nothing.
func (*Namespace) Close() error { return nil }

// A Process cannot be had on this system.
type Process struct{}

// Exec fails on this system.
func (*Process) Exec([]string, []string, *os.File, io.Writer, io.Writer) (*Process, error) {
	return nil, errNotLinux
}

// PID is none.
func (*Process) PID() int { return 0 }

// Done is closed: there is no program.
func (*Process) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// Wait returns at once.
func (*Process) Wait() State { return State{} }

// Kill fails on this system.
func (*Process) Kill() error { return errNotLinux }

// Freeze fails on this system.
func (*Process) Freeze() error { return errNotLinux }

// Thaw fails on this system.
func (*Process) Thaw() error { return errNotLinux }

// Signal fails on this system.
func (*Process) Signal(syscall.Signal) error { return errNotLinux }

// MemoryPeak is none.
func (*Process) MemoryPeak() uint64 { return 0 }
