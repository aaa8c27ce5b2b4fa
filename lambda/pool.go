package lambda

import (
	"slices"
	"time"
)

// A function is what the service knows of one function name.
type function struct {
	conf     *configuration // nil: no longer in the model
	idle     []*environment // the last one was used last
	running  []*turn        // each in an environment of its own
	waiting  []*follower    // for the end of a turn; the first has waited longest
	promised int            // environments of idle that are a follower's
	events   chan struct{}  // a token for each asynchronous event being worked on
}

// A turn is an invocation that may run.
type turn struct {
	fn   *function
	conf *configuration
	inv  *invocation
	done chan outcome // holds what it came to
}

type outcome struct {
	res Response
	err error
}

// A follower waits for the end of a turn that has its answer.
type follower struct {
	fn       *function
	free     chan struct{} // closed when there is room, or an environment
	promised bool          // there is an environment
}

// heel is how long a caller waits for an environment whose function has
// answered and whose runtime is about to ask for its next event: on AWS the
// one who got the answer is too far away to come back any sooner. It is less
// than what a cold start takes there.
const heel = 25 * time.Millisecond

// claim finds the function and counts one more concurrent invocation of it, or
// says why there may be none.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
func (s *Service) claim(name, arn string, inv *invocation) (*turn, error) {
	inv.arrived, inv.answered = time.Now(), make(chan struct{})
	t, f, err := s.admit(name, arn, inv, nil)
	if f != nil {
		select {
		case <-f.free:
		case <-time.After(heel):
		}
		t, _, err = s.admit(name, arn, inv, f)
	}
	return t, err
}

// admit is claim without waiting. Where it is worth it, it gives what to wait
// for, and is called again with it.
func (s *Service) admit(name, arn string, inv *invocation, waited *follower) (*turn, *follower, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waited != nil {
		waited.leave()
	}
	fn, ok := s.functions[name]
	switch {
	case s.closed:
		return nil, nil, errService(errStopped)
	case !ok:
		return nil, nil, errNotFound(arn)
	case fn.conf.refused != nil:
		return nil, nil, fn.conf.refused
	}
	reason := s.limit(fn)
	if waited == nil && (reason != "" || len(fn.idle) <= fn.promised) && fn.ending() > len(fn.waiting) {
		f := &follower{fn: fn, free: make(chan struct{})}
		fn.waiting = append(fn.waiting, f)
		return nil, f, nil
	}
	if reason != "" {
		return nil, nil, errThrottled(reason)
	}
	t := &turn{fn, fn.conf, inv, make(chan outcome, 1)}
	fn.running = append(fn.running, t)
	s.tasks.Add(1)
	inv.timeout, inv.e = fn.conf.Timeout, s.pop(fn, fn.conf)
	return t, nil, nil
}

// leave ends the wait. The caller holds mu.
func (f *follower) leave() {
	if f.promised {
		f.fn.promised--
	}
	f.fn.waiting = slices.DeleteFunc(f.fn.waiting, func(other *follower) bool { return other == f })
}

// ending is the number of turns that have their answer already.
func (fn *function) ending() (n int) {
	for _, t := range fn.running {
		select {
		case <-t.inv.answered:
			n++
		default:
		}
	}
	return n
}

// limit is the reason to throttle fn, if there is one. Functions without
// reserved concurrency share what the others leave of the account's.
func (s *Service) limit(fn *function) string {
	if r := fn.conf.Reserved; r != nil {
		if fn.busy() >= *r {
			return ReasonReserved
		}
		return ""
	}
	left := s.concurrency
	for _, other := range s.functions {
		if r := other.conf.Reserved; r != nil {
			left -= *r
		} else {
			left -= other.busy()
		}
	}
	if left <= 0 {
		return ReasonAccount
	}
	return ""
}

// busy is how many concurrent invocations fn has.
func (fn *function) busy() int { return len(fn.running) + fn.promised }

// release ends what claim began. The environment ends or is free, for the
// first who waits.
func (s *Service) release(t *turn, reusable bool) {
	defer s.tasks.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := reusable && s.put(t.fn, t.inv.e)
	if !kept && t.inv.e != nil {
		s.bury(t.inv.e)
	}
	t.fn.running = slices.DeleteFunc(t.fn.running, func(other *turn) bool { return other == t })
	if len(t.fn.waiting) == 0 {
		return
	}
	f := t.fn.waiting[0]
	t.fn.waiting = t.fn.waiting[1:]
	if f.promised = kept; kept {
		t.fn.promised++
	}
	close(f.free)
}

// wake thaws the turn's environment, and reports whether it has one that is fit
// for work. Those that did not survive their rest end.
func (s *Service) wake(t *turn) bool {
	for t.inv.e != nil && !t.inv.e.rise() {
		s.mu.Lock()
		s.bury(t.inv.e)
		t.inv.e = s.pop(t.fn, t.conf)
		s.mu.Unlock()
	}
	return t.inv.e != nil
}

// pop gives the idle environment that was used last and is promised to nobody
// else, or nil. The caller holds mu.
func (s *Service) pop(fn *function, conf *configuration) *environment {
	n := len(fn.idle)
	if n <= fn.promised || fn.idle[n-1].conf.print != conf.print {
		return nil
	}
	e := fn.idle[n-1]
	fn.idle = fn.idle[:n-1]
	e.freezer.Stop()
	e.reaper.Stop()
	return e
}

// put makes an environment idle, and reports whether it may be: not if the
// function has changed since. The caller holds mu.
func (s *Service) put(fn *function, e *environment) bool {
	if s.closed || fn.conf == nil || fn.conf.print != e.conf.print {
		return false
	}
	e.lie(s.idleAfter, func() { s.reap(fn, e) })
	fn.idle = append(fn.idle, e)
	return true
}

// reap ends an environment that has been idle for long.
func (s *Service) reap(fn *function, e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, idle := range fn.idle {
		if idle == e {
			fn.idle = append(fn.idle[:i], fn.idle[i+1:]...)
			s.bury(e)
			return
		}
	}
}

// retire ends all idle environments of fn. The caller holds mu.
func (s *Service) retire(fn *function) {
	for _, e := range fn.idle {
		e.freezer.Stop()
		e.reaper.Stop()
		s.bury(e)
	}
	fn.idle = nil
}

// bury closes e in the background. The caller holds mu, and e is nobody's.
func (s *Service) bury(e *environment) {
	delete(s.environments, e.id)
	s.tasks.Go(func() {
		if err := e.close(); err != nil {
			s.mu.Lock()
			s.failures = append(s.failures, err)
			s.mu.Unlock()
		}
	})
}

// register makes e known to Annotate.
func (s *Service) register(e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.environments[e.id] = e
}
