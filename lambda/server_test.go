package lambda

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// mirror answers with what it was asked, and hangs where the path is /wait.
func mirror(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/wait" {
		<-r.Context().Done()
		return
	}
	if r.URL.Path == "/unread" {
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
	w.Header().Set("X-Asked", r.Method+" "+r.URL.Path)
	w.Write(body)
}

// dialServer is a connection to a new server. The server ends with the test.
func dialServer(t testing.TB, handler http.HandlerFunc) (net.Conn, *server) {
	l := &memListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	s := serveOn(l, handler)
	t.Cleanup(func() { s.close() })
	c, err := l.dial()
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// Each request is answered in HTTP/1.1, as package net/http reads it, and the
// connection stays open as long as the client may use it.
func TestServer(t *testing.T) {
	large := strings.Repeat("x", unreadLimit+1)
	tests := []struct {
		name, sent string
		want       []string // status, X-Asked and body of each response
		open       bool     // afterwards
	}{
		{"one after the other", "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi", []string{"200 GET /a ", "200 POST /b hi"}, true},
		{"in pieces", "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n", []string{"200 POST /a hi!"}, true},
		{"the body of one is not the next", "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 19\r\n\r\nGET /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n", []string{"200  ", "200 GET /y "}, true},
		{"asks to close", "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", []string{"200 GET /a "}, false},
		{"HTTP/1.0", "GET /a HTTP/1.0\r\n\r\n", []string{"200 GET /a "}, false},
		{"too much that nobody reads", "POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: " + strconv.Itoa(len(large)) + "\r\n\r\n" + large, []string{"200  "}, false},
		{"head", "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n", []string{"200 HEAD /a "}, true},
		{"no HTTP", "hello\r\n\r\n", []string{"400  "}, false},
		{"a length that is none", "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", []string{"400  "}, false},
		{"a header without end", "GET /a HTTP/1.1\r\nX: " + strings.Repeat("x", headerLimit), []string{"400  "}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, s := dialServer(t, mirror)
				go io.WriteString(c, tt.sent) // what is not read is not waited for
				in := bufio.NewReader(c)
				for _, want := range tt.want {
					method, _, _ := strings.Cut(tt.sent, " ")
					res, err := http.ReadResponse(in, &http.Request{Method: method})
					if err != nil {
						t.Fatal(err)
					}
					body, err := io.ReadAll(res.Body)
					if got := fmt.Sprintf("%d %s %s", res.StatusCode, res.Header.Get("X-Asked"), body); got != want || err != nil {
						t.Errorf("got %q, %v; want %q", got, err, want)
					}
				}
				synctest.Wait()
				s.mu.Lock()
				defer s.mu.Unlock()
				if open := len(s.connections) == 1; open != tt.open {
					t.Errorf("the connection is open: %v, want %v", open, tt.open)
				}
			})
		})
	}
}

// A client that will not send before it is told to is told to.
func TestServerExpect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dialServer(t, mirror)
		in := bufio.NewReader(c)
		fmt.Fprint(c, "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
		for _, status := range []int{100, 200} {
			res, err := http.ReadResponse(in, nil)
			if err != nil || res.StatusCode != status {
				t.Fatalf("got %v, %v; want %d", res, err, status)
			}
			if status == 100 {
				fmt.Fprint(c, "hi")
			}
		}
	})
}

// What a handler says stays in its header.
func TestServerHeaderLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dialServer(t, func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Said", "a\r\nX-Other: b") })
		fmt.Fprint(c, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || res.Header.Get("X-Said") != "a  X-Other: b" || res.Header.Get("X-Other") != "" {
			t.Errorf("got %v, %v", res, err)
		}
	})
}

// close ends requests under way, and takes no connection any more.
func TestServerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, s := dialServer(t, mirror)
		fmt.Fprint(c, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
		synctest.Wait()
		if err := s.close(); err != nil {
			t.Error(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a request that was ended is answered")
		}
		if len(s.connections) != 0 {
			t.Errorf("%d connections are left", len(s.connections))
		}
	})
}

// FuzzServer sends a connection anything: it must answer in HTTP or hang up.
func FuzzServer(f *testing.F) {
	f.Add("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
	f.Add("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n")
	f.Add("POST /unread HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n")
	f.Add("GET http://[::1/ HTTP/9.9\r\n: \r\n\x00\r\n\r\n")
	f.Fuzz(func(t *testing.T, sent string) {
		if strings.Contains(sent, "/wait") {
			return
		}
		ours, theirs := net.Pipe()
		s := serveOn(&memListener{conns: make(chan net.Conn), closed: make(chan struct{})}, http.HandlerFunc(mirror))
		defer s.close()
		s.keep(theirs)
		s.tasks.Go(func() { s.converse(theirs) })
		got := make(chan string, 1)
		go func() {
			all, _ := io.ReadAll(ours)
			got <- string(all)
		}()
		io.WriteString(ours, sent)
		ours.Close()
		if text := <-got; text != "" && !strings.HasPrefix(text, "HTTP/1.1 ") {
			t.Errorf("%q is answered with %q", sent, text)
		}
	})
}
