// Package lambda is the Lambda API: what the AWS CLI and SDKs say to invoke a
// function and to look at it.
//
//	POST .../invocations ─▶ headers ─▶ bailey/lambda.Request ─▶ Invoker
//	                                                               │
//	  status, X-Amz-* headers, payload ◀── Response or its Error ──┘
//
// It runs nothing: package bailey/lambda does, behind [Invoker]. The rule it
// obeys: functions are what the model says; whatever would change one, and
// everything about versions, aliases, layers and event source mappings, is
// refused by name. It imports cloud, bailey/lambda and services/wire.
//
// https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
package lambda
