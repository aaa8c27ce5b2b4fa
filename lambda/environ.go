package lambda

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bailey/cloud"
)

// reserved are the variables that a function's configuration may not set.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
var reserved = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID",
	"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV",
	"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
	"AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
	"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	"LAMBDA_RUNTIME_DIR", "LAMBDA_TASK_ROOT", "TZ",
}

// environ is the runtime's environment: what the function may override, its
// own variables, what it may not override. AWS_EXECUTION_ENV is not defined
// for the provided runtimes, and _X_AMZN_TRACE_ID is theirs to set in each
// invocation.
func environ(f cloud.Function, region, stream, api string, c Credentials) []string {
	env := map[string]string{
		"LANG":                     "en_US.UTF-8",
		"PATH":                     "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"LD_LIBRARY_PATH":          "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
		"AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
		"AWS_XRAY_DAEMON_ADDRESS":  "169.254.79.129:2000",
	}
	for _, v := range f.Env {
		env[v.Name] = v.Value.Or("")
	}
	for name, v := range map[string]string{
		"_HANDLER":                        f.Handler,
		"AWS_REGION":                      region,
		"AWS_DEFAULT_REGION":              region,
		"AWS_LAMBDA_FUNCTION_NAME":        f.FunctionName,
		"AWS_LAMBDA_FUNCTION_VERSION":     Latest,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       f.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      stream,
		"AWS_LAMBDA_RUNTIME_API":          api,
		"AWS_ACCESS_KEY_ID":               c.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":           c.SecretAccessKey,
		"AWS_SESSION_TOKEN":               c.SessionToken,
		"LAMBDA_TASK_ROOT":                TaskRoot,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"TZ":                              ":UTC",
	} {
		env[name] = v
	}
	out := make([]string, 0, len(env))
	for name, v := range env {
		out = append(out, name+"="+v)
	}
	slices.Sort(out)
	return out
}

// logStream names the log stream of an environment made at t:
// 2006/01/02/[$LATEST] and 32 hexadecimal digits.
func logStream(t time.Time, id string) string {
	return fmt.Sprintf("%s/[%s]%s", t.UTC().Format("2006/01/02"), Latest, strings.ReplaceAll(id, "-", ""))
}
