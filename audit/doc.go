// Package audit holds rules over a model: what is open, loose or without
// effect though no single packet is wrong.
//
//	cloud.Model ─▶ each Rule in order ─▶ findings, each with its place
//
// It is not a check of paths: package reach proves those. It decides nothing
// that only a run can decide; such a rule says so.
//
// The rule it obeys: one file a rule, one ordered list of them in audit.go. A
// rule has a template in testdata that breaks it and the template mended, and
// the tests run both. A rule never guesses: what the template leaves open is no
// finding.
//
// It imports cloud, iam and path; report prints what it finds.
package audit
