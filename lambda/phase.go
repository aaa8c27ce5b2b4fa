package lambda

import (
	"errors"
	"time"
)

var errStopped = errors.New("bailey stopped while the function ran")

// A result is what an invocation came to.
type result struct {
	payload        []byte
	failed         bool  // the function did
	err            error // Bailey did
	reusable       bool  // the environment is good for another
	duration, init time.Duration
	tail           []byte
	notes          []string
}

// await waits for event. It returns why event will not come where the runtime
// says so or ends, at the limit, and when Bailey stops; an event that is there
// by then wins.
func (e *environment) await(event <-chan struct{}, limit <-chan time.Time, late *fault) *fault {
	f := e.either(event, limit, late)
	if f == nil {
		return nil
	}
	select {
	case <-event:
		return nil
	default:
		return f
	}
}

func (e *environment) either(event <-chan struct{}, limit <-chan time.Time, late *fault) *fault {
	select {
	case <-event:
		return nil
	case f := <-e.run.initError:
		return f
	case <-e.run.gone:
	case <-limit:
		return late
	case <-e.stop:
		return &fault{status: statusError, err: errStopped}
	}
	select {
	case f := <-e.run.initError:
		return f // and then it went
	default:
		return exitFault(e.run.exit)
	}
}

// initialize starts the runtime and waits until it asks for its first event.
// A runtime that does not get there is gone when it returns.
func (e *environment) initialize(limit <-chan time.Time) *fault {
	f := e.start()
	if f == nil {
		f = e.await(e.run.ready, limit, timeoutFault(e.conf.Timeout))
	}
	if f != nil {
		e.kill()
	} else {
		e.out.sync()
	}
	return f
}

// initPhase is the Init phase. A fault in it is not yet the invocation's.
func (e *environment) initPhase() (time.Duration, *fault) {
	e.journal.add(initStart(e.conf.Runtime, e.region))
	e.journal.cut()
	began := time.Now()
	limit := time.NewTimer(initLimit)
	defer limit.Stop()
	f := e.initialize(limit.C)
	d := time.Since(began)
	if f != nil && f.err == nil {
		e.journal.add(initReport("init", d, f))
	}
	return d, f
}

// first is the invocation that found no environment and brings e with it. If
// the Init phase fails, it is tried once more as a part of the invocation.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-init-errors
func (e *environment) first(inv *invocation) result {
	d, f := e.initPhase()
	switch {
	case f == nil:
		return e.invokePhase(inv, false, d)
	case f.err != nil:
		return e.end(result{err: f.err})
	}
	return e.invokePhase(inv, true, 0)
}

// again is an invocation in an environment that has had one.
func (e *environment) again(inv *invocation) result { return e.invokePhase(inv, false, 0) }

// invokePhase runs one invocation and closes its part of the log.
func (e *environment) invokePhase(inv *invocation, initAgain bool, initialization time.Duration) result {
	began := time.Now()
	inv.deadline = began.Add(inv.timeout)
	limit := time.NewTimer(inv.timeout)
	defer limit.Stop()
	var f *fault
	if initAgain {
		if f = e.initialize(limit.C); f != nil && f.err == nil {
			e.journal.add(initReport("invoke", time.Since(began), f))
		}
	}
	e.journal.addf("START RequestId: %s Version: %s", inv.id, Latest)
	var a *answer
	if f == nil {
		a, f = e.converse(inv, limit.C)
	}
	duration := time.Since(began)
	return e.conclude(inv, a, f, duration, initialization)
}

// converse hands over the event and waits for the answer, and then until the
// runtime asks for the next event: the Invoke phase ends only then.
func (e *environment) converse(inv *invocation, limit <-chan time.Time) (*answer, *fault) {
	answered := make(chan struct{})
	e.run.deliver(inv, answered)
	late := timeoutFault(inv.timeout)
	f := e.await(answered, limit, late)
	if f != nil {
		return nil, f
	}
	return &inv.answer, e.await(e.run.ready, limit, late)
}

// conclude ends the runtime where it has to, and makes the log's last lines
// and the result.
func (e *environment) conclude(inv *invocation, a *answer, f *fault, duration, initialization time.Duration) result {
	res := result{duration: min(duration, inv.timeout), init: initialization, reusable: f == nil}
	if f != nil {
		e.kill()
	} else {
		e.out.sync()
	}
	switch {
	case a != nil: // it was answered, whatever came after
		res.payload, res.failed = a.payload, a.failed
	case f.err != nil:
		res.err = f.err
	default:
		res.payload, res.failed = f.document(inv.id), true
		if c := f.complaint(inv.id); c != "" {
			e.journal.add(c)
		}
	}
	e.journal.add("END RequestId: " + inv.id)
	e.journal.add(report(inv.id, res.duration, initialization, e.conf.MemoryMB, e.peak(), f))
	return e.end(res)
}

// end hands the log to the sink.
func (e *environment) end(res result) result {
	res.tail, res.notes = e.journal.cut()
	e.journal.flush()
	return res
}
