package lambda

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// initLimit is how long the Init phase may take before Lambda gives up and
// tries again inside the first invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
const initLimit = 10 * time.Second

// An environment is one execution environment. One goroutine drives it until
// it is closed.
type environment struct {
	id      string
	conf    *configuration
	region  string
	env     []string // of the runtime
	place   Place
	journal *journal
	out     outlet
	server  *server
	session atomic.Pointer[session]
	run     *runtime
	stop    <-chan struct{}
	turns   chan *turn // at most one that the driver has not begun yet; closed by close

	freezer, reaper *time.Timer // of one that is idle
	rest            sync.Mutex  // guards the two below
	resting, frozen bool

	tasks sync.WaitGroup // that wait for a runtime's end
}

// A runtime is one process that speaks the Runtime API.
type runtime struct {
	*session
	proc Process
	gone chan struct{}
	exit Exit // once gone is closed
}

// open makes the environment, in which nothing runs yet.
func (s *Service) open(ctx context.Context, conf *configuration) (*environment, error) {
	id := s.newID()
	stream := logStream(time.Now(), id)
	e := &environment{id: id, conf: conf, region: s.region, stop: s.ctx.Done(), turns: make(chan *turn, 1),
		journal: newJournal(s.logs, conf.LogGroup, stream)}
	credentials, err := s.credentials(ctx, conf.Function)
	if err != nil {
		return nil, fmt.Errorf("credentials of %s: %w", conf.FunctionName, err)
	}
	if e.out, err = s.newOutlet(e.journal.add); err != nil {
		return nil, err
	}
	if e.place, err = s.launcher.Open(ctx, id, conf.Function); err != nil {
		e.out.close()
		return nil, fmt.Errorf("execution environment of %s: %w", conf.FunctionName, err)
	}
	listener := e.place.RuntimeAPI()
	e.env = environ(conf.Function, s.region, stream, listener.Addr().String(), credentials)
	e.session.Store(newSession())
	e.server = serveOn(listener, runtimeAPI(e.session.Load))
	return e, nil
}

// start starts a runtime, after the one before has ended.
func (e *environment) start() *fault {
	if f := entrypoint(e.conf.Function); f != nil {
		return f
	}
	r := &runtime{session: newSession(), gone: make(chan struct{})}
	e.session.Store(r.session)
	proc, err := e.place.Start(Command{Argv: []string{bootstrap}, Dir: TaskRoot, Env: e.env, Output: e.out.writer()})
	if err != nil {
		return startFault(err)
	}
	r.proc, e.run = proc, r
	e.tasks.Go(func() {
		r.exit = proc.Wait()
		close(r.gone)
	})
	return nil
}

// kill ends the runtime and takes what it wrote last.
func (e *environment) kill() {
	if e.run != nil {
		e.run.proc.Kill()
		<-e.run.gone
	}
	e.out.sync()
}

// freezeAfter is how long an idle environment runs on. Stopping and resuming a
// process costs as much as the rest of a short invocation, so one that soon
// follows the last is spared both.
const freezeAfter = 10 * time.Millisecond

// lie lets an idle environment rest: frozen after freezeAfter, and reaped as
// said.
func (e *environment) lie(after time.Duration, reap func()) {
	e.rest.Lock()
	defer e.rest.Unlock()
	e.resting = true
	e.freezer = time.AfterFunc(freezeAfter, e.freeze)
	e.reaper = time.AfterFunc(after, reap)
}

func (e *environment) freeze() {
	e.rest.Lock()
	defer e.rest.Unlock()
	if e.resting {
		e.frozen = e.run.proc.Freeze() == nil
	}
}

// rise ends the rest, and reports whether the environment is fit for work.
func (e *environment) rise() bool {
	e.rest.Lock()
	defer e.rest.Unlock()
	e.resting = false
	if e.frozen {
		e.frozen = false
		return e.alive() && e.run.proc.Thaw() == nil
	}
	return e.alive()
}

// alive reports whether the runtime has not ended by itself.
func (e *environment) alive() bool {
	select {
	case <-e.run.gone:
		return false
	default:
		return true
	}
}

// peak is the most memory that the environment has held.
func (e *environment) peak() uint64 {
	if e.run == nil {
		return 0
	}
	return e.run.proc.MemoryPeak()
}

// close kills the environment and waits until nothing of it is left.
func (e *environment) close() error {
	e.rest.Lock()
	e.resting = false
	e.rest.Unlock()
	close(e.turns)
	e.kill()
	err := errors.Join(e.server.close(), e.place.Close())
	e.out.close()
	e.journal.flush()
	e.tasks.Wait()
	if err != nil {
		return fmt.Errorf("execution environment of %s: %w", e.conf.FunctionName, err)
	}
	return nil
}
