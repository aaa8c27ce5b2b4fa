package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bailey/delivery"
	"bailey/world"
)

// scheduleCommand is for the schedules of what is up: EventBridge's rules that
// have one, and those of EventBridge Scheduler.
func scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "schedule", Short: "The schedules of what is up: list them, run one now"}
	for _, c := range []*cobra.Command{scheduleListCommand(), scheduleRunCommand()} {
		stateFlag(c)
		cmd.AddCommand(c)
	}
	return cmd
}

func scheduleListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Rules and schedules with their expressions and when they fire next",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd, "/schedules", asJSON, printSchedules)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func printSchedules(out io.Writer, lines []delivery.Line) {
	if len(lines) == 0 {
		fmt.Fprintln(out, "there are no schedules, and no rules with one")
		return
	}
	tw := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	for _, l := range lines {
		name, next := l.Name, "never"
		if l.LogicalID != "" && l.LogicalID != l.Name {
			name += " (" + l.LogicalID + ")"
		}
		switch {
		case !l.Enabled:
			next = "disabled"
		case !l.Next.IsZero():
			next = l.Next.Format(time.RFC3339)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s %s\t%s\n", l.Kind, name, l.Expression, l.Zone, next)
	}
	tw.Flush()
}

func scheduleRunCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run NAME",
		Short: "Fire a rule or a schedule now, as if its time had come",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := connectWorld(cmd)
			if err != nil {
				return err
			}
			resp, err := r.ask(cmd.Context(), http.MethodPost, "/schedules/run", map[string]string{"Name": args[0]})
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			var reply world.ScheduleReply
			if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
				return err
			}
			for _, line := range reply.Lines {
				fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			if reply.Failed {
				return exit(exitFindings)
			}
			return nil
		},
	}
}
