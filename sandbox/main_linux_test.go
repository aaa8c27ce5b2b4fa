package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// role is the variable that has the test binary play another program.
const role = "SANDBOX_TEST_ROLE"

// TestMain runs everything as root: the real one, or an ordinary user's in a
// namespace of its own.
func TestMain(m *testing.M) {
	err := Enter()
	if play := roles[os.Getenv(role)]; play != nil {
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		play()
	}
	os.Exit(m.Run())
}

var roles = map[string]func(){
	"exit 7": func() { os.Exit(7) },
	"exit 9 on SIGTERM": func() {
		term := make(chan os.Signal, 1)
		signal.Notify(term, syscall.SIGTERM)
		fmt.Println(os.Getpid())
		<-term
		os.Exit(9)
	},
	"bailey": playBailey,
}

// hold(f())(t) is f's value; an error ends the test.
func hold[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func newHost(tb testing.TB) *Host {
	tb.Helper()
	if err := namespacesUsable(); err != nil {
		tb.Skip(err)
	}
	h := hold(New())(tb)
	tb.Cleanup(func() {
		if err := h.Close(); err != nil {
			tb.Error(err)
		}
	})
	return h
}

func newNamespace(tb testing.TB) *Namespace {
	tb.Helper()
	ns := hold(NewNamespace())(tb)
	tb.Cleanup(func() { ns.Close() })
	return ns
}

// world is a host and a network, with all that most tests need.
type world struct {
	tb testing.TB
	h  *Host
	ns *Namespace
}

func newWorld(tb testing.TB) world {
	tb.Helper()
	h := newHost(tb)
	return world{tb, h, newNamespace(tb)}
}

// start starts argv with c's machine.
func (w world) start(c Config, argv ...string) *Process {
	w.tb.Helper()
	c.Argv = argv
	return hold(w.h.Start(w.ns, c))(w.tb)
}

// run runs a shell script with c's machine and returns all that it printed.
func (w world) run(c Config, script string) (string, State) {
	w.tb.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	state := w.start(c, "/bin/sh", "-c", script).Wait()
	return strings.TrimSpace(out.String()), state
}
