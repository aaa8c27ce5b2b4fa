package lambda

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/source"
)

// Check says why f cannot run here: what Bailey does not run yet, and what AWS
// itself would refuse. A function with an error in it can be in the model;
// invoking it is refused with the same words.
func Check(f cloud.Function) source.Diags {
	var diags source.Diags
	checkRuntime(f, &diags)
	checkEnvironment(f, &diags)
	return diags.Sorted()
}

// custom are the runtimes in which the code brings its own bootstrap.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-provided.html
var custom = []string{"provided", "provided.al2", "provided.al2023"}

func checkRuntime(f cloud.Function, diags *source.Diags) {
	refuse := func(format string, args ...any) {
		at := f.Code.At
		if at.String() == "" {
			at = f.At
		}
		diags.Add(source.Diag{Code: "LAMBDA_NOT_RUN_HERE", At: at,
			Summary: fmt.Sprintf(format, args...),
			Hint:    "use provided.al2023 with an executable named bootstrap in a local folder"})
	}
	switch {
	case f.Code.Image != "":
		built := ""
		if f.Code.BuiltIn != "" {
			built = ", which is built in " + f.Code.BuiltIn
		}
		refuse("bailey does not run functions from container images yet: %s%s", f.Label(), built)
		return
	case !slices.Contains(custom, f.Runtime):
		refuse("bailey does not run %s functions yet: %s", f.Runtime, f.Label())
	case f.Code.S3Bucket != "":
		refuse("bailey does not fetch code from S3: that of %s is s3://%s/%s", f.Label(), f.Code.S3Bucket, f.Code.S3Key)
	case f.Code.Dir == "":
		refuse("%s has no code in a local folder", f.Label())
	}
}

// environmentLimit is for all variables of a function together, in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const environmentLimit = 4096

var variableName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]+$`)

func checkEnvironment(f cloud.Function, diags *source.Diags) {
	size := 0
	for _, v := range f.Env {
		value, known := v.Value.Get()
		size += len(v.Name) + len(value)
		switch gap, _ := v.Value.Gap(); {
		case slices.Contains(reserved, v.Name):
			diags.Add(source.Diag{Code: "LAMBDA_RESERVED_VARIABLE", At: v.At,
				Summary: fmt.Sprintf("%s sets %s, which Lambda reserves and sets itself", f.Label(), v.Name),
				Hint:    "give the variable another name"})
		case !variableName.MatchString(v.Name):
			diags.Errorf("LAMBDA_VARIABLE_NAME", v.At, "%s: %q cannot be the name of an environment variable", f.Label(), v.Name)
		case !known:
			diags.Add(source.Diag{Code: "LAMBDA_UNKNOWN_VARIABLE", At: v.At,
				Summary: fmt.Sprintf("%s: the value of %s is not known: %s", f.Label(), v.Name, gap),
				Hint:    "give the parameter a value under parameters: in bailey.yaml"})
		}
	}
	if size > environmentLimit {
		diags.Errorf("LAMBDA_ENVIRONMENT_TOO_LARGE", f.At, "%s: the environment variables have %d bytes, Lambda allows %d", f.Label(), size, environmentLimit)
	}
}

// A configuration is one state of a function, with AWS's defaults filled in.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
type configuration struct {
	cloud.Function
	refused *Error // why it cannot run
	print   string // equal where environments of one are good for the other
}

func configure(f cloud.Function) *configuration {
	f.Timeout = cmp.Or(f.Timeout, 3*time.Second)
	f.MemoryMB = cmp.Or(f.MemoryMB, 128)
	f.EphemeralMB = cmp.Or(f.EphemeralMB, 512)
	f.LogGroup = cmp.Or(f.LogGroup, "/aws/lambda/"+f.FunctionName)
	c := &configuration{Function: f, print: fingerprint(f)}
	if err := Check(f).Err(); err != nil {
		c.refused = errUnsupported(err)
	}
	return c
}

// fingerprint is everything about f that its environments are made of: not
// where it is declared, nor how many of it may run. The code counts by the
// time its bootstrap was built.
func fingerprint(f cloud.Function) string {
	var b strings.Builder
	fmt.Fprint(&b, f.ARN, "\n", f.Role.Or(""), "\n", f.Runtime, f.Handler, f.Arch, "\n", f.Timeout, f.MemoryMB, " ", f.EphemeralMB, f.LogGroup, "\n", f.Code.Dir, built(f), "\n")
	for _, v := range f.Env {
		fmt.Fprintf(&b, "%s=%q\n", v.Name, v.Value.Or(""))
	}
	if n := f.Network; n != nil {
		fmt.Fprint(&b, n.Subnets.Or(nil), n.Groups.Or(nil))
	}
	return b.String()
}
