package gateway

import (
	"maps"
	"sync"
	"time"
)

// kept are the answers of Lambda authorizers, each until its time is up. What
// was refused by an error is never among them.
type kept struct {
	mu      sync.Mutex
	answers map[string]keptAnswer
	sweep   time.Time
}

type keptAnswer struct {
	grant grant
	until time.Time
}

// maxKept bounds the answers that are kept, since a client chooses the keys.
const maxKept = 10_000

func newKept() *kept { return &kept{answers: map[string]keptAnswer{}} }

func (k *kept) get(key string, now time.Time) (grant, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.answers[key]
	if !ok || !now.Before(a.until) {
		return grant{}, false
	}
	return a.grant, true
}

func (k *kept) put(key string, g grant, now time.Time, ttl time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.answers) >= maxKept || now.After(k.sweep) {
		maps.DeleteFunc(k.answers, func(_ string, a keptAnswer) bool { return !now.Before(a.until) })
		k.sweep = now.Add(time.Minute)
	}
	for old := range k.answers { // still full: some go before their time
		if len(k.answers) < maxKept {
			break
		}
		delete(k.answers, old)
	}
	k.answers[key] = keptAnswer{g, now.Add(ttl)}
}
