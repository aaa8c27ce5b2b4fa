package lambda

import (
	"errors"
	"time"
)

var errStopped = errors.New("bailey stopped while the function ran")

// A result is what an invocation came to.
type result struct {
	answer
	err      error // Bailey's own failure
	reusable bool  // the environment is good for another
	duration time.Duration
	tail     []byte
}

// await waits for event. It returns why event will not come where the runtime
// says so or ends, at the limit, and when Bailey stops; an event that is there
// by then wins.
func (e *environment) await(event <-chan struct{}, limit <-chan time.Time) *fault {
	f := e.either(event, limit)
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

func (e *environment) either(event <-chan struct{}, limit <-chan time.Time) *fault {
	select {
	case <-event:
		return nil
	case f := <-e.run.initError:
		return f
	case <-e.run.gone:
	case <-limit:
		return timeoutFault(e.conf.Timeout)
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
		f = e.await(e.run.ready, limit)
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
	e.journal.add(initStart(e.conf.Runtime, e.region))
	e.journal.open(&inv.notes)
	d, f := e.initPhase()
	switch {
	case f == nil:
		inv.init = d
		return e.invokePhase(inv, false)
	case f.err != nil:
		return e.end(inv, result{err: f.err})
	}
	return e.invokePhase(inv, true)
}

// again is an invocation in an environment that has had one.
func (e *environment) again(inv *invocation) result {
	e.journal.open(&inv.notes)
	return e.invokePhase(inv, false)
}

// invokePhase runs one invocation and closes its part of the log.
func (e *environment) invokePhase(inv *invocation, initAgain bool) result {
	began := time.Now()
	inv.began, inv.deadline = began, began.Add(inv.timeout)
	limit := time.NewTimer(inv.timeout)
	defer limit.Stop()
	var f *fault
	if initAgain {
		if f = e.initialize(limit.C); f != nil && f.err == nil {
			e.journal.add(initReport("invoke", time.Since(began), f))
		}
	}
	e.journal.add("START RequestId: " + inv.id + " Version: " + Latest)
	answered := false
	if f == nil {
		answered, f = e.converse(inv, limit.C)
	}
	return e.conclude(inv, answered, f, time.Since(began))
}

// converse hands over the event and waits until the runtime asks for the next
// one: the Invoke phase ends only then. It reports whether there was an answer
// before; who waits for that alone waits for inv.answered.
func (e *environment) converse(inv *invocation, limit <-chan time.Time) (answered bool, f *fault) {
	e.run.deliver(inv)
	f = e.await(e.run.ready, limit)
	return f == nil || !e.run.revoke(), f
}

// conclude ends the runtime where it has to, and makes the log's last lines
// and the result.
func (e *environment) conclude(inv *invocation, answered bool, f *fault, duration time.Duration) result {
	res := result{reusable: f == nil, duration: min(duration, inv.timeout)}
	if f != nil {
		e.kill()
	} else {
		e.out.sync()
	}
	switch {
	case answered: // whatever came after
		res.answer = inv.answer
	case f.err != nil:
		res.err = f.err
	default:
		res.payload, res.failed = f.document(inv.id), true
		if c := f.complaint(inv.id); c != "" {
			e.journal.add(c)
		}
	}
	e.journal.add("END RequestId: " + inv.id)
	e.journal.add(report(inv.id, res.duration, inv.init, e.conf.MemoryMB, e.peak(), f))
	return e.end(inv, res)
}

// end ends the invocation's part of the log. Who sees the end of it can find
// the whole in the sink.
func (e *environment) end(inv *invocation, res result) result {
	res.tail = e.journal.cut()
	if inv.tail {
		e.journal.flush()
	}
	return res
}
