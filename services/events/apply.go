package events

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/event"
	"bailey/services/deploy"
	"bailey/services/store"
)

// Apply deploys the rules that m declares, as CloudFormation would, and lets
// the scheduled ones wait for their times.
func (e *Events) Apply(m *cloud.Model) error {
	rules, digests, problems := map[string]rule{}, map[string]string{}, map[string]string{}
	for d := range m.EventRules() {
		r := declared(d)
		rules[r.key()], digests[r.key()] = r, deploy.Digest(r)
		if problem := r.problem(d); problem != "" {
			problems[r.key()] = fmt.Sprintf("rule %s (%s): %s", d.Name, d.At, problem)
		}
	}
	err := deploy.Apply(e.rules, deploy.Declaration[rule]{Digests: digests, Make: func(key string, current *rule) (*rule, error) {
		r := rules[key]
		r.Made = e.cfg.Now().UTC()
		if current != nil && current.Schedule == r.Schedule {
			r.Made = current.Made
		}
		return &r, nil
	}})
	if err != nil {
		return fmt.Errorf("events: deploy the template's rules: %w", err)
	}
	e.mu.Lock()
	e.problems = problems
	e.mu.Unlock()
	return e.planAll()
}

// problem is what keeps a declared rule from doing what it is for.
func (r *rule) problem(d cloud.EventRule) string {
	if open, is := d.Pattern.FirstUnknown(); is {
		return "its pattern is not known: " + open.Text
	}
	if _, err := r.plan(); r.Schedule != "" && err != nil {
		return err.Error()
	}
	if _, err := event.ParsePattern([]byte(r.Pattern)); r.Pattern != "" && err != nil {
		return "its pattern: " + err.Error()
	}
	for i, t := range d.Targets {
		arn, known := t.ARN.Get()
		if gap, open := t.ARN.Gap(); open {
			return "what its target " + t.ID + " is is not known: " + gap.String()
		}
		if err := delivery.NotHere(arn); known && err != nil {
			return err.Error()
		}
		if err := r.Targets[i].input().Check(); err != nil {
			return "its target " + t.ID + ": " + err.Error()
		}
	}
	return ""
}

// Problems says of declared rules what keeps them from firing, one line each.
func (e *Events) Problems() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Sorted(maps.Values(e.problems))
}

// planAll makes the Timetable have the scheduled rules that are enabled.
func (e *Events) planAll() error {
	keys := map[string]bool{}
	err := e.each(func(r *rule) {
		keys[r.key()] = true
	})
	if err != nil {
		return err
	}
	for key := range keys {
		e.plan(key)
	}
	e.cfg.Timetable.Keep("rule/", keys)
	return nil
}

// plan puts a rule into the Timetable, or takes it out, by what the store
// says now: of several changes at a time the last one counts.
func (e *Events) plan(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r, ok, err := e.get(key)
	if err == nil && ok && r.Schedule != "" && r.enabled() {
		if p, err := r.plan(); err == nil {
			e.cfg.Timetable.Set("rule/"+key, delivery.Due{Plan: p, Fire: func(ctx context.Context, at time.Time) {
				if r, ok, err := e.get(key); err == nil && ok {
					e.fire(ctx, r, e.tick(r, at))
				}
			}})
			return
		}
	}
	e.cfg.Timetable.Remove("rule/" + key)
}

// each calls f for all rules, in the order of their keys.
func (e *Events) each(f func(*rule)) error {
	return e.rules.View(func(tx store.Tx[entry]) error {
		return tx.Each("", "", func(_ string, x entry) bool {
			if x.Current != nil {
				f(x.Current)
			}
			return true
		})
	})
}

func (e *Events) get(key string) (*rule, bool, error) {
	x, _, err := e.rules.Get(key)
	return x.Current, x.Current != nil, err
}
