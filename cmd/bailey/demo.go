package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"bailey/path"
	"bailey/project"
	"bailey/report"
	"bailey/source"
	"bailey/world"
)

// steps are the project's demo, for a world.
func (in input) steps() ([]world.Step, error) {
	var out []world.Step
	var diags source.Diags
	var calls []project.Call
	for _, s := range in.project.Demo {
		if s.Invoke == "" {
			calls = append(calls, s.Calls...)
			out = append(out, world.Step{Name: s.Name, Calls: s.Calls})
			continue
		}
		if in.elsewhere(s.Invoke) {
			continue
		}
		name, _ := in.called(s.Invoke)
		if _, ok := in.model.Function(name); !ok {
			diags.Add(source.Diag{Code: "DEMO_UNKNOWN", At: s.At, Summary: fmt.Sprintf("the template has no function called %s", s.Invoke)})
		}
		payload, err := json.Marshal(s.Payload.Plain())
		if err != nil {
			diags.Errorf("DEMO_PAYLOAD", s.At, "payload: %v", err)
		}
		step := world.Step{Name: s.Name, Function: name, Payload: payload}
		for _, r := range s.Rows {
			v, _ := path.ParseVerdict(r.Expect)
			step.Rows = append(step.Rows, world.Row{Call: r.Call, To: r.To, Expect: v, Result: r.Result})
		}
		out = append(out, step)
	}
	return out, append(diags, in.checkCalls(calls)...).Err()
}

// play takes the steps and prints the outcome table.
func play(ctx context.Context, w *world.World, steps []world.Step, t report.Text) error {
	good := true
	player := w.Player()
	for _, s := range steps {
		if s.Function == "" {
			good = playCalls(ctx, player, s, t) && good
			continue
		}
		r, err := w.Play(ctx, s)
		if err != nil {
			return err
		}
		good = printStep(r, t) && good
	}
	if !good {
		return exit(exitFindings)
	}
	return nil
}

// playCalls makes the calls of a step and prints their table; it reports
// whether each that was run is as expected.
func playCalls(ctx context.Context, p *world.Player, s world.Step, t report.Text) bool {
	good := true
	var rows []report.Call
	for _, c := range s.Calls {
		o := p.Play(ctx, c)
		rows = append(rows, report.Call{Call: o.Call, Expected: o.Expected, Observed: o.Observed, Ran: o.Ran, AsExpected: o.AsExpected, Detail: o.Detail, Took: o.Took})
		good = good && (o.AsExpected || !o.Ran)
	}
	t.Calls(cmp.Or(s.Name, "calls from outside"), rows)
	return good
}

// checkCalls finds what the calls of all steps name and the template, or a call
// before, does not have.
func (in input) checkCalls(calls []project.Call) (diags source.Diags) {
	var apis, clients, pools, signedIn []string
	for a := range in.model.APIs() {
		apis = append(apis, a.Name)
	}
	for p := range in.model.UserPools() {
		pools = append(pools, p.Name)
		for _, c := range p.Clients {
			clients = append(clients, c.Name)
		}
	}
	known := func(c project.Call, what, name string, there []string) {
		if name != "" && !slices.Contains(there, name) {
			diags.Add(source.Diag{Code: "DEMO_UNKNOWN", At: c.At, Summary: fmt.Sprintf("there is no %s called %s", what, name), Hint: source.DidYouMean(name, there, "there are: "+strings.Join(there, ", "))})
		}
	}
	for _, c := range calls {
		known(c, "user pool", c.RotateKeys, pools)
		known(c, "user pool", c.WithdrawKeys, pools)
		if c.SignIn != nil {
			known(c, "user pool client", c.SignIn.Client, clients)
			signedIn = append(signedIn, c.SignIn.As)
		}
		if c.HTTP != nil {
			known(c, "API", c.HTTP.API, apis)
			known(c, "sign-in before this call", c.HTTP.Token, signedIn)
		}
	}
	return diags
}

// printStep prints one step's table; it reports whether every row is as
// expected. A function that failed has its log printed too.
func printStep(r world.StepResult, t report.Text) bool {
	name := r.Name
	if name == "" {
		name = "invoke " + r.Function
	}
	good := true
	var rows []report.Outcome
	for _, o := range r.Outcomes {
		row := report.Outcome{Call: o.Call, Expected: o.Expect, Ran: o.Ran, OK: o.OK, AsExpected: o.AsExpected(), Detail: o.Detail, Took: o.Took}
		if o.Drop != nil && !o.OK {
			row.Dropped, row.Reasons, row.Missing = world.Dropped(*o.Drop), o.Drop.Reasons, o.Drop.Missing
		}
		rows = append(rows, row)
		good = good && row.AsExpected
	}
	t.Outcomes(fmt.Sprintf("%s: %d ms, of which init %d ms", name, r.Took.Milliseconds(), r.Response.Timing.Init.Milliseconds()), rows)
	if r.Response.FunctionError != "" {
		fmt.Fprintf(t.W, "the function's log:\n%s\n", strings.TrimRight(string(r.Response.LogTail), "\n"))
	}
	return good
}
