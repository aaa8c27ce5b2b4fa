package sandbox

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"golang.org/x/sys/unix"
)

// stdio are the program's ends of its standard streams.
type stdio struct {
	in, out, err *os.File
	ours         []*os.File // those to close after the fork
}

func (s stdio) fds() [3]uintptr { return [3]uintptr{s.in.Fd(), s.out.Fd(), s.err.Fd()} }

// raise replaces a stream that is one of the first three descriptors, over
// which the script will put the program's.
func (s *stdio) raise() error {
	for _, f := range []**os.File{&s.in, &s.out, &s.err} {
		if (*f).Fd() > 2 {
			continue
		}
		fd, err := unix.FcntlInt((*f).Fd(), unix.F_DUPFD_CLOEXEC, 3)
		if err != nil {
			return fmt.Errorf("standard stream: %w", err)
		}
		*f = os.NewFile(uintptr(fd), (*f).Name())
		s.ours = append(s.ours, *f)
	}
	return nil
}

func (s stdio) close() {
	for _, f := range s.ours {
		f.Close()
	}
}

// openStdio opens what the program is to have as its standard streams. Output
// to a writer goes through a pipe and a goroutine that copies, which ends when
// the last process in the sandbox does.
func (p *Process) openStdio() (s stdio, err error) {
	c := p.config
	if s.in = c.Stdin; s.in == nil {
		if s.in, err = os.Open(os.DevNull); err != nil {
			return s, err
		}
		s.ours = append(s.ours, s.in)
	}
	if s.out, err = p.output(&s, c.Stdout); err != nil {
		return s, err
	}
	if same(c.Stderr, c.Stdout) {
		s.err = s.out // one pipe keeps the order of what is written
	} else if s.err, err = p.output(&s, c.Stderr); err != nil {
		return s, err
	}
	return s, s.raise()
}

// same reports whether a and b are one writer. Writers that cannot be compared
// are not.
func same(a, b io.Writer) bool {
	return a != nil && b != nil && reflect.TypeOf(a).Comparable() && a == b
}

func (p *Process) output(s *stdio, w io.Writer) (*os.File, error) {
	if f, ok := w.(*os.File); ok && f != nil {
		return f, nil
	}
	if w == nil {
		f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err == nil {
			s.ours = append(s.ours, f)
		}
		return f, err
	}
	from, to, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	s.ours = append(s.ours, to)
	// A program may open /dev/stdout anew, which asks for the pipe's owner.
	if err := to.Chown(p.host.ids.uid, p.host.ids.gid); err != nil {
		from.Close()
		return nil, fmt.Errorf("output: %w", err)
	}
	p.copies.Go(func() {
		defer from.Close()
		// A writer that fails must not block the program on a full pipe.
		if _, err := io.Copy(w, from); err != nil {
			io.Copy(io.Discard, from)
		}
	})
	return to, nil
}

// residentPeak reads a process's largest resident size, in bytes.
func residentPeak(pid int) uint64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kb uint64
		if v, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			fmt.Sscan(v, &kb)
			return kb << 10
		}
	}
	return 0
}
