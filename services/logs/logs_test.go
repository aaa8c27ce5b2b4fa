package logs_test

import (
	"bufio"
	"fmt"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/logs"
	"bailey/services/wire/wiretest"
)

const group, streamA, streamB = "/aws/lambda/ping", "2026/03/07/[$LATEST]aa", "2026/03/07/[$LATEST]bb"

// function declares the function ping, which logs to group.
func function(s *cloud.Spec) {
	s.Functions = append(s.Functions, cloud.Function{Meta: cloud.Meta{Name: "Ping"}, FunctionName: "ping"})
}

func start(t testing.TB, cfg logs.Config) *logs.Logs {
	t.Helper()
	m := Model(t, function)
	cfg.Model = func() *cloud.Model { return m }
	l, err := logs.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func serve(t testing.TB, l *logs.Logs, changes ...func(*cloud.Spec)) *World {
	t.Helper()
	return Serve(t, Model(t, append(changes, function)...), l.Service())
}

// at is a moment lately: PutLogEvents refuses what is long ago.
var at = time.Now().Add(-time.Minute).Truncate(time.Second)

func ms(plus int) string { return fmt.Sprint(at.UnixMilli() + int64(plus)) }

func filled(t testing.TB) *logs.Logs {
	l := start(t, logs.Config{Now: func() time.Time { return at }})
	for i, line := range []string{"START one", "INFO reading", "START two", "ERROR out of memory", "END one", "END two"} {
		l.Put(group, []string{streamA, streamA, streamB, streamB, streamA, streamB}[i], at.Add(time.Duration(i)*time.Millisecond), line)
	}
	return l
}

const prelude = `
logs = client("logs")
group, a, b = "/aws/lambda/ping", "2026/03/07/[$LATEST]aa", "2026/03/07/[$LATEST]bb"
def messages(r):
    return {**{k: v for k, v in r.items() if k != "events"}, "events": [e["message"] for e in r["events"]]}
def only(r):
    return {"events": [e["message"] for e in r["events"]], "ResponseMetadata": r["ResponseMetadata"]}
`

func TestRead(t *testing.T) {
	w := serve(t, filled(t))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`at = `+ms(0)+`
step("filter", lambda: logs.filter_log_events(logGroupName=group, filterPattern="memory"))
filtered = lambda **more: only(logs.filter_log_events(logGroupName=group, **more))
step("all", lambda: filtered())
step("from", lambda: filtered(startTime=at + 4))
step("to", lambda: filtered(endTime=at + 1))
step("streams", lambda: filtered(logStreamNames=[b]))
step("prefix", lambda: filtered(logStreamNamePrefix="2026/03/07/[$LATEST]a"))
step("terms", lambda: filtered(filterPattern="START two"))
step("phrase", lambda: filtered(filterPattern='"out of memory"'))
step("without", lambda: filtered(filterPattern="START -two"))
step("any", lambda: filtered(filterPattern="?ERROR ?INFO"))
step("case", lambda: filtered(filterPattern="error"))
step("json pattern", lambda: filtered(filterPattern="{ $.a = 1 }"))
step("open phrase", lambda: filtered(filterPattern='"x'))
step("both", lambda: filtered(logStreamNames=[b], logStreamNamePrefix="2"))
step("limit", lambda: {"n": [len(p["events"]) for p in logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 4})],
    "ResponseMetadata": {"RequestId": "x", "HTTPStatusCode": 200}})
step("bad token", lambda: filtered(nextToken="x"))
step("no group", lambda: logs.filter_log_events(logGroupName="/none"))
step("by arn", lambda: only(logs.filter_log_events(logGroupIdentifier="arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/ping", filterPattern="INFO")))
step("stream", lambda: messages(logs.get_log_events(logGroupName=group, logStreamName=a)))
step("last", lambda: messages(logs.get_log_events(logGroupName=group, logStreamName=a, limit=1)))
step("first", lambda: messages(logs.get_log_events(logGroupName=group, logStreamName=a, limit=1, startFromHead=True)))
first = logs.get_log_events(logGroupName=group, logStreamName=a, limit=1, startFromHead=True)
step("next", lambda: messages(logs.get_log_events(logGroupName=group, logStreamName=a, nextToken=first["nextForwardToken"])))
step("before the first", lambda: messages(logs.get_log_events(logGroupName=group, logStreamName=a, nextToken=first["nextBackwardToken"])))
step("until", lambda: messages(logs.get_log_events(logGroupName=group, logStreamName=a, endTime=at + 4)))
step("no stream", lambda: logs.get_log_events(logGroupName=group, logStreamName="none"))
`)
	events := func(lines ...string) string {
		for i := range lines {
			lines[i] = `"` + lines[i] + `"`
		}
		return `result {"events": [` + strings.Join(lines, ", ") + `]} 200`
	}
	page := func(forward, backward string, lines ...string) string {
		return strings.TrimSuffix(events(lines...), "} 200") + `, "nextForwardToken": "f/` + forward + `", "nextBackwardToken": "b/` + backward + `"} 200`
	}
	notFound := func(what string) string {
		return "ResourceNotFoundException: The specified log " + what + " does not exist. 400"
	}
	one, three, five := ms(0)+".1", ms(1)+".2", ms(4)+".5"
	wiretest.Compare(t, got, map[string]string{
		"filter": `result {"events": [{"logStreamName": "` + streamB + `", "timestamp": ` + ms(3) + `, "message": "ERROR out of memory", "ingestionTime": ` + ms(0) +
			`, "eventId": "` + fmt.Sprintf("%056d", 4) + `"}], "searchedLogStreams": []} 200`,
		"all":              events("START one", "INFO reading", "START two", "ERROR out of memory", "END one", "END two"),
		"from":             events("END one", "END two"),
		"to":               events("START one", "INFO reading"),
		"streams":          events("START two", "ERROR out of memory", "END two"),
		"prefix":           events("START one", "INFO reading", "END one"),
		"terms":            events("START two"),
		"phrase":           events("ERROR out of memory"),
		"without":          events("START one"),
		"any":              events("INFO reading", "ERROR out of memory"),
		"case":             events(),
		"json pattern":     "UnknownOperationException: bailey does not have the filter pattern { $.a = 1 }: only terms yet 400",
		"open phrase":      "InvalidParameterException: Invalid filter pattern 400",
		"both":             "InvalidParameterException: logStreamNames and logStreamNamePrefix are mutually exclusive parameters. 400",
		"limit":            `result {"n": [4, 2]} 200`,
		"bad token":        "InvalidParameterException: The specified nextToken is invalid. 400",
		"no group":         notFound("group"),
		"by arn":           events("INFO reading"),
		"stream":           page(five, one, "START one", "INFO reading", "END one"),
		"last":             page(five, five, "END one"),
		"first":            page(one, one, "START one"),
		"next":             page(five, three, "INFO reading", "END one"),
		"before the first": page(one, one),
		"until":            page(three, one, "START one", "INFO reading"),
		"no stream":        notFound("stream"),
	})
}

func TestDescribe(t *testing.T) {
	w := serve(t, filled(t))
	got := wiretest.Boto3(t, w.URL, Host(), prelude+`
for name in ["/app/a", "/app/b"]:
    logs.create_log_group(logGroupName=name)
named = lambda r: {"names": [g.get("logGroupName", g.get("logStreamName")) for g in r.get("logGroups", r.get("logStreams"))], "ResponseMetadata": r["ResponseMetadata"]}
groups = lambda **more: named(logs.describe_log_groups(**more))
streams = lambda **more: named(logs.describe_log_streams(logGroupName=group, **more))
def group_members():
    r = logs.describe_log_groups(logGroupNamePrefix="/aws/")
    for g in r["logGroups"]: # older clients do not know these
        assert g.pop("logGroupClass", "STANDARD") == "STANDARD"
        assert g.pop("logGroupArn", g["arn"][:-2]) + ":*" == g["arn"]
    return r
step("group", group_members)
step("groups", lambda: groups())
step("pattern", lambda: groups(logGroupNamePattern="app"))
step("pages", lambda: {"n": [len(p["logGroups"]) for p in logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 2})],
    "ResponseMetadata": {"RequestId": "x", "HTTPStatusCode": 200}})
step("limit", lambda: groups(limit=51))
step("token", lambda: groups(nextToken="x"))
step("linked", lambda: groups(includeLinkedAccounts=True))
step("stream", lambda: logs.describe_log_streams(logGroupName=group, limit=1))
step("latest first", lambda: streams(orderBy="LastEventTime", descending=True))
step("prefix", lambda: streams(logStreamNamePrefix=b))
step("prefix and time", lambda: streams(logStreamNamePrefix=b, orderBy="LastEventTime"))
step("order", lambda: streams(orderBy="Size"))
step("no group", lambda: logs.describe_log_streams(logGroupName="/none"))
`)
	const groupArn = "arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/ping"
	wiretest.Compare(t, got, map[string]string{
		"group": `result {"logGroups": [{"logGroupName": "/aws/lambda/ping", "creationTime": ` + ms(0) + `, "metricFilterCount": 0, "arn": "` + groupArn +
			`:*", "storedBytes": 63}]} 200`,
		"groups":  `result {"names": ["/app/a", "/app/b", "/aws/lambda/ping"]} 200`,
		"pattern": `result {"names": ["/app/a", "/app/b"]} 200`,
		"pages":   `result {"n": [2, 1]} 200`,
		"limit":   "InvalidParameterException: 1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50 400",
		"token":   "InvalidParameterException: The specified nextToken is invalid. 400",
		"linked":  "UnknownOperationException: bailey does not have logs:DescribeLogGroups by account or identifier yet 400",
		"stream": `result {"logStreams": [{"logStreamName": "` + streamA + `", "creationTime": ` + ms(0) + `, "firstEventTimestamp": ` + ms(0) + `, "lastEventTimestamp": ` + ms(4) +
			`, "lastIngestionTime": ` + ms(0) + `, "arn": "` + groupArn + `:log-stream:` + streamA + `", "storedBytes": 0}], "nextToken": "MjAyNi8wMy8wNy9bJExBVEVTVF1hYQ=="} 200`,
		"latest first":    `result {"names": ["` + streamB + `", "` + streamA + `"]} 200`,
		"prefix":          `result {"names": ["` + streamB + `"]} 200`,
		"prefix and time": "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix. 400",
		"order":           "InvalidParameterException: 1 validation error detected: Value 'Size' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime] 400",
		"no group":        "ResourceNotFoundException: The specified log group does not exist. 400",
	})
}

func TestWrite(t *testing.T) {
	l := start(t, logs.Config{})
	got := wiretest.Boto3(t, serve(t, l).URL, Host(), prelude+`at = `+ms(0)+`
DAY = 24 * 3600 * 1000
put = lambda *events, group="/app", stream="s": logs.put_log_events(logGroupName=group, logStreamName=stream,
    logEvents=[{"timestamp": t, "message": m} for t, m in events])
step("no group", lambda: put((at, "x")))
step("group", lambda: logs.create_log_group(logGroupName="/app"))
step("group again", lambda: logs.create_log_group(logGroupName="/app"))
step("declared group", lambda: logs.create_log_group(logGroupName=group))
step("bad name", lambda: logs.create_log_group(logGroupName="a b"))
step("key", lambda: logs.create_log_group(logGroupName="/k", kmsKeyId="k"))
step("tags", lambda: logs.create_log_group(logGroupName="/k", tags={"a": "b"}))
step("no stream", lambda: put((at, "x")))
step("stream", lambda: logs.create_log_stream(logGroupName="/app", logStreamName="s"))
step("stream again", lambda: logs.create_log_stream(logGroupName="/app", logStreamName="s"))
step("bad stream", lambda: logs.create_log_stream(logGroupName="/app", logStreamName="a:b"))
step("put", lambda: put((at, "one"), (at, "two"), (at + 1, "three")))
step("old and new", lambda: put((at - 15 * DAY, "old"), (at - 14 * DAY, "old"), (at + 2, "four"), (at + DAY, "new"), (at + DAY, "new")))
step("unordered", lambda: put((at + 1, "x"), (at, "x")))
step("empty", lambda: put((at, "")))
step("none", lambda: put())
step("too much", lambda: put(*[(at, "x" * 100000)] * 11))
step("read", lambda: only(logs.filter_log_events(logGroupName="/app")))
step("delete", lambda: logs.delete_log_group(logGroupName="/app"))
step("query", lambda: logs.get_query_results(queryId="q"))
`)
	notHere := func(what string) string {
		return "UnknownOperationException: bailey does not have logs:" + what + " yet 400"
	}
	wiretest.Compare(t, got, map[string]string{
		"no group":       "ResourceNotFoundException: The specified log group does not exist. 400",
		"group":          "result {} 200",
		"group again":    "ResourceAlreadyExistsException: The specified log group already exists 400",
		"declared group": "ResourceAlreadyExistsException: The specified log group already exists 400",
		"bad name":       `InvalidParameterException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+ 400`,
		"key":            notHere("CreateLogGroup with kmsKeyId"),
		"tags":           notHere("CreateLogGroup with tags"),
		"no stream":      "ResourceNotFoundException: The specified log stream does not exist. 400",
		"stream":         "result {} 200",
		"stream again":   "ResourceAlreadyExistsException: The specified log stream already exists 400",
		"bad stream":     `InvalidParameterException: 1 validation error detected: Value 'a:b' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]* 400`,
		"put":            `result {"nextSequenceToken": "3"} 200`,
		"old and new":    `result {"nextSequenceToken": "4", "rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3}} 200`,
		"unordered":      "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order. 400",
		"empty":          "InvalidParameterException: 1 validation error detected: Value '' at 'logEvents.1.member.message' failed to satisfy constraint: Member must have length greater than or equal to 1 400",
		"none":           "InvalidParameterException: 1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000 400",
		"too much":       "InvalidParameterException: Upload too large: 1100286 bytes exceeds limit of 1048576 400",
		"read":           `result {"events": ["one", "two", "three", "four"]} 200`,
		"delete":         notHere("DeleteLogGroup"),
		"query":          notHere("GetQueryResults"),
	})
}

// The resources that people write into policies for Lambda's logs.
func TestIAM(t *testing.T) {
	const arn = "arn:aws:logs:us-west-2:123456789012:log-group:"
	w := serve(t, filled(t), Role("writer", Allow("logs:PutLogEvents", arn+group+":*"), Allow("logs:CreateLogStream", arn+group+":*")), Role("none"))
	steps := prelude + `
step("CreateLogStream", lambda: logs.create_log_stream(logGroupName=group, logStreamName="s"))
step("PutLogEvents", lambda: logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": ` + ms(0) + `, "message": "m"}]))
step("FilterLogEvents", lambda: logs.filter_log_events(logGroupName=group))
step("DescribeLogGroups", lambda: logs.describe_log_groups())
`
	allowed := wiretest.Boto3(t, w.URL, w.Function("writer"), steps)
	for _, step := range []string{"CreateLogStream", "PutLogEvents"} {
		if got := allowed[step]; got.Exception != "" {
			t.Errorf("%s: %s", step, got)
		}
	}
	denied := wiretest.Boto3(t, w.URL, w.Function("none"), steps)
	for step, resource := range map[string]string{
		"CreateLogStream": group + ":log-stream:s", "PutLogEvents": group + ":log-stream:s",
		"FilterLogEvents": group + ":log-stream:", "DescribeLogGroups": ":log-stream:",
	} {
		want := "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/none/session is not authorized to perform: logs:" + step +
			" on resource: " + arn + resource + " because no identity-based policy allows the logs:" + step + " action 400"
		if got := denied[step].String(); got != want {
			t.Errorf("%s\n got %s\nwant %s", step, got, want)
		}
	}
}

// `aws logs tail`, as a user types it, and with --follow while events come.
func TestTail(t *testing.T) {
	aws := wiretest.CLI2(t)
	l := start(t, logs.Config{})
	w := serve(t, l)
	l.Put(group, streamA, time.Now(), "START one")
	out, err := wiretest.Command(t, aws, w.URL, Host(), "logs", "tail", group, "--since", "10m", "--format", "short").CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), " START one") {
		t.Errorf("aws logs tail: %v\n%s", err, out)
	}
	follow := wiretest.Command(t, aws, w.URL, Host(), "logs", "tail", group, "--since", "10m", "--follow", "--format", "short")
	pipe, err := follow.StdoutPipe()
	if err == nil {
		err = follow.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer follow.Wait()
	defer follow.Process.Kill()
	lines := bufio.NewScanner(pipe)
	for _, want := range []string{"START one", "END one"} {
		if !lines.Scan() || !strings.HasSuffix(lines.Text(), " "+want) {
			t.Fatalf("--follow printed %q, want %q", lines.Text(), want)
		}
		l.Put(group, streamA, time.Now(), "END one")
	}
}

func TestCLI(t *testing.T) {
	w := serve(t, filled(t))
	out, err := wiretest.AWS(t, w.URL, Host(), "logs", "filter-log-events", "--log-group-name", group,
		"--filter-pattern", "START", "--query", "events[].message", "--output", "text")
	if err != nil || strings.TrimSpace(out) != "START one\tSTART two" {
		t.Errorf("%v\n%s", err, out)
	}
}
