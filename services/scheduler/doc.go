// Package scheduler is Amazon EventBridge Scheduler, over AWS's own protocol.
//
//	template ─ Apply ─▶ bucket scheduler/schedules ◀─ CreateSchedule, ...
//	                              │
//	delivery.Timetable ── time ───┴──▶ delivery.Courier ─▶ the target
//	                                   the target's role, assumed
//
// It is not EventBridge's rules (services/events has those). Groups come from
// the template only, and targets other than functions are refused by name. The
// rule it obeys: a template is a deployment, as services/deploy has it; a role
// that does not trust the scheduler, or may not invoke, keeps a schedule from
// doing anything. It imports cloud, delivery, event, iam, path, schedule,
// services/deploy, services/store and services/wire.
//
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html
package scheduler
