//go:build linux

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"bailey/cfn"
	"bailey/cloud"
)

// loadTemplate is what bailey does with a template before any question.
func loadTemplate(text []byte) (time.Duration, error) {
	began := time.Now()
	spec, diags := cfn.Load(cfn.Input{File: "template.json", Data: text})
	if diags.HasErrors() {
		return 0, diags
	}
	m, diags := cloud.New(spec)
	if m == nil {
		return 0, diags
	}
	return time.Since(began), nil
}

// loading is the median of n readings of a text, for each of per parts.
func loading(read func([]byte) (time.Duration, error), text []byte, n int, per float64) func() (float64, error) {
	return func() (float64, error) {
		s, err := p50(n, func() (time.Duration, error) { return read(text) })
		return s / per, err
	}
}

// openLoad holds the model of a large template against cfn-lint's run on the
// same file. cfn-lint takes so long that one run serves all rounds.
func openLoad(b *bench) (pair, error) {
	file, text, err := b.largeTemplate()
	return pair{
		ours: loading(loadTemplate, text, b.loads, 1),
		peer: sync.OnceValues(func() (float64, error) {
			d, _, err := lint(file)
			return d.Seconds(), err
		}),
	}, err
}

// openGrowth holds the time for a thousand resources in a very large template
// against that in a small one: 1 is linear growth.
func openGrowth(b *bench) (pair, error) {
	return pair{ours: loading(loadTemplate, cdkTemplate(4*b.resources), b.loads, 20), peer: loading(loadTemplate, cdkTemplate(b.resources/5), 4*b.loads, 1)}, nil
}

// openLoadMemory holds the largest size of a process that checks the template.
func openLoadMemory(b *bench) (pair, error) {
	file, _, err := b.largeTemplate()
	if err != nil {
		return pair{}, err
	}
	bailey, err := b.bailey()
	return pair{
		ours: func() (float64, error) {
			_, size, err := ran(exec.Command(bailey, "why", "internet", "Worker0x0", file))
			return size, err
		},
		peer: sync.OnceValues(func() (float64, error) {
			_, size, err := lint(file)
			return size, err
		}),
	}, err
}

// largeTemplate writes a large template.
func (b *bench) largeTemplate() (file string, text []byte, err error) {
	file, text = filepath.Join(b.dir, "large.template.json"), cdkTemplate(b.resources)
	return file, text, os.WriteFile(file, text, 0o644)
}

// lint runs cfn-lint, which says with its status that it has found something.
func lint(file string) (time.Duration, float64, error) {
	return ran(exec.Command("cfn-lint", "--region", "us-west-2", "--", file))
}

// ran gives the time and the largest size of a command that may report
// findings.
func ran(cmd *exec.Cmd) (time.Duration, float64, error) {
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	const findings = 2 | 4 | 8 // cfn-lint's errors, warnings and notes; bailey's verdicts are among them
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.Exited() && failed.ExitCode()&^(findings|1) == 0 {
		err = nil
	}
	if err != nil {
		return 0, 0, err
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, 0, errors.New("the kernel does not say how large the process was")
	}
	return took, float64(usage.Maxrss) * 1024, nil
}
