// Package logs is CloudWatch Logs as far as reading a function's log needs it:
// groups, streams, events, `aws logs tail`.
//
//	lambda ── Put ──┐                 ┌─▶ FilterLogEvents, GetLogEvents
//	PutLogEvents ───┴▶ group's window ┼─▶ Subscribe: bailey logs -f
//	                                  └─▶ GROUP.log, JSON lines
//
// What can be asked for is a window of the latest events of each group; older
// ones are in the group's file, from whose end a new start fills the window
// again. The files are for reading, not for safekeeping: they are appended to
// without fsync, so a power cut may take the last seconds; kill -9 takes
// nothing. Insights queries, metric and subscription filters are refused by
// name, and so are filter patterns beyond terms.
//
// The rule it obeys: Put never waits for a reader and never fails its caller.
// A log group is there if a function of the model logs to it, or if a call made
// it. It imports cloud and services/wire.
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_Operations.html
package logs
