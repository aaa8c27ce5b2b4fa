// Package synth runs a CDK app, so that there is a cloud assembly to read.
//
//	cdk.json, cdk.context.json --> the app's own command --> cdk.out
//
// It does what `cdk synth` does with the folder of an app, and it is not the
// CDK CLI: it looks nothing up in an account and bootstraps and deploys
// nothing. So it needs neither the CLI nor credentials nor a network, only what
// the app's command needs. Look-ups whose answers cdk.context.json does not
// have stay open, and package cdk names them.
//
// The rule it obeys: the app is run as its author says in cdk.json and with
// what the CLI would give to it; when Run returns, every process of the app's
// group has ended. What the app prints is shown only where it fails.
//
// https://docs.aws.amazon.com/cdk/v2/guide/cli.html
//
// Neighbours: cdk reads what lies in the folder then; cmd/bailey decides when
// an app is run.
package synth
