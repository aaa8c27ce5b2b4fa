package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func netID(tb testing.TB, task string) string {
	return hold(os.Readlink("/proc/" + task + "/ns/net"))(tb)
}

func insideID(t *testing.T, ns *Namespace) (id string) {
	if err := ns.Do(func() error { id = netID(t, "thread-self"); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestDo(t *testing.T) {
	w := newWorld(t)
	other := newNamespace(t)
	host := netID(t, "thread-self")
	a, b := insideID(t, w.ns), insideID(t, other)
	if a == b || a == host || b == host {
		t.Fatalf("host %s, %s and %s are not three namespaces", host, a, b)
	}
	boom := errors.New("boom")
	err := w.ns.Do(func() error {
		if got := insideID(t, other); got != b {
			t.Errorf("nested: in %s, want %s", got, b)
		}
		if got := netID(t, "thread-self"); got != a {
			t.Errorf("after nested: in %s, want %s", got, a)
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("error %v", err)
	}
	if err := w.ns.Do(func() error { runtime.Goexit(); return nil }); err != errNoReturn {
		t.Errorf("Goexit: %v", err)
	}
	if got := netID(t, "thread-self"); got != host {
		t.Errorf("afterwards in %s, want the host's %s", got, host)
	}
}

// No thread stays behind in a namespace, however many were used at once: a test
// that hangs here has found one.
func TestNoThreadStaysInside(t *testing.T) {
	w := newWorld(t)
	host := netID(t, "thread-self")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			ns, err := NewNamespace()
			if err != nil {
				t.Error(err)
				return
			}
			defer ns.Close()
			p, err := w.h.Start(ns, Config{Argv: []string{"true"}})
			if err != nil {
				t.Error(err)
				return
			}
			p.Wait()
		})
	}
	all.Wait()
	for _, task := range hold(filepath.Glob("/proc/self/task/*"))(t) {
		inside := func() bool { // or on its way out
			link, err := os.Readlink(task + "/ns/net")
			return err == nil && link != host
		}
		for inside() {
			runtime.Gosched()
		}
	}
}

func TestSocketsStayInside(t *testing.T) {
	w := newWorld(t)
	l := hold(w.ns.Listen("tcp", "127.0.0.1:80"))(t)
	defer l.Close()
	served := make(chan error)
	go func() {
		c, err := l.Accept()
		if err == nil {
			_, err = io.WriteString(c, "hello")
			c.Close()
		}
		served <- err
	}()
	c := hold(w.ns.Dial(context.Background(), "tcp", "127.0.0.1:80"))(t)
	if got := string(hold(io.ReadAll(c))(t)); got != "hello" {
		t.Errorf("got %q", got)
	}
	c.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
	other := newNamespace(t)
	if c, err := other.Dial(context.Background(), "tcp", "127.0.0.1:80"); err == nil {
		c.Close()
		t.Error("another namespace reaches it")
	}
	u := hold(w.ns.ListenPacket("udp", "127.0.0.1:53"))(t)
	defer u.Close()
	if got := u.LocalAddr().(*net.UDPAddr).Port; got != 53 {
		t.Errorf("port %d", got)
	}
}

func TestNamesAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, addr := range []string{"localhost:80", "example.com:443", "nonsense"} {
		_, dial := w.ns.Dial(context.Background(), "tcp", addr)
		_, listen := w.ns.Listen("tcp", addr)
		_, packet := w.ns.ListenPacket("udp", addr)
		for _, err := range []error{dial, listen, packet} {
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q", addr)) {
				t.Errorf("%s: %v", addr, err)
			}
		}
	}
}

func TestClosedNamespace(t *testing.T) {
	w := newWorld(t)
	ns := hold(NewNamespace())(t)
	ns.Close()
	if err := ns.Do(func() error { return nil }); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Do: %v", err)
	}
	if _, err := w.h.Start(ns, Config{Argv: []string{"true"}}); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Start: %v", err)
	}
}
