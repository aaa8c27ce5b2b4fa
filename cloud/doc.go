// Package cloud is the model: the VPCs, routes, groups, functions, roles and
// parameters that a template declares, resolved and immutable.
//
//	front end (cfn, ...) + project facts -> Spec -> New -> Model
//	                                                  |-> path, reach, iam, audit (what is true)
//	                                                  \-> world (make it run)
//
// Identity is AWS's own: every resource has the physical ID by which others
// refer to it (subnet-..., sg-...), made up deterministically by a front end
// where AWS would make one up, and keeps the name and the place that its
// author gave it (Meta). What a template leaves open is a Value that says why
// it is not known, never an empty string.
//
// The package performs no I/O and decides nothing about packets: what a route
// or a rule means for a flow is path's. A Model is never changed; With gives
// the next one.
package cloud
