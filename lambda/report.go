package lambda

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// How a phase failed, as INIT_REPORT and REPORT say it.
const (
	statusError   = "error"
	statusTimeout = "timeout"
)

// The error types that the service itself finds.
// https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
const (
	typeExit       = "Runtime.ExitError"
	typeEntrypoint = "Runtime.InvalidEntrypoint"
	typeMemory     = "Runtime.OutOfMemory"
	typeTimeout    = "Sandbox.Timedout"
)

// A fault is why a phase failed and its runtime is lost.
type fault struct {
	status    string
	errorType string
	reason    string // AWS's words; empty where the runtime itself gave payload
	payload   []byte
	err       error // Bailey's own failure: nothing of the function's
}

func timeoutFault(d time.Duration) *fault {
	return &fault{status: statusTimeout, errorType: typeTimeout, reason: fmt.Sprintf("Task timed out after %.2f seconds", d.Seconds())}
}

func exitFault(x Exit) *fault {
	f := &fault{status: statusError, errorType: typeExit, reason: x.reason()}
	if x.OutOfMemory {
		f.errorType = typeMemory
	}
	return f
}

// document is what the invocation's caller gets: the runtime's own words
// where it had any.
func (f *fault) document(requestID string) []byte {
	if f.payload != nil {
		return f.payload
	}
	out, _ := json.Marshal(struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}{f.errorType, fmt.Sprintf("RequestId: %s Error: %s", requestID, f.reason)})
	return out
}

// complaint is the event in the log, of two lines, about a runtime that ended
// or never started; empty for others.
func (f *fault) complaint(requestID string) string {
	switch f.errorType {
	case typeExit, typeEntrypoint:
		return fmt.Sprintf("RequestId: %s Error: %s\n%s", requestID, f.reason, f.errorType)
	case typeMemory:
		return fmt.Sprintf("RequestId: %s Error: %s\n%s", requestID, f.reason, typeExit)
	}
	return ""
}

// suffix is a fault's part of INIT_REPORT and REPORT.
func (f *fault) suffix() string {
	switch {
	case f == nil:
		return ""
	case f.status == statusTimeout:
		return "\tStatus: timeout"
	}
	return "\tStatus: error\tError Type: " + f.errorType
}

// initStart is the first line of an environment's log. The runtime's version
// is made up, always the same for the same runtime.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
func initStart(runtime, region string) string {
	name := strings.Replace(runtime, ".", ":", 1)
	sum := sha256.Sum256([]byte(name))
	return fmt.Sprintf("INIT_START Runtime Version: %s.v1\tRuntime Version ARN: arn:aws:lambda:%s::runtime:%s", name, region, hex.EncodeToString(sum[:]))
}

func initReport(phase string, d time.Duration, f *fault) string {
	return fmt.Sprintf("INIT_REPORT Init Duration: %s\tPhase: %s%s", milliseconds(d), phase, f.suffix())
}

// report is the last line of an invocation. Initialization is billed too.
func report(id string, duration, initialization time.Duration, memoryMB int, peak uint64, f *fault) string {
	billed := (duration + initialization + time.Millisecond - 1) / time.Millisecond
	used := min((peak+1<<20-1)>>20, uint64(memoryMB))
	text := "REPORT RequestId: " + id + "\tDuration: " + milliseconds(duration) + "\tBilled Duration: " + strconv.FormatInt(int64(billed), 10) +
		" ms\tMemory Size: " + strconv.Itoa(memoryMB) + " MB\tMax Memory Used: " + strconv.FormatUint(used, 10) + " MB"
	if initialization > 0 {
		text += "\tInit Duration: " + milliseconds(initialization)
	}
	if f == nil {
		return text + "\t"
	}
	return text + f.suffix()
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Millisecond), 'f', 2, 64) + " ms"
}
