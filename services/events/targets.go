package events

import (
	"context"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/services/wire"
)

// maxTargets of a rule.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const maxTargets = 5

type targetsInput struct {
	Targets []target
	Ids     []string
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html
func (e *Events) putTargets(ctx context.Context, c *wire.Call) (any, error) {
	in, bus, err := e.decodeRule(c, "rule")
	if err != nil {
		return nil, err
	}
	var more targetsInput
	if err := c.Decode(&more); err != nil {
		return nil, err
	}
	if err := e.checkTargets(ctx, c, more.Targets); err != nil {
		return nil, err
	}
	err = e.change(key(bus, in.Rule), func(r *rule) (*rule, error) {
		if r == nil {
			return nil, noRule(in.Rule, bus)
		}
		for _, t := range more.Targets {
			r.put(t)
		}
		if len(r.Targets) > maxTargets {
			return nil, wire.Errorf("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		return r, nil
	})
	return noFailures(), err
}

func (r *rule) put(t target) {
	if i := slices.IndexFunc(r.Targets, func(have target) bool { return have.Id == t.Id }); i >= 0 {
		r.Targets[i] = t
		return
	}
	r.Targets = append(r.Targets, t)
}

func (e *Events) checkTargets(ctx context.Context, c *wire.Call, targets []target) error {
	var check wire.Constraints
	check.Required("targets", targets != nil)
	if targets != nil {
		check.Range("targets", len(targets), 1, 100)
	}
	for _, t := range targets {
		checkID(&check, "targets.id", t.Id)
		check.Length("targets.arn", t.Arn, 1, 1600)
		check.Length("targets.input", t.Input, 0, 8192)
		check.Length("targets.inputPath", t.InputPath, 0, 256)
		if p := t.RetryPolicy; p != nil && p.MaximumRetryAttempts != nil {
			check.Range("targets.retryPolicy.maximumRetryAttempts", *p.MaximumRetryAttempts, 0, 185)
		}
		if p := t.RetryPolicy; p != nil && p.MaximumEventAgeInSeconds != nil {
			check.Range("targets.retryPolicy.maximumEventAgeInSeconds", *p.MaximumEventAgeInSeconds, 60, 86400)
		}
	}
	if err := check.Err(); err != nil {
		return err
	}
	for _, t := range targets {
		if err := t.check(); err != nil {
			return err
		}
		if t.RoleArn != "" {
			if err := c.Authorize(ctx, "iam:PassRole", t.RoleArn); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkID: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
func checkID(check *wire.Constraints, path, id string) {
	check.Length(path, id, 1, 64)
	if id != "" {
		check.Pattern(path, id, ruleName)
	}
}

func (t target) check() error {
	arn, err := cloud.ParseARN(t.Arn)
	if err != nil {
		return wire.Validation("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", t.Arn)
	}
	if err := delivery.NotHere(arn); err != nil {
		return wire.NotHere("rules' targets of " + arn.Service + ", " + t.Arn)
	}
	if err := t.input().Check(); err != nil {
		return wire.Validation("Invalid input for target %s. Reason: %v.", t.Id, err)
	}
	return nil
}

func noFailures() map[string]any {
	return map[string]any{"FailedEntryCount": 0, "FailedEntries": []any{}}
}

// removeTargets: an id that is not there is no failure.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html
func (e *Events) removeTargets(_ context.Context, c *wire.Call) (any, error) {
	in, bus, err := e.decodeRule(c, "rule")
	if err != nil {
		return nil, err
	}
	var more targetsInput
	if err := c.Decode(&more); err != nil {
		return nil, err
	}
	var check wire.Constraints
	check.Required("ids", more.Ids != nil)
	if more.Ids != nil {
		check.Range("ids", len(more.Ids), 1, 100)
	}
	for _, id := range more.Ids {
		checkID(&check, "ids", id)
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	err = e.change(key(bus, in.Rule), func(r *rule) (*rule, error) {
		if r == nil {
			return nil, noRule(in.Rule, bus)
		}
		r.Targets = slices.DeleteFunc(r.Targets, func(t target) bool { return slices.Contains(more.Ids, t.Id) })
		return r, nil
	})
	return noFailures(), err
}

func (e *Events) listTargets(_ context.Context, c *wire.Call) (any, error) {
	in, bus, err := e.decodeRule(c, "rule")
	if err != nil {
		return nil, err
	}
	var paging listInput
	if err := c.Decode(&paging); err != nil {
		return nil, err
	}
	after, limit, err := paging.page()
	if err != nil {
		return nil, err
	}
	r, ok, err := e.get(key(bus, in.Rule))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, noRule(in.Rule, bus)
	}
	all := slices.SortedFunc(slices.Values(r.Targets), func(a, b target) int { return strings.Compare(a.Id, b.Id) })
	all = slices.DeleteFunc(all, func(t target) bool { return t.Id <= after && after != "" })
	next := ""
	if len(all) > limit {
		all, next = all[:limit], wire.Token(all[limit-1].Id)
	}
	return page(map[string]any{"Targets": append([]target{}, all...)}, next), nil
}
