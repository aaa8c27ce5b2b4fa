package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"bailey/world"
)

func connectCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:     "connect NAME:PORT",
		Short:   "Open a local port to a private instance of what is up",
		Example: "  bailey connect Web:80",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, port, ok := strings.Cut(args[0], ":")
			if !ok {
				return fmt.Errorf("%s: write NAME:PORT", args[0])
			}
			r, err := connectWorld(cmd)
			if err != nil {
				return err
			}
			if c, err := r.dial(name, port); err != nil {
				return err // say at once what does not answer
			} else if err := c.Close(); err != nil {
				return err
			}
			return r.forward(cmd.Context(), listen, name, port, cmd.OutOrStdout())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "the local address")
	return cmd
}

// dial opens a connection to a port of an instance through the control socket.
func (r remote) dial(name, port string) (net.Conn, error) {
	c, err := net.Dial("unix", r.socket)
	if err != nil {
		return nil, err
	}
	q := url.Values{"name": {name}, "port": {port}}
	fmt.Fprintf(c, "POST /connect?%s HTTP/1.1\r\nHost: bailey\r\n\r\n", q.Encode())
	br := bufio.NewReader(c)
	resp, err := http.ReadResponse(br, &http.Request{Method: http.MethodConnect})
	if err != nil {
		c.Close()
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(br, resp.ContentLength))
		c.Close()
		return nil, errors.New(strings.TrimSpace(string(text)))
	}
	return &buffered{c, br}, nil
}

// buffered is a connection of which some bytes have been read ahead.
type buffered struct {
	net.Conn
	r *bufio.Reader
}

func (b *buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

// CloseWrite ends what is sent.
func (b *buffered) CloseWrite() error { return b.Conn.(*net.UnixConn).CloseWrite() }

func (r remote) forward(ctx context.Context, listen, name, port string, out io.Writer) error {
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is %s:%s; ctrl-c closes it\n", l.Addr(), name, port)
	return world.Forward(ctx, l, func() (net.Conn, error) { return r.dial(name, port) })
}
