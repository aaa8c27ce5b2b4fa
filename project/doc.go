// Package project reads bailey.yaml: what no template can state, what must
// hold, and what to run.
//
//	bailey.yaml -> Parse -> Project -> Apply -> cloud.Spec (then the template's)
//	                           \-> parameters, workloads, expectations, demo
//
// Every key is optional. The package opens no file: whoever calls it hands in
// the bytes or the function that reads them, and paths in a Project are as
// written, relative to the file's folder. The rule it obeys: a fact that is
// not stated is unknown, never false; `peerings: []` states that there is
// none. Schema describes the same language as a JSON Schema, and a test holds
// the two against each other.
//
// Neighbours: document and cloud below; cfn reads the template with the facts
// applied; cmd/bailey and world use the rest.
package project
