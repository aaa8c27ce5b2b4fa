package lambda

import (
	"slices"
	"time"
)

// A function is what the service knows of one function name.
type function struct {
	conf    *configuration // nil: no longer in the model
	idle    []*environment // the last one was used last
	running []*invocation  // each in an environment of its own
	events  chan struct{}  // a token for each asynchronous event being worked on
}

// A turn is an invocation that may run. Its environment is one that was idle,
// or still to be made.
type turn struct {
	fn   *function
	conf *configuration
	inv  *invocation
}

// heel is how long a caller waits for an environment whose function has
// answered and whose runtime is about to ask for its next event. The caller
// may be the one who got the answer, and on AWS would be too far away to notice.
const heel = 10 * time.Millisecond

// claim finds the function and counts one more concurrent invocation of it, or
// says why there may be none.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
func (s *Service) claim(name, arn string, inv *invocation) (*turn, error) {
	inv.arrived, inv.answered, inv.ended = time.Now(), make(chan struct{}), make(chan struct{})
	for {
		patient := time.Since(inv.arrived) < heel
		t, ending, err := s.admit(name, arn, inv, patient)
		if ending == nil {
			return t, err
		}
		select {
		case <-ending:
		case <-time.After(heel):
		}
	}
}

// admit is claim without its patience: where it is worth waiting for another
// invocation to end, it says for which.
func (s *Service) admit(name, arn string, inv *invocation, patient bool) (t *turn, ending <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
	if patient && (reason != "" || len(fn.idle) == 0) {
		if ending := fn.ending(); ending != nil {
			return nil, ending, nil
		}
	}
	if reason != "" {
		return nil, nil, errThrottled(reason)
	}
	fn.running = append(fn.running, inv)
	s.tasks.Add(1)
	inv.timeout, inv.e = fn.conf.Timeout, s.pop(fn, fn.conf)
	return &turn{fn, fn.conf, inv}, nil, nil
}

// ending is closed when an invocation has ended that has its answer already;
// nil if there is none.
func (fn *function) ending() <-chan struct{} {
	for _, inv := range fn.running {
		select {
		case <-inv.answered:
			return inv.ended
		default:
		}
	}
	return nil
}

// limit is the reason to throttle fn, if there is one. Functions without
// reserved concurrency share what the others leave of the account's.
func (s *Service) limit(fn *function) string {
	if r := fn.conf.Reserved; r != nil {
		if len(fn.running) >= *r {
			return ReasonReserved
		}
		return ""
	}
	left := s.concurrency
	for _, other := range s.functions {
		if r := other.conf.Reserved; r != nil {
			left -= *r
		} else {
			left -= len(other.running)
		}
	}
	if left <= 0 {
		return ReasonAccount
	}
	return ""
}

// release ends what claim began. The environment waits for its next turn or
// ends.
func (s *Service) release(t *turn, reusable bool) {
	defer s.tasks.Done()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := t.inv.e; {
	case reusable:
		s.put(t.fn, e)
	case e != nil:
		s.bury(e)
	}
	i := slices.Index(t.fn.running, t.inv)
	t.fn.running = slices.Delete(t.fn.running, i, i+1)
	close(t.inv.ended)
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

// pop gives the idle environment that was used last, or nil. The caller holds
// mu.
func (s *Service) pop(fn *function, conf *configuration) *environment {
	n := len(fn.idle)
	if n == 0 || fn.idle[n-1].conf.print != conf.print {
		return nil
	}
	e := fn.idle[n-1]
	fn.idle = fn.idle[:n-1]
	e.freezer.Stop()
	e.reaper.Stop()
	return e
}

// put gives an environment back. It ends if the function has changed since.
// The caller holds mu.
func (s *Service) put(fn *function, e *environment) {
	if s.closed || fn.conf == nil || fn.conf.print != e.conf.print {
		s.bury(e)
		return
	}
	e.lie(s.idleAfter, func() { s.reap(fn, e) })
	fn.idle = append(fn.idle, e)
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
