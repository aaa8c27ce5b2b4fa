package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"bailey/cloud"
	"bailey/iam"
	"bailey/lambda"
)

// An Invoker invokes functions: a [lambda.Service].
type Invoker interface {
	Invoke(context.Context, lambda.Request) (lambda.Response, error)
}

// A Parcel is one payload for one target.
type Parcel struct {
	From   string    // the rule or schedule, as a person knows it
	Target cloud.ARN // the zero ARN: not known
	// Payload gives it for one attempt, counted from 1.
	Payload func(attempt int) ([]byte, error)
	// Allowed decides whether it may be delivered, as of now. It is asked
	// before each attempt.
	Allowed func() (iam.Decision, error)

	Retries    int           // after the first attempt; -1: the default
	MaxAge     time.Duration // 0: the default
	DeadLetter cloud.ARN     // the zero ARN: none
}

// The defaults of rules and schedules alike.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html,
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
const (
	DefaultRetries = 185
	DefaultMaxAge  = 24 * time.Hour
)

// An Outcome is what came of a parcel.
type Outcome struct {
	From, Target string
	At           time.Time
	RequestID    string // of the invocation; empty where there was none
	Attempts     int
	// Problem is why nothing was invoked; empty: it was.
	Problem string
	// DeadLetter is where AWS would put the event then.
	DeadLetter string
}

// String tells it in one line.
func (o Outcome) String() string {
	if o.Problem == "" {
		return fmt.Sprintf("%s invoked %s, request %s", o.From, o.Target, o.RequestID)
	}
	text := fmt.Sprintf("%s did not invoke %s: %s", o.From, cmp.Or(o.Target, "its target"), o.Problem)
	if o.DeadLetter != "" {
		text += "; AWS would send the event to its dead-letter queue " + o.DeadLetter + ", which bailey does not have yet"
	}
	return text
}

// A Courier delivers parcels.
type Courier struct{ Invoker Invoker }

// Deliver hands a parcel to its target, again and again for as long as that may
// help and the parcel's policy lets it. Lambda is invoked asynchronously: that
// it took the event is a success, whatever the function makes of it.
func (c Courier) Deliver(ctx context.Context, p Parcel) Outcome {
	o := Outcome{From: p.From, At: time.Now()}
	retries, age := p.Retries, cmp.Or(p.MaxAge, DefaultMaxAge)
	if retries < 0 {
		retries = DefaultRetries
	}
	if p.Target != (cloud.ARN{}) {
		o.Target = p.Target.String()
	}
	wait := time.Second
	for {
		o.Attempts++
		id, again, err := c.attempt(ctx, p, o.Attempts)
		if err == nil {
			o.RequestID, o.Problem = id, ""
			return o
		}
		o.Problem = err.Error()
		if !again || o.Attempts > retries || time.Since(o.At)+wait > age || !pause(ctx, wait) {
			break
		}
		wait = min(2*wait, 10*time.Minute) // AWS says "exponential back off and jitter", and no figures
	}
	if p.DeadLetter != (cloud.ARN{}) {
		o.DeadLetter = p.DeadLetter.String()
	}
	return o
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// attempt tries once. Missing permissions and targets that are not there are
// not tried again:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func (c Courier) attempt(ctx context.Context, p Parcel, n int) (requestID string, again bool, err error) {
	switch {
	case p.Target == cloud.ARN{}:
		return "", false, errors.New("the template leaves open what its target is")
	case p.Target.Service != "lambda":
		return "", false, NotHere(p.Target)
	}
	d, err := p.Allowed()
	if err != nil {
		return "", false, err
	}
	if d.Effect != iam.Allow {
		problem := d.Explain()
		if d.Needed() != "" {
			problem += ". " + d.Needed()
		}
		return "", false, errors.New(problem)
	}
	payload, err := p.Payload(n)
	if err != nil {
		return "", false, err
	}
	res, err := c.Invoker.Invoke(ctx, lambda.Request{Function: p.Target.String(), Type: lambda.Event, Payload: payload})
	var refused *lambda.Error
	if errors.As(err, &refused) {
		return "", refused.Status >= 500 && refused.Type == "ServiceException" || refused.Status == 429, err
	}
	return res.RequestID, err != nil, err
}

// NotHere refuses a target by the name of its service; nil for one that Bailey
// has.
func NotHere(target cloud.ARN) error {
	if target.Service == "lambda" {
		return nil
	}
	return fmt.Errorf("bailey does not have targets of %s yet: %s; functions only", target.Service, target)
}

// A Line is one rule or schedule for a person: `bailey schedule list`.
type Line struct {
	Name       string    `json:"name"`
	LogicalID  string    `json:"logical_id,omitempty"`
	Kind       string    `json:"kind"` // rule, schedule
	Expression string    `json:"expression"`
	Zone       string    `json:"time_zone"`
	Enabled    bool      `json:"enabled"`
	Next       time.Time `json:"next,omitzero"`
	Targets    []string  `json:"targets"`
}
