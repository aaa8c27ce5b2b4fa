// Package delivery waits for the times of schedules and hands payloads to
// targets, for EventBridge's rules and for EventBridge Scheduler alike.
//
//	Timetable: schedule.Plan.Next ─ waits ─▶ Fire
//	Courier:   target, payload ─ permission? ─ Invoke ─ again, if it may help ─▶ Outcome
//
// It knows no rules and no API: services/events and services/scheduler say what
// is due and what is sent. It imports cloud, iam, lambda and schedule.
//
// The rule it obeys: without the permission that AWS asks for nothing runs, and
// whoever listens hears why. A target of a type that Bailey does not have is
// refused by name. Time is package time's, so that a testing/synctest bubble is
// a clock.
package delivery
