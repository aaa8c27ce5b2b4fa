package lambda

import (
	"context"
	"sync"
)

// A state of a runtime as the Runtime API sees it, by AWS's name for it in
// the InvalidStateTransition error.
type state string

const (
	stateStarted      state = "Started"
	stateInitError    state = "InitError"
	stateReady        state = "Ready"   // asked for its next event
	stateRunning      state = "Running" // has an event
	stateResponding   state = "InvocationResponse"
	stateErring       state = "InvocationErrorResponse"
	stateResponseSent state = "RuntimeResponseSentState"
)

// An answer is what the runtime posted for an invocation.
type answer struct {
	payload []byte
	failed  bool // the handler did, or the response could not be taken
}

// A session is the conversation with one runtime process over the Runtime API.
type session struct {
	mu    sync.Mutex
	state state
	inv   *invocation   // the last that was delivered
	wake  chan struct{} // closed when inv is there

	ready     chan struct{} // the runtime asked for its next event
	initError chan *fault   // the runtime says that it cannot start
}

func newSession() *session {
	return &session{state: stateStarted, wake: make(chan struct{}), ready: make(chan struct{}, 1), initError: make(chan *fault, 1)}
}

// A transition that the state does not allow.
type transition struct{ from, to state }

// next waits for the event that a runtime asks for. A runtime that asks again
// before it has answered gets the same event.
func (s *session) next(ctx context.Context) (*invocation, *transition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.state {
	case stateStarted, stateResponseSent:
		s.state = stateReady
		s.ready <- struct{}{}
	case stateReady, stateRunning:
	default:
		return nil, &transition{s.state, stateReady}
	}
	for s.state != stateRunning {
		wake := s.wake
		s.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			s.mu.Lock()
			return nil, nil
		}
		s.mu.Lock()
	}
	return s.inv, nil
}

// deliver gives the runtime, which is ready, its next event.
func (s *session) deliver(inv *invocation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inv, s.state = inv, stateRunning
	close(s.wake)
	s.wake = make(chan struct{})
}

// known reports whether id is the invocation's that the runtime has.
func (s *session) known(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inv != nil && s.inv.id == id
}

// begin claims the right to answer the current invocation.
func (s *session) begin(to state) *transition {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateRunning {
		return &transition{s.state, to}
	}
	s.state = to
	return nil
}

// finish answers what begin claimed, if it was not revoked since.
func (s *session) finish(a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inv == nil {
		return
	}
	s.state = stateResponseSent
	s.inv.answer = a
	close(s.inv.answered)
}

// revoke takes the event back that was delivered: nobody can answer it any
// more. It reports whether it came in time.
func (s *session) revoke() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stateResponseSent {
		return false
	}
	s.inv = nil
	return true
}

// failInit notes that the runtime cannot start.
func (s *session) failInit(f *fault) *transition {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != stateStarted {
		return &transition{s.state, stateInitError}
	}
	s.state = stateInitError
	s.initError <- f
	return nil
}
