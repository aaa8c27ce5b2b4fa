// Package source holds what every reader and every judge in Bailey shares:
// where a thing was written (Span), what was written there (Node), and what
// is wrong with it (Diag).
//
//	bytes -> front end -> Node (positions kept) -> cloud.Model
//	                   \-> Diags (everything wrong, not only the first)
//
// It parses nothing and decides nothing. The rule it obeys: a value never
// loses the place it came from, so whatever is said about it later can point
// at the line that a person can edit. It imports nothing of ours.
package source
