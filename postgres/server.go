package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"bailey/sandbox"
)

// Config is what a server is made of. All but Output is required.
type Config struct {
	Host      *sandbox.Host
	Namespace *sandbox.Namespace
	// Machine is what the server's sandbox shares with what else runs on the
	// instance: host name, /etc, trusted authorities.
	Machine       sandbox.Config
	Folder        string         // the database's own, made if it is not there
	Address       netip.AddrPort // where it listens, and nowhere else
	Master        Master
	Installations []Installation // see Find
	Output        io.Writer      // its log
}

// A Server is a PostgreSQL that runs.
type Server struct {
	Installation Installation

	config Config
	folder folder
	fresh  bool
	bin    string // the folder of the programs, in the sandbox
	tail   *tail
	proc   *sandbox.Process
}

// Start starts a server and returns when it takes connections. The first start
// of a folder makes the database.
func Start(ctx context.Context, c Config) (*Server, error) {
	if err := c.Master.check(); err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	s := &Server{config: c, tail: &tail{to: c.Output}}
	if err := s.start(ctx); err != nil {
		return nil, fmt.Errorf("postgres: %w", errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *Server) start(ctx context.Context) (err error) {
	if s.folder, err = openFolder(ctx, s.config.Folder, s.config.Host.Give); err != nil {
		return err
	}
	// The server inherits the lock; ours is of no use once it runs.
	defer s.folder.lock.Close()
	major, err := s.folder.major()
	if err != nil {
		return err
	}
	s.fresh = major == 0
	if s.Installation, err = choose(s.config.Installations, s.folder.data(), major); err != nil {
		return err
	}
	if s.bin = s.Installation.Bin; !strings.HasPrefix(s.bin, "/usr/") {
		s.bin = "/opt/postgresql/bin"
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.serve(ctx)
}

// machine is the sandbox of every program here. PostgreSQL refuses to run as
// root, and does not: in the sandbox it is an ordinary user without a
// capability. Parallel queries share memory through /dev/shm.
func (s *Server) machine() sandbox.Config {
	c := s.config.Machine
	c.User, c.UID, c.GID, c.Dir = "postgres", 999, 999, home
	c.Env = []string{"PATH=" + s.bin + ":/usr/bin:/bin", "HOME=" + home, "LANG=C.UTF-8", "TZ=UTC"}
	c.Mounts = []sandbox.Mount{sandbox.Tmpfs("/tmp", 0), sandbox.Tmpfs("/dev/shm", 0), sandbox.Writable(s.folder.path, home)}
	if s.bin != s.Installation.Bin {
		c.Mounts = append(c.Mounts, sandbox.ReadOnly(filepath.Dir(s.Installation.Bin), path.Dir(s.bin)))
	}
	files := map[string][]byte{"/etc/postgresql/pg_hba.conf": []byte(rules)}
	for name, text := range c.Files {
		files[name] = text
	}
	c.Files = files
	return c
}

// rules admit whoever proves to know a password, and nobody else.
// https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
const rules = "host all all all scram-sha-256\nhost replication all all scram-sha-256\n"

// settings are those that are not the folder's to change: what a commit that
// was acknowledged hangs on, who comes in, and where.
// https://www.postgresql.org/docs/current/runtime-config-wal.html
func (s *Server) settings() []string {
	return []string{
		"fsync=on", "synchronous_commit=on", "full_page_writes=on", "wal_sync_method=fdatasync", "data_sync_retry=off",
		"listen_addresses=" + s.config.Address.Addr().String(), fmt.Sprintf("port=%d", s.config.Address.Port()),
		"unix_socket_directories=", "hba_file=/etc/postgresql/pg_hba.conf", "password_encryption=scram-sha-256",
		"log_destination=stderr", "logging_collector=off", "lc_messages=C",
	}
}

// serve starts the server itself. The lock file is its standard input, which it
// never reads and all its processes have.
func (s *Server) serve(ctx context.Context) error {
	c := s.machine()
	c.Argv = []string{path.Join(s.bin, "postgres"), "-D", home + "/data"}
	for _, setting := range s.settings() {
		c.Argv = append(c.Argv, "-c", setting)
	}
	c.Stdin, c.Stdout, c.Stderr = s.folder.lock, s.tail, s.tail
	var err error
	if s.proc, err = s.config.Host.Start(s.config.Namespace, c); err != nil {
		return err
	}
	return s.ready(ctx)
}

// ready waits until the server takes connections; after a kill -9 it first
// plays its log again.
func (s *Server) ready(ctx context.Context) error {
	for {
		up, err := s.probe(ctx)
		if up || err != nil {
			return err
		}
		select {
		case <-s.proc.Done():
			return fmt.Errorf("the server ended at its start, data folder %s: %s: %s", s.folder.data(), s.proc.Wait(), lastLine(s.tail.text()))
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Done is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.proc.Done() }

// Wait waits for the server's end.
func (s *Server) Wait() sandbox.State { return s.proc.Wait() }

// closePatience is how long a shutdown may take to write everything out; what
// was committed is safe without.
const closePatience = 10 * time.Second

// Close shuts the server down: sessions are ended, everything is written out.
// https://www.postgresql.org/docs/current/server-shutdown.html
func (s *Server) Close() error {
	if s.proc == nil {
		return nil
	}
	if err := s.proc.Signal(syscall.SIGINT); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-s.proc.Done():
	case <-time.After(closePatience):
		s.proc.Kill() // it may have ended just now
		s.proc.Wait()
	}
	return nil
}

// A tail passes a log on and keeps the end of it, to say why a start failed.
type tail struct {
	to io.Writer

	mu  sync.Mutex
	end []byte
}

const tailLen = 4 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	t.end = append(t.end, p...)
	if over := len(t.end) - tailLen; over > 0 {
		t.end = append(t.end[:0], t.end[over:]...)
	}
	t.mu.Unlock()
	if t.to == nil {
		return len(p), nil
	}
	return t.to.Write(p)
}

func (t *tail) text() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]byte(nil), t.end...)
}
