package terraform

import (
	"path"
	"slices"
	"strings"

	"bailey/source"
)

// Files is the caller's file system. Names are slash-separated and begin with
// the folder that Read was given.
type Files struct {
	Open func(name string) ([]byte, error)
	// List gives the names of the files in a folder, without the folder's.
	List func(dir string) ([]string, error)
}

// The bounds on what is read. HCL's parser descends once for each bracket and
// each operator, so a file's size bounds its depth.
const (
	maxFile   = 4 << 20
	maxDepth  = 400
	maxFiles  = 20_000
	maxNested = 20      // modules within modules
	maxScopes = 5_000   // module instances
	maxMade   = 50_000  // resource instances
	maxText   = 4 << 20 // bytes of one value's text
	maxValues = 400_000 // values within one value
)

// configurationFiles are the names in a folder that Terraform reads, those that
// override others apart.
// https://developer.hashicorp.com/terraform/language/files/override
func configurationFiles(names []string) (plain, override []string) {
	for _, name := range slices.Sorted(slices.Values(names)) {
		stem, ok := strings.CutSuffix(name, ".tf")
		if !ok {
			stem, ok = strings.CutSuffix(name, ".tf.json")
		}
		switch {
		case !ok || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasSuffix(name, "~"):
		case stem == "override" || strings.HasSuffix(stem, "_override"):
			override = append(override, name)
		default:
			plain = append(plain, name)
		}
	}
	return plain, override
}

// IsConfiguration reports whether a folder with these files is a Terraform
// configuration.
func IsConfiguration(names []string) bool {
	plain, override := configurationFiles(names)
	return len(plain)+len(override) > 0
}

// The kinds of bytes that tooDeep tells apart; what nests nothing is the zero.
const (
	opens = iota + 1
	closes
	sign
	bang
	space
)

var nesting = func() (out [256]uint8) {
	for kind, bytes := range [...]string{opens: "([{", closes: ")]}", sign: "-?%~", bang: "!", space: " \t\n\r"} {
		for _, b := range []byte(bytes) {
			out[b] = uint8(kind)
		}
	}
	return out
}()

// tooDeep reports whether brackets nest, or signs follow one another, deeper
// than a person writes.
func tooDeep(data []byte) bool {
	depth, run := 0, 0
	for _, c := range data {
		switch nesting[c] {
		case 0:
			run = 0
		case opens:
			run = 0
			if depth++; depth > maxDepth {
				return true
			}
		case closes:
			run = 0
			depth = max(0, depth-1)
		case sign:
			run++
		case bang:
			if run++; run > 10*maxDepth {
				return true
			}
		}
	}
	return false
}

// joined joins a folder and a name as Terraform shows them.
func joined(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// inFile is a place for the file as a whole.
func inFile(name string) source.Span { return source.Span{File: name} }
