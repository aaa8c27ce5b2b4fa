// Package access says who calls an AWS service here, and what they may.
//
//	Issue ─▶ key, secret, token ─▶ a function's environment
//	                                     │ signs
//	wire.Verifier ── Secret(key, origin) ┘
//	wire.Router ──── Authorize(call, action, resources)
//	                     │ policies of the caller's role, of the endpoint, of the key
//	                     │ condition keys from where the connection came from
//	                     ▼
//	                 iam.Decide ─▶ nil, or AWS's AccessDenied and a [Denial]
//
// Three kinds of callers exist. A role session carries temporary credentials
// from Issue and may what its role's policies say. On the host's own port the
// key test/test, or any key that was not issued here, is the account's root
// user: whoever can call from there owns the world anyway, and no policy of the
// template speaks of them. Anybody else is unknown, as on AWS.
//
// It is not the policy language (package iam) and not the signatures (package
// wire), and it keeps no state on disk: credentials end with the process. The
// rule it obeys: what is not known is refused and named, never allowed.
// It imports cloud, iam and services/wire.
package access
