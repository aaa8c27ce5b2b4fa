package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/spf13/cobra"

	"bailey/services/cognito"
	"bailey/world"
)

// cognitoCommand groups what AWS has no API for.
func cognitoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cognito",
		Short: "Rotate a user pool's keys, read what it would have sent to users",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	for _, c := range []*cobra.Command{rotateKeysCommand(), messagesCommand()} {
		stateFlag(c)
		cmd.AddCommand(c)
	}
	return cmd
}

func rotateKeysCommand() *cobra.Command {
	var withdraw bool
	cmd := &cobra.Command{
		Use:   "rotate-keys POOL",
		Short: "New signing keys for a user pool of what is up",
		Long: `New signing keys for a user pool of what is up, by its logical ID or its own.

New tokens are signed with the new keys; the JWKS has the old ones too, so what
they signed is still valid. With --withdraw nothing is rotated: the old keys leave
the JWKS, and what they signed is no longer valid for who reads it anew.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := connectWorld(cmd)
			if err != nil {
				return err
			}
			resp, err := r.ask(cmd.Context(), http.MethodPost, "/cognito/keys", world.KeysRequest{Pool: args[0], Withdraw: withdraw})
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			var reply world.KeysReply
			if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
				return err
			}
			printKeys(cmd, reply)
			return nil
		},
	}
	cmd.Flags().BoolVar(&withdraw, "withdraw", false, "take the keys that were rotated out from the JWKS")
	return cmd
}

func printKeys(cmd *cobra.Command, reply world.KeysReply) {
	uses := []string{"ID tokens", "access tokens"}
	fmt.Fprintf(cmd.OutOrStdout(), "%s publishes:\n", reply.Pool)
	for i, kid := range reply.KIDs {
		use := "old: verifies only"
		if i < len(uses) {
			use = uses[i]
		}
		fmt.Fprintf(cmd.OutOrStdout(), "  %s  %s\n", kid, use)
	}
}

// printPools lists user pools, with what an application needs to use them.
func printPools(tw io.Writer, s world.Status) {
	for _, p := range s.UserPools {
		fmt.Fprintf(tw, "  user pool\t%s\t%s\n", p.Name, p.ID)
		for _, name := range slices.Sorted(maps.Keys(p.Clients)) {
			fmt.Fprintf(tw, "  client\t%s\t%s\n", name, p.Clients[name])
		}
	}
}

func messagesCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "messages [POOL]",
		Short: "The codes and temporary passwords that AWS would have sent to users",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{}
			if len(args) == 1 {
				q.Set("pool", args[0])
			}
			return stream(cmd, "/cognito/messages?"+q.Encode(), func(line []byte) error {
				if asJSON {
					_, err := cmd.OutOrStdout().Write(line)
					return err
				}
				var m cognito.Message
				if err := json.Unmarshal(line, &m); err != nil {
					return err
				}
				to := m.Destination
				if to == "" {
					to = "nowhere"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s  %s to %s: %s %s\n", m.At.Local().Format("15:04:05"), m.PoolName, m.Username, to, m.Purpose, m.Code)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return cmd
}
