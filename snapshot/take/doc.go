// Package take makes a snapshot: it asks an account, with calls that only read,
// for all that package snapshot reads, and writes each answer as the AWS CLI
// would print it.
//
//	plan (calls.go)   which calls there are, which fields are kept, what each asks again for
//	  -> Run          one call after the other, what is asked for each item in parallel
//	  -> client       signed, sent, asked again with patience where AWS is busy
//	  -> shape        XML into the CLI's JSON, by the fields of the plan
//	  -> file         written whole or not at all
//
// The SDK lends its signer. Its packages for the services do not fit into the
// binary: EC2's adds 1.8 MB with one call in use, and there are seventeen services
// and more than sixty calls, whose form one page of a table states; nor does its
// configuration, which adds 2.2 MB, so that cmd/bailey asks the AWS CLI for the
// credentials that are not in the environment. Tests hold the table against
// botocore's own models, and the answers against the AWS CLI's.
//
// The rule it obeys: a file that is there is complete, so a run that was stopped
// goes on where it stopped; what may not be asked, or fails, has no file, and is
// then unknown to whoever reads the snapshot. Nothing is ever changed in the
// account. The values of secrets and of SecureString parameters are not asked
// for; the environment of functions is in the list of functions, as AWS prints it.
//
// Neighbours: snapshot reads what is written here; cmd/bailey has the flags.
package take
