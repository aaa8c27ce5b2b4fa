package world

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/services/events"
	"bailey/services/scheduler"
	"bailey/source"
)

// openSchedules opens EventBridge and its Scheduler, and lets what is due fire
// until the world ends.
func (w *World) openSchedules() error {
	courier := delivery.Courier{Invoker: w.lambda}
	var err error
	if w.events, err = events.New(events.Config{Store: w.store, Model: w.Model, Courier: courier, Timetable: &w.timetable, Report: w.delivered}); err != nil {
		return err
	}
	w.closing(w.events.Close)
	if w.schedules, err = scheduler.New(scheduler.Config{Store: w.store, Model: w.Model, Courier: courier, Timetable: &w.timetable, Report: w.delivered}); err != nil {
		return err
	}
	w.tellProblems()
	var running sync.WaitGroup
	running.Go(func() { w.timetable.Run(w.ctx) })
	w.closing(func() error { running.Wait(); return nil })
	return nil
}

func (w *World) applySchedules(next *cloud.Model) error {
	err := errors.Join(w.events.Apply(next), w.schedules.Apply(next))
	w.tellProblems()
	return err
}

// tellProblems says which declared rules and schedules do nothing, and why.
func (w *World) tellProblems() {
	for _, problem := range slices.Concat(w.events.Problems(), w.schedules.Problems()) {
		w.config.Progress("%s", problem)
	}
}

// delivered tells what invoked nothing.
func (w *World) delivered(o delivery.Outcome) {
	if o.Problem != "" && w.ctx.Err() == nil {
		w.config.Progress("%s", o)
	}
}

// Schedules are the rules with a schedule and the schedules, by their names.
func (w *World) Schedules() ([]delivery.Line, error) {
	rules, err := w.events.Scheduled()
	if err != nil {
		return nil, err
	}
	schedules, err := w.schedules.Scheduled()
	all := slices.Concat(rules, schedules)
	slices.SortStableFunc(all, func(a, b delivery.Line) int { return cmp.Compare(a.Name, b.Name) })
	return all, err
}

// RunSchedule fires a rule or a schedule now, by its name, its logical ID or
// its ARN, whether or not it is enabled.
func (w *World) RunSchedule(ctx context.Context, called string) ([]delivery.Outcome, error) {
	out, ok, err := w.events.Run(ctx, called)
	if err != nil || ok {
		return out, err
	}
	one, ok, err := w.schedules.Run(ctx, called)
	switch {
	case err != nil:
		return nil, err
	case ok:
		return []delivery.Outcome{one}, nil
	}
	all, err := w.Schedules()
	var names []string
	for _, l := range all {
		names = append(names, l.Name, l.LogicalID)
	}
	return nil, errors.Join(err, fmt.Errorf("there is no schedule and no rule with a schedule called %q; %s", called,
		source.DidYouMean(called, names, "bailey schedule list shows them")))
}

// A ScheduleReply is what came of `bailey schedule run`, a line for each
// target.
type ScheduleReply struct {
	Lines  []string `json:"lines"`
	Failed bool     `json:"failed"` // some target was not invoked
}

func (w *World) controlSchedules(out http.ResponseWriter, _ *http.Request) {
	all, err := w.Schedules()
	if err != nil {
		http.Error(out, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(out, all)
}

func (w *World) controlRunSchedule(out http.ResponseWriter, r *http.Request) {
	var called struct{ Name string }
	if err := json.NewDecoder(http.MaxBytesReader(out, r.Body, 1<<16)).Decode(&called); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	outcomes, err := w.RunSchedule(r.Context(), called.Name)
	if err != nil {
		http.Error(out, err.Error(), http.StatusNotFound)
		return
	}
	reply := ScheduleReply{Lines: []string{}}
	for _, o := range outcomes {
		reply.Lines = append(reply.Lines, o.String())
		reply.Failed = reply.Failed || o.Problem != ""
	}
	if len(outcomes) == 0 {
		reply.Lines = append(reply.Lines, called.Name+" has no targets")
	}
	writeJSON(out, reply)
}
