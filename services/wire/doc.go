// Package wire speaks AWS's own protocols from the server's side: it takes an
// HTTP request that an AWS SDK or the AWS CLI made, finds the service and the
// operation it is for, verifies its signature, and renders the answer or the
// failure as AWS's servers do.
//
//	request -> route -> read body -> operation -> verify -> authorize -> handler
//	           (host,   (bounded,    (target,    (SigV4)   (Config's     |
//	            scope,   gunzip)      Action,               hook)        v
//	            target)               URI)                     JSON | XML | REST
//
// It holds no service: a service is a value, a [Service] with its table of
// [Operation], and lives in a folder of its own under services. It holds no
// credentials and no policy either: both come in through [Config]. The rule it
// obeys: what AWS would refuse is refused with AWS's code and wording, what
// Bailey does not have is refused by name, and nothing reaches a handler
// unverified or unauthorized unless its operation says that AWS asks for
// neither. It imports nothing of ours.
//
// Protocols: https://smithy.io/2.0/aws/protocols/index.html. Signatures:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html.
package wire
