package lambda

// A function is what the service knows of one function name.
type function struct {
	conf   *configuration // nil: no longer in the model
	idle   []*environment // the last one was used last
	busy   int            // invocations under way
	events chan struct{}  // a token for each asynchronous event being worked on
}

// claim finds the function and counts one more concurrent invocation of it, or
// says why there may be none.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
func (s *Service) claim(name, arn string) (*function, *configuration, error) {
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
	if reason := s.limit(fn); reason != "" {
		return nil, nil, errThrottled(reason)
	}
	fn.busy++
	s.tasks.Add(1)
	return fn, fn.conf, nil
}

// limit is the reason to throttle fn, if there is one. Functions without
// reserved concurrency share what the others leave of the account's.
func (s *Service) limit(fn *function) string {
	if r := fn.conf.Reserved; r != nil {
		if fn.busy >= *r {
			return ReasonReserved
		}
		return ""
	}
	left := s.concurrency
	for _, other := range s.functions {
		if r := other.conf.Reserved; r != nil {
			left -= *r
		} else {
			left -= other.busy
		}
	}
	if left <= 0 {
		return ReasonAccount
	}
	return ""
}

// unclaim ends what claim began.
func (s *Service) unclaim(fn *function) {
	s.mu.Lock()
	fn.busy--
	s.mu.Unlock()
	s.tasks.Done()
}

// take gives the idle environment that was used last, thawed, or nil. Those
// that did not survive their rest end.
func (s *Service) take(fn *function, conf *configuration) *environment {
	for {
		e := s.pop(fn, conf)
		if e == nil || e.rise() {
			return e
		}
		s.discard(e)
	}
}

func (s *Service) pop(fn *function, conf *configuration) *environment {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(fn.idle); n > 0 && fn.idle[n-1].conf.print == conf.print {
		e := fn.idle[n-1]
		fn.idle = fn.idle[:n-1]
		e.freezer.Stop()
		e.reaper.Stop()
		return e
	}
	return nil
}

// put gives an environment back. It ends if the function has changed since.
func (s *Service) put(fn *function, e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
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

func (s *Service) discard(e *environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bury(e)
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
