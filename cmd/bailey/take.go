package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"bailey/snapshot/take"
)

// taking is how a snapshot is made.
type taking struct {
	regions           []string
	profile, endpoint string
	dryRun            bool
}

func snapshotCommand() *cobra.Command {
	var t taking
	cmd := &cobra.Command{
		Use:   "snapshot DIR",
		Short: "Describe an account as it is, into a folder that check, why, diff and up read",
		Long: `Describe an account as it is, into a folder that check, why, diff and up read.

Every call only reads; --dry-run lists them and makes none. The answers are
written as 'aws ... describe-*' would print them, one file for each list, as far
as Bailey reads them. Credentials and region are those of the environment
(AWS_ACCESS_KEY_ID, AWS_REGION, ...), else those of the AWS CLI, if it is installed:
its profiles, single sign-on and roles.
With more than one --region there is one folder for each, in
DIR/aws_configs/ACCOUNT/REGION, and peerings between them are followed.

A run that was stopped goes on where it stopped: a call whose file is there is
not made again. So take a new folder for a new snapshot. AWS is asked again, later
and later, where it says that it is busy. What the caller may not read is told and
left out, and answers that depend on it are unknown: the policy ReadOnlyAccess
allows all of it, and so does SecurityAudit for the most part.

Values of secrets, parameters and API keys are not asked for. Environment variables
of functions and variables of stages are in the folder, since addresses stand in
them, and so is what schedules send: keep it like a secret.

The exit status is 0 if every call was answered, 1 if some were not, and 2 if
there is no snapshot.`,
		Example: "  bailey snapshot --dry-run now\n  bailey snapshot now && bailey check now\n  bailey diff now plan.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if t.dryRun {
				return t.list(cmd.OutOrStdout())
			}
			return t.take(cmd.Context(), args[0], cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringArrayVar(&t.regions, "region", nil, "which region; may be repeated (default: as for the AWS CLI)")
	cmd.Flags().StringVar(&t.profile, "profile", "", "which profile of the AWS CLI's configuration")
	cmd.Flags().StringVar(&t.endpoint, "endpoint-url", "", "whom to ask in place of AWS, for all services")
	cmd.Flags().BoolVar(&t.dryRun, "dry-run", false, "list the calls, and make none")
	return cmd
}

// list tells the calls of the plan.
func (t taking) list(w io.Writer) error {
	for _, l := range take.Plan() {
		line := "aws " + l.Command
		if l.Each != "" {
			line += ", for each of " + l.Each
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// take makes the snapshot of each region.
func (t taking) take(ctx context.Context, dir string, progress io.Writer) error {
	c, err := credentialsOf(ctx, t.profile)
	if err != nil {
		return err
	}
	regions := t.regions
	if len(regions) == 0 {
		regions = []string{c.region}
	}
	if regions[0] == "" {
		return fmt.Errorf("no region is configured: give --region, or set AWS_REGION")
	}
	conf := take.Config{Dir: dir, Region: regions[0], Endpoint: t.endpoint, Credentials: c}
	if conf.Endpoint == "" {
		conf.Endpoint = os.Getenv("AWS_ENDPOINT_URL")
	}
	account, err := take.Account(ctx, conf)
	if err != nil {
		return err
	}
	left := 0
	for _, region := range regions {
		conf.Region = region
		if len(regions) > 1 {
			conf.Dir = filepath.Join(dir, "aws_configs", account, region)
		}
		conf.Progress = told(progress)
		fmt.Fprintf(progress, "account %s, %s, into %s\n", account, region, conf.Dir)
		out, err := take.Run(ctx, conf, account)
		if err != nil {
			return err
		}
		left += len(out.Failed)
		fmt.Fprintf(progress, "%d calls made, %d of the plan's without an answer\n", out.Calls, len(out.Failed))
	}
	if left > 0 {
		return exit(exitFindings)
	}
	return nil
}

// told prints each step when it is done.
func told(w io.Writer) func(take.Step) {
	var mu sync.Mutex
	return func(s take.Step) {
		mu.Lock()
		defer mu.Unlock()
		what := fmt.Sprintf("%d listed", s.Items)
		switch {
		case s.Err != nil:
			what = "no answer: " + strings.Join(strings.Fields(s.Err.Error()), " ")
		case s.Kept:
			what += ", kept from before"
		}
		fmt.Fprintf(w, "%2d/%d %s: %s\n", s.N, s.Of, s.Command, what)
	}
}
