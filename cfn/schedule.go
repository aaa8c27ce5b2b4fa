package cfn

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/event"
	"bailey/schedule"
	"bailey/source"
)

func scheduleRows() []*row {
	return []*row{
		{Type: "AWS::Events::EventBus", read: readEventBus, ref: property("Name"),
			properties: "DeadLetterConfig Description EventSourceName KmsKeyIdentifier LogConfig !Name Policy Tags",
			atts: attributes{"Name": property("Name"), "Arn": func(l *loader, r *resource) source.Node {
				return l.named(r, "Name", 256, func(name string) string { return l.arn("events", "event-bus/"+name).String() })
			}}},
		{Type: "AWS::Events::EventBusPolicy", read: readEventBusPolicy,
			properties: "Action Condition EventBusName Principal Statement !StatementId"},
		{Type: "AWS::Events::Rule", read: readEventRule, ref: func(l *loader, r *resource) source.Node { return l.ruleText(r, "|") },
			properties: "Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets",
			atts: attributes{"Arn": func(l *loader, r *resource) source.Node {
				n := l.ruleText(r, "/")
				if n.Kind == source.Unknown {
					return n
				}
				return l.text(l.arn("events", "rule/"+n.Text).String(), r.At)
			}}},
		{Type: "AWS::Scheduler::ScheduleGroup", ref: nameRef("Name", 64), properties: "Name Tags",
			atts: attributes{"CreationDate": nil, "LastModificationDate": nil, "State": nil, "Arn": func(l *loader, r *resource) source.Node {
				return l.named(r, "Name", 64, func(name string) string { return l.arn("scheduler", "schedule-group/"+name).String() })
			}}},
		{Type: "AWS::Scheduler::Schedule", read: readSchedule, ref: nameRef("Name", 64),
			properties: "Description EndDate !FlexibleTimeWindow GroupName KmsKeyArn Name !ScheduleExpression ScheduleExpressionTimezone StartDate State !Target",
			atts: attributes{"Arn": func(l *loader, r *resource) source.Node {
				return l.named(r, "Name", 64, func(name string) string { return l.scheduleARN(r, name).String() })
			}}},
	}
}

func (l *loader) scheduleARN(r *resource, name string) cloud.ARN {
	return l.arn("scheduler", "schedule/"+cmp.Or(l.prop(r, "GroupName").Text, "default")+"/"+name)
}

// ruleText is a rule's name, behind its bus where that is not the default one.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-rule.html
func (l *loader) ruleText(r *resource, separator string) source.Node {
	name, bus := l.nameNode(r, "Name", 64), l.prop(r, "EventBusName")
	switch {
	case name.Kind == source.Unknown:
		return name
	case bus.Kind == source.Unknown:
		return bus
	case !bus.IsScalar() || busName(bus.Text) == "default":
		return name
	}
	return l.text(busName(bus.Text)+separator+name.Text, r.At)
}

// busName is the name in a bus's name or ARN.
func busName(of string) string { return of[strings.LastIndex(of, "/")+1:] }

func readEventBus(l *loader, r *resource) {
	o := l.object(r)
	name := o.known("Name")
	b := cloud.EventBus{Meta: r.Meta, BusName: name, ARN: l.arn("events", "event-bus/"+name)}
	if doc, ok := o.get("Policy"); ok {
		b.Policy = l.policy(o, r.Name, "Policy", doc)
	}
	l.spec.EventBuses = append(l.spec.EventBuses, b)
}

// readEventBusPolicy adds a statement to a bus's policy.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-events-eventbuspolicy.html
func readEventBusPolicy(l *loader, r *resource) {
	o := l.object(r)
	name := busName(o.text("EventBusName", cloud.Known("default")).Or("default"))
	i := slices.IndexFunc(l.spec.EventBuses, func(b cloud.EventBus) bool { return b.BusName == name })
	if i < 0 && name == "default" {
		i = len(l.spec.EventBuses)
		l.spec.EventBuses = append(l.spec.EventBuses, cloud.EventBus{Meta: r.Meta, BusName: name, ARN: l.arn("events", "event-bus/default")})
	}
	if i < 0 {
		l.notDescribed(r, "event bus", name)
		return
	}
	if statement, ok := o.get("Statement"); ok {
		b := &l.spec.EventBuses[i]
		doc := source.Node{Kind: source.Map, At: statement.At}
		if b.Policy != nil {
			doc = b.Policy.Doc
		}
		b.Policy = &cloud.Policy{Name: r.Name, Doc: withStatement(doc, statement), At: r.At}
	}
}

// withStatement is a policy document with one more statement.
func withStatement(doc, statement source.Node) source.Node {
	list := source.Node{Kind: source.List, At: statement.At}
	if have, ok := doc.Get("Statement"); ok {
		list.Items = slices.Collect(have.Each())
	}
	list.Items = append(slices.Clip(list.Items), statement)
	out := source.Node{Kind: source.Map, At: doc.At}
	for _, e := range doc.Entries {
		if e.Key != "Statement" {
			out.Entries = append(out.Entries, e)
		}
	}
	out.Entries = append(out.Entries, source.Entry{Key: "Statement", KeyAt: statement.At, Value: list})
	return out
}

func readEventRule(l *loader, r *resource) {
	o := l.object(r)
	name := l.nameOf(r, "Name", 64)
	bus := busName(o.text("EventBusName", cloud.Known("default")).Or("default"))
	e := cloud.EventRule{Meta: r.Meta, RuleName: name, Bus: bus, ARN: l.arn("events", "rule/"+name),
		Schedule: o.expression(schedule.ParseRule), Enabled: o.text("State", cloud.Known("ENABLED")).Or("") != "DISABLED"}
	if bus != "default" {
		e.ARN = l.arn("events", "rule/"+bus+"/"+name)
	}
	if o.present("EventPattern") {
		e.Pattern = o.eventPattern()
	} else if e.Schedule == "" && !o.present("ScheduleExpression") {
		l.fail("CFN_MISSING_PROPERTY", r.At, "add an EventPattern or a ScheduleExpression", "%s has neither EventPattern nor ScheduleExpression", r.Name)
	}
	for _, t := range o.children("Targets", "AppSyncParameters", "Arn", "BatchParameters", "DeadLetterConfig", "EcsParameters", "HttpParameters", "Id",
		"Input", "InputPath", "InputTransformer", "KinesisParameters", "RedshiftDataParameters", "RetryPolicy", "RoleArn", "RunCommandParameters",
		"SageMakerPipelineParameters", "SqsParameters") {
		target := eventTarget(t)
		target.ID = t.text("Id", cloud.Known("")).Or("")
		e.Targets = append(e.Targets, target)
	}
	l.spec.EventRules = append(l.spec.EventRules, e)
}

// expression reads a ScheduleExpression; one that AWS would refuse is empty,
// and said.
func (o object) expression(parse func(string) (schedule.Expression, error)) string {
	return valueOf(o, "ScheduleExpression", "text", cloud.Known(""), func(n source.Node) (string, error) {
		_, err := parse(n.Text)
		return n.Text, err
	}).Or("")
}

// anywhere reads a schedule's expression: whether it can be read does not turn
// on the time zone.
func anywhere(text string) (schedule.Expression, error) { return schedule.Parse(text, time.UTC) }

// eventPattern reads an EventPattern. One that EventBridge would refuse is said;
// of one that is open in places nothing is.
func (o object) eventPattern() source.Node {
	n := o.document("EventPattern")
	if _, open := n.FirstUnknown(); open {
		return n
	}
	text, err := json.Marshal(n.Plain())
	if err == nil {
		_, err = event.ParsePattern(text)
	}
	if err != nil {
		return o.bad("EventPattern", n, err.Error())
	}
	return n
}

// eventTarget reads what targets of rules and of schedules have in common.
func eventTarget(o object) cloud.EventTarget {
	t := cloud.EventTarget{ARN: o.arnOf("Arn"), Role: o.text("RoleArn", cloud.Known("")), Input: o.text("Input", cloud.Known("")).Or(""),
		InputPath: o.text("InputPath", cloud.Known("")).Or(""), Transform: o.document("InputTransformer"), Retries: -1, At: o.at}
	if c, ok := o.child("DeadLetterConfig", "Arn"); ok {
		t.DeadLetter = c.arnOf("Arn")
	}
	if c, ok := o.child("RetryPolicy", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"); ok {
		t.Retries = c.number("MaximumRetryAttempts", -1, 0, 185).Or(-1)
		t.MaxAge = c.seconds("MaximumEventAgeInSeconds", 0, 60, 86400)
	}
	return t
}

// readSchedule.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-scheduler-schedule.html
func readSchedule(l *loader, r *resource) {
	o := l.object(r)
	name := l.nameOf(r, "Name", 64)
	s := cloud.Schedule{Meta: r.Meta, ScheduleName: name, Group: o.text("GroupName", cloud.Known("default")).Or("default"), ARN: l.scheduleARN(r, name),
		Expression: o.expression(anywhere), TimeZone: o.text("ScheduleExpressionTimezone", cloud.Known("UTC")).Or("UTC"),
		Enabled: o.text("State", cloud.Known("ENABLED")).Or("") != "DISABLED", Start: o.moment("StartDate"), End: o.moment("EndDate")}
	if c, ok := o.child("FlexibleTimeWindow", "MaximumWindowInMinutes", "Mode"); ok && c.text("Mode", cloud.Known("OFF")).Or("OFF") == "FLEXIBLE" {
		s.Window = time.Duration(c.number("MaximumWindowInMinutes", 0, 1, 1440).Or(0)) * time.Minute
	}
	if c, ok := o.child("Target", "Arn", "DeadLetterConfig", "EcsParameters", "EventBridgeParameters", "Input", "KinesisParameters", "RetryPolicy",
		"RoleArn", "SageMakerPipelineParameters", "SqsParameters"); ok {
		s.Target = eventTarget(c)
	}
	l.spec.Schedules = append(l.spec.Schedules, s)
}

// moment reads a time; absent or open, it is the zero one.
func (o object) moment(key string) time.Time {
	return valueOf(o, key, "a time", cloud.Known(time.Time{}), func(n source.Node) (time.Time, error) { return time.Parse(time.RFC3339, n.Text) }).Or(time.Time{})
}
