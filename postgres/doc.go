// Package postgres runs a PostgreSQL of the host's where the model has a
// database: a data folder that outlives the process, and a server in the
// sandbox and the network namespace of an instance.
//
//	Find ── binaries of the host, the newest or those of the folder's version
//	Start ─ lock ─▶ data folder ─ initdb, once ─▶ master user ─▶ postgres ─▶ ready
//
// It is not an emulation and changes nothing of what PostgreSQL does; it is no
// client either, and knows nothing of AWS: world says who the master user is
// and where the server listens.
//
// The rule it obeys: what a client has been told is committed survives
// everything, kill -9 of Bailey too. So the settings that keep a commit are not
// the caller's to change, a data folder appears whole or not at all, one that
// is damaged or of another version is reported and left as it is, and no second
// server comes near it while a process of the first is left.
package postgres
