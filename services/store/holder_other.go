//go:build !linux

package store

// holder is not known here.
func holder(string) string { return "" }
