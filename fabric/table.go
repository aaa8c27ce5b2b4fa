package fabric

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// A table finds the entry of a packet. Reading takes no lock and allocates
// nothing, so that a tap's reader never waits for one that opens a flow;
// writers exclude one another. Nodes are never changed once published but for
// the link to the next: a reader that stands on a node while it is taken out
// still finds its way to the end of the chain.
type table struct {
	mu      sync.Mutex
	buckets atomic.Pointer[[]atomic.Pointer[node]] // a power of two; nil before the first put
	n       int
}

type node struct {
	key  key
	half *half
	next atomic.Pointer[node]
}

const firstBuckets = 16

// hash spreads a key over 64 bits (the finaliser of splitmix64, twice).
func (k key) hash() uint64 {
	x := mix(k.src.lo ^ k.src.hi*3 ^ bits.RotateLeft64(k.dst.lo^k.dst.hi*5, 32))
	return mix(x ^ (uint64(k.sport)<<24 | uint64(k.dport)<<8 | uint64(k.proto)))
}

func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// get returns the entry for k, or nil.
func (t *table) get(k key) *half {
	bs := t.buckets.Load()
	if bs == nil {
		return nil
	}
	for n := (*bs)[k.hash()&uint64(len(*bs)-1)].Load(); n != nil; n = n.next.Load() {
		if n.key == k {
			return n.half
		}
	}
	return nil
}

// put adds an entry for a key that has none; it reports whether it did.
func (t *table) put(k key, h *half) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.get(k) != nil {
		return false
	}
	bs := t.buckets.Load()
	if bs == nil || t.n >= 2*len(*bs) {
		bs = t.grow(bs)
	}
	insert(*bs, k, h)
	t.n++
	return true
}

func insert(bs []atomic.Pointer[node], k key, h *half) {
	b := &bs[k.hash()&uint64(len(bs)-1)]
	n := &node{key: k, half: h}
	n.next.Store(b.Load())
	b.Store(n)
}

// grow copies every node, for readers may stand on the old ones.
func (t *table) grow(old *[]atomic.Pointer[node]) *[]atomic.Pointer[node] {
	size := firstBuckets
	if old != nil {
		size = 4 * len(*old)
	}
	bs := make([]atomic.Pointer[node], size)
	if old != nil {
		for i := range *old {
			for n := (*old)[i].Load(); n != nil; n = n.next.Load() {
				insert(bs, n.key, n.half)
			}
		}
	}
	t.buckets.Store(&bs)
	return &bs
}

// remove takes the entry for k out if it is h.
func (t *table) remove(k key, h *half) {
	t.mu.Lock()
	defer t.mu.Unlock()
	bs := t.buckets.Load()
	if bs == nil {
		return
	}
	link := &(*bs)[k.hash()&uint64(len(*bs)-1)]
	for n := link.Load(); n != nil; n = n.next.Load() {
		if n.key == k && n.half == h {
			link.Store(n.next.Load())
			t.n--
			return
		}
		link = &n.next
	}
}
