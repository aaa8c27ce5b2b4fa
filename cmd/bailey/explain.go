package main

import (
	"slices"

	"github.com/spf13/cobra"

	"bailey/audit"
	"bailey/fabric"
	"bailey/path"
	"bailey/project"
	"bailey/report"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE|RULE]",
		Short: "What a reason code or a rule means, offline; without CODE, the list of them",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := report.Text{W: cmd.OutOrStdout(), Color: isTerminal(cmd.OutOrStdout())}
			all := slices.Concat(path.Explanations(), audit.Explanations(), fabric.Explanations(), report.Explanations())
			if len(args) == 0 {
				out.Codes(all)
				return nil
			}
			e, err := path.ExplainIn(all, args[0])
			if err != nil {
				return err
			}
			out.Explanation(e)
			return nil
		},
	}
}

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "The JSON Schema of bailey.yaml",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			_, err := cmd.OutOrStdout().Write(project.Schema())
			return err
		},
	}
}
