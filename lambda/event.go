package lambda

import (
	"errors"
	"time"
)

// How Lambda retries asynchronous events.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const (
	maxEventAge      = 6 * time.Hour
	maxRetries       = 2
	firstBackoff     = time.Second // after throttling or a failure of the service
	maxBackoff       = 5 * time.Minute
	retryWaitPerTurn = time.Minute // after a function error: 1 minute, then 2
)

// Discarded is an asynchronous event that Lambda gave up.
type Discarded struct {
	Function, RequestID string
	Payload             []byte
	// Condition is AWS's name for why: RetriesExhausted, EventAgeExceeded,
	// ZeroReservedConcurrency; or FunctionNotFound.
	// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
	Condition string
	Attempts  int    // how often the function ran
	Last      []byte // what it said last
}

// enqueue takes an event into the queue.
func (s *Service) enqueue(name, arn string, inv *invocation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errService(errStopped)
	}
	fn, ok := s.functions[name]
	if !ok {
		return errNotFound(arn)
	}
	q := &queued{s: s, name: name, arn: arn, inv: inv, since: time.Now(), slots: fn.events}
	s.tasks.Go(q.work)
	return nil
}

// A queued event waits for its turn, runs, and waits again before each retry.
type queued struct {
	s         *Service
	name, arn string
	inv       *invocation
	since     time.Time
	slots     chan struct{}
	attempts  int
	backoff   time.Duration
	last      []byte
}

func (q *queued) work() {
	for wait := time.Duration(0); ; {
		if !q.sleep(wait) {
			return
		}
		if time.Since(q.since) > maxEventAge {
			q.discard("EventAgeExceeded")
			return
		}
		var again bool
		if wait, again = q.attempt(); !again {
			return
		}
	}
}

// sleep waits and reports whether there is still a Service.
func (q *queued) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-q.s.ctx.Done():
		return false
	}
}

// attempt runs the event once, or finds that it cannot be run now, and says
// whether to come again and after what time.
func (q *queued) attempt() (wait time.Duration, again bool) {
	select {
	case q.slots <- struct{}{}:
	case <-q.s.ctx.Done():
		return 0, false
	}
	res, err := q.run()
	<-q.slots
	if err != nil {
		return q.refused(err)
	}
	q.attempts++
	q.last = res.Payload
	switch {
	case res.FunctionError == "":
		return 0, false
	case q.attempts > maxRetries:
		q.discard("RetriesExhausted")
		return 0, false
	}
	return time.Duration(q.attempts) * retryWaitPerTurn, true
}

func (q *queued) run() (Response, error) {
	once := *q.inv
	t, err := q.s.claim(q.name, q.arn, &once)
	if err != nil {
		return Response{}, err
	}
	q.s.start(t)
	o := <-t.done
	return o.res, o.err
}

// refused sorts out why an event could not be run.
func (q *queued) refused(err error) (wait time.Duration, again bool) {
	refusal, _ := errors.AsType[*Error](err)
	switch {
	case q.s.ctx.Err() != nil:
		return 0, false
	case refusal.Type == "ResourceNotFoundException":
		q.discard("FunctionNotFound")
		return 0, false
	case refusal.Reason == ReasonReserved && q.s.turnedOff(q.name):
		q.discard("ZeroReservedConcurrency")
		return 0, false
	}
	q.backoff = min(max(2*q.backoff, firstBackoff), maxBackoff)
	return q.backoff, true
}

func (q *queued) discard(condition string) {
	q.s.discarded(Discarded{Function: q.name, RequestID: q.inv.id, Payload: q.inv.payload, Condition: condition, Attempts: q.attempts, Last: q.last})
}

// turnedOff reports whether no invocation of the function is allowed at all.
func (s *Service) turnedOff(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	fn, ok := s.functions[name]
	return ok && fn.conf.Reserved != nil && *fn.conf.Reserved == 0
}
