package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"bailey/project"
	"bailey/report"
	"bailey/sandbox"
	"bailey/source"
	"bailey/world"
)

func upCommand() *cobra.Command {
	var once, failFast bool
	var listen, state string
	var r reading
	cmd := &cobra.Command{
		Use:   "up [PATH]",
		Short: "Run it here, with the network and IAM enforced",
		Long: `Run it here, with the network and IAM enforced.

Functions run as processes in sandboxes, packets move through the same rules that
check proves, AWS calls are answered here. It stays up until it is interrupted;
with --once it starts, takes the demo: steps of bailey.yaml, prints their outcome
and stops: exit status 0 if every row is as expected, 1 if one is not. Where the
network cannot be enforced it says why and stops.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := "."
			if len(args) == 1 {
				name = args[0]
			}
			r.ctx, r.progress = cmd.Context(), cmd.ErrOrStderr()
			return r.up(name, upOptions{once, failFast, listen, state}, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&once, "once", false, "take the demo steps, print their outcome, stop")
	cmd.Flags().BoolVar(&failFast, "fail-fast", false, "refuse dropped connections at once instead of the silence of AWS")
	cmd.Flags().StringVar(&state, "state", "", "where state is kept; .bailey in the project's folder if not given")
	cmd.Flags().StringVar(&listen, "listen", defaultListen, "the host's address for the AWS CLI and SDKs")
	r.flag(cmd)
	return cmd
}

type upOptions struct {
	once, failFast bool
	listen, state  string
}

func (r reading) up(name string, o upOptions, stdout, stderr io.Writer) error {
	ctx := r.ctx
	in, err := r.one(name)
	if err != nil {
		return err
	}
	workloads, err := in.workloads()
	if err != nil {
		return err
	}
	steps, err := in.steps()
	if err != nil {
		return err
	}
	if o.once && len(steps) == 0 {
		return source.Diags{{Code: "PROJECT_NO_DEMO", At: source.Span{File: in.project.File}, Summary: "--once takes the demo: steps, and there are none", Hint: "add demo: to bailey.yaml, or leave out --once"}}
	}
	if err := sandbox.Supported(); err != nil {
		return err
	}
	if err := sandbox.Enter(); err != nil {
		return err
	}
	begin := time.Now()
	w, err := world.Start(ctx, world.Config{Model: in.model, Dir: in.dir, State: o.state, Workloads: workloads, Internet: in.internet(), Listen: o.listen, FailFast: o.failFast,
		Progress: func(format string, args ...any) { fmt.Fprintf(stderr, format+"\n", args...) }})
	if err != nil {
		return err
	}
	if o.once {
		err = play(ctx, w, steps, report.Text{W: stdout, Color: isTerminal(stdout)})
	} else {
		printUp(w, time.Since(begin), stdout)
		spareCollections()
		select {
		case <-ctx.Done():
		case <-w.Done():
			err = w.Err()
		}
	}
	return errors.Join(err, w.Close())
}

// spareCollections lets the heap grow by 16 MB between two collections, however
// little of it lives: what an invocation allocates dies with it.
func spareCollections() {
	if os.Getenv("GOGC") != "" {
		return
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(max(100, int(100*(16<<20)/m.HeapAlloc)))
}

// printUp says what is up and how to speak to it.
func printUp(w *world.World, took time.Duration, out io.Writer) {
	s := w.Status()
	fmt.Fprintf(out, "up in %d ms: %s in %s\n", took.Milliseconds(), s.Project, s.Region)
	tw := tabwriter.NewWriter(out, 2, 8, 2, ' ', 0)
	for _, f := range s.Functions {
		place := "in no VPC"
		if f.VPC != "" {
			place = "in " + f.VPC
		}
		fmt.Fprintf(tw, "  function\t%s\t%s\n", f.Name, place)
	}
	for _, v := range s.Workloads {
		fmt.Fprintf(tw, "  instance\t%s\t%s\t%s\n", v.Name, strings.TrimSpace(v.Address+" "+v.Public), v.State)
	}
	printPools(tw, s)
	printAPIs(tw, s)
	tw.Flush()
	fmt.Fprintf(out, "AWS CLI and SDKs:  --endpoint-url http://%s  with any credentials,\n", strings.Replace(s.Address, "127.0.0.1", "localhost", 1))
	fmt.Fprintln(out, "    such as AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test")
	fmt.Fprintf(out, "from another terminal:  bailey invoke FUNCTION | logs | flows | status | exec | connect\n%s\nctrl-c stops it\n", s.Limits)
}

// printAPIs says where each API answers: on the host's port, and inside, each
// address on a line that a terminal does not break.
func printAPIs(tw io.Writer, s world.Status) {
	for _, a := range s.APIs {
		here := a.Local
		if here == "" {
			here = "private: through its endpoint only"
		}
		fmt.Fprintf(tw, "  %s API\t%s\t%s\n  \t  inside\t%s\n", a.Kind, a.Name, here, a.URL)
	}
}

// workloads are the project's, for a world.
func (in input) workloads() (map[string]world.Workload, error) {
	out := map[string]world.Workload{}
	var diags source.Diags
	for _, l := range in.project.Workloads {
		name, found := in.called(l.Name)
		if in.elsewhere(l.Name) {
			continue
		}
		if !found {
			diags.Add(source.Diag{Code: "WORKLOAD_UNKNOWN", At: l.At, Summary: fmt.Sprintf("the template has no function and no instance called %s", l.Name), Hint: "there are: " + strings.Join(in.model.Names(), ", ")})
		}
		w := world.Workload{Go: l.Go, Command: l.Command, Dir: l.Dir, Connect: l.Connect, Port: l.Port, Env: map[string]string{}}
		for _, e := range l.Env {
			w.Env[e.Name] = e.Value
		}
		if l.Postgres != nil {
			diags = append(diags, in.postgres(name, l, &w)...)
		}
		out[name] = w
	}
	for _, u := range in.project.Upstreams {
		diags.Add(source.Diag{Code: "UPSTREAM_NOT_THERE", At: u.At, Summary: "bailey does not forward calls to upstreams yet: " + u.Service, Hint: "remove it from bailey.yaml"})
	}
	return out, diags.Err()
}

// postgres gives a workload its PostgreSQL, or says why it can have none.
func (in input) postgres(name string, l project.Workload, w *world.Workload) (diags source.Diags) {
	p := l.Postgres
	fail := func(hint, summary string) {
		diags.Add(source.Diag{Code: "WORKLOAD_POSTGRES", At: p.At, Summary: l.Name + summary, Hint: hint})
	}
	db, isDatabase := in.model.Store(name)
	if _, ok := in.model.Function(name); ok {
		fail("name the instance, or leave postgres out", " is a function: PostgreSQL runs on an instance or as a database")
	}
	switch {
	case isDatabase && db.Login == nil, isDatabase && db.Engine != "postgres":
		fail("start one yourself and use connect: localhost:5432", fmt.Sprintf(" is %s: PostgreSQL stands for an AWS::RDS::DBInstance of engine postgres and for nothing like it", cmp.Or(db.Engine, db.Type)))
	case !isDatabase && !p.Password.Stated():
		fail("write postgres: {password: {parameter: /name}}", ": nothing states the password of its PostgreSQL")
	}
	w.Postgres = &world.Postgres{User: p.User, Database: p.Database, Parameter: p.Password.Parameter, Secret: p.Password.Name, Key: p.Password.Key, Port: p.Port}
	return diags
}

func (in input) internet() map[string]string {
	out := map[string]string{}
	for _, h := range in.project.Internet {
		out[h.Name] = h.URL
	}
	return out
}
