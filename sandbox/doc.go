// Package sandbox gives a program a machine of its own made of Linux
// namespaces, cgroups and mounts: the place where a Lambda execution
// environment or an instance lives.
//
//	bailey ── Enter ──▶ bailey, root in a user namespace of its own (rootless)
//	  │
//	  ├─ NewNamespace ─▶ network namespace, held by a descriptor alone
//	  │                      ▲ Do, Listen, Dial: sockets made in there stay there
//	  └─ Host.Start          │
//	       layout: a root file system, made and opened with Bailey's rights
//	       script: the system calls from fork to exec, made ready beforehand
//	       thread ── fork ──▶ new process: attach, give up all rights, exec
//	       (parent, waits)        └─▶ the program, process 1 of its namespace
//
// It is not a network: it brings up loopback and nothing else (fabric adds the
// rest through Do). It knows nothing of AWS or of the Runtime API (lambda
// does), and imports nothing of ours.
//
// The rule it obeys: the kernel does the cleaning up. No namespace, mount or
// process is reachable by a name in the file system, every program dies with
// the thread that started it, and so kill -9 of Bailey ends them all. Only
// cgroup directories survive it; the next Sweep removes them.
//
// A new process runs its script in Go code that may not allocate, instead of
// Bailey's binary once more as an intermediate stage: that costs 1.8 times a
// bare exec into the same namespaces, mounts, limits and all, where the stage
// cost 2.7 times (BenchmarkColdStart against BenchmarkFloor).
package sandbox
