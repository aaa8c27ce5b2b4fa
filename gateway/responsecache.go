package gateway

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"bailey/cloud"
)

// responses are the cached answers of REST stages, each until its time is up:
// of whatever status, since AWS keeps errors of an endpoint like other answers.
// They outlive a change of the model, as on AWS a deployment.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
type responses struct {
	mu   sync.Mutex
	kept map[string]keptResponse
	size int
}

type keptResponse struct {
	answer answer
	until  time.Time
}

// Bounds: AWS keeps no answer of more than 1 MiB. The smallest cache that it
// sells holds half a gigabyte; here it is enough that keys, which clients
// choose, cannot fill the memory.
const (
	maxCached  = 1 << 20
	maxCaching = 64 << 20
)

func newResponses() *responses { return &responses{kept: map[string]keptResponse{}} }

func (c *responses) get(key string, now time.Time) (*answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.kept[key]
	if !ok || !now.Before(r.until) {
		return nil, false
	}
	return &r.answer, true // a copy: what sends it may compress its body
}

func (c *responses) put(key string, a answer, until time.Time) {
	if len(a.body) > maxCached {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for old := range c.kept {
		if c.size+len(key)+len(a.body) <= maxCaching {
			break
		}
		c.drop(old)
	}
	c.drop(key)
	c.kept[key] = keptResponse{a, until}
	c.size += len(key) + len(a.body)
}

func (c *responses) drop(key string) {
	if r, ok := c.kept[key]; ok {
		c.size -= len(key) + len(r.answer.body)
		delete(c.kept, key)
	}
}

// caching is how long the method's answers are kept; 0: not at all. A setting
// for everything is for GET only; other methods need one of their own.
func (x *exchange) caching() time.Duration {
	if x.http() || x.stage.CacheSizeGB == "" {
		return 0
	}
	rule, own := x.stageSetting()
	if !rule.Caching || !own && x.method != http.MethodGet {
		return 0
	}
	return rule.CacheTTL
}

// throughCache answers from the cache, or asks and keeps the answer. A client
// that sends Cache-Control: max-age=0 has it asked anew: any client may, unless
// the stage requires authorization for that, which no template can state.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html#invalidate-method-caching
func (x *exchange) throughCache(i *cloud.Integration, ask func(*cloud.Integration) (*answer, error)) (*answer, error) {
	ttl := x.caching()
	if ttl <= 0 {
		return ask(i)
	}
	key := x.responseKey(i)
	if !strings.Contains(x.r.Header.Get("Cache-Control"), "max-age=0") {
		if a, ok := x.g.responses.get(key, x.now); ok {
			return a, nil
		}
	}
	a, err := ask(i)
	if err == nil {
		x.g.responses.put(key, *a, x.now.Add(ttl))
	}
	return a, err
}

// responseKey is the namespace, which is the resource if none is stated, and
// the values of the cache key parameters. Whatever is not among these, a path
// parameter or who asks, makes no difference: one answer is for all.
func (x *exchange) responseKey(i *cloud.Integration) string {
	namespace := i.CacheNamespace
	if namespace == "" {
		namespace = x.route.resourceID
	}
	var b strings.Builder
	for _, part := range []string{x.api.ID, x.stage.StageName, namespace, x.method} {
		b.WriteString(strconv.Quote(part))
	}
	for _, name := range i.CacheKeys {
		v, _ := x.requestParameter(name)
		b.WriteString(strconv.Quote(v))
	}
	return b.String()
}
