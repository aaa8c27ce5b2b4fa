// Package bailey is the root of the module: it holds no code, only the tests
// that keep the whole in order. ARCHITECTURE.md is the way in.
package bailey
