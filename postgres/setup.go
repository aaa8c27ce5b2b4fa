package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
)

// home is where the folder is seen in the sandbox.
const home = "/var/lib/postgresql"

// prepare sees to it that there is a data folder and that it knows the master
// user.
func (s *Server) prepare(ctx context.Context) error {
	if s.fresh {
		return s.create(ctx)
	}
	done, err := s.folder.prepared(s.config.Master)
	if done || err != nil {
		return err
	}
	if err := s.introduce(ctx, "data"); err != nil {
		return err
	}
	return s.folder.note(s.config.Master)
}

// create makes the data folder beside its place and moves it there whole: one
// that a kill -9 has left half made is made again.
func (s *Server) create(ctx context.Context) error {
	if err := os.RemoveAll(s.folder.making()); err != nil {
		return err
	}
	initdb := []string{path.Join(s.bin, "initdb"), "--pgdata=" + home + "/data.new", "--username=" + s.config.Master.superuser(),
		"--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--auth=reject", "--no-instructions"}
	if said, err := s.run(ctx, initdb, nil); err != nil {
		return fmt.Errorf("initdb: %w", because(err, said))
	}
	if err := s.introduce(ctx, "data.new"); err != nil {
		return err
	}
	if err := s.folder.note(s.config.Master); err != nil {
		return err
	}
	return s.folder.publish()
}

// introduce runs the statements that make the master user and their database,
// on a server of one session without a network.
// https://www.postgresql.org/docs/current/app-postgres.html#APP-POSTGRES-SINGLE-USER
func (s *Server) introduce(ctx context.Context, data string) error {
	m := s.config.Master
	if err := s.single(ctx, data, m.statements()...); err != nil {
		return fmt.Errorf("making the master user %s: %w", m.User, err)
	}
	if err := s.single(ctx, data, m.createDatabase()); err != nil && !strings.Contains(err.Error(), "already exists") {
		return fmt.Errorf("making the database %s: %w", m.Database, err)
	}
	return nil
}

// single runs statements, one a line, and stops at the first that fails. The
// log does not repeat a statement that failed: it may hold the password.
func (s *Server) single(ctx context.Context, data string, statements ...string) error {
	argv := []string{path.Join(s.bin, "postgres"), "--single", "-D", home + "/" + data, "-c", "exit_on_error=on", "-c", "log_min_error_statement=panic",
		"-c", "lc_messages=C", "-c", "password_encryption=scram-sha-256", "-c", "log_destination=stderr", "-c", "logging_collector=off", "postgres"}
	said, err := s.run(ctx, argv, []byte(strings.Join(statements, "\n")+"\n"))
	return because(err, said)
}

// run runs one of PostgreSQL's programs to its end. Its standard output is of
// no interest and goes to the lock file, through which it holds the lock should
// Bailey be killed meanwhile.
func (s *Server) run(ctx context.Context, argv []string, input []byte) (said []byte, err error) {
	c := s.machine()
	var errs bytes.Buffer
	c.Argv, c.Stdout, c.Stderr = argv, s.folder.lock, &errs
	in, feed, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	c.Stdin = in
	p, err := s.config.Host.Start(s.config.Namespace, c)
	if err != nil {
		feed.Close()
		return nil, err
	}
	_, werr := feed.Write(input) // an early end is what p.Wait tells
	if cerr := feed.Close(); werr == nil {
		werr = cerr
	}
	stop := context.AfterFunc(ctx, func() { p.Kill() })
	state := p.Wait()
	stop()
	switch {
	case ctx.Err() != nil:
		return errs.Bytes(), ctx.Err()
	case state.ExitCode != 0:
		return errs.Bytes(), fmt.Errorf("%s", state)
	}
	return errs.Bytes(), werr
}

var failure = regexp.MustCompile(`(?m)^.*(?:ERROR|FATAL|PANIC|initdb: error): .*$`)

// because adds to an error what a program said before its end.
func because(err error, said []byte) error {
	if line := lastLine(said); err != nil && line != "" {
		return fmt.Errorf("%w: %s", err, line)
	}
	return err
}

// lastLine is the last line of what a program said that tells of an error, or
// its last line.
func lastLine(said []byte) string {
	if all := failure.FindAll(said, -1); len(all) > 0 {
		said = all[len(all)-1]
	}
	lines := strings.Split(strings.TrimSpace(string(said)), "\n")
	return lines[len(lines)-1]
}
