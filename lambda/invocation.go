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
	type outcome struct {
		res Response
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		res, err := s.execute(t)
		done <- outcome{res, err}
	}()
	answered := inv.answered
	if inv.tail {
		answered = nil
	}
	select {
	case <-answered:
		return inv.response(inv.answer, time.Since(inv.began)), nil
	case o := <-done:
		return o.res, o.err
	case <-ctx.Done():
		return Response{}, ctx.Err()
	}
}

// execute takes an invocation's turn, in the idle environment that it got or in
// a new one.
func (s *Service) execute(t *turn) (Response, error) {
	r := s.run(t)
	s.release(t, r.reusable)
	if r.err != nil {
		return Response{}, errService(r.err)
	}
	res := t.inv.response(r.answer, r.duration)
	if t.inv.tail {
		res.LogTail = r.tail
	}
	return res, nil
}

func (s *Service) run(t *turn) result {
	run := (*environment).again
	if !s.wake(t) {
		e, err := s.open(s.ctx, t.conf)
		if err != nil {
			return result{err: err}
		}
		s.register(e)
		t.inv.e, run = e, (*environment).first
	}
	t.inv.queued = time.Since(t.inv.arrived)
	return run(t.inv.e, t.inv)
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
