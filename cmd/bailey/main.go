// Command bailey proves who can reach what in an AWS application of Lambda
// functions, VPCs and gateways, and runs it here with the network and IAM
// enforced, before anything is deployed.
//
// This package is flags and output. What is read is project's and cfn's
// business, what is true path's and reach's, what runs world's.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // schedules name time zones, whatever the machine has

	"github.com/spf13/cobra"

	"bailey/source"
)

// The exit statuses.
const (
	exitFine     = 0
	exitFindings = 1 // why: blocked or partial
	exitUnusable = 2 // unusable input or usage
	exitUnknown  = 3 // the analysis lacks a fact
)

// An exit is an error that only says with which status to end: what there was
// to say has been said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command, with its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := command(stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var status exit
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &status):
		return int(status)
	}
	var diags source.Diags
	if errors.As(err, &diags) {
		fmt.Fprintln(stderr, diags.Error())
	} else {
		fmt.Fprintln(stderr, "bailey:", err)
	}
	return exitUnusable
}

func command(stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:           "bailey",
		Short:         "Prove and run AWS Lambda functions in private networks, before anything is deployed",
		SilenceUsage:  true,
		SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{
			HiddenDefaultCmd: true,
		},
	}
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(checkCommand(), whyCommand(), diffCommand(), snapshotCommand(), upCommand(), explainCommand(), schemaCommand())
	for _, c := range []*cobra.Command{invokeCommand(), logsCommand(), flowsCommand(), connectCommand(), execCommand(), statusCommand()} {
		stateFlag(c)
		root.AddCommand(c)
	}
	root.AddCommand(cognitoCommand(), scheduleCommand())
	return root
}

// stateFlag is for the commands that speak to what is up.
func stateFlag(c *cobra.Command) {
	c.Flags().String("state", "", "the state folder of what is up; found from the current folder or the host's port if not given")
}
