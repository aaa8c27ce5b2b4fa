// Package schedule reads the schedule expressions of EventBridge's rules and of
// EventBridge Scheduler, and says when they fire next.
//
//	"cron(0 9 ? * MON-FRI *)", Europe/Paris ─ Parse ─▶ Expression
//	                        Plan{Expression, Start, End} ─ Next(after) ─▶ the next time
//
// It fires nothing and reads no clock: package delivery waits, services/events
// and services/scheduler say what for. The rule it obeys: Next is a function of
// its arguments alone, and what AWS does not document is refused by name, never
// guessed at. It imports nothing of ours.
//
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html,
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
package schedule
