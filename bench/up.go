//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// openUp holds the time from exec to ready against the bare cost of what there
// is then: two processes, Bailey's and the instance's, and two sets of
// namespaces, the services' and the instance's.
func openUp(b *bench) (pair, error) {
	if err := b.buildWorld(); err != nil {
		return pair{}, err
	}
	program, err := b.function()
	if err != nil {
		return pair{}, err
	}
	up := func() (time.Duration, error) {
		w, err := b.startWorld()
		if err != nil {
			return 0, err
		}
		return w.ready, w.close()
	}
	bare := func() (time.Duration, error) {
		services, err := firstByte(program)
		if err != nil {
			return 0, err
		}
		instance, err := firstByte(program)
		return services + instance, err
	}
	return pair{
		ours: func() (float64, error) { return p50(b.worlds, up) },
		peer: func() (float64, error) { return p50(b.worlds, bare) },
	}, nil
}

// openMemory holds the resident size of a world in which nothing has been
// invoked yet against that of a server that has answered once. The instance's
// program is its own.
func openMemory(b *bench) (pair, error) {
	if err := b.buildWorld(); err != nil {
		return pair{}, err
	}
	server, address, err := b.startServer(nil)
	if err == nil {
		err = get(address)
	}
	if err != nil {
		return pair{}, err
	}
	return pair{
		ours: func() (float64, error) {
			w, err := b.startWorld()
			if err != nil {
				return 0, err
			}
			rss, err := b.resident(w.cmd.Process.Pid)
			return rss, errors.Join(err, w.close())
		},
		peer: func() (float64, error) { return b.resident(server.Process.Pid) },
	}, nil
}

// resident is a process's resident size in bytes, once it has settled.
func (b *bench) resident(pid int) (float64, error) {
	time.Sleep(b.settle)
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, err
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0, fmt.Errorf("/proc/%d/statm: %w", pid, err)
	}
	return float64(pages * os.Getpagesize()), nil
}
