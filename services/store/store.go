package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// FileName is the database's name in the folder given to Open.
const FileName = "state.db"

// A Store is the open database. It is safe for concurrent use; one process has
// it at a time.
type Store struct {
	db   *bolt.DB
	path string
}

// ErrLocked is the error of Open where another process has the store.
var ErrLocked = errors.New("in use")

// ErrDamaged is the error of Open where the file is not what was written.
var ErrDamaged = errors.New("damaged")

// Open opens the store in dir, which it makes if need be. It reads all of it:
// damage is reported now, not in the middle of a call.
func Open(dir string) (*Store, error) {
	path := filepath.Join(dir, FileName)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, describe(path, err)
	}
	if err := create(dir, path); err != nil {
		return nil, describe(path, err)
	}
	db, err := open(path)
	if err != nil {
		return nil, describe(path, err)
	}
	return &Store{db, path}, nil
}

// Close ends it. A transaction that runs is waited for.
func (s *Store) Close() error { return s.db.Close() }

// Path is the database's file.
func (s *Store) Path() string { return s.path }

// create makes an empty database, complete or not at all: an empty file under
// the database's own name is therefore always damage.
func create(dir, path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(dir, FileName+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	f.Close()
	db, err := bolt.Open(f.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucket(sumsBucket)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err // another process that made it first is no failure
	}
	return syncDir(dir)
}

// syncDir makes a new name survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// open opens an existing database and reads it through. What a page that lies
// or is not there does to bbolt, a panic or a fault in mapped memory, is
// damage.
func open(path string) (db *bolt.DB, err error) {
	var file *os.File
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, fault(r))
		}
		if err != nil && file != nil {
			// Closing is not enough: what is still mapped keeps the lock.
			err = errors.Join(err, unlock(file))
			db = nil
		}
	}()
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	db, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Nanosecond, // try once
		OpenFile: func(name string, flag int, perm os.FileMode) (*os.File, error) {
			file, err = os.OpenFile(name, flag&^os.O_CREATE, perm)
			return file, err
		},
	})
	if err != nil {
		return nil, err
	}
	if err := verify(db, file); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// fault words what bbolt panicked with, or the kernel faulted it for.
func fault(r any) any {
	if _, ok := r.(runtime.Error); ok {
		return "a page is not there, or points to one that is not"
	}
	return r
}

func unlock(file *os.File) error {
	if errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_UN), syscall.EBADF) {
		return nil // bbolt closed it
	}
	return file.Close()
}

// describe words what keeps the store from opening, in one line for a person.
func describe(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%s is %w by another bailey%s; stop that one first", path, ErrLocked, holder(path))
	case errors.Is(err, ErrDamaged), errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum),
		errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrInvalidMapping):
		return fmt.Errorf("%s is %w and was left as it is (%v); move it away to start with empty state",
			path, ErrDamaged, cause(err))
	}
	return diskFull(fmt.Errorf("open %s: %w", path, err))
}

// cause drops the word that describe says itself.
func cause(err error) string {
	text := err.Error()
	if prefix := ErrDamaged.Error() + ": "; len(text) > len(prefix) && text[:len(prefix)] == prefix {
		return text[len(prefix):]
	}
	return text
}

// diskFull says so in plain words where that is the failure.
func diskFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("the disk is full: %w", err)
	}
	return err
}
