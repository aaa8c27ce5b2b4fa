package synth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bailey/source"
)

// A Config says which app is synthesised.
type Config struct {
	Dir string // the folder of cdk.json
	// Account and Region are what the app takes for CDK_DEFAULT_ACCOUNT and
	// CDK_DEFAULT_REGION. Empty: what the environment has, if anything.
	Account, Region string
	// Progress is told of each command before it is run. May be nil.
	Progress func(command string)
}

// Run runs the app's command and gives the folder of the assembly that it
// writes: cdk.out in the app's own folder, or what cdk.json says. An app that is
// itself the folder of an assembly is not run. What the user can mend is a
// source.Diags.
func Run(ctx context.Context, c Config) (string, error) {
	s, err := read(c.Dir)
	if err != nil {
		return "", err
	}
	if ready := filepath.Join(c.Dir, s.app); written(ready) != (time.Time{}) {
		return ready, nil
	}
	scratch, err := os.MkdirTemp("", "bailey-synth-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	if s.build != "" {
		if err := c.shell(ctx, s, s.build, scratch, nil); err != nil {
			return "", err
		}
	}
	return c.synthesise(ctx, s, scratch)
}

// synthesise runs the app itself.
func (c Config) synthesise(ctx context.Context, s settings, scratch string) (string, error) {
	out := s.output
	if !filepath.IsAbs(out) {
		out = filepath.Join(c.Dir, out)
	}
	abs, err := filepath.Abs(out)
	if err != nil {
		return "", err
	}
	env, err := s.environ(scratch)
	if err != nil {
		return "", err
	}
	before := written(out)
	if err := c.shell(ctx, s, c.command(s.app), scratch, append(env, "CDK_OUTDIR="+abs)); err != nil {
		return "", err
	}
	if after := written(out); after.IsZero() || after.Equal(before) {
		return "", source.Diags{{Code: "CDK_SYNTH_FAILED", At: s.at, Summary: "the app's command wrote no cloud assembly: " + s.app,
			Hint: "does it create an App and call app.synth()?"}}
	}
	return out, nil
}

// command gives the command for an app; a script of Node.js needs no more than
// to be named.
func (c Config) command(app string) string {
	info, err := os.Stat(filepath.Join(c.Dir, app))
	if err == nil && filepath.Ext(app) == ".js" && info.Mode().Perm()&0o111 == 0 {
		return "node '" + strings.ReplaceAll(app, "'", `'\''`) + "'"
	}
	return app
}

// written is when the manifest of the assembly in a folder was written.
func written(folder string) time.Time {
	info, err := os.Stat(filepath.Join(folder, "manifest.json"))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// shell runs a command of cdk.json as the CLI does: by the shell, in the app's
// folder, with the programs of its packages. It is a process group of its own,
// of which nothing is left afterwards.
func (c Config) shell(ctx context.Context, s settings, command, scratch string, env []string) error {
	if c.Progress != nil {
		c.Progress(command)
	}
	said, err := os.Create(filepath.Join(scratch, "output"))
	if err != nil {
		return err
	}
	defer said.Close()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	cmd.Dir = c.Dir
	cmd.Env = append(append(os.Environ(), c.environ()...), env...)
	cmd.Stdout, cmd.Stderr = said, said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := cmd.Start(); err != nil {
		return err
	}
	err = cmd.Wait()
	if left := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); left != nil && !errors.Is(left, syscall.ESRCH) {
		return fmt.Errorf("ending what %s left running: %w", command, left)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return failed(s.at, command, err, tail(said))
	}
	return nil
}

// environ is what every command gets besides bailey's own environment.
func (c Config) environ() []string {
	var out []string
	if abs, err := filepath.Abs(filepath.Join(c.Dir, "node_modules", ".bin")); err == nil {
		out = append(out, "PATH="+abs+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	if c.Account != "" {
		out = append(out, "CDK_DEFAULT_ACCOUNT="+c.Account)
	}
	if c.Region != "" {
		out = append(out, "CDK_DEFAULT_REGION="+c.Region)
	}
	return out
}

// notFound is the shell's exit status where there is no such program.
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02
const notFound = 127

// failed is what a command that failed said of it.
func failed(at source.Span, command string, err error, said string) error {
	d := source.Diag{Code: "CDK_SYNTH_FAILED", At: at, Summary: fmt.Sprintf("the app cannot be synthesised: %s: %v", command, err), Hint: strings.ReplaceAll(said, "\n", "\n    ")}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == notFound {
		d.Summary = "the app cannot be synthesised: a program is not installed that this needs: " + command
		d.Hint += "\n    install it, or give the cloud assembly (cdk.out) that `cdk synth` has written elsewhere"
	}
	return source.Diags{d}
}

// shown is how much of the output of a command that failed is shown, in bytes.
const shown = 8000

// tail gives the end of what was written to a file.
func tail(f *os.File) string {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return ""
	}
	data := make([]byte, min(size, shown))
	if _, err := f.ReadAt(data, size-int64(len(data))); err != nil {
		return ""
	}
	if int64(len(data)) < size {
		if _, rest, ok := bytes.Cut(data, []byte("\n")); ok {
			data = append([]byte("...\n"), rest...)
		}
	}
	return strings.TrimSpace(string(data))
}
