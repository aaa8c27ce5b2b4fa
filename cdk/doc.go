// Package cdk reads a CDK cloud assembly (the folder cdk.out) into cloud.Specs.
//
//	manifest.json --Load--> Assembly      stacks in the order of deployment, each with
//	  stacks, stages,                       its template, environment, assets, constructs
//	  nested stacks, assets      |
//	                             v
//	             Groups: stacks of one account and region
//	                             |  which templates there are, and where
//	                             v  nested ones and assets lie
//	                 Spec --cfn.LoadGroup--> cloud.Spec
//
// It does what `cdk deploy --all` would do with the folder as far as the folder
// decides it, and it is not the CDK: it runs no app and looks nothing up in an
// account. The rule it obeys: what the assembly does not hold stays open and
// is named. A context look-up that has no answer leaves placeholders such as
// vpc-12345 in the templates; each of them evaluates to a Node of Kind Unknown
// that names the look-up. Whatever stands in the folder, nothing outside the
// fs.FS is read, and time and memory are bounded by what it holds.
//
// Every place in a template carries its construct and, as far as the assembly
// tells, the line of the app that makes it: a person edits those.
//
// https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
// https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
//
// Neighbours: synth runs an app; cfn evaluates the templates together; project
// states the facts that no assembly has.
package cdk
