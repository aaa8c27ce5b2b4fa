package store

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// The test binary is also the process that tests kill: see TestMain's roles.
const roleVariable = "BAILEY_STORE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch role, dir, _ := strings.Cut(os.Getenv(roleVariable), ":"); role {
	case "write":
		writeUntilKilled(dir)
	case "fill":
		fillDisk(dir)
	default:
		os.Exit(m.Run())
	}
}

type entry struct {
	N    int
	Text string
}

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		panic(err)
	}
	return v
}

func open2(t testing.TB, dir string) (*Store, *Bucket[entry]) {
	t.Helper()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	b, err := In[entry](s, "entries")
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func key(n int) string { return fmt.Sprintf("k%06d", n) }

func TestPutGetDelete(t *testing.T) {
	dir := t.TempDir()
	s, b := open2(t, dir)
	for n := range 10 {
		if err := b.Put(key(n), entry{n, "<&>\u2028é"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Update(func(tx Tx[entry]) error { return errors.Join(tx.Delete(key(3)), tx.Delete("nobody")) }); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.Get(key(3)); ok || err != nil {
		t.Errorf("deleted: ok=%v err=%v", ok, err)
	}
	s.Close()

	_, b = open2(t, dir)
	if v, ok, err := b.Get(key(7)); !ok || err != nil || v != (entry{7, "<&>\u2028é"}) {
		t.Errorf("after reopening: %+v %v %v", v, ok, err)
	}
	var keys []string
	err := b.View(func(tx Tx[entry]) error {
		return tx.Each("k00000", key(1), func(k string, _ entry) bool {
			keys = append(keys, k)
			return len(keys) < 3
		})
	})
	if want := []string{key(2), key(4), key(5)}; err != nil || !slices.Equal(keys, want) {
		t.Errorf("Each = %v, %v; want %v", keys, err, want)
	}
}

// An Update that fails leaves nothing behind.
func TestUpdateIsAllOrNothing(t *testing.T) {
	_, b := open2(t, t.TempDir())
	mine := errors.New("mine")
	err := b.Update(func(tx Tx[entry]) error { return errors.Join(tx.Put("a", entry{}), mine) })
	if !errors.Is(err, mine) {
		t.Errorf("err = %v", err)
	}
	if _, ok, _ := b.Get("a"); ok {
		t.Error("half an Update was written")
	}
}

// Updates do not overtake each other: counting from many goroutines is exact.
func TestUpdatesAreSerial(t *testing.T) {
	_, b := open2(t, t.TempDir())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				err := b.Update(func(tx Tx[entry]) error {
					v, _, err := tx.Get("n")
					v.N++
					return errors.Join(err, tx.Put("n", v))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if v, _, _ := b.Get("n"); v.N != 40 {
		t.Errorf("counted to %d, want 40", v.N)
	}
}

// role starts this binary as something else, and gives the lines it prints.
func role(t *testing.T, name, dir string, attr *syscall.SysProcAttr) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+name+":"+dir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = attr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// writeUntilKilled prints each number when its write is acknowledged.
func writeUntilKilled(dir string) {
	b := must(In[entry](must(Open(dir)), "entries"))
	for n := 0; ; n++ {
		if err := b.Put(key(n), entry{n, strings.Repeat("x", n%3000)}); err != nil {
			panic(err)
		}
		fmt.Println(n)
	}
}

func TestKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		if err := os.RemoveAll(filepath.Join(dir, "s")); err != nil {
			t.Fatal(err)
		}
		cmd, acknowledged := role(t, "write", filepath.Join(dir, "s"), nil)
		last := -1
		for last < 40+17*round && acknowledged.Scan() {
			fmt.Sscan(acknowledged.Text(), &last)
		}
		cmd.Process.Kill()
		for acknowledged.Scan() { // what it acknowledged before it died
			fmt.Sscan(acknowledged.Text(), &last)
		}
		cmd.Wait()
		s, b := open2(t, filepath.Join(dir, "s"))
		for n := range last + 1 {
			if v, ok, err := b.Get(key(n)); !ok || err != nil || v.N != n || len(v.Text) != n%3000 {
				t.Fatalf("write %d of %d acknowledged is gone: %v %v", n, last, ok, err)
			}
		}
		if last < 40 {
			t.Errorf("only %d writes were acknowledged", last)
		}
		s.Close()
	}
}

func TestOpenLocked(t *testing.T) {
	dir := t.TempDir()
	cmd, acknowledged := role(t, "write", dir, nil)
	defer cmd.Wait()
	defer cmd.Process.Kill()
	acknowledged.Scan()
	_, err := Open(dir)
	want := fmt.Sprintf("%s/state.db is in use by another bailey (pid %d); stop that one first", dir, cmd.Process.Pid)
	if !errors.Is(err, ErrLocked) || err.Error() != want {
		t.Errorf("Open = %v\n    want %s", err, want)
	}
}

// pageOf finds the first page of a kind that has something in it.
func pageOf(b []byte, kind uint16) (at int, id uint64) {
	for at = 2 * os.Getpagesize(); at < len(b); at += os.Getpagesize() {
		id = binary.NativeEndian.Uint64(b[at:])
		if int(id)*os.Getpagesize() == at && binary.NativeEndian.Uint16(b[at+8:]) == kind && binary.NativeEndian.Uint16(b[at+10:]) > 0 {
			return at, id
		}
	}
	panic(fmt.Sprintf("no page of kind %#x", kind))
}

func TestOpenDamaged(t *testing.T) {
	// Long enough that the values fill many pages.
	write := func(t *testing.T) string {
		dir := t.TempDir()
		s, b := open2(t, dir)
		err := b.Update(func(tx Tx[entry]) (err error) {
			for n := range 200 {
				err = errors.Join(err, tx.Put(key(n), entry{n, strings.Repeat("needle", 100)}))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		return filepath.Join(dir, FileName)
	}
	tests := []struct {
		name   string
		damage func([]byte) []byte
		says   string
	}{
		{"empty", func(b []byte) []byte { return nil }, "it is empty"},
		{"another file", func(b []byte) []byte { return []byte("# notes\n") }, ""},
		{"another file, long", func(b []byte) []byte { return slices.Repeat([]byte("notes\n"), 10000) }, ""},
		{"cut short", func(b []byte) []byte { return b[:3*4096] }, ""},
		{"zeroed pages", func(b []byte) []byte { clear(b[2*4096:]); return b }, ""},
		{"a flipped bit in a value", func(b []byte) []byte {
			b[strings.LastIndex(string(b), "needle")] ^= 1
			return b
		}, "its checksum is wrong"},
		{"a page that points to itself", func(b []byte) []byte {
			at, id := pageOf(b, branchPage)
			binary.NativeEndian.PutUint64(b[at+headerSize+8:], id)
			return b
		}, "is used twice"},
		{"a used page among the free ones", func(b []byte) []byte {
			_, used := pageOf(b, branchPage)
			at := int(must(readMeta(bytes.NewReader(b), os.Getpagesize())).free) * os.Getpagesize()
			binary.NativeEndian.PutUint64(b[at+headerSize:], used)
			return b
		}, "is free and used"},
		{"a page without an end", func(b []byte) []byte {
			at, _ := pageOf(b, branchPage)
			binary.NativeEndian.PutUint32(b[at+12:], 1<<31)
			return b
		}, "is another one"},
		{"the last transaction's page", func(b []byte) []byte {
			b[headerSize+48] ^= 1
			return b
		}, "the checksum of page 0 is wrong"},
		{"a bucket renamed", func(b []byte) []byte { return bytes.Replace(b, []byte("entries"), []byte("entriez"), -1) }, "its sum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := write(t)
			before := tt.damage(must(os.ReadFile(path)))
			if err := os.WriteFile(path, before, 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 { // the failure leaves no lock behind
				_, err := Open(filepath.Dir(path))
				if !errors.Is(err, ErrDamaged) || !strings.HasPrefix(err.Error(), path+" is damaged and was left as it is (") ||
					!strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
					t.Fatalf("Open = %v", err)
				}
			}
			if after := must(os.ReadFile(path)); !slices.Equal(after, before) {
				t.Error("the damaged file was changed")
			}
		})
	}
}

// A store of any history opens again, whole: values that grow over pages and
// shrink, that go, and transactions that are given up.
func TestOpenWhole(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	for range 6 {
		s := must(Open(dir))
		b := must(In[string](s, "texts"))
		for range 60 {
			err := b.Update(func(tx Tx[string]) error {
				for range random.IntN(20) {
					k := key(random.IntN(500))
					want[k] = strings.Repeat("x", random.IntN(200)+random.IntN(2)*random.IntN(30_000))
					if err := tx.Put(k, want[k]); err != nil {
						return err
					}
				}
				gone := key(random.IntN(500))
				delete(want, gone)
				return tx.Delete(gone)
			})
			if err != nil {
				t.Fatal(err)
			}
			given := errors.New("given up")
			if err := b.Update(func(tx Tx[string]) error { return errors.Join(tx.Put("never", "kept"), given) }); !errors.Is(err, given) {
				t.Fatal(err)
			}
		}
		s.Close()
	}
	b := must(In[string](must(Open(dir)), "texts"))
	defer b.store.Close()
	for n := range 500 {
		w, there := want[key(n)]
		if v, ok, err := b.Get(key(n)); v != w || ok != there || err != nil {
			t.Errorf("%s: %d bytes, %v, %v; want %d, %v", key(n), len(v), ok, err, len(w), there)
		}
	}
	if _, ok, _ := b.Get("never"); ok {
		t.Error("what was given up is there")
	}
}

// Whatever byte is damaged: it is reported, or it was of no account. What was
// written does not go, and is not read as anything else.
func TestOpenFindsAnyDamage(t *testing.T) {
	const buckets, entries = 2, 40
	dir := t.TempDir()
	s := must(Open(dir))
	for n := range buckets {
		b := must(In[entry](s, fmt.Sprint("bucket", n)))
		for n := range entries { // one by one: pages are freed, and used again
			if err := b.Put(key(n), entry{n, "text"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Close()
	path := filepath.Join(dir, FileName)
	whole := must(os.ReadFile(path))
	reported := 0
	for at := 0; at < len(whole); at += 61 {
		damaged := slices.Clone(whole)
		damaged[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(dir)
		if errors.Is(err, ErrDamaged) {
			reported++
			continue
		}
		if err != nil {
			t.Fatalf("byte %d: %v", at, err)
		}
		for n := range buckets {
			b := must(In[entry](s, fmt.Sprint("bucket", n)))
			for n := range entries {
				if v, ok, err := b.Get(key(n)); v.N != n || !ok || err != nil {
					t.Errorf("byte %d: %s is %v %v %v, and Open said nothing", at, key(n), v, ok, err)
				}
			}
		}
		s.Close()
	}
	if reported < 50 {
		t.Errorf("only %d damaged bytes were of any account", reported)
	}
}

func TestOpenRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, ".bailey")); err == nil || !strings.Contains(err.Error(), ".bailey/state.db: ") {
		t.Errorf("Open below a file = %v", err)
	}
}

func BenchmarkPut(b *testing.B) {
	_, bucket := open2(b, b.TempDir())
	for n := 0; b.Loop(); n++ {
		if err := bucket.Put(key(n%1000), entry{n, strings.Repeat("x", 200)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	_, bucket := open2(b, b.TempDir())
	if err := bucket.Put("k", entry{1, strings.Repeat("x", 200)}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, ok, err := bucket.Get("k"); !ok {
			b.Fatal(err)
		}
	}
}
