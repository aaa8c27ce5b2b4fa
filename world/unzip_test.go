package world

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entry is one of a zip file: a mode of 0 is that of an ordinary file.
type entry struct {
	name, text string
	mode       fs.FileMode
}

func zipped(t *testing.T, file string, entries ...entry) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		if e.mode == 0 {
			e.mode = 0o644
		}
		h.SetMode(e.mode)
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A package is unpacked once for each content, modes and links kept.
func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	file, into := filepath.Join(dir, "fn.zip"), filepath.Join(dir, "build", "Fn")
	zipped(t, file, entry{"bootstrap", "run", 0o755}, entry{"lib/", "", fs.ModeDir | 0o700}, entry{"lib/a.js", "1", 0}, entry{"deep/er/b", "2", 0o600}, entry{"link", "lib/a.js", fs.ModeSymlink | 0o777})
	out, err := unpack(file, into)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"bootstrap": "-rwxr-xr-x run", "lib/a.js": "-rw-r--r-- 1", "deep/er/b": "-rw------- 2", "link": "-rw-r--r-- 1"} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(out, name))
		if got := info.Mode().String() + " " + string(text); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", name, got, err, want)
		}
	}
	if again, err := unpack(file, into); err != nil || again != out {
		t.Errorf("the same package went to %s, %v", again, err)
	}
	zipped(t, file, entry{"bootstrap", "other", 0o755})
	next, err := unpack(file, into)
	if err != nil || next == out {
		t.Errorf("another package went to %s, %v", next, err)
	}
	if left, _ := os.ReadDir(into); len(left) != 1 {
		t.Errorf("%d folders are left, want one", len(left))
	}
}

// Nothing is written outside of the folder, and nothing without end.
func TestHostilePackages(t *testing.T) {
	big := strings.Repeat("\x00", 64<<20)
	for name, c := range map[string]struct {
		want    string
		entries []entry
	}{
		"up":            {"../evil", []entry{{"../evil", "x", 0}}},
		"absolute":      {"/evil", []entry{{"/evil", "x", 0}}},
		"through link":  {"l/evil", []entry{{"l", "/tmp", fs.ModeSymlink | 0o777}, {"l/evil", "x", 0}}},
		"over link":     {"escapes", []entry{{"l", "../../evil", fs.ModeSymlink | 0o777}, {"l", "x", 0}}},
		"device":        {"neither a file", []entry{{"d", "", fs.ModeDevice | 0o644}}},
		"folder a file": {"a/b", []entry{{"a", "x", 0}, {"a/b", "x", 0}}},
		"too much":      {"more than 250 MB", []entry{{"1", big, 0}, {"2", big, 0}, {"3", big, 0}, {"4", big, 0}}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file, into := filepath.Join(dir, "fn.zip"), filepath.Join(dir, "in")
			zipped(t, file, c.entries...)
			_, err := unpack(file, into)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			left, _ := os.ReadDir(into)
			beside, _ := os.ReadDir(dir)
			if len(left) != 0 || len(beside) != 2 {
				t.Errorf("left behind: %v, %v", left, beside)
			}
		})
	}
	text := filepath.Join(t.TempDir(), "fn.zip")
	if err := os.WriteFile(text, []byte("no zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := unpack(text, t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a valid zip file") {
		t.Errorf("got %v", err)
	}
}
