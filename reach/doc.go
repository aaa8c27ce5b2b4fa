// Package reach looks at the whole model: which paths it needs, and what
// would open one that is closed, for how much.
//
//	roles, environment, expectations -> Needs -> path.Why -> verdicts
//	                                                |
//	      blockers -> candidate changes -> Model.With -> path.Why again
//	                                                |
//	                      Fixes: proved, priced, the cheapest first
//
// Nothing is printed as proved that was not walked again on a copy of the
// model with the change applied. Which host a function dials, and which calls
// AWS makes in its stead, is decided in needs.go; what a change costs in
// price.go. Pure, like path.
package reach
