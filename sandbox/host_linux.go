package sandbox

import (
	"bufio"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// programID is the host user that programs run as where Bailey is root: it
// owns nothing, and neither systemd nor shadow's subordinate ids hand it out.
// nobodyID stands in where only a container's 65,536 ids are mapped.
const (
	programID = 65993
	nobodyID  = 65534
)

// A Host starts sandboxes on this machine. It holds what they share: the
// cgroup above them all and the id maps of mounts.
type Host struct {
	ids    ids  // the programs' user and group, in Bailey's own user namespace
	groups bool // supplementary groups can be given up
	cgroup *cgroupParent

	mu      sync.Mutex
	idmaps  map[ids]*os.File
	running map[*Process]struct{}
	closed  bool
}

// New prepares this machine for sandboxes. Call Supported first, and Sweep.
func New() (*Host, error) {
	id, err := chooseID("/proc/self/uid_map")
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	allowed, _ := os.ReadFile("/proc/self/setgroups")
	return &Host{
		ids:     ids{id, id},
		groups:  string(allowed) == "allow\n",
		cgroup:  newCgroupParent(),
		idmaps:  map[ids]*os.File{},
		running: map[*Process]struct{}{},
	}, nil
}

// Limits says which limits are enforced here.
func (h *Host) Limits() Limits { return h.cgroup.limits }

// Close kills every program still running, waits for it, and removes the
// cgroups. Start fails afterwards.
func (h *Host) Close() error {
	h.mu.Lock()
	h.closed = true
	var left []*Process
	for p := range h.running {
		left = append(left, p)
	}
	for _, f := range h.idmaps {
		f.Close()
	}
	h.idmaps = nil
	h.mu.Unlock()
	for _, p := range left {
		p.Kill()
	}
	for _, p := range left {
		p.Wait()
	}
	return h.cgroup.close()
}

// chooseID picks the programs' user from those mapped in our user namespace:
// the first that is there of programID, nobodyID and, rootless, ourselves.
func chooseID(uidMap string) (int, error) {
	f, err := os.Open(uidMap)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	best := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var inside, outside, count int
		if _, err := fmt.Sscan(lines.Text(), &inside, &outside, &count); err != nil {
			return 0, fmt.Errorf("%s: %q: %w", uidMap, lines.Text(), err)
		}
		for _, id := range []int{programID, nobodyID} {
			if id >= inside && id < inside+count {
				best = max(best, id)
			}
		}
	}
	return best, nil
}

// isolated are all kinds of namespaces but the network's.
const isolated = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
