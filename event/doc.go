// Package event is what EventBridge does with one event before it delivers it:
// the envelope, the patterns that rules match it with, and what of it a target
// gets.
//
//	Event ─ JSON ─▶ Pattern.Match ─ yes ─▶ Input.Render ─▶ the target's payload
//
// It has no buses, rules or targets (services/events has) and fires nothing.
// The rule it obeys: a pattern that AWS refuses is refused with the reason, and
// what a target cannot be given is an error, never half a payload. It imports
// nothing of ours.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html,
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
package event
