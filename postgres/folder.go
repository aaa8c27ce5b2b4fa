package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A folder is where one database is kept:
//
//	data/      PostgreSQL's own
//	data.new/  the same while initdb is at work; of no worth to anyone
//	master     which master user data/ was prepared for
//	lock       held by every process that uses data/
type folder struct {
	path string
	lock *os.File
}

func (f folder) data() string   { return filepath.Join(f.path, "data") }
func (f folder) making() string { return filepath.Join(f.path, "data.new") }
func (f folder) master() string { return filepath.Join(f.path, "master") }

// lockPatience is how long the processes of a killed Bailey may take to die.
const lockPatience = 10 * time.Second

// openFolder makes the folder if need be and takes its lock. PostgreSQL's own
// postmaster.pid cannot keep two servers apart: in its process namespace each
// of them is process 1, so it takes a file of another's for its own and goes
// on. The lock is on an open file that the server inherits; the kernel lets go
// of it when the last process that has it is gone, however it went.
// https://man7.org/linux/man-pages/man2/flock.2.html
func openFolder(ctx context.Context, path string, give func(string) error) (f folder, err error) {
	f = folder{path: path}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return f, err
	}
	if f.lock, err = os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return f, err
	}
	err = hold(ctx, f.lock)
	if err != nil {
		err = fmt.Errorf("%s is in use by another PostgreSQL: %w", path, err)
	} else if _, missing := os.Lstat(f.data()); errors.Is(missing, fs.ErrNotExist) {
		err = give(path)
	}
	if err != nil {
		f.lock.Close()
	}
	return f, err
}

// hold takes the lock, and waits for it a while.
func hold(ctx context.Context, lock *os.File) error {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// major is the major version that the data folder is bound to; 0 if there is
// no data folder. What is there and no data folder is an error, and stays.
func (f folder) major() (int, error) {
	if _, err := os.Lstat(f.data()); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	text, err := os.ReadFile(filepath.Join(f.data(), "PG_VERSION"))
	n, bad := strconv.Atoi(strings.TrimSpace(string(text)))
	if err == nil && bad == nil {
		_, err = os.Stat(filepath.Join(f.data(), "global", "pg_control"))
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("the data folder %s is damaged: %w; restore it, or move it away to start with an empty database", f.data(), err)
	case bad != nil:
		return 0, fmt.Errorf("the data folder %s is damaged: its PG_VERSION says %q; restore it, or move it away to start with an empty database", f.data(), text)
	}
	return n, nil
}

// choose picks the installation that can read the data folder: the newest for
// one that is still to be made.
func choose(all []Installation, data string, major int) (Installation, error) {
	var have []string
	for _, in := range all {
		if major == 0 || in.Major == major {
			return in, nil
		}
		have = append(have, in.Version)
	}
	if len(all) == 0 {
		return Installation{}, ErrNotInstalled
	}
	return Installation{}, fmt.Errorf("the data folder %s is of PostgreSQL %d, and this machine has %s: apt install postgresql-%d, or move the folder away to start with an empty database",
		data, major, strings.Join(have, ", "), major)
}

// publish makes a finished data folder the data folder.
func (f folder) publish() error {
	if err := os.Rename(f.making(), f.data()); err != nil {
		return err
	}
	dir, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
