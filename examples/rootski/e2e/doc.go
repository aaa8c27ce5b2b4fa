// Package e2e drives the example as its users would: bailey's own command, HTTP
// as curl sends it, the AWS SDK, and PostgreSQL through `bailey connect`. It is
// a module of its own, since nothing else here needs an SDK and a driver. It
// holds only tests.
package e2e
