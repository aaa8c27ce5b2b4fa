// Package store is Bailey's one embedded database: what must outlive the
// process, in one file under the project's .bailey folder.
//
//	Put ── JSON ── CRC-32C ── one bbolt transaction ── fsync ── nil
//
// It is not a cache and not a log: services/logs keeps its own files, and what
// the template says is never stored as truth, only compared with. The rule it
// obeys: when a write has returned nil, kill -9 and a power cut lose nothing of
// it; and a file that is not as it was written, down to one bit, is named and
// left as it is, never emptied or repaired silently. It imports nothing of ours.
//
// A write costs one fsync, so one or two of them belong to a call, never to a
// packet or a log line: BenchmarkPut says what the disk takes.
package store
