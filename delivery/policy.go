package delivery

import (
	"fmt"
	"time"

	"bailey/cloud"
)

// A RetryPolicy says how often and for how long a delivery is tried again, as
// the APIs of EventBridge and of its Scheduler have it.
type RetryPolicy struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
}

// A DeadLetter is the DeadLetterConfig of both.
type DeadLetter struct{ Arn string }

// DeclaredPolicy is what the template says of a target; nil where it says
// nothing.
func DeclaredPolicy(t cloud.EventTarget) *RetryPolicy {
	var p RetryPolicy
	if t.Retries >= 0 {
		p.MaximumRetryAttempts = &t.Retries
	}
	if age := int(t.MaxAge.Seconds()); age > 0 {
		p.MaximumEventAgeInSeconds = &age
	}
	if p == (RetryPolicy{}) {
		return nil
	}
	return &p
}

// DeclaredDeadLetter is the target's queue; nil where it has none, or none that
// is known.
func DeclaredDeadLetter(t cloud.EventTarget) *DeadLetter {
	if arn, known := t.DeadLetter.Get(); known && arn != (cloud.ARN{}) {
		return &DeadLetter{arn.String()}
	}
	return nil
}

// Limit puts the policy and the queue, both of which may be nil, into a parcel.
func (p *Parcel) Limit(policy *RetryPolicy, queue *DeadLetter) {
	p.Retries = -1
	if policy != nil && policy.MaximumRetryAttempts != nil {
		p.Retries = *policy.MaximumRetryAttempts
	}
	if policy != nil && policy.MaximumEventAgeInSeconds != nil {
		p.MaxAge = time.Duration(*policy.MaximumEventAgeInSeconds) * time.Second
	}
	if queue != nil {
		p.DeadLetter, _ = cloud.ParseARN(queue.Arn)
	}
}

// Here says that a target is in another account or region; nil if it is not.
func Here(m *cloud.Model, target cloud.ARN) error {
	if target.Account == m.Account() && target.Region == m.Region() {
		return nil
	}
	return fmt.Errorf("it is in account %s in %s, here is account %s in %s", target.Account, target.Region, m.Account(), m.Region())
}
