package gateway

import (
	"strings"
	"sync"
	"time"

	"bailey/cloud"
)

// A bucket holds tokens: it starts full, a request takes one, and Rate of them
// come back each second up to Burst.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
type bucket struct {
	limit cloud.Throttle

	mu     sync.Mutex
	tokens float64
	at     time.Time
}

// take takes a token, if there is one.
func (b *bucket) take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	full := float64(b.limit.Burst)
	if b.at.IsZero() {
		b.tokens = full
	} else if passed := now.Sub(b.at); passed > 0 {
		b.tokens = min(full, b.tokens+passed.Seconds()*b.limit.Rate)
	}
	if b.at.Before(now) {
		b.at = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// limits are the token buckets and quotas of all APIs, by what they limit.
// They outlive a change of the model as long as the limit is the same.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	quotas  map[string]*quota
}

func newLimits() *limits {
	return &limits{buckets: map[string]*bucket{}, quotas: map[string]*quota{}}
}

func (l *limits) bucket(key string, t cloud.Throttle) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil || b.limit != t {
		b = &bucket{limit: t}
		l.buckets[key] = b
	}
	return b
}

// within fills what a limit leaves to the account.
func within(t, account cloud.Throttle) cloud.Throttle {
	if t.Rate < 0 {
		t.Rate = account.Rate
	}
	if t.Burst < 0 {
		t.Burst = account.Burst
	}
	return t
}

// throttle asks the route's bucket in its stage, then the account's. The
// client's, of its usage plan, was asked before them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html#apigateway-how-throttling-limits-are-applied
func (x *exchange) throttle() error {
	limit := x.stage.Default
	if rule, ok := x.stageRule(); ok && rule.Throttle != nil {
		limit = rule.Throttle
	}
	if limit != nil {
		b := x.g.limits.bucket(x.api.ID+"/"+x.stage.StageName+"/"+x.route.key, within(*limit, x.g.config.Account))
		if !b.take(x.now) {
			return refuse(throttled, "throttle", "%s of the stage %s is limited to %g requests a second with a burst of %d",
				x.route.key, x.stage.StageName, b.limit.Rate, b.limit.Burst)
		}
	}
	if !x.apis.account.take(x.now) {
		return refuse(throttled, "throttle", "the account is limited to %g requests a second with a burst of %d", x.apis.account.limit.Rate, x.apis.account.limit.Burst)
	}
	return nil
}

// stageRule is what the stage sets for the route: for the method itself, for
// all methods of the path, for everything.
func (x *exchange) stageRule() (cloud.StageRule, bool) {
	rule, key := x.ruleAndKey()
	return rule, key != ""
}

// stageSetting is stageRule, and whether it is of the method's own.
func (x *exchange) stageSetting() (rule cloud.StageRule, own bool) {
	rule, key := x.ruleAndKey()
	return rule, key != "" && !strings.HasPrefix(key, "* ")
}

func (x *exchange) ruleAndKey() (cloud.StageRule, string) {
	if x.route == nil || len(x.stage.Routes) == 0 {
		return cloud.StageRule{}, ""
	}
	keys := []string{x.route.key}
	if !x.http() {
		keys = []string{x.method + " " + x.route.Path, x.route.key, "* " + x.route.Path, "* /*"}
	}
	for _, key := range keys {
		if rule, ok := x.stage.Routes[key]; ok {
			return rule, key
		}
	}
	return cloud.StageRule{}, ""
}

// planRoute is how a usage plan names a method.
func (x *exchange) planRoute() string { return strings.ToUpper(x.method) + " " + x.route.Path }
