package terraform

import (
	"testing"

	"bailey/cloud"
	"bailey/source"
)

// Folder is folder, for tests that need packages above this one.
type Folder = folder

// Evaluated is read.
func (f folder) Evaluated(t *testing.T) (cloud.Spec, source.Diags) {
	t.Helper()
	return f.read(t)
}
