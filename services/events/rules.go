package events

import (
	"context"
	"regexp"
	"strings"

	"bailey/event"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

// An error of EventBridge's has its message spelled "message".

func noRule(name, bus string) error {
	return wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus %s.", name, bus)
}

func noBus(name string) error {
	return wire.Errorf("ResourceNotFoundException", "Event bus %s does not exist.", name)
}

var ruleName = regexp.MustCompile(`[\.\-_A-Za-z0-9]+`)

type ruleInput struct {
	Name, Rule, EventBusName                             string
	ScheduleExpression, EventPattern, State, Description string
	RoleArn                                              string
	Tags                                                 []any
	Force                                                bool
}

// called is the name under which the operation has the rule: Name, or Rule.
func (in *ruleInput) called() string { return in.Name + in.Rule }

// decodeRule reads the input and finds its bus.
func (e *Events) decodeRule(c *wire.Call, member string) (in ruleInput, bus string, err error) {
	if err := c.Decode(&in); err != nil {
		return in, "", err
	}
	var check wire.Constraints
	check.Length(member, in.called(), 1, 64)
	check.Pattern(member, in.called(), ruleName)
	check.Length("eventPattern", in.EventPattern, 0, 4096)
	check.Length("scheduleExpression", in.ScheduleExpression, 0, 256)
	check.Length("description", in.Description, 0, 512)
	if in.State != "" {
		check.Enum("state", in.State, "ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
	}
	if err := check.Err(); err != nil {
		return in, "", err
	}
	bus, ok := e.busName(in.EventBusName)
	if !ok {
		return in, "", noBus(bus)
	}
	return in, bus, nil
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
func (e *Events) putRule(ctx context.Context, c *wire.Call) (any, error) {
	in, bus, err := e.decodeRule(c, "name")
	if err != nil {
		return nil, err
	}
	r := rule{Name: in.Name, Bus: bus, Schedule: in.ScheduleExpression, Pattern: in.EventPattern, State: in.State,
		Description: in.Description, Role: in.RoleArn, Made: e.cfg.Now().UTC(), Targets: []target{}}
	if r.State == "" {
		r.State = "ENABLED"
	}
	if err := r.check(len(in.Tags)); err != nil {
		return nil, err
	}
	if r.Role != "" {
		if err := c.Authorize(ctx, "iam:PassRole", r.Role); err != nil {
			return nil, err
		}
	}
	err = e.change(r.key(), func(current *rule) (*rule, error) {
		if current != nil {
			r.Targets = current.Targets
			if current.Schedule == r.Schedule {
				r.Made = current.Made
			}
		}
		return &r, nil
	})
	return map[string]string{"RuleArn": r.arn(e.cfg.Model()).String()}, err
}

// check refuses what AWS refuses, and by name what is not there.
func (r *rule) check(tags int) error {
	_, badPattern := event.ParsePattern([]byte(r.Pattern))
	_, badSchedule := r.plan()
	switch {
	case tags > 0:
		return wire.NotHere("events:PutRule with Tags")
	case r.Schedule == "" && r.Pattern == "":
		return wire.Validation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	case r.Pattern != "" && badPattern != nil:
		return wire.Errorf("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", badPattern)
	case r.Schedule != "" && r.Bus != "default":
		return wire.Validation("ScheduleExpression is supported only on the default event bus.")
	case r.Schedule != "" && badSchedule != nil:
		return wire.Validation("Parameter ScheduleExpression is not valid. %v", badSchedule)
	}
	return nil
}

// change replaces a rule on disk, then in the Timetable. A nil answer leaves it
// as it is.
func (e *Events) change(key string, f func(current *rule) (*rule, error)) error {
	var next *rule
	err := e.rules.Update(func(tx store.Tx[entry]) error {
		x, _, err := tx.Get(key)
		if err != nil {
			return err
		}
		if next, err = f(x.Current); err != nil || next == nil {
			return err
		}
		x.Current = next
		return tx.Put(key, x)
	})
	if err == nil && next != nil {
		e.plan(key)
	}
	return err
}

// shownRule is API_Rule.
type shownRule struct {
	Name, Arn          string
	EventPattern       string `json:",omitempty"`
	ScheduleExpression string `json:",omitempty"`
	State              string
	Description        string `json:",omitempty"`
	RoleArn            string `json:",omitempty"`
	EventBusName       string
	CreatedBy          string `json:",omitempty"` // DescribeRule
}

func (e *Events) show(r *rule) shownRule {
	return shownRule{Name: r.Name, Arn: r.arn(e.cfg.Model()).String(), EventPattern: r.Pattern, ScheduleExpression: r.Schedule,
		State: r.State, Description: r.Description, RoleArn: r.Role, EventBusName: r.Bus}
}

func (e *Events) describeRule(_ context.Context, c *wire.Call) (any, error) {
	in, bus, err := e.decodeRule(c, "name")
	if err != nil {
		return nil, err
	}
	r, ok, err := e.get(key(bus, in.Name))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, noRule(in.Name, bus)
	}
	out := e.show(r)
	out.CreatedBy = e.cfg.Model().Account()
	return out, nil
}

type listInput struct {
	NamePrefix, EventBusName, NextToken, Rule string
	Limit                                     *int
}

// page reads where a page begins and how long it is.
func (in *listInput) page() (after string, limit int, err error) {
	limit = 100
	if in.Limit != nil {
		var check wire.Constraints
		check.Range("limit", *in.Limit, 1, 100)
		limit, err = *in.Limit, check.Err()
	}
	after, ok := wire.ParseToken(in.NextToken)
	if err == nil && !ok {
		err = wire.Validation("Parameter NextToken is not valid.")
	}
	return after, limit, err
}

func (e *Events) listRules(_ context.Context, c *wire.Call) (any, error) {
	var in listInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	after, limit, err := in.page()
	if err != nil {
		return nil, err
	}
	bus, ok := e.busName(in.EventBusName)
	if !ok {
		return nil, noBus(bus)
	}
	rules, next := []shownRule{}, ""
	err = e.each(func(r *rule) {
		switch {
		case r.Bus != bus || !strings.HasPrefix(r.Name, in.NamePrefix) || r.Name <= after:
		case len(rules) == limit:
			next = wire.Token(rules[limit-1].Name)
		default:
			rules = append(rules, e.show(r))
		}
	})
	return page(map[string]any{"Rules": rules}, next), err
}

func page(out map[string]any, next string) map[string]any {
	if next != "" {
		out["NextToken"] = next
	}
	return out
}

// setState is EnableRule and DisableRule.
func (e *Events) setState(state string) func(context.Context, *wire.Call) (any, error) {
	return func(_ context.Context, c *wire.Call) (any, error) {
		in, bus, err := e.decodeRule(c, "name")
		if err != nil {
			return nil, err
		}
		return nil, e.change(key(bus, in.Name), func(r *rule) (*rule, error) {
			if r == nil {
				return nil, noRule(in.Name, bus)
			}
			r.State = state
			return r, nil
		})
	}
}

// deleteRule: a rule that is not there is no failure.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html
func (e *Events) deleteRule(_ context.Context, c *wire.Call) (any, error) {
	in, bus, err := e.decodeRule(c, "name")
	if err != nil {
		return nil, err
	}
	k := key(bus, in.Name)
	err = e.rules.Update(func(tx store.Tx[entry]) error {
		x, _, err := tx.Get(k)
		if err != nil {
			return err
		}
		if x.Current != nil && len(x.Current.Targets) > 0 {
			return wire.Validation("Rule can't be deleted since it has targets.")
		}
		_, err = deploy.Remove(tx, k)
		return err
	})
	if err == nil {
		e.plan(k)
	}
	return nil, err
}
