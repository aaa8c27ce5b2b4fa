// Package events is Amazon EventBridge: event buses with their rules, over
// AWS's own protocol.
//
//	template ─ Apply ─▶ bucket events/rules ◀─ PutRule, PutTargets, ...
//	                          │
//	PutEvents ─ pattern ──────┼──▶ delivery.Courier ─▶ the targets
//	delivery.Timetable ─ time ┘         permission of the function
//
// It is not EventBridge Scheduler (services/scheduler is), and archives,
// connections, pipes and buses made by calls are refused by name. The rule it
// obeys: a template is a deployment, as services/deploy has it; what the
// template leaves open or AWS would refuse keeps a rule from firing, and
// Problems says so. It imports cloud, delivery, event, iam, path, schedule,
// services/deploy, services/store and services/wire.
//
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html
package events
