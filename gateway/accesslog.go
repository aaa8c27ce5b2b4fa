package gateway

import (
	"strings"
)

// An accessLog is a compiled log format: text and variables by turns.
type accessLog struct {
	parts []logPart
	json  bool
}

type logPart struct {
	text  string
	value func(*exchange) string // nil: text
	raw   bool                   // quoted already
}

// compileLog reads a format. A name that is no variable stays as text, as AWS
// writes a - for it.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
func compileLog(format string) *accessLog {
	l := &accessLog{json: strings.HasPrefix(strings.TrimSpace(format), "{")}
	for {
		i := strings.Index(format, "$")
		if i < 0 {
			l.parts = append(l.parts, logPart{text: format})
			return l
		}
		name, size := variableName(format[i:])
		name, ok := strings.CutPrefix(name, "context.")
		if !ok {
			l.parts = append(l.parts, logPart{text: format[:i+1]})
			format = format[i+1:]
			continue
		}
		l.parts = append(l.parts, logPart{text: format[:i]}, logPart{value: valueOf(name), raw: name == "error.messageString"})
		format = format[i+size:]
	}
}

func valueOf(name string) func(*exchange) string {
	if name == "requestId" {
		return (*exchange).loggedID
	}
	if f, ok := variables[name]; ok {
		return f
	}
	return func(x *exchange) string {
		v, _ := x.variable(name)
		return v
	}
}

// line is the log line of a request. A variable without a value is a dash. In
// a JSON format values cannot end their string.
func (l *accessLog) line(x *exchange) string {
	var b strings.Builder
	b.Grow(256)
	for _, p := range l.parts {
		if p.value == nil {
			b.WriteString(p.text)
			continue
		}
		switch v := p.value(x); {
		case v == "":
			b.WriteByte('-')
		case l.json && !p.raw:
			b.WriteString(escaped(v))
		default:
			b.WriteString(v)
		}
	}
	return b.String()
}

// escaped makes text fit into a JSON string.
func escaped(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) < 0 {
		return s
	}
	quoted := quote(s)
	return quoted[1 : len(quoted)-1]
}

// record writes the access log and tells who listens of a refusal.
func (x *exchange) record() {
	x.took = x.g.since(x.now)
	if x.stage != nil && x.stage.log != nil && x.g.config.Logs != nil {
		x.g.config.Logs.Put(x.stage.logGroup, x.stage.logStream, x.now, x.stage.log.line(x))
	}
	if x.refusal == nil {
		return
	}
	x.note()
	if x.g.config.Refused == nil {
		return
	}
	out := Refusal{Stage: x.stageName(), Route: cut(x.method+" "+x.path, maxShown), Status: x.status, Type: x.refusal.kind.name,
		Layer: x.refusal.layer, Why: cut(x.refusal.why, maxNote), RequestID: x.requestID}
	if x.api != nil {
		out.API = x.api.Name
	}
	x.g.config.Refused(out)
}

// maxNote is how much of an execution log's event is kept.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-and-websocket-apis
const maxNote = 1024

// note writes why a request failed to the execution log of a REST API, if its
// stage keeps one.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
func (x *exchange) note() {
	if x.api == nil || x.http() || x.stage == nil || x.g.config.Logs == nil || x.logging() == "OFF" {
		return
	}
	group := "API-Gateway-Execution-Logs_" + x.api.ID + "/" + x.stage.StageName
	stream := x.stage.StageName
	why := "(" + x.requestID + ") " + x.refusal.why
	x.g.config.Logs.Put(group, stream, x.now, cut(why, maxNote))
	x.g.config.Logs.Put(group, stream, x.now, "("+x.requestID+") Method completed with status: "+variables["status"](x))
}

// maxShown is how much of a request's path a person is shown.
const maxShown = 256

// cut keeps the first n bytes of text, and says that there was more.
func cut(text string, n int) string {
	const more = "..."
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n-len(more)], "") + more
}

func (x *exchange) logging() string {
	rule, ok := x.stageRule()
	if !ok || rule.Logging == "" {
		return "OFF"
	}
	return rule.Logging
}
