package scheduler

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

// Apply deploys the schedules that m declares, as CloudFormation would, and
// lets them wait for their times.
func (s *Schedules) Apply(m *cloud.Model) error {
	records, digests, problems := map[string]record{}, map[string]string{}, map[string]string{}
	for d := range m.Schedules() {
		r := declared(d)
		records[r.key()], digests[r.key()] = r, deploy.Digest(r)
		if problem := r.problem(d); problem != "" {
			problems[r.key()] = fmt.Sprintf("schedule %s (%s): %s", d.Name, d.At, problem)
		}
	}
	err := deploy.Apply(s.records, deploy.Declaration[record]{Digests: digests, Make: func(key string, current *record) (*record, error) {
		r := records[key]
		now := wire.Time{Time: s.cfg.Now().UTC()}
		r.CreationDate, r.LastModificationDate = now, now
		if current != nil {
			r.CreationDate = current.CreationDate
		}
		return &r, nil
	}})
	if err != nil {
		return fmt.Errorf("scheduler: deploy the template's schedules: %w", err)
	}
	s.mu.Lock()
	s.problems = problems
	s.mu.Unlock()
	return s.planAll()
}

// problem is what keeps a declared schedule from doing what it is for.
func (r *record) problem(d cloud.Schedule) string {
	if gap, open := d.Target.ARN.Gap(); open {
		return "what its target is is not known: " + gap.String()
	}
	if gap, open := d.Target.Role.Gap(); open {
		return "what its target's role is is not known: " + gap.String()
	}
	if _, err := r.plan(); err != nil {
		return err.Error()
	}
	if arn, _ := d.Target.ARN.Get(); delivery.NotHere(arn) != nil {
		return delivery.NotHere(arn).Error()
	}
	if r.Target.Input != "" && !json.Valid([]byte(r.Target.Input)) {
		return "its target's input is not JSON"
	}
	return ""
}

// planAll makes the Timetable have the schedules that are enabled.
func (s *Schedules) planAll() error {
	keys := map[string]bool{}
	err := s.each(func(r *record) {
		keys[r.key()] = true
	})
	if err != nil {
		return err
	}
	for key := range keys {
		s.plan(key)
	}
	s.cfg.Timetable.Keep("schedule/", keys)
	return nil
}

// plan puts a schedule into the Timetable, or takes it out, by what the store
// says now: of several changes at a time the last one counts.
func (s *Schedules) plan(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok, err := s.get(key)
	if err == nil && ok && r.State == "ENABLED" {
		if p, err := r.plan(); err == nil {
			s.cfg.Timetable.Set("schedule/"+key, delivery.Due{Plan: p, Delay: r.delay, Fire: func(ctx context.Context, at time.Time) {
				s.due(ctx, key, at)
			}})
			return
		}
	}
	s.cfg.Timetable.Remove("schedule/" + key)
}

// each calls f for all schedules, in the order of their keys.
func (s *Schedules) each(f func(*record)) error {
	return s.records.View(func(tx store.Tx[entry]) error {
		return tx.Each("", "", func(_ string, x entry) bool {
			if x.Current != nil {
				f(x.Current)
			}
			return true
		})
	})
}

func (s *Schedules) get(key string) (*record, bool, error) {
	x, _, err := s.records.Get(key)
	return x.Current, x.Current != nil, err
}
