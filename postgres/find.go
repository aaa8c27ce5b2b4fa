package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// ErrNotInstalled says what to do where the host has no PostgreSQL.
var ErrNotInstalled = errors.New("no PostgreSQL is installed on this machine: apt install postgresql (Fedora: dnf install postgresql-server)")

// An Installation is one PostgreSQL of the host's.
type Installation struct {
	Bin     string // the folder of postgres and initdb
	Major   int    // 17; what a data folder is bound to
	Version string // 17.2
}

// places are the folders outside of PATH where packages and PostgreSQL's own
// build put the programs.
// https://wiki.debian.org/PostgreSql
// https://www.postgresql.org/docs/current/install-make.html
var places = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"}

// Find gives the host's installations, the newest first; ErrNotInstalled if
// there is none.
func Find(ctx context.Context) ([]Installation, error) {
	return find(ctx, filepath.SplitList(os.Getenv("PATH")), places)
}

func find(ctx context.Context, path, places []string) ([]Installation, error) {
	folders := slices.Clone(path)
	for _, pattern := range places {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("postgres: %s: %w", pattern, err)
		}
		folders = append(folders, found...)
	}
	var out []Installation
	for _, dir := range folders {
		in, ok := look(ctx, dir)
		if ok && !slices.ContainsFunc(out, func(o Installation) bool { return o.Bin == in.Bin }) {
			out = append(out, in)
		}
	}
	if len(out) == 0 {
		return nil, ErrNotInstalled
	}
	slices.SortStableFunc(out, func(a, b Installation) int { return compareVersions(b.Version, a.Version) })
	return out, nil
}

// look asks the server in dir for its version. Links are followed: a package
// may have only postgres itself linked into PATH, and initdb beside its target.
func look(ctx context.Context, dir string) (Installation, bool) {
	file, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
	if err != nil {
		return Installation{}, false
	}
	bin := filepath.Dir(file)
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return Installation{}, false
	}
	said, err := exec.CommandContext(ctx, file, "--version").Output()
	m := versionForm.FindSubmatch(said)
	if err != nil || m == nil {
		return Installation{}, false
	}
	major, _ := strconv.Atoi(string(m[2]))
	return Installation{Bin: bin, Major: major, Version: string(m[1])}, true
}

// versionForm reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)",
// and "18beta1" too. Since version 10 the first number is the major version.
// https://www.postgresql.org/support/versioning/
var versionForm = regexp.MustCompile(`^postgres \(PostgreSQL\) (([1-9][0-9]+)[0-9a-z.]*)`)

var digits = regexp.MustCompile(`[0-9]+`)

func compareVersions(a, b string) int {
	return slices.CompareFunc(digits.FindAllString(a, -1), digits.FindAllString(b, -1), func(x, y string) int {
		m, _ := strconv.Atoi(x)
		n, _ := strconv.Atoi(y)
		return m - n
	})
}
