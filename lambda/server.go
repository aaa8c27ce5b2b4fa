package lambda

import (
	"bufio"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// In bytes: the most that a request's header may have, and that is read of a
// body which no handler wanted; the most that a connection keeps for its next
// response.
const (
	headerLimit = 1 << 20
	unreadLimit = 256 << 10
	keptLimit   = 64 << 10
)

// A server serves one environment's Runtime API. It is HTTP/1.1 as package
// net/http reads it, and spares what that package's own server does for clients
// that are far away or many: no goroutine that watches for a hang-up while a
// handler runs, no buffers between handler and connection. An invocation is two
// of these requests.
type server struct {
	handler  http.Handler
	listener net.Listener
	ctx      context.Context // of all requests; ends with close
	end      context.CancelFunc

	mu          sync.Mutex
	connections map[net.Conn]struct{}
	tasks       sync.WaitGroup // connections, and who accepts them
}

// serveOn starts a server.
func serveOn(listener net.Listener, handler http.Handler) *server {
	s := &server{handler: handler, listener: listener, connections: map[net.Conn]struct{}{}}
	s.ctx, s.end = context.WithCancel(context.Background())
	s.tasks.Go(s.accept)
	return s
}

func (s *server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		if s.keep(c) {
			s.tasks.Go(func() { s.converse(c) })
		}
	}
}

// keep remembers a connection for close, after which there are none.
func (s *server) keep(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		c.Close()
		return false
	}
	s.connections[c] = struct{}{}
	return true
}

// close ends all requests and connections, and returns when nothing is left.
func (s *server) close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.end()
	for c := range s.connections {
		c.Close()
	}
	s.mu.Unlock()
	s.tasks.Wait()
	return err
}

// converse serves the requests of one connection, one after the other.
func (s *server) converse(c net.Conn) {
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.connections, c)
		s.mu.Unlock()
	}()
	limited := &io.LimitedReader{R: c}
	in := bufio.NewReader(limited)
	w := &response{header: http.Header{}}
	for again := true; again; {
		limited.N = headerLimit
		r, err := http.ReadRequest(in)
		limited.N = math.MaxInt64
		if err != nil {
			if !errors.Is(err, io.EOF) {
				io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
			}
			return
		}
		if strings.EqualFold(r.Header.Get("Expect"), "100-continue") {
			io.WriteString(c, "HTTP/1.1 100 Continue\r\n\r\n")
		}
		w.reset()
		s.handler.ServeHTTP(w, r.WithContext(s.ctx))
		again = s.send(c, r, w)
	}
}

// send sends the response, and reports whether another request may come.
func (s *server) send(c net.Conn, r *http.Request, w *response) bool {
	if s.ctx.Err() != nil {
		return false
	}
	whole := !r.Close && drained(r.Body)
	if r.Method == http.MethodHead {
		w.body = w.body[:0]
	}
	_, err := c.Write(w.bytes(whole))
	return err == nil && whole
}

// drained reads what no handler has read, and reports whether that was all.
func drained(body io.Reader) bool {
	if body == http.NoBody {
		return true
	}
	_, err := io.CopyN(io.Discard, body, unreadLimit)
	return errors.Is(err, io.EOF)
}

// A response is a whole one, with its length. The next on the connection uses
// the same memory, unless it is much.
type response struct {
	header http.Header
	status int
	body   []byte
	out    []byte
}

func (w *response) reset() {
	if cap(w.out) > keptLimit {
		w.body, w.out = nil, nil
	}
	clear(w.header)
	w.status, w.body = 0, w.body[:0]
}

func (w *response) Header() http.Header { return w.header }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *response) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.body = append(w.body, b...)
	return len(b), nil
}

// bytes is the response as it is sent.
func (w *response) bytes(keepAlive bool) []byte {
	w.WriteHeader(http.StatusOK)
	b := append(w.out[:0], "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(w.status), 10)
	b = append(append(append(b, ' '), http.StatusText(w.status)...), "\r\n"...)
	w.header.Del("Content-Length")
	for name, values := range w.header {
		for _, v := range values {
			b = append(append(append(append(b, name...), ": "...), lines.Replace(v)...), "\r\n"...)
		}
	}
	if !keepAlive {
		b = append(b, "Connection: close\r\n"...)
	}
	b = strconv.AppendInt(append(b, "Content-Length: "...), int64(len(w.body)), 10)
	w.out = append(append(b, "\r\n\r\n"...), w.body...)
	return w.out
}

// lines keeps a header's value on its line.
var lines = strings.NewReplacer("\r", " ", "\n", " ")
