// Package netset holds exact sets of packets and the words that a packet's
// header is made of: protocols, port ranges, 5-tuples.
//
// It knows nothing of AWS. There are sets of ports (Ports), of addresses of
// both families (Addrs), of protocol and ports (Traffic), and of all of it
// (Set): a Set gives each range of addresses its Traffic, a Traffic each range
// of destination ports the Ports that may be the source.
//
//	Set: address -> Traffic: protocol -> destination port -> source ports
//
// All are canonical: two sets that hold the same packets are equal structures,
// so equality needs no algebra. A range holds addresses of one family; a set
// may hold ranges of both. Neighbours: cloud states rules in these words, path
// walks one Flow, reach computes with sets of them. It imports nothing of ours.
package netset
