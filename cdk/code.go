package cdk

import (
	"path"

	"bailey/cloud"
)

// locateCode says of each function whose code is an asset of its stack where
// that lies: a folder, a zip file, or the folder of a Docker build.
func (j *joiner) locateCode(spec *cloud.Spec, stacks []*Stack) {
	byFile := map[string]*Stack{}
	for _, s := range stacks {
		byFile[s.File] = s
	}
	for i, f := range spec.Functions {
		s, code := byFile[f.At.File], &spec.Functions[i].Code
		if s == nil {
			continue
		}
		if a, ok := s.AssetOf(code.S3Bucket, code.S3Key, j.env); ok && a.Path != "" {
			*code = cloud.Code{Dir: path.Join(j.dir, a.Path), At: f.Code.At}
		}
		if a, ok := s.ImageOf(code.Image, j.env); ok && a.Path != "" {
			code.BuiltIn = path.Join(j.dir, a.Path)
		}
	}
}
