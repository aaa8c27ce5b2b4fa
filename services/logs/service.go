package logs

import (
	"regexp"
	"strings"

	"bailey/services/wire"
)

// Service is the table of its operations. Those that are not listed are refused
// by name as well.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
func (l *Logs) Service() *wire.Service {
	return &wire.Service{
		Name: "logs", Protocol: wire.AwsJSON11, Version: "2014-03-28", TargetPrefix: "Logs_20140328",
		Operations: []wire.Operation{
			{Name: "DescribeLogGroups", Resources: l.allGroups, Handle: l.describeLogGroups},
			{Name: "DescribeLogStreams", Resources: l.oneGroup, Handle: l.describeLogStreams},
			{Name: "FilterLogEvents", Resources: l.oneGroup, Handle: l.filterLogEvents},
			{Name: "GetLogEvents", Resources: l.oneGroup, Handle: l.getLogEvents},
			{Name: "CreateLogGroup", Resources: l.oneGroup, Handle: l.createLogGroup},
			{Name: "CreateLogStream", Resources: l.oneGroup, Handle: l.createLogStream},
			{Name: "PutLogEvents", Resources: l.oneGroup, Handle: l.putLogEvents},

			{Name: "DeleteLogGroup"},
			{Name: "DeleteLogStream"},
			{Name: "PutRetentionPolicy"},
			{Name: "StartLiveTail"},
			{Name: "StartQuery"},
		},
	}
}

// target is how operations name what they are for.
type target struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
}

// arn of a group, without the ":*" that some APIs put behind it.
func (l *Logs) arn(group string) string {
	m := l.cfg.Model()
	return "arn:aws:logs:" + m.Region() + ":" + m.Account() + ":log-group:" + group
}

// oneGroup names group and stream; a call for a whole group leaves the stream's
// place empty.
func (l *Logs) oneGroup(c *wire.Call) ([]string, error) {
	var in target
	err := c.Decode(&in)
	return []string{l.arn(in.group()) + ":log-stream:" + in.LogStreamName}, err
}

func (l *Logs) allGroups(*wire.Call) ([]string, error) {
	return []string{l.arn("") + ":log-stream:"}, nil
}

// group is the name, also where an ARN stands for it.
func (in *target) group() string {
	if in.LogGroupName != "" {
		return in.LogGroupName
	}
	if _, name, ok := strings.Cut(in.LogGroupIdentifier, ":log-group:"); ok {
		return strings.TrimSuffix(name, ":*")
	}
	return in.LogGroupIdentifier
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
// and API_CreateLogStream.html have the names' rules.
var (
	groupShape  = regexp.MustCompile(`[\.\-_/#A-Za-z0-9]+`)
	streamShape = regexp.MustCompile(`[^:*]*`)
)

func (in *target) check(check *wire.Constraints) {
	check.Length("logGroupName", in.group(), 1, 512)
	if in.group() != "" {
		check.Pattern("logGroupName", in.group(), groupShape)
	}
}

func (in *target) checkStream(check *wire.Constraints) {
	check.Length("logStreamName", in.LogStreamName, 1, 512)
	check.Pattern("logStreamName", in.LogStreamName, streamShape)
}

// invalid is how this service words broken constraints.
func invalid(check *wire.Constraints) error {
	err, ok := check.Err().(*wire.Error)
	if !ok {
		return nil
	}
	return wire.Errorf(codeInvalid, "%s", err.Message)
}

const (
	codeInvalid  = "InvalidParameterException"
	codeNotFound = "ResourceNotFoundException"
	codeExists   = "ResourceAlreadyExistsException"
)

// lookup finds the group of a call. The lock is held.
func (l *Logs) lookup(in target) (*group, error) {
	if in.LogGroupName != "" && in.LogGroupIdentifier != "" {
		return nil, wire.Errorf(codeInvalid, "LogGroup name and LogGroup ARN are mutually exclusive parameters.")
	}
	g, ok := l.find(in.group())
	if !ok {
		return nil, wire.Errorf(codeNotFound, "The specified log group does not exist.")
	}
	return g, nil
}

func (l *Logs) lookupStream(in target) (*group, *stream, error) {
	g, err := l.lookup(in)
	if err != nil {
		return nil, nil, err
	}
	s, ok := g.streams[in.LogStreamName]
	if !ok {
		return nil, nil, wire.Errorf(codeNotFound, "The specified log stream does not exist.")
	}
	return g, s, nil
}
