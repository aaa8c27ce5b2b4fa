// Package netset holds exact sets of packets and the words that a packet's
// header is made of: protocols, port ranges, 5-tuples.
//
// It knows nothing of AWS. Sets are canonical: two sets that hold the same
// packets are equal structures, so equality needs no algebra. Neighbours:
// cloud states rules in these words, path walks one Flow, reach will compute
// with sets of them. It imports nothing of ours.
package netset
