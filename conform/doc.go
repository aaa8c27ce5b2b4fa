// Package conform holds tests alone: it compares what package path says about
// the network with what happens, on models made up at random.
//
//	random Spec ──▶ cloud.New ──▶ Model
//	                               │
//	        ┌──────────────────────┼──────────────────────┐
//	        ▼                      ▼                      ▼
//	  path.Trace ═══ packets   path.Trace ═══ itself  path.Trace ═══ oracle
//	  through fabric, between  over a Spec that is    written anew from AWS's
//	  real namespaces          changed in one way     pages, slow and naive
//
// It is not where a single fact of AWS has its test: that is path's own table.
// Here a model has many facts at once, and what counts is that they agree.
//
// One architecture written in every format that is read gives one model
// (formats_test.go).
//
// The rule it obeys: a test states what is true of the network, not what the
// code does today. So the oracle shares no line with path, and a property that
// path does not have yet stays a failing test.
//
// Every test is deterministic under rapid's seed (-rapid.seed). The variable
// BAILEY_CONFORM_MODELS sets how many models each looks at.
//
// Neighbours: cloud makes the models, path answers, fabric and sandbox carry
// the packets.
package conform
