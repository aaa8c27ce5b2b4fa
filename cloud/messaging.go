package cloud

import (
	"time"

	"bailey/source"
)

// A Queue is an SQS queue.
type Queue struct {
	Meta
	ARN        ARN
	QueueName  string
	FIFO       bool
	Dedup      bool // ContentBasedDeduplication
	Visibility time.Duration
	Retention  time.Duration
	Delay      time.Duration
	Wait       time.Duration // ReceiveMessageWaitTimeSeconds
	MaxBytes   int
	DeadLetter Value[ARN] // the zero ARN: none
	MaxReceive int
	Encrypted  Value[bool]
	Policy     *Policy
}

// A Topic is an SNS topic.
type Topic struct {
	Meta
	ARN           ARN
	TopicName     string
	FIFO          bool
	Dedup         bool
	Encrypted     Value[bool]
	Policy        *Policy
	Subscriptions []Subscription
}

// A Subscription delivers a topic's messages.
type Subscription struct {
	Meta
	Protocol   string // lambda, sqs, https, email, ...
	Endpoint   Value[string]
	Filter     source.Node // the zero Node: none
	FilterBody bool        // FilterPolicyScope: MessageBody
	Raw        bool
	DeadLetter Value[ARN]
}

// A Bucket is an S3 bucket.
type Bucket struct {
	Meta
	ARN         ARN
	BucketName  string
	Policy      *Policy
	BlockPublic Value[bool] // all four settings of the public access block
	Encrypted   Value[bool]
	Versioned   Value[bool]
	Notify      []Notification
}

// A Notification sends a bucket's events to a function, queue or topic.
type Notification struct {
	Events []string
	Target Value[ARN]
	Prefix string
	Suffix string
	At     source.Span
}

// A Table is a DynamoDB table.
type Table struct {
	Meta
	ARN       ARN
	TableName string
	Policy    *Policy
	Stream    bool
	Encrypted Value[bool]
	Recovery  Value[bool] // point-in-time recovery
	Doc       source.Node // the properties as evaluated: keys, indexes, billing
}

// An EventBus of EventBridge; the one called default is always there.
type EventBus struct {
	Meta
	ARN     ARN
	BusName string
	Policy  *Policy
}

// An EventRule is a rule of EventBridge: a pattern, a schedule, or both.
type EventRule struct {
	Meta
	ARN      ARN
	RuleName string
	Bus      string      // name; default where none is stated
	Schedule string      // cron(...) or rate(...); empty: none
	Pattern  source.Node // the zero Node: none
	Enabled  bool
	Targets  []EventTarget
}

// An EventTarget is where a rule or schedule sends its events.
type EventTarget struct {
	ID         string
	ARN        Value[ARN]
	Role       Value[string]
	Input      string // constant JSON; empty: the event
	InputPath  string
	Transform  source.Node // InputTransformer
	DeadLetter Value[ARN]
	Retries    int           // -1: the default
	MaxAge     time.Duration // 0: the default
	At         source.Span
}

// A Schedule is one of EventBridge Scheduler's.
type Schedule struct {
	Meta
	ARN          ARN
	ScheduleName string
	Group        string
	Expression   string // cron(...), rate(...) or at(...)
	TimeZone     string // IANA; UTC where none is stated
	Enabled      bool
	Start, End   time.Time
	Window       time.Duration // flexible time window; 0: off
	Target       EventTarget
}

// A LogGroup of CloudWatch Logs.
type LogGroup struct {
	Meta
	ARN       ARN
	GroupName string
	Days      Value[int] // retention; 0: for ever
	Key       Value[string]
	Filters   []LogFilter
}

// A LogFilter is a subscription filter: matching lines go to its destination.
type LogFilter struct {
	Meta
	Pattern     string
	Destination Value[ARN]
}

// A StateMachine of Step Functions. Its definition is read for the functions
// that it invokes; Bailey does not run it.
type StateMachine struct {
	Meta
	ARN        ARN
	Role       Value[string]
	Definition source.Node
	Invokes    []Value[ARN]
}

// A WebACL of WAFv2, as written, with what it is associated with.
type WebACL struct {
	Meta
	ARN       ARN
	Scope     string // REGIONAL or CLOUDFRONT
	Allow     bool   // the default action
	Rules     source.Node
	Protected []Value[ARN]
}
