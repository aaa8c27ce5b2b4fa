package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bailey/world"
)

// The commands that speak to a world that is up, over its control socket.

const defaultListen = "127.0.0.1:4566"

// findWorld gives the control socket of the world that is up.
func findWorld(state, listen string) (string, error) {
	if state != "" {
		if s := world.SocketFor(state); exists(s) {
			return s, nil
		}
		return "", fmt.Errorf("nothing is up with its state in %s", state)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if s := world.SocketFor(filepath.Join(at, ".bailey")); exists(s) {
			return s, nil
		}
		if at == filepath.Dir(at) {
			return askPort(listen)
		}
	}
}

// askPort asks whatever answers on the host's port where its socket is.
func askPort(listen string) (string, error) {
	nothing := fmt.Errorf("nothing is up here: start it with: bailey up PATH; what listens elsewhere than on %s is named by its folder: --state PATH/.bailey", listen)
	c := http.Client{Timeout: 2 * time.Second}
	resp, err := c.Get("http://" + listen + world.LocatePath)
	if err != nil {
		return "", nothing
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if err != nil || resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("what answers on %s is not bailey", listen)
	}
	return strings.TrimSpace(string(text)), nil
}

// remote is a world that is up.
type remote struct {
	socket string
	http   *http.Client
}

// connectWorld finds the world that is up: the one whose state is in the given
// folder, that of the current folder or one above it, else the one that
// answers on the host's port.
func connectWorld(cmd *cobra.Command) (remote, error) {
	state, err := cmd.Flags().GetString("state")
	if err != nil {
		return remote{}, err
	}
	socket, err := findWorld(state, defaultListen)
	if err != nil {
		return remote{}, err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if errors.Is(err, syscall.ECONNREFUSED) {
			return nil, fmt.Errorf("what was up in %s has ended: start it with: bailey up PATH", socket)
		}
		return c, err
	}
	return remote{socket, &http.Client{Transport: &http.Transport{DialContext: dial}}}, nil
}

// ask sends a request; an answer other than 200 is the error that it carries.
func (r remote) ask(ctx context.Context, method, target string, body any) (*http.Response, error) {
	data, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://bailey"+target, bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		return nil, errors.New(strings.TrimSpace(string(text)))
	}
	return resp, nil
}

func invokeCommand() *cobra.Command {
	var kind string
	cmd := &cobra.Command{
		Use:   "invoke FUNCTION [PAYLOAD]",
		Short: "Invoke a function of what is up; PAYLOAD is JSON, @FILE or - for standard input",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			payload, err := readPayload(args[1:], cmd.InOrStdin())
			if err != nil {
				return err
			}
			r, err := connectWorld(cmd)
			if err != nil {
				return err
			}
			resp, err := r.ask(cmd.Context(), http.MethodPost, "/invoke", world.InvokeRequest{Function: args[0], Payload: payload, Type: kind})
			if err != nil {
				return err
			}
			defer resp.Body.Close()
			var reply world.InvokeReply
			if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
				return err
			}
			fmt.Fprint(cmd.ErrOrStderr(), reply.Log)
			fmt.Fprintln(cmd.OutOrStdout(), reply.Payload)
			if reply.FunctionError != "" {
				return exit(exitFindings)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&kind, "type", "RequestResponse", "RequestResponse, Event or DryRun")
	return cmd
}

func readPayload(args []string, stdin io.Reader) (json.RawMessage, error) {
	if len(args) == 0 {
		return nil, nil
	}
	var data []byte
	var err error
	switch name, file := strings.CutPrefix(args[0], "@"); {
	case args[0] == "-":
		data, err = io.ReadAll(stdin)
	case file:
		data, err = os.ReadFile(name)
	default:
		data = []byte(args[0])
	}
	if err == nil && !json.Valid(data) {
		err = fmt.Errorf("the payload is not JSON: %.60s", data)
	}
	return data, err
}

func logsCommand() *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:   "logs [FUNCTION | INSTANCE]",
		Short: "The log of a function or an instance of what is up, or of all",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q := url.Values{"follow": {fmt.Sprint(follow)}}
			if len(args) == 1 {
				q.Set("name", args[0])
			}
			return stream(cmd, "/logs?"+q.Encode(), func(line []byte) error {
				_, err := cmd.OutOrStdout().Write(line)
				return err
			})
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what comes")
	return cmd
}

func flowsCommand() *cobra.Command {
	var follow, asJSON, dropped bool
	cmd := &cobra.Command{
		Use:   "flows",
		Short: "The flows of what is up: who connected where, and why not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return stream(cmd, "/flows?follow="+fmt.Sprint(follow), func(line []byte) error {
				var f world.FlowLine
				if err := json.Unmarshal(line, &f); err != nil {
					return err
				}
				if dropped && f.Action != "REJECT" {
					return nil
				}
				if asJSON {
					_, err := cmd.OutOrStdout().Write(line)
					return err
				}
				printFlow(cmd.OutOrStdout(), f)
				return nil
			})
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what comes")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line, with the flow-log record")
	cmd.Flags().BoolVar(&dropped, "dropped", false, "only what was dropped")
	return cmd
}

func printFlow(out io.Writer, f world.FlowLine) {
	name, _, _ := strings.Cut(f.Who, " ")
	dst := f.Dst
	if f.Host != "" {
		dst += " (" + f.Host + ")"
	}
	state := strings.ToLower(f.Action)
	if f.Open {
		state = "open"
	}
	fmt.Fprintf(out, "%s  %-6s  %s  %s %s -> %s", f.Start.Format("15:04:05.000"), state, name, f.Proto, f.Src, dst)
	if f.Via != "" {
		fmt.Fprintf(out, " via %s", f.Via)
	}
	if f.Action == "ACCEPT" {
		fmt.Fprintf(out, "  %d B out, %d B in", f.Sent.Bytes, f.Back.Bytes)
	}
	fmt.Fprintln(out)
	for _, r := range f.Reasons {
		fmt.Fprintf(out, "    %s %s\n    %s\n", r.Code, r.At, r.Detail)
	}
}

// stream hands every line of an answer to f.
func stream(cmd *cobra.Command, target string, f func([]byte) error) error {
	r, err := connectWorld(cmd)
	if err != nil {
		return err
	}
	resp, err := r.ask(cmd.Context(), http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			if err := f(line); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || cmd.Context().Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// show prints an answer for a person, or the JSON that it is.
func show[T any](cmd *cobra.Command, target string, asJSON bool, print func(io.Writer, T)) error {
	r, err := connectWorld(cmd)
	if err != nil {
		return err
	}
	resp, err := r.ask(cmd.Context(), http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if asJSON {
		_, err := io.Copy(cmd.OutOrStdout(), resp.Body)
		return err
	}
	var answer T
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return err
	}
	print(cmd.OutOrStdout(), answer)
	return nil
}

func statusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "What is up",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd, "/status", asJSON, printStatus)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func printStatus(out io.Writer, s world.Status) {
	fmt.Fprintf(out, "%s in %s, up for %s, process %d, http://%s\n", s.Project, s.Region, time.Since(s.Since).Round(time.Second), s.PID, s.Address)
	tw := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	for _, f := range s.Functions {
		fmt.Fprintf(tw, "  function\t%s\t%s\t%d environments\n", f.Name, f.VPC, f.Environments)
	}
	for _, v := range s.Workloads {
		fmt.Fprintf(tw, "  instance\t%s\t%s\t%s\n", v.Name, strings.TrimSpace(v.Address+" "+v.Public), v.State)
	}
	printPools(tw, s)
	printAPIs(tw, s)
	tw.Flush()
	fmt.Fprintf(out, "  %d flows\n", s.Flows.Flows)
}
