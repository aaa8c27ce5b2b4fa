package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"bailey/audit"
	"bailey/fabric"
	"bailey/path"
	"bailey/project"
)

func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CODE|RULE]",
		Short: "What a reason code or a rule means, offline; without CODE, the list of them",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := cmd.OutOrStdout()
			all := slices.Concat(path.Explanations(), audit.Explanations(), fabric.Explanations())
			if len(args) == 0 {
				for _, e := range all {
					fmt.Fprintf(out, "%-46s %s\n", e.Code, e.Title)
				}
				return nil
			}
			e, err := path.ExplainIn(all, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "%s: %s\n\n%s\n\nmend it: %s\nsource:  %s\n", e.Code, e.Title, e.Text, e.Mend, e.Source)
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
