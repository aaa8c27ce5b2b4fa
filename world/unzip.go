package world

import (
	"archive/zip"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// unzippedLimit is how much a deployment package may hold once it is unpacked,
// in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const unzippedLimit = 250 << 20

// unpack unpacks a deployment package into a folder below dir and gives that
// folder. Its name says the file's content: what is there already is complete,
// and what was unpacked of other contents is removed.
func unpack(file, dir string) (string, error) {
	sum, err := contentOf(file)
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "code-"+sum)
	if _, err := os.Stat(out); err == nil {
		return out, nil
	}
	if err := removeOld(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	half, err := os.MkdirTemp(dir, "code-half-")
	if err != nil {
		return "", err
	}
	if err := unzip(file, half); err != nil {
		return "", errors.Join(fmt.Errorf("unpacking %s: %w", file, err), os.RemoveAll(half))
	}
	if err := os.Chmod(half, 0o755); err != nil {
		return "", err
	}
	return out, os.Rename(half, out)
}

func contentOf(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)[:16]), err
}

func removeOld(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, "code-*"))
	for _, name := range old {
		err = errors.Join(err, os.RemoveAll(name))
	}
	return err
}

// unzip unpacks a zip file into a folder, outside of which it writes nothing.
func unzip(file, dir string) error {
	z, err := zip.OpenReader(file)
	if err != nil {
		return err
	}
	defer z.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	left := int64(unzippedLimit)
	for _, f := range z.File {
		n, err := unzipFile(root, f, left)
		if err != nil {
			return fmt.Errorf("%q: %w", f.Name, err)
		}
		if left -= n; left < 0 {
			return fmt.Errorf("it holds more than %d MB, which is Lambda's limit", unzippedLimit>>20)
		}
	}
	return nil
}

// unzipFile unpacks one entry, but not much more of it than limit bytes. Files
// keep their mode: one that is not executable is not on Lambda either.
func unzipFile(root *os.Root, f *zip.File, limit int64) (int64, error) {
	name := path.Clean(f.Name)
	if f.Mode().IsDir() {
		return 0, root.MkdirAll(name, 0o755)
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return 0, err
	}
	in, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer in.Close()
	switch kind := f.Mode().Type(); kind {
	case fs.ModeSymlink:
		target, err := io.ReadAll(io.LimitReader(in, 4096))
		return int64(len(target)), cmp.Or(err, root.Symlink(string(target), name))
	case 0:
		out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return 0, err
		}
		n, err := io.Copy(out, io.LimitReader(in, limit+1))
		return n, errors.Join(err, out.Chmod(f.Mode().Perm()), out.Close())
	default:
		return 0, fmt.Errorf("it is neither a file nor a folder nor a link but %v", kind)
	}
}
