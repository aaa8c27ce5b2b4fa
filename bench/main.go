// Command bench measures Bailey beside what it is compared with, in one run.
//
//	go run ./bench [-rounds N] [-o text|json] [NAME...]
//
//	rows ──▶ open a row: ours and its peer, both ready
//	           │
//	           ▼
//	         ours, peer, ours, peer, ...   one round is one figure of each
//	           │
//	           ▼
//	         the ratio of each round; its median, lowest and highest
//
// It is not a test: no figure makes it fail, and nothing outside reads its
// output as right or wrong. The exit status is 1 only where a row could not be
// measured, and 2 for bad usage.
//
// The rule it obeys: no figure stands alone. Machines differ and the same one
// differs from minute to minute, so each row is measured in turns with a peer
// or with the physical floor, and what counts is the ratio. A row that the
// machine lacks a tool for is left out by name.
//
// Neighbours: fabric, sandbox, lambda, path are called as world calls them;
// check, up, memory and ssm run the bailey command as a user does.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(act(role))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command, with its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	rounds := flags.Int("rounds", full.rounds, "how often each side is measured")
	format := flags.String("o", "text", "text or json")
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: go run ./bench [-rounds N] [-o text|json] [NAME...]\nNAME is one of: %s\n", strings.Join(names(), " "))
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return 2
	}
	chosen, err := choose(flags.Args())
	if err == nil && *format != "text" && *format != "json" {
		err = fmt.Errorf("-o %s: it is text or json", *format)
	}
	if err == nil && *rounds < 1 {
		err = fmt.Errorf("-rounds %d: at least one", *rounds)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 2
	}
	sizes := full
	sizes.rounds = *rounds
	report, err := measureAll(ctx, chosen, sizes, stderr)
	if err == nil {
		err = report.write(stdout, *format)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	if len(report.Failed) > 0 {
		return 1
	}
	return 0
}
