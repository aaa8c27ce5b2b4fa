package sandbox

import (
	"bufio"
	"errors"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Sweep removes the groups that a killed Bailey left, and ends what is still
// in them. Groups of a Bailey that lives are left alone, and so are those
// whose processes belong to another process namespace.
func Sweep() error {
	found := findHierarchies("/proc/self/mountinfo", "/proc/self/cgroup")
	all := []hierarchy{found.v2}
	for _, h := range found.v1 {
		all = append(all, h)
	}
	var errs []error
	for _, h := range all {
		for _, dir := range h.lineage() {
			errs = append(errs, sweepIn(dir))
		}
	}
	return errors.Join(errs...)
}

func sweepIn(dir string) error {
	groups, _ := filepath.Glob(filepath.Join(dir, groupPrefix+"*")) // the pattern is well formed
	var errs []error
	for _, g := range groups {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(g), groupPrefix))
		if err == nil && unix.Kill(pid, 0) == unix.ESRCH {
			errs = append(errs, sweepGroup(g))
		}
	}
	return errors.Join(errs...)
}

// sweepGroup ends and removes a group with those in it.
func sweepGroup(dir string) error {
	below, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var errs []error
	for _, e := range below {
		if e.IsDir() {
			errs = append(errs, sweepGroup(filepath.Join(dir, e.Name())))
		}
	}
	for _, pid := range members(dir) {
		if pid > 0 { // 0: not in our process namespace
			unix.Kill(pid, unix.SIGKILL)
		}
	}
	return errors.Join(append(errs, removeGroup(dir))...)
}

// removeGroup removes an empty group. The kernel may hold one for a moment
// after its last process has gone.
func removeGroup(dir string) error {
	var err error
	for wait := 100 * time.Microsecond; wait < time.Second; wait *= 2 {
		err = unix.Rmdir(dir)
		if err == nil || err == unix.ENOENT {
			return nil
		}
		if err != unix.EBUSY {
			break
		}
		time.Sleep(wait)
	}
	return &os.PathError{Op: "remove cgroup", Path: dir, Err: err}
}

// A hierarchy is a mounted cgroup file system and our own group in it.
type hierarchy struct {
	mount string // directory of its root
	own   string // our group, from there
}

// lineage is every group from the root to our own. A hierarchy that is not
// mounted has none.
func (h hierarchy) lineage() []string {
	if h.mount == "" {
		return nil
	}
	out := []string{h.mount}
	for part := range strings.SplitSeq(strings.Trim(h.own, "/"), "/") {
		if part != "" {
			out = append(out, filepath.Join(out[len(out)-1], part))
		}
	}
	return out
}

// hierarchies are those that matter here: version 2's, and of version 1 those
// of the memory and pids controllers, by name.
type hierarchies struct {
	v2 hierarchy
	v1 map[string]hierarchy
}

// findHierarchies reads the files of proc(5) and cgroups(7).
func findHierarchies(mountinfo, self string) hierarchies {
	own := ownGroups(self)
	found := hierarchies{v1: map[string]hierarchy{}}
	for fields := range lines(mountinfo) {
		// ID PARENT DEV ROOT MOUNTPOINT OPTIONS [TAGS...] - TYPE SOURCE SUPER
		dash := slices.Index(fields, "-")
		if dash < 6 || len(fields) < dash+4 {
			continue
		}
		root, mount := fields[3], fields[4]
		switch fields[dash+1] {
		case "cgroup2":
			found.v2 = hierarchy{mount, within(root, own[""])}
		case "cgroup":
			for c := range strings.SplitSeq(fields[dash+3], ",") {
				if c == "memory" || c == "pids" {
					found.v1[c] = hierarchy{mount, within(root, own[c])}
				}
			}
		}
	}
	return found
}

// within is a group's path from the mount's root, which in a container need
// not be the hierarchy's.
func within(root, group string) string {
	if rest, ok := strings.CutPrefix(group, path.Clean(root)); ok {
		return path.Join("/", rest)
	}
	return group
}

// ownGroups reads our group in each hierarchy, by controller; version 2's has
// the empty name.
func ownGroups(self string) map[string]string {
	own := map[string]string{}
	for fields := range lines(self) {
		_, rest, _ := strings.Cut(strings.Join(fields, " "), ":")
		controllers, group, _ := strings.Cut(rest, ":")
		for c := range strings.SplitSeq(controllers, ",") {
			own[c] = group
		}
	}
	return own
}

// lines yields the fields of each line of a file; none if it is not there.
func lines(file string) func(func([]string) bool) {
	return func(yield func([]string) bool) {
		f, err := os.Open(file)
		if err != nil {
			return
		}
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if !yield(strings.Fields(s.Text())) {
				return
			}
		}
	}
}

// has reports whether a file of words holds this one.
func has(file, word string) bool {
	b, _ := os.ReadFile(file)
	return slices.Contains(strings.Fields(string(b)), word)
}

// write writes a control file, which is there already, in one piece.
func write(file, value string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// members are the processes in a group.
func members(dir string) []int {
	b, _ := readSmall(filepath.Join(dir, "cgroup.procs"))
	var out []int
	for word := range strings.FieldsSeq(string(b)) {
		if pid, err := strconv.Atoi(word); err == nil {
			out = append(out, pid)
		}
	}
	return out
}
