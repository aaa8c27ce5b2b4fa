package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"syscall"

	"github.com/spf13/cobra"

	"bailey/world"
)

func execCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "exec FUNCTION|INSTANCE -- COMMAND [ARG...]",
		Short:   "Run a command in the network of a function or an instance of what is up",
		Example: "  bailey exec PingFunction -- curl -m 3 https://example.com",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := connectWorld(cmd)
			if err != nil {
				return err
			}
			reply, err := r.exec(cmd.Context(), world.ExecRequest{Name: args[0], Argv: args[1:], Env: []string{"TERM=" + os.Getenv("TERM")}})
			if err != nil {
				return err
			}
			if reply.Error != "" {
				return errors.New(reply.Error)
			}
			if reply.Code != 0 {
				return exit(reply.Code)
			}
			return nil
		},
	}
}

// exec hands the terminal over and waits for the command to end.
func (r remote) exec(ctx context.Context, req world.ExecRequest) (world.ExecReply, error) {
	var reply world.ExecReply
	c, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: world.ExecSocket(r.socket), Net: "unix"})
	if err != nil {
		return reply, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	data, err := json.Marshal(req)
	if err != nil {
		return reply, err
	}
	rights := syscall.UnixRights(int(os.Stdin.Fd()), int(os.Stdout.Fd()), int(os.Stderr.Fd()))
	if _, _, err := c.WriteMsgUnix(data, rights, nil); err != nil {
		return reply, err
	}
	err = json.NewDecoder(c).Decode(&reply)
	if ctx.Err() != nil {
		return world.ExecReply{Code: 130}, nil
	}
	return reply, err
}
