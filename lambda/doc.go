// Package lambda is the function service: execution environments, the Runtime
// API that they speak, and what Invoke means.
//
//	Invoke ── checks, limits ──▶ an idle environment, last used first
//	  │                             │ none idle
//	  │                             ▼
//	  │           Init      Launcher.Open, Place.Start, runtime asks GET .../next
//	  │                       │ INIT_START   10 s; failed: once more, inside Invoke
//	  │                       ▼
//	  │           Invoke    thaw, event out, .../response or .../error in: the
//	  │                       │ START END REPORT   caller's; until it asks again
//	  │                       ▼
//	  │           frozen    idle, until the next Invoke or IdleAfter
//	  │                       │ crash, timeout, new configuration, Close
//	  ▼                       ▼
//	Event: queue, retries   Shutdown: killed, place closed
//
// It is not the Lambda service's HTTP API (services/lambda is, and calls this
// package), and it does not know what an environment is made of: world
// implements Launcher with sandbox and fabric. It imports cloud and source.
//
// The rule it obeys: what a function sees and what its log says is AWS's, word
// for word; what Bailey adds (Annotate) is marked as Bailey's. Time is package
// time's, so that a testing/synctest bubble is a clock.
//
// Differences from AWS, all of them deliberate: an environment whose runtime
// crashed or timed out in an invocation is thrown away, where AWS resets it and
// keeps /tmp; the queue of asynchronous events lives in memory, so events still
// in it are lost when Bailey stops; the runtime version in INIT_START is made
// up; there are no extensions, layers, published versions or aliases yet, and
// of the runtimes only provided, provided.al2 and provided.al2023 run. Check
// says so by name.
//
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
package lambda
