// Package world makes a model run: it is the wiring, and nothing but wiring.
//
//	cloud.Model ──┬─▶ decide ───────────▶ path.Trace          what may pass
//	              │     ▲ first packet of each flow
//	              ├─▶ fabric ◀── taps ── environments (lambda + sandbox)
//	              │     │                instances    (sandbox)
//	              │     ▼
//	              │   services namespace: names :53, AWS endpoints :443,
//	              │     the simulated internet   ── who calls: fabric.OriginOf
//	              │                   │
//	              └─▶ access, ssm, sts, logs, lambda, gateway ◀── host port 4566 (CLI, SDKs,
//	                                                 ◀──   clients of the APIs)
//	                                                 ◀── control socket (bailey invoke, ...)
//
// Every arrow is a call from here; no two parts know one another. A change at
// run time makes the next Model and Apply swaps it: nothing pokes a running
// part. Start gives a world that enforces everything or an error; it never
// runs half of it. What ends the process, kill -9 too, ends the world.
package world
