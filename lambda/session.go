package lambda

import (
	"context"
	"sync"
	"time"
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

// An invocation is one event on its way through an environment.
type invocation struct {
	id, arn, trace  string
	clientContext   string // JSON
	cognitoIdentity string // JSON
	payload         []byte
	timeout         time.Duration
	deadline        time.Time
	answer          answer
}

// An answer is what the runtime posted for an invocation.
type answer struct {
	payload []byte
	failed  bool // the handler did, or the response could not be taken
}

// A session is the conversation with one runtime process over the Runtime API.
type session struct {
	mu    sync.Mutex
	state state
	inv   *invocation
	wake  chan struct{} // closed when inv is there
	done  chan struct{} // closed when inv is answered

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

// deliver gives the runtime, which is ready, its next event. When answered is
// closed, inv has its answer.
func (s *session) deliver(inv *invocation, answered chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inv, s.done, s.state = inv, answered, stateRunning
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

// finish answers what begin claimed.
func (s *session) finish(a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = stateResponseSent
	s.inv.answer = a
	close(s.done)
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
