package scheduler

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/iam"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

func noSchedule(name string) error {
	return &wire.Error{Code: "ResourceNotFoundException", Message: "Schedule " + name + " does not exist.", HTTPStatus: http.StatusNotFound}
}

func noGroup(name string) error {
	return &wire.Error{Code: "ResourceNotFoundException", Message: "Schedule group " + name + " does not exist.", HTTPStatus: http.StatusNotFound}
}

// An input is that of CreateSchedule and UpdateSchedule, which replaces all of
// a schedule: what it does not state takes its default.
type input struct {
	record
	KmsKeyArn string
	Target    struct {
		target
		EcsParameters, EventBridgeParameters, KinesisParameters, SageMakerPipelineParameters, SqsParameters any
	}
}

var (
	nameShape  = regexp.MustCompile(`[0-9a-zA-Z-_.]+`)
	tokenShape = regexp.MustCompile(`[a-zA-Z0-9-_]+`)
)

// decode reads and checks the input, as far as it says by itself.
func (s *Schedules) decode(ctx context.Context, c *wire.Call) (*record, error) {
	var in input
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	r := in.record
	r.Target, r.Name = in.Target.target, c.Labels["Name"]
	r.defaults()
	if err := r.constraints(); err != nil {
		return nil, err
	}
	if in.KmsKeyArn != "" {
		return nil, wire.NotHere("scheduler:" + c.Operation.Name + " with a KmsKeyArn")
	}
	if !s.hasGroup(r.GroupName) {
		return nil, noGroup(r.GroupName)
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := c.Authorize(ctx, "iam:PassRole", r.Target.RoleArn); err != nil {
		return nil, err
	}
	if d := s.assume(&r); d.Effect == iam.ImplicitDeny || d.Effect == iam.ExplicitDeny {
		return nil, wire.Validation("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")
	}
	return &r, nil
}

func (r *record) defaults() {
	for member, value := range map[*string]string{
		&r.GroupName: "default", &r.ScheduleExpressionTimezone: "UTC", &r.State: "ENABLED", &r.ActionAfterCompletion: "NONE",
	} {
		if *member == "" {
			*member = value
		}
	}
}

func (r *record) constraints() error {
	var check wire.Constraints
	check.Length("name", r.Name, 1, 64)
	check.Pattern("name", r.Name, nameShape)
	check.Pattern("groupName", r.GroupName, nameShape)
	if r.ClientToken != "" {
		check.Length("clientToken", r.ClientToken, 1, 64)
		check.Pattern("clientToken", r.ClientToken, tokenShape)
	}
	check.Length("scheduleExpression", r.ScheduleExpression, 1, 256)
	check.Length("scheduleExpressionTimezone", r.ScheduleExpressionTimezone, 1, 50)
	check.Length("description", r.Description, 0, 512)
	check.Enum("state", r.State, "ENABLED", "DISABLED")
	check.Enum("actionAfterCompletion", r.ActionAfterCompletion, "NONE", "DELETE")
	check.Enum("flexibleTimeWindow.mode", r.FlexibleTimeWindow.Mode, "OFF", "FLEXIBLE")
	if n := r.FlexibleTimeWindow.MaximumWindowInMinutes; n != nil {
		check.Range("flexibleTimeWindow.maximumWindowInMinutes", *n, 1, 1440)
	}
	check.Length("target.arn", r.Target.Arn, 1, 1600)
	check.Length("target.roleArn", r.Target.RoleArn, 1, 1600)
	if p := r.Target.RetryPolicy; p != nil && p.MaximumRetryAttempts != nil {
		check.Range("target.retryPolicy.maximumRetryAttempts", *p.MaximumRetryAttempts, 0, 185)
	}
	if p := r.Target.RetryPolicy; p != nil && p.MaximumEventAgeInSeconds != nil {
		check.Range("target.retryPolicy.maximumEventAgeInSeconds", *p.MaximumEventAgeInSeconds, 60, 86400)
	}
	return check.Err()
}

func (r *record) check() error {
	_, err := r.plan()
	arn, badARN := cloud.ParseARN(r.Target.Arn)
	flexible := r.FlexibleTimeWindow.Mode == "FLEXIBLE"
	switch {
	case err != nil:
		return wire.Validation("Invalid Schedule Expression %s. %v", r.ScheduleExpression, err)
	case flexible != (r.FlexibleTimeWindow.MaximumWindowInMinutes != nil):
		return wire.Validation("MaximumWindowInMinutes is stated with the mode FLEXIBLE, and with no other.")
	case r.StartDate != nil && r.EndDate != nil && !r.StartDate.Before(r.EndDate.Time):
		return wire.Validation("The EndDate you specify must come after the StartDate.")
	case badARN != nil:
		return wire.Validation("Provided Arn is not in correct format: %s", r.Target.Arn)
	case delivery.NotHere(arn) != nil:
		return wire.NotHere("schedules' targets of " + arn.Service + ", " + r.Target.Arn)
	}
	return nil
}

// hasGroup: there is the default group, and those that the template's schedules
// are in.
func (s *Schedules) hasGroup(name string) bool {
	for d := range s.cfg.Model().Schedules() {
		if d.Group == name {
			return true
		}
	}
	return name == "default"
}

// create: the same call again, by its token, changes nothing. SDKs repeat one
// whose answer was lost.
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
func (s *Schedules) create(ctx context.Context, c *wire.Call) (any, error) {
	return s.put(ctx, c, func(current, r *record) error {
		switch {
		case current == nil:
		case current.madeBy(r):
			*r = *current
		default:
			return &wire.Error{Code: "ConflictException", Message: "Schedule " + r.Name + " already exists.", HTTPStatus: http.StatusConflict}
		}
		return nil
	})
}

// madeBy reports whether the call that asks for next made the schedule before.
func (r *record) madeBy(next *record) bool {
	same := *r
	same.CreationDate, same.LastModificationDate = next.CreationDate, next.LastModificationDate
	return r.ClientToken != "" && deploy.Digest(same) == deploy.Digest(next)
}

func (s *Schedules) update(ctx context.Context, c *wire.Call) (any, error) {
	return s.put(ctx, c, func(current, r *record) error {
		if current == nil {
			return noSchedule(r.Name)
		}
		r.CreationDate = current.CreationDate
		return nil
	})
}

func (s *Schedules) put(ctx context.Context, c *wire.Call, admit func(current, next *record) error) (any, error) {
	r, err := s.decode(ctx, c)
	if err != nil {
		return nil, err
	}
	now := wire.Time{Time: s.cfg.Now().UTC()}
	r.CreationDate, r.LastModificationDate = now, now
	err = s.records.Update(func(tx store.Tx[entry]) error {
		x, _, err := tx.Get(r.key())
		if err != nil {
			return err
		}
		if err := admit(x.Current, r); err != nil {
			return err
		}
		x.Current = r
		return tx.Put(r.key(), x)
	})
	if err != nil {
		return nil, err
	}
	s.plan(r.key())
	return map[string]string{"ScheduleArn": r.arn(s.cfg.Model()).String()}, nil
}

// named is the key of the schedule that a GET or DELETE is for.
func named(c *wire.Call) string {
	group := c.Query.Get("groupName")
	if group == "" {
		group = "default"
	}
	return key(group, c.Labels["Name"])
}

func (s *Schedules) getSchedule(_ context.Context, c *wire.Call) (any, error) {
	r, ok, err := s.get(named(c))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, noSchedule(c.Labels["Name"])
	}
	r.ClientToken = ""
	return struct {
		Arn string
		*record
	}{r.arn(s.cfg.Model()).String(), r}, nil
}

func (s *Schedules) deleteSchedule(_ context.Context, c *wire.Call) (any, error) {
	gone, err := s.remove(named(c))
	if err == nil && !gone {
		err = noSchedule(c.Labels["Name"])
	}
	return nil, err
}

func (s *Schedules) remove(key string) (gone bool, err error) {
	err = s.records.Update(func(tx store.Tx[entry]) (err error) {
		gone, err = deploy.Remove(tx, key)
		return err
	})
	if gone && err == nil {
		s.plan(key)
	}
	return gone, err
}

// A summary is API_ScheduleSummary.
type summary struct {
	Arn, GroupName, Name, State        string
	CreationDate, LastModificationDate wire.Time
	Target                             struct{ Arn string }
}

// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_ListSchedules.html
func (s *Schedules) list(_ context.Context, c *wire.Call) (any, error) {
	limit := 100
	if text := c.Query.Get("MaxResults"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return nil, wire.Validation("1 validation error detected: Value '%s' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 100", text)
		}
		limit = n
	}
	after, ok := wire.ParseToken(c.Query.Get("NextToken"))
	if !ok {
		return nil, wire.Validation("Invalid pagination token.")
	}
	group, prefix, state := c.Query.Get("ScheduleGroup"), c.Query.Get("NamePrefix"), c.Query.Get("State")
	if group != "" && !s.hasGroup(group) {
		return nil, noGroup(group)
	}
	all, next := []summary{}, ""
	err := s.each(func(r *record) {
		switch {
		case r.key() <= after, group != "" && r.GroupName != group, !strings.HasPrefix(r.Name, prefix), state != "" && r.State != state:
		case len(all) == limit:
			next = wire.Token(all[limit-1].GroupName + "/" + all[limit-1].Name)
		default:
			all = append(all, summary{r.arn(s.cfg.Model()).String(), r.GroupName, r.Name, r.State, r.CreationDate, r.LastModificationDate, struct{ Arn string }{r.Target.Arn}})
		}
	})
	out := map[string]any{"Schedules": all}
	if next != "" {
		out["NextToken"] = next
	}
	return out, err
}

// What IAM is asked for.

func (s *Schedules) inBody(c *wire.Call) ([]string, error) {
	var in struct{ GroupName string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if in.GroupName == "" {
		in.GroupName = "default"
	}
	return []string{arnOf(s.cfg.Model(), "schedule/"+key(in.GroupName, c.Labels["Name"])).String()}, nil
}

func (s *Schedules) inQuery(c *wire.Call) ([]string, error) {
	return []string{arnOf(s.cfg.Model(), "schedule/"+named(c)).String()}, nil
}
