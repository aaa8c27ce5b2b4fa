// Package iam is the policy language of AWS: it reads policy documents,
// decides requests and says why.
//
//	source.Node -> Parse -> Policy ─┐
//	                                ├─> Decide(Request, Policies) -> Decision
//	principal, action, resource,    │       Explain: AWS's own sentence
//	condition keys ─────────────────┘       Needed:  the statement that lacks
//
// It is not the services' own checks (S3 Block Public Access, KMS grants,
// Lake Formation), it signs and verifies nothing, and it does not know which
// actions exist: any service:Name is an action.
//
// The rule it obeys: what is not known is never guessed. A condition key that
// nobody stated, or a value that the template leaves open, makes the third
// answer, Unknown, which names what is lacking; Unknown is also the zero
// Effect, and it is never Allow. The order of evaluation is that of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
//
// It imports source and nothing else of ours; services/* ask it on every call
// and path asks it what a role may reach. It does no I/O and reads no clock:
// aws:CurrentTime is a condition key like any other.
package iam
