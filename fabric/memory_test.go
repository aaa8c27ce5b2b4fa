package fabric

import (
	"bytes"
	"net/netip"
	"sync"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/path"
)

// memory is a device that keeps what is written to it. Frames are put into the
// fabric by calling forward, in the test's own goroutine.
type memory struct {
	silent bool // keeps nothing
	mu     sync.Mutex
	wrote  [][]byte
	once   sync.Once
	closed chan struct{}
}

func (m *memory) read(func([]byte)) error { <-m.closed; return nil }
func (m *memory) close() error            { m.once.Do(func() { close(m.closed) }); return nil }

func (m *memory) write(b []byte) error {
	if m.silent {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrote = append(m.wrote, bytes.Clone(b))
	return nil
}

// frames are those written since the last take.
func (m *memory) frames() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.wrote
}

func (m *memory) take() [][]byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.wrote
	m.wrote = nil
	return out
}

type memoryTap struct {
	*Tap
	device *memory
}

func (m memoryTap) send(frame []byte) { m.forward(frame) }

// got takes what was written since the last call.
func (m memoryTap) got(t testing.TB) []string {
	t.Helper()
	var out []string
	for _, frame := range m.device.take() {
		if err := check(frame); err != nil {
			t.Errorf("%s: %v", read(t, frame), err)
		}
		out = append(out, read(t, frame))
	}
	return out
}

// memoryNet is a fabric without devices and with a clock that stands still.
type memoryNet struct {
	testNet
	now time.Time
}

func newMemory(t testing.TB, c Config) *memoryNet {
	n := &memoryNet{now: time.Unix(1700000000, 0)}
	n.records = make(chan Record, 10000)
	n.t = t
	c.Now = func() time.Time { return n.now }
	if c.Log == nil {
		c.Log = n.keep
	}
	n.Fabric = prepared(c)
	t.Cleanup(func() { n.Close() })
	return n
}

func (n *memoryNet) add(t *Tap) memoryTap {
	n.t.Helper()
	d := &memory{closed: make(chan struct{})}
	tap, err := n.attach(d, t)
	if err != nil {
		n.t.Fatal(err)
	}
	return memoryTap{tap, d}
}

func (n *memoryNet) own(label, addr, eni string) memoryTap {
	n.t.Helper()
	tap := n.shared(label, addr, addr, eni)
	n.Bind(cloud.ENIID(eni), tap.Tap)
	return tap
}

func (n *memoryNet) shared(label, addr, inner, eni string) memoryTap {
	n.t.Helper()
	return n.add(&Tap{config: TapConfig{
		Label: label, From: path.FromENI{ID: cloud.ENIID(eni)},
		Addr: netip.MustParseAddr(addr), Inner: netip.MustParseAddr(inner),
	}})
}

func (n *memoryNet) server() memoryTap {
	n.t.Helper()
	own := n.config.Identities.Addr().Next()
	return n.add(&Tap{services: true, config: TapConfig{Label: "services", Addr: own, Inner: own}})
}

// pass lets time go by, with a sweep before and after.
func (n *memoryNet) pass(d time.Duration) {
	n.sweep()
	n.mu.Lock()
	n.now = n.now.Add(d)
	n.mu.Unlock()
	n.sweep()
}
