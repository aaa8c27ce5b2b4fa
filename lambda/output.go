package lambda

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
)

// eventSize is where a line without an end is cut in two.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
const eventSize = 256 << 10

// An output is the pipe into which a runtime writes. Standard output and
// standard error share it, so that the order of what is written is kept.
type output struct {
	r, w *os.File
	raw  syscall.RawConn
	done chan struct{}

	mu      sync.Mutex // held by who reads
	chunk   []byte
	partial []byte // the line that has no end yet
	add     func(line string)
}

// An outlet takes what a runtime writes. Tests with a runtime in this process have
// one without a pipe.
type outlet interface {
	writer() io.Writer
	sync()
	close()
}

// newOutput makes the pipe and starts to read; each line goes to add.
func newOutput(add func(string)) (outlet, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("pipe for the log: %w", err)
	}
	// Programs expect a standard output that blocks.
	if err := syscall.SetNonblock(int(w.Fd()), false); err != nil {
		return nil, fmt.Errorf("pipe for the log: %w", err)
	}
	raw, err := r.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("pipe for the log: %w", err)
	}
	o := &output{r: r, w: w, raw: raw, done: make(chan struct{}), chunk: make([]byte, 32<<10), add: add}
	go o.read()
	return o, nil
}

func (o *output) writer() io.Writer { return o.w }

func (o *output) read() {
	defer close(o.done)
	for o.raw.Read(func(fd uintptr) bool { return o.drain(fd) > 0 }) == nil {
	}
}

// sync takes everything that was written before it was called, and ends the
// line: when a runtime asks for its next event, what it printed is in the pipe
// and nowhere else.
func (o *output) sync() {
	o.raw.Control(func(fd uintptr) { o.drain(fd) })
	o.mu.Lock()
	defer o.mu.Unlock()
	o.endLine()
}

// drain reads until the pipe is empty and returns the number of bytes.
func (o *output) drain(fd uintptr) (total int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		n, err := syscall.Read(int(fd), o.chunk)
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 {
			return total
		}
		total += n
		o.split(o.chunk[:n])
	}
}

func (o *output) split(b []byte) {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			break
		}
		o.partial = append(o.partial, b[:i]...)
		o.add(string(o.partial))
		o.partial = o.partial[:0]
		b = b[i+1:]
	}
	o.partial = append(o.partial, b...)
	for len(o.partial) >= eventSize {
		o.add(string(o.partial[:eventSize]))
		o.partial = append(o.partial[:0], o.partial[eventSize:]...)
	}
}

func (o *output) endLine() {
	if len(o.partial) > 0 {
		o.add(string(o.partial))
		o.partial = o.partial[:0]
	}
}

// close ends reading. Who still writes gets SIGPIPE.
func (o *output) close() {
	o.w.Close()
	o.r.Close()
	<-o.done
}
