package sandbox

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// groupPrefix and Bailey's process id name the one group, in each hierarchy,
// above all of its sandboxes.
const groupPrefix = "bailey-"

// A cgroupParent is that group: one directory with cgroup v2, one for each
// controller with v1, none where no hierarchy may be written to.
type cgroupParent struct {
	limits Limits
	v2     string            // the directory; empty with v1
	v1     map[string]string // controller -> directory
	home   []string          // v1: the tasks files of the groups Bailey is in
	next   atomic.Int64
}

// newCgroupParent makes the group where it can. Version 2 is preferred; a
// machine that has mounted the memory controller as version 1 has no other.
func newCgroupParent() *cgroupParent {
	return makeParent(findHierarchies("/proc/self/mountinfo", "/proc/self/cgroup"))
}

func makeParent(found hierarchies) *cgroupParent {
	name := groupPrefix + strconv.Itoa(os.Getpid())
	p := &cgroupParent{v1: map[string]string{}}
	err := p.makeV2(found.v2, name)
	if err != nil && len(found.v1) > 0 {
		err = p.makeV1(found.v1, name)
	}
	if err != nil {
		p.limits = Limits{Via: "none", Why: err.Error()}
	}
	return p
}

// makeV2 makes the group in the highest group above our own in which that may
// be done: the root, or what systemd delegates to an ordinary user.
// https://docs.kernel.org/admin-guide/cgroup-v2.html#delegation
func (p *cgroupParent) makeV2(h hierarchy, name string) error {
	if h.mount == "" {
		return errors.New("no cgroup file system is mounted")
	}
	var last error
	for _, above := range h.lineage() {
		if last = p.makeV2In(above, name); last == nil {
			return nil
		}
	}
	return fmt.Errorf("no cgroup that may be written to: %w", last)
}

func (p *cgroupParent) makeV2In(above, name string) error {
	if !has(filepath.Join(above, "cgroup.controllers"), "memory") {
		return fmt.Errorf("%s has no memory controller", above)
	}
	// A process is moved with the rights over the group above both its places.
	if err := unix.Access(filepath.Join(above, "cgroup.procs"), unix.W_OK); err != nil {
		return fmt.Errorf("%s: %w", above, err)
	}
	dir := filepath.Join(above, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	err := errors.Join(delegate(above), delegate(dir))
	if err != nil {
		return errors.Join(err, os.Remove(dir))
	}
	p.v2 = dir
	p.limits = Limits{Memory: true, PIDs: has(filepath.Join(dir, "cgroup.subtree_control"), "pids"), Via: "cgroup v2"}
	return nil
}

// delegate has the group hand its memory and, if it has it, pids controller
// down to the groups in it.
func delegate(dir string) error {
	control := filepath.Join(dir, "cgroup.subtree_control")
	for _, c := range []string{"memory", "pids"} {
		if has(control, c) {
			continue
		}
		if err := write(control, "+"+c); err != nil && c == "memory" {
			return err
		}
	}
	return nil
}

// makeV1 makes a group at the root of each controller's hierarchy.
// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
func (p *cgroupParent) makeV1(found map[string]hierarchy, name string) error {
	for _, c := range []string{"memory", "pids"} {
		h, ok := found[c]
		if !ok {
			continue
		}
		dir := filepath.Join(h.mount, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			return errors.Join(fmt.Errorf("no cgroup that may be written to: %w", err), p.close())
		}
		p.v1[c] = dir
		p.home = append(p.home, filepath.Join(h.mount, h.own, "tasks"))
	}
	p.limits = Limits{Memory: p.v1["memory"] != "", PIDs: p.v1["pids"] != "", Via: "cgroup v1"}
	if !p.limits.Memory {
		p.limits.Why = "the memory controller is not mounted"
	}
	return nil
}

// dirs are the parent's directories, in every hierarchy it has one in.
func (p *cgroupParent) dirs() []string {
	var out []string
	for _, d := range []string{p.v2, p.v1["memory"], p.v1["pids"]} {
		if d != "" {
			out = append(out, d)
		}
	}
	return out
}

func (p *cgroupParent) close() error {
	var errs []error
	for _, d := range p.dirs() {
		errs = append(errs, removeGroup(d))
	}
	p.v2, p.v1 = "", map[string]string{}
	return errors.Join(errs...)
}

// A cgroup is one sandbox's. The nil cgroup limits nothing and knows nothing.
type cgroup struct {
	parent   *cgroupParent
	v2       string
	mem, pid string // v1

	mu    sync.Mutex
	usage *int // descriptor of the file that peak reads; nil: not open
}

// add makes a sandbox's group with its limits; 0 is none.
func (p *cgroupParent) add(memoryMB, maxPIDs int) (*cgroup, error) {
	if len(p.dirs()) == 0 {
		return nil, nil
	}
	name := strconv.FormatInt(p.next.Add(1), 10)
	g := &cgroup{parent: p}
	for _, d := range []struct{ parent, group *string }{{&p.v2, &g.v2}, {ref(p.v1["memory"]), &g.mem}, {ref(p.v1["pids"]), &g.pid}} {
		if *d.parent != "" {
			*d.group = filepath.Join(*d.parent, name)
		}
	}
	for _, d := range g.dirs() {
		if err := os.Mkdir(d, 0o755); err != nil {
			return nil, errors.Join(err, g.remove())
		}
	}
	if err := g.limit(memoryMB, maxPIDs); err != nil {
		return nil, errors.Join(err, g.remove())
	}
	return g, nil
}

func ref[T any](v T) *T { return &v }

func (g *cgroup) dirs() []string {
	var out []string
	for _, d := range []string{g.v2, g.mem, g.pid} {
		if d != "" {
			out = append(out, d)
		}
	}
	return out
}

// limit sets the limits. Swap would only hide that memory has run out; a
// kernel without accounting for it has no such file.
func (g *cgroup) limit(memoryMB, maxPIDs int) error {
	bytes, pids := strconv.Itoa(memoryMB<<20), strconv.Itoa(maxPIDs)
	var errs []error
	if memoryMB > 0 && g.v2 != "" {
		errs = append(errs, write(g.v2+"/memory.max", bytes))
		write(g.v2+"/memory.swap.max", "0")
	}
	if memoryMB > 0 && g.mem != "" {
		errs = append(errs, write(g.mem+"/memory.limit_in_bytes", bytes))
		write(g.mem+"/memory.memsw.limit_in_bytes", bytes)
	}
	if maxPIDs > 0 && g.parent.limits.PIDs {
		errs = append(errs, write(or(g.v2, g.pid)+"/pids.max", pids))
	}
	return errors.Join(errs...)
}

// enter has the next fork of this thread end up in the group; leave undoes
// what it took. Version 2 forks into a group. With version 1 the thread itself
// moves there and back: to move one thread is cheap, to move a process stops
// every fork of the machine.
func (g *cgroup) enter(attr *cloneArgs) (leave func() error, err error) {
	if g == nil {
		return func() error { return nil }, nil
	}
	if g.v2 != "" {
		dir, err := os.Open(g.v2)
		if err != nil {
			return nil, err
		}
		attr.flags |= unix.CLONE_INTO_CGROUP
		attr.cgroup = uint64(dir.Fd())
		return dir.Close, nil
	}
	for _, d := range g.dirs() {
		if err := write(d+"/tasks", "0"); err != nil {
			return nil, errors.Join(err, g.leave())
		}
	}
	return g.leave, nil
}

func (g *cgroup) leave() error {
	var errs []error
	for _, tasks := range g.parent.home {
		errs = append(errs, write(tasks, "0"))
	}
	return errors.Join(errs...)
}

// procs are the processes in the group, as Bailey sees them.
func (g *cgroup) procs() []int {
	if g == nil {
		return nil
	}
	return members(g.dirs()[0])
}

// peak is the most memory that was ever charged, in bytes; 0 if not known.
// The file stays open: each invocation asks.
func (g *cgroup) peak() uint64 {
	if g == nil {
		return 0
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.usage == nil {
		file := g.v2 + "/memory.peak"
		if g.v2 == "" {
			file = g.mem + "/memory.max_usage_in_bytes"
		}
		fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return 0
		}
		g.usage = &fd
	}
	var b [32]byte
	n, _ := unix.Pread(*g.usage, b[:], 0)
	peak, _ := strconv.ParseUint(strings.TrimSpace(string(b[:max(n, 0)])), 10, 64)
	return peak
}

// closeUsage closes the file that peak reads.
func (g *cgroup) closeUsage() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.usage != nil {
		unix.Close(*g.usage)
		g.usage = nil
	}
}

// readSmall is os.ReadFile without what the runtime does to poll a file: these
// are read for every invocation. A file of the kernel's is never slow.
func readSmall(name string) ([]byte, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	buf, n := make([]byte, 4096), 0
	for {
		m, err := unix.Read(fd, buf[n:])
		if m <= 0 || err != nil {
			return buf[:n], err
		}
		if n += m; n == len(buf) {
			buf = append(buf, make([]byte, len(buf))...)
		}
	}
}

// oomKills counts the processes that the memory limit has ended.
func (g *cgroup) oomKills() int {
	if g == nil {
		return 0
	}
	file := g.v2 + "/memory.events"
	if g.v2 == "" {
		file = g.mem + "/memory.oom_control"
	}
	b, _ := os.ReadFile(file)
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "oom_kill "); ok {
			n, _ := strconv.Atoi(strings.TrimSpace(v))
			return n
		}
	}
	return 0
}

func (g *cgroup) remove() error {
	if g == nil {
		return nil
	}
	g.closeUsage()
	var errs []error
	for _, d := range g.dirs() {
		errs = append(errs, removeGroup(d))
	}
	return errors.Join(errs...)
}
