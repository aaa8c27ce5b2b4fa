// Package diff says what a change opens, closes or leaves unknown: it compares
// two models, of whatever format the text they were read from.
//
//	old Model -> reach.Compile -> exact sets for each pair of classes --\
//	                                                                     >- Between -> Report
//	new Model -> reach.Compile -> exact sets for each pair of classes --/
//
//	parties   resources by name; those that are alike in both models are one
//	states    what passes, may pass or does not from one party to another
//	changes   the packets whose fate differs, with a witness in both models
//	edits     what was declared otherwise, and which of it the witness meets
//
// Resources are matched by kind and name alone. One that has another name is one
// removed and one added: what it may have been before is not guessed. Addresses
// are not compared, since both models make them up; only hosts on the internet,
// which neither model makes, have addresses here.
//
// The packets come from reach, the reasons from path, and every witness is
// walked by path in both models, so a line never says more than both do. Beyond
// packets it compares whom APIs, function URLs and permissions let in, the paths
// that are needed or expected, what roles may do, and the yearly price. Pure; it prints nothing, which is report's business.
package diff
