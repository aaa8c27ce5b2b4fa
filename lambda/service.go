package lambda

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"sync"
	"time"

	"bailey/cloud"
)

// Config is what a Service is made of. Model and Launcher are required.
type Config struct {
	Model    *cloud.Model // whose functions they are
	Launcher Launcher
	Logs     LogSink // nil: no log is kept

	// Credentials gives those of a function's role. Nil: functions have none.
	Credentials func(context.Context, cloud.Function) (Credentials, error)
	// Discarded hears of asynchronous events that are given up. It may be
	// called from any goroutine and must not wait for the Service.
	Discarded func(Discarded)
	// NewID makes request and environment ids: UUIDs. Nil: random ones.
	NewID func() string

	// IdleAfter is how long an environment waits for work. 0: 10 minutes. AWS
	// does not say how long its own do.
	IdleAfter time.Duration
	// Concurrency is the account's limit on concurrent invocations. 0: 1000.
	Concurrency int
	// EventConcurrency is how many asynchronous events of a function are
	// worked on at once, where AWS would go to the limit. 0: 10.
	EventConcurrency int
}

// A Service runs the functions of a model.
type Service struct {
	region, account string
	launcher        Launcher
	logs            LogSink
	credentials     func(context.Context, cloud.Function) (Credentials, error)
	discarded       func(Discarded)
	newID           func() string
	newOutlet       func(add func(string)) (outlet, error)
	idleAfter       time.Duration
	concurrency     int
	eventSlots      int

	ctx   context.Context // ends with Close
	end   context.CancelFunc
	tasks sync.WaitGroup // invocations, events, environments on their way out

	mu           sync.Mutex
	closed       bool
	functions    map[string]*function
	environments map[string]*environment // all there are, by id
	failures     []error                 // of environments on their way out
}

// New makes a Service. It starts nothing: environments come with invocations.
func New(c Config) *Service {
	ctx, end := context.WithCancel(context.Background())
	s := &Service{
		region: c.Model.Region(), account: c.Model.Account(),
		launcher: c.Launcher, logs: c.Logs, credentials: c.Credentials, discarded: c.Discarded,
		newID: c.NewID, newOutlet: newOutput,
		idleAfter:   cmp.Or(c.IdleAfter, 10*time.Minute),
		concurrency: cmp.Or(c.Concurrency, 1000),
		eventSlots:  cmp.Or(c.EventConcurrency, 10),
		ctx:         ctx, end: end,
		functions: map[string]*function{}, environments: map[string]*environment{},
	}
	if s.logs == nil {
		s.logs = nowhere{}
	}
	if s.credentials == nil {
		s.credentials = func(context.Context, cloud.Function) (Credentials, error) { return Credentials{}, nil }
	}
	if s.discarded == nil {
		s.discarded = func(Discarded) {}
	}
	if s.newID == nil {
		s.newID = newUUID
	}
	s.Apply(c.Model)
	return s
}

// Apply takes the next model. Idle environments of functions that changed or
// are gone end; busy ones end with their invocation.
func (s *Service) Apply(next *cloud.Model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.functions
	s.functions = map[string]*function{}
	for declared := range next.Functions() {
		conf := configure(declared)
		fn, ok := old[conf.FunctionName]
		if !ok {
			fn = &function{events: make(chan struct{}, s.eventSlots)}
		}
		delete(old, conf.FunctionName)
		changed := ok && fn.conf.print != conf.print
		fn.conf = conf
		if changed {
			s.retire(fn)
		}
		s.functions[conf.FunctionName] = fn
	}
	for _, fn := range old {
		fn.conf = nil
		s.retire(fn)
	}
}

// Annotate adds a line of Bailey's own to the log of an environment, and to
// the Response of the invocation that it runs: why a connection was dropped.
// An environment that is gone has no log.
func (s *Service) Annotate(environment, line string) {
	s.mu.Lock()
	e := s.environments[environment]
	s.mu.Unlock()
	if e != nil {
		e.journal.note(line)
	}
}

// Close ends all invocations, drops the events in the queue, kills every
// environment, and returns when nothing is left.
func (s *Service) Close() error {
	s.end()
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		for _, fn := range s.functions {
			s.retire(fn)
		}
	}
	s.mu.Unlock()
	s.tasks.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.failures...)
}

// newUUID is a random UUID, version 4.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := make([]byte, 0, 36)
	for _, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		text = append(hex.AppendEncode(text, part), '-')
	}
	return string(text[:36])
}
