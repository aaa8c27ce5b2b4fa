package lambda

import (
	"context"
	"net/http"
	"time"
)

// An invocation is one event on its way to a function and through an
// environment.
type invocation struct {
	id, arn, trace  string
	clientContext   string // JSON
	cognitoIdentity string // JSON
	payload         []byte
	tail            bool // the caller wants the log's end

	// Of its turn:
	arrived  time.Time
	timeout  time.Duration
	e        *environment // that runs it
	notes    []string     // Bailey's about it; e.journal guards them
	queued   time.Duration
	init     time.Duration // of the environment that came with it
	began    time.Time     // the Invoke phase
	deadline time.Time

	answer   answer
	answered chan struct{} // closed when answer is there; what is above is fixed by then
}

func (s *Service) invocation(req Request, arn string) *invocation {
	inv := &invocation{id: req.RequestID, arn: arn, trace: req.TraceID, payload: req.Payload, tail: req.LogTail}
	if inv.id == "" {
		inv.id = s.newID()
	}
	if inv.trace == "" {
		inv.trace = newTrace(time.Now())
	}
	if req.Type != Event {
		inv.clientContext, inv.cognitoIdentity = req.ClientContext, req.CognitoIdentity
	}
	return inv
}

// wait runs an invocation for a caller who may give up waiting. The caller has
// the response as soon as the runtime has posted it, while the environment is
// busy until the runtime asks for its next event; only who wants the log's end
// waits for that too, since it ends in the report.
// https://aws.amazon.com/blogs/compute/running-code-after-returning-a-response-from-an-aws-lambda-function/
func (s *Service) wait(ctx context.Context, name, arn string, inv *invocation) (Response, error) {
	t, err := s.claim(name, arn, inv)
	if err != nil {
		return Response{}, err
	}
	s.start(t)
	answered := inv.answered
	if inv.tail {
		answered = nil
	}
	select {
	case <-answered:
		return inv.response(inv.answer, time.Since(inv.began)), nil
	case o := <-t.done:
		return o.res, o.err
	case <-ctx.Done():
		return Response{}, ctx.Err()
	}
}

// start gives a turn to its environment, or to a new one.
func (s *Service) start(t *turn) {
	if s.wake(t) {
		t.inv.e.turns <- t
		return
	}
	s.tasks.Go(func() { s.drive(t) })
}

// drive makes an environment for a turn, and drives it through that and all
// that come until it is closed.
func (s *Service) drive(t *turn) {
	e, err := s.open(s.ctx, t.conf)
	if err != nil {
		s.release(t, false)
		t.done <- outcome{err: errService(err)}
		return
	}
	s.register(e)
	t.inv.e = e
	s.take(t, e.first)
	for t := range e.turns {
		s.take(t, e.again)
	}
}

// take runs a turn.
func (s *Service) take(t *turn, run func(*invocation) result) {
	t.inv.queued = time.Since(t.inv.arrived)
	r := run(t.inv)
	s.release(t, r.reusable)
	if r.err != nil {
		t.done <- outcome{err: errService(r.err)}
		return
	}
	res := t.inv.response(r.answer, r.duration)
	if t.inv.tail {
		res.LogTail = r.tail
	}
	t.done <- outcome{res: res}
}

func (inv *invocation) response(a answer, duration time.Duration) Response {
	res := Response{Status: http.StatusOK, Payload: a.payload, Version: Latest, RequestID: inv.id,
		Environment: inv.e.id, Notes: inv.e.journal.read(&inv.notes),
		Timing: Timing{Queue: inv.queued, Init: inv.init, Duration: duration}}
	if a.failed {
		res.FunctionError = "Unhandled"
	}
	return res
}
