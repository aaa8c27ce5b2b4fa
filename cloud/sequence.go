package cloud

import (
	"iter"
	"slices"
)

// The sequences of what stands around a network, each in the order of names.

// APIs are all REST and HTTP APIs.
func (m *Model) APIs() iter.Seq[API] { return slices.Values(m.spec.APIs) }

// Deployments are all deployments of APIs.
func (m *Model) Deployments() iter.Seq[Deployment] { return slices.Values(m.spec.Deployments) }

// APIKeys are all API keys.
func (m *Model) APIKeys() iter.Seq[APIKey] { return slices.Values(m.spec.APIKeys) }

// UsagePlans are all usage plans.
func (m *Model) UsagePlans() iter.Seq[UsagePlan] { return slices.Values(m.spec.UsagePlans) }

// VPCLinks are all links of APIs into VPCs.
func (m *Model) VPCLinks() iter.Seq[VPCLink] { return slices.Values(m.spec.VPCLinks) }

// DomainNames are all custom names of APIs.
func (m *Model) DomainNames() iter.Seq[DomainName] { return slices.Values(m.spec.DomainNames) }

// UserPools are all Cognito user pools.
func (m *Model) UserPools() iter.Seq[UserPool] { return slices.Values(m.spec.UserPools) }

// Secrets are all secrets.
func (m *Model) Secrets() iter.Seq[Secret] { return slices.Values(m.spec.Secrets) }

// Keys are all KMS keys.
func (m *Model) Keys() iter.Seq[Key] { return slices.Values(m.spec.Keys) }

// Queues are all SQS queues.
func (m *Model) Queues() iter.Seq[Queue] { return slices.Values(m.spec.Queues) }

// Topics are all SNS topics.
func (m *Model) Topics() iter.Seq[Topic] { return slices.Values(m.spec.Topics) }

// Buckets are all S3 buckets.
func (m *Model) Buckets() iter.Seq[Bucket] { return slices.Values(m.spec.Buckets) }

// Tables are all DynamoDB tables.
func (m *Model) Tables() iter.Seq[Table] { return slices.Values(m.spec.Tables) }

// EventBuses are all event buses.
func (m *Model) EventBuses() iter.Seq[EventBus] { return slices.Values(m.spec.EventBuses) }

// EventRules are all rules of EventBridge.
func (m *Model) EventRules() iter.Seq[EventRule] { return slices.Values(m.spec.EventRules) }

// Schedules are all schedules.
func (m *Model) Schedules() iter.Seq[Schedule] { return slices.Values(m.spec.Schedules) }

// LogGroups are all log groups.
func (m *Model) LogGroups() iter.Seq[LogGroup] { return slices.Values(m.spec.LogGroups) }

// StateMachines are all state machines.
func (m *Model) StateMachines() iter.Seq[StateMachine] { return slices.Values(m.spec.StateMachines) }

// WebACLs are all web ACLs.
func (m *Model) WebACLs() iter.Seq[WebACL] { return slices.Values(m.spec.WebACLs) }

// FlowLogs are all flow logs.
func (m *Model) FlowLogs() iter.Seq[FlowLog] { return slices.Values(m.spec.FlowLogs) }

// Distributions are all CloudFront distributions.
func (m *Model) Distributions() iter.Seq[Distribution] { return slices.Values(m.spec.Distributions) }

// GraphQLAPIs are all AppSync APIs.
func (m *Model) GraphQLAPIs() iter.Seq[GraphQLAPI] { return slices.Values(m.spec.GraphQLAPIs) }

// Users are all IAM users.
func (m *Model) Users() iter.Seq[User] { return slices.Values(m.spec.Users) }
