package postgres

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"bailey/sandbox"
)

// role is the variable that has the test binary play a Bailey that is killed.
const role = "POSTGRES_TEST_FOLDER"

func TestMain(m *testing.M) {
	if sandbox.Supported() == nil {
		if err := sandbox.Enter(); err != nil {
			panic(err)
		}
	}
	if folder := os.Getenv(role); folder != "" {
		if err := insertUntilKilled(folder); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

var (
	address = netip.MustParseAddrPort("127.0.0.1:5432")
	owner   = Master{User: "rootski", Password: "it's a secret", Database: "words"}
)

// A machine is a host with one network, in which servers and psql run.
type machine struct {
	host *sandbox.Host
	ns   *sandbox.Namespace
	all  []Installation
}

func newMachine() (machine, error) {
	var m machine
	var err error
	if m.all, err = Find(context.Background()); err != nil {
		return m, err
	}
	if m.host, err = sandbox.New(); err != nil {
		return m, err
	}
	m.ns, err = sandbox.NewNamespace()
	return m, err
}

func onMachine(t *testing.T) machine {
	t.Helper()
	if err := sandbox.Supported(); err != nil {
		t.Skip(err)
	}
	m, err := newMachine()
	if errors.Is(err, ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(m.ns.Close(), m.host.Close()); err != nil {
			t.Error(err)
		}
	})
	return m
}

func (m machine) config(folder string, master Master) Config {
	return Config{Host: m.host, Namespace: m.ns, Folder: folder, Address: address, Master: master, Installations: m.all}
}

func (m machine) start(t *testing.T, folder string, master Master) *Server {
	t.Helper()
	s, err := Start(t.Context(), m.config(folder, master))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// psql runs statements as a user, over the network, and gives what it printed.
func (m machine) psql(as Master, stdin *os.File, stdout io.Writer, args ...string) (string, error) {
	var errs bytes.Buffer
	p, err := m.host.Start(m.ns, sandbox.Config{
		Argv: append([]string{path.Join(m.all[0].Bin, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"}, args...), Stdin: stdin, Stdout: stdout, Stderr: &errs,
		Env: []string{"PGHOST=127.0.0.1", "PGUSER=" + as.User, "PGPASSWORD=" + as.Password, "PGDATABASE=" + as.Database},
	})
	if err != nil {
		return "", err
	}
	if s := p.Wait(); s.ExitCode != 0 {
		return errs.String(), errors.New(s.String())
	}
	return errs.String(), nil
}

func (m machine) query(t *testing.T, as Master, statement string) string {
	t.Helper()
	var out bytes.Buffer
	if said, err := m.psql(as, nil, &out, "-c", statement); err != nil {
		t.Fatalf("%s: %v: %s", statement, err, said)
	}
	return strings.TrimSpace(out.String())
}

// One folder through its life: made, filled, shut down, started again, opened
// with another password.
func TestRowsOutliveTheServer(t *testing.T) {
	m, folder := onMachine(t), filepath.Join(t.TempDir(), "Database")
	s := m.start(t, folder, owner)
	m.query(t, owner, "CREATE TABLE words (word text); INSERT INTO words VALUES ('дом')")
	if err := s.Close(); err != nil || s.Wait().ExitCode != 0 {
		t.Fatalf("Close: %v, the server ended with %s", err, s.Wait())
	}
	if _, err := os.Stat(filepath.Join(folder, "data", "postmaster.pid")); err == nil {
		t.Error("after a clean shutdown postmaster.pid is left")
	}
	s = m.start(t, folder, owner)
	if got := m.query(t, owner, "SELECT word FROM words"); got != "дом" {
		t.Errorf("after a restart the row is %q", got)
	}
	s.Close()
	next := owner
	next.Password, next.Database = "another", "more"
	m.start(t, folder, next)
	words := next
	words.Database = owner.Database
	if got := m.query(t, words, "SELECT word FROM words"); got != "дом" {
		t.Errorf("with another password the row is %q", got)
	}
	if said, err := m.psql(owner, nil, nil, "-c", "SELECT 1"); err == nil || !strings.Contains(said, "password authentication failed") {
		t.Errorf("with the password of before: %v %s", err, said)
	}
}

// What a server of the project's must be: durable, and closed to all who do not
// know a password. psql asks the server itself.
func TestSettings(t *testing.T) {
	m, folder := onMachine(t), t.TempDir()
	m.start(t, folder, owner)
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on", "listen_addresses": "127.0.0.1",
		"unix_socket_directories": "", "password_encryption": "scram-sha-256", "server_encoding": "UTF8",
	} {
		if got := m.query(t, owner, "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	if got := m.query(t, owner, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules"); got != "scram-sha-256" {
		t.Errorf("pg_hba.conf admits by %s", got)
	}
	if got := m.query(t, owner, "SELECT left(rolpassword, 13) FROM pg_authid WHERE rolname = 'rootski'"); got != "SCRAM-SHA-256" {
		t.Errorf("the password is kept as %s...", got)
	}
	for _, who := range []Master{{User: owner.User, Password: "wrong", Database: owner.Database}, {User: "nobody", Password: "x", Database: owner.Database}} {
		if said, err := m.psql(who, nil, nil, "-c", "SELECT 1"); err == nil {
			t.Errorf("%s with %s is admitted: %s", who.User, who.Password, said)
		}
	}
}

// A master user as RDS makes one: may make roles and databases, is no
// superuser. Names are quoted, whatever is in them.
func TestManagedMaster(t *testing.T) {
	m, folder := onMachine(t), t.TempDir()
	boss := Master{User: `O"Neill; --`, Password: `a'b\c$$ é`, Database: `data "base"`, Managed: true}
	m.start(t, folder, boss)
	if got := m.query(t, boss, "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"); got != "f|t|t" {
		t.Errorf("superuser, createdb, createrole: %s", got)
	}
	if got := m.query(t, boss, "SELECT pg_has_role('rds_superuser', 'member'), current_database()"); got != `t|data "base"` {
		t.Errorf("member of rds_superuser, database: %s", got)
	}
	for _, may := range []string{"CREATE EXTENSION citext", "CREATE ROLE app LOGIN", "CREATE DATABASE other"} {
		m.query(t, boss, may)
	}
	if said, err := m.psql(boss, nil, nil, "-c", "COPY (SELECT 1) TO PROGRAM 'true'"); err == nil {
		t.Errorf("the master user runs programs on AWS's machine: %s", said)
	}
}

// What is in a folder stays there, whatever is wrong with it.
func TestFoldersThatAreNotTouched(t *testing.T) {
	m := onMachine(t)
	good := t.TempDir()
	m.start(t, good, owner).Close()
	tests := []struct {
		name, file, content, want string
	}{
		{"no version", "data/PG_VERSION", "", `its PG_VERSION says ""`},
		{"another version", "data/PG_VERSION", "9\n", "is of PostgreSQL 9, and this machine has " + m.all[0].Version},
		{"damaged control file", "data/global/pg_control", "nonsense", "the server ended at its start"},
		{"a file in place of the log", "data/pg_wal", "x", "the server ended at its start"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "DB")
			if out, err := exec.Command("cp", "-a", good, folder).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			file := filepath.Join(folder, test.file)
			if err := errors.Join(os.RemoveAll(file), os.WriteFile(file, []byte(test.content), 0o600), m.host.Give(file)); err != nil {
				t.Fatal(err)
			}
			_, err := Start(t.Context(), m.config(folder, owner))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), folder) {
				t.Errorf("Start: %v; want %q and the folder's name", err, test.want)
			}
			if text, err := os.ReadFile(file); err != nil || string(text) != test.content {
				t.Errorf("the file is now %q, %v", text, err)
			}
			if _, err := os.Stat(filepath.Join(folder, "data", "base")); err != nil {
				t.Error("the tables are gone: ", err)
			}
		})
	}
}

// A kill -9 in the middle of initdb leaves something half made; nobody was told
// that it holds anything.
func TestHalfMadeFolderIsMadeAgain(t *testing.T) {
	m, folder := onMachine(t), t.TempDir()
	if err := errors.Join(os.MkdirAll(filepath.Join(folder, "data.new", "base"), 0o700), os.WriteFile(filepath.Join(folder, "data.new", "PG_VERSION"), []byte("15"), 0o600)); err != nil {
		t.Fatal(err)
	}
	m.start(t, folder, owner)
	if got := m.query(t, owner, "SELECT 1"); got != "1" {
		t.Errorf("got %q", got)
	}
}

func TestOneServerAFolder(t *testing.T) {
	m, folder := onMachine(t), t.TempDir()
	m.start(t, folder, owner)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ended, m.config(folder, owner)); err == nil || !strings.Contains(err.Error(), "in use by another PostgreSQL") {
		t.Errorf("a second server: %v", err)
	}
	if got := m.query(t, owner, "SELECT 1"); got != "1" {
		t.Errorf("the first server answers %q", got)
	}
}

// TestKillLosesNoRow kills a Bailey with SIGKILL while it inserts. Every row of
// which psql was told that it is there, is there afterwards.
func TestKillLosesNoRow(t *testing.T) {
	m, folder := onMachine(t), t.TempDir()
	acknowledged := 0
	for range 2 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), role+"="+folder)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < 100 && lines.Scan(); n++ {
			if acknowledged, err = strconv.Atoi(lines.Text()); err != nil {
				t.Fatal(lines.Text())
			}
		}
		cmd.Process.Signal(syscall.SIGKILL)
		for lines.Scan() { // what was on its way when it was killed counts too
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged = n
			}
		}
		cmd.Wait()
	}
	if acknowledged < 100 {
		t.Fatalf("only %d rows were acknowledged", acknowledged)
	}
	m.start(t, folder, owner)
	missing := m.query(t, owner, fmt.Sprintf("SELECT count(*) FROM generate_series(1, %d) n WHERE NOT EXISTS (SELECT FROM rows WHERE id = n)", acknowledged))
	if missing != "0" {
		t.Errorf("of %d acknowledged rows %s are missing", acknowledged, missing)
	}
}

// insertUntilKilled inserts rows one transaction at a time and prints the number
// of each once it is acknowledged.
func insertUntilKilled(folder string) error {
	m, err := newMachine()
	if err != nil {
		return err
	}
	if _, err := Start(context.Background(), m.config(folder, owner)); err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	var last bytes.Buffer
	if said, err := m.psql(owner, nil, &last, "-c", "CREATE TABLE IF NOT EXISTS rows (id int PRIMARY KEY); SELECT coalesce(max(id), 0) FROM rows"); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	from, err := strconv.Atoi(strings.TrimSpace(last.String()))
	if err != nil {
		return err
	}
	go func() {
		for n := from + 1; ; n++ {
			if _, err := fmt.Fprintf(w, "INSERT INTO rows VALUES (%d);\n\\echo %d\n", n, n); err != nil {
				return
			}
		}
	}()
	_, err = m.psql(owner, r, os.Stdout)
	return err
}
