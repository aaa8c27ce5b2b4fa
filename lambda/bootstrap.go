package lambda

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"bailey/cloud"
)

// bootstrap is the program of a custom runtime, inside its environment.
const bootstrap = TaskRoot + "/bootstrap"

// entrypoint finds why a custom runtime cannot be started, in AWS's words, or
// returns nil.
func entrypoint(f cloud.Function) *fault {
	info, err := os.Stat(filepath.Join(f.Code.Dir, "bootstrap"))
	switch {
	case err != nil || info.IsDir():
		return invalidEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
	case info.Mode().Perm()&0o111 == 0:
		return invalidEntrypoint((&ExecError{bootstrap, syscall.EACCES}).Error())
	}
	return nil
}

// startFault tells a program that cannot be executed, which is the function's
// fault, from a place that could not start it, which is ours.
func startFault(err error) *fault {
	if refused, ok := errors.AsType[*ExecError](err); ok {
		return invalidEntrypoint(refused.Error())
	}
	return &fault{status: statusError, err: err}
}

func invalidEntrypoint(reason string) *fault {
	return &fault{status: statusError, errorType: typeEntrypoint, reason: reason}
}

// built says which build of the code is in the folder.
func built(f cloud.Function) string {
	info, err := os.Stat(filepath.Join(f.Code.Dir, "bootstrap"))
	if err != nil {
		return ""
	}
	return fmt.Sprint(info.ModTime().UnixNano(), " ", info.Size())
}
