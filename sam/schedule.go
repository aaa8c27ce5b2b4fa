package sam

import "bailey/source"

// A scheduled is what a schedule or a rule starts: a function or a state machine.
type scheduled struct {
	attrs  attributes
	arn    source.Node
	suffix string      // of the target's Id
	role   source.Node // what EventBridge takes on for it; null for a function
	action string      // that a role for it allows
	policy string      // suffix of that role's policy
}

func (l *lambda) scheduled() scheduled {
	return scheduled{attrs: l.passed(), arn: l.arn(), suffix: "LambdaTarget", action: "lambda:InvokeFunction", policy: "LambdaPolicy"}
}

// scheduleEvent starts a function by an EventBridge rule with a schedule.
func (t *transformer) scheduleEvent(l *lambda, e event) {
	made := t.schedule(l.scheduled(), e)
	l.add(made...)
	t.permission(l, e, e.id+"Permission", "events.amazonaws.com", kv{"SourceArn", made[0].arn()})
}

// ruleEvent starts a function by an EventBridge rule with a pattern.
func (t *transformer) ruleEvent(l *lambda, e event) {
	made := t.rule(l.scheduled(), e)
	l.add(made...)
	t.permission(l, e, e.id+"Permission", "events.amazonaws.com", kv{"SourceArn", made[0].arn()})
}

// schedule makes the rule of a Schedule event, first of what it returns.
func (t *transformer) schedule(to scheduled, e event) []*resource {
	r := newResource(e.at, e.id, "AWS::Events::Rule", to.attrs, kv{"ScheduleExpression", e.prop("Schedule")},
		kv{"Name", e.prop("Name")}, kv{"Description", e.prop("Description")}, kv{"State", t.ruleState(e)})
	return t.targeted(to, e, r, "Input")
}

// rule makes the rule of an EventBridgeRule or CloudWatchEvent event.
func (t *transformer) rule(to scheduled, e event) []*resource {
	r := newResource(e.at, e.id, "AWS::Events::Rule", to.attrs, kv{"EventBusName", e.prop("EventBusName")},
		kv{"EventPattern", e.prop("Pattern")}, kv{"Name", e.prop("RuleName")}, kv{"State", t.ruleState(e)})
	return t.targeted(to, e, r, "Input", "InputPath", "InputTransformer")
}

// ruleState is the rule's State: that of the event, or what Enabled says.
func (t *transformer) ruleState(e event) source.Node {
	state, enabled := e.prop("State"), e.prop("Enabled")
	if !truthy(state) {
		state = source.Node{}
	}
	if enabled.Kind == source.Null {
		return state
	}
	if truthy(state) {
		t.errorf(e.at, e.said, "State and Enabled exclude each other")
	}
	if truthy(enabled) {
		return place(enabled.At).str("ENABLED")
	}
	return place(enabled.At).str("DISABLED")
}

// targeted gives a rule its target, and makes the queue that the event asks for.
func (t *transformer) targeted(to scheduled, e event, r *resource, inputs ...string) []*resource {
	p := place(e.at)
	id := get(e.prop("Target"), "Id")
	if id.Kind == source.Null {
		id = p.str(targetID(e.id, to.suffix))
	}
	target := p.obj(kv{"Arn", to.arn}, kv{"Id", id}, kv{"RoleArn", to.role})
	for _, key := range inputs {
		if v := e.prop(key); v.Kind != source.Null {
			set(&target, key, v)
		}
	}
	made := []*resource{r}
	if queue, arn := t.deadLetters(to, e); arn.Kind != source.Null {
		set(&target, "DeadLetterConfig", p.obj(kv{"Arn", arn}))
		if queue != nil {
			made = append(made, queue, t.newQueuePolicy(queue.at, e.id+"QueuePolicy", to.attrs, arn, queue.ref(),
				p.obj(kv{"Service", p.str("events.amazonaws.com")}), r.arn()))
		}
	}
	if retry := e.prop("RetryPolicy"); retry.Kind != source.Null {
		set(&target, "RetryPolicy", retry)
	}
	r.set("Targets", p.list(target))
	return made
}

// targetID is the ID of a rule's target, of at most 64 characters.
func targetID(id, suffix string) string {
	const most = 64
	return id[:min(len(id), most-len(suffix))] + suffix
}

// deadLetters gives the ARN of the queue for events that could not be
// delivered, and the queue if it has to be made.
func (t *transformer) deadLetters(to scheduled, e event) (*resource, source.Node) {
	config := e.prop("DeadLetterConfig")
	if config.Kind == source.Null {
		return nil, source.Node{}
	}
	if has(config, "Arn") == has(config, "Type") || has(config, "Type") && !isText(get(config, "Type"), "SQS") {
		t.errorf(config.At, e.said, "DeadLetterConfig has either an Arn or the Type SQS")
		return nil, source.Node{}
	}
	if arn := get(config, "Arn"); arn.Kind != source.Null {
		return nil, arn
	}
	id := e.id + "Queue"
	if given := get(config, "QueueLogicalId"); given.Kind == source.String && isLogicalID(given.Text) {
		id = given.Text
	} else if given.Kind != source.Null {
		t.errorf(given.At, e.said, "QueueLogicalId is a logical ID")
	}
	queue := newResource(config.At, id, "AWS::SQS::Queue", to.attrs)
	return queue, queue.arn()
}

var scheduleV2Schema = newSchema("ScheduleExpression:!str PermissionsBoundary,Name,State,Description,StartDate,EndDate,ScheduleExpressionTimezone:str",
	"GroupName,KmsKeyArn,Input,RoleArn:str FlexibleTimeWindow,DeadLetterConfig,RetryPolicy:map OmitName:=bool")

func (t *transformer) functionScheduleV2(l *lambda, e event) {
	l.add(t.scheduleV2(l.scheduled(), e)...)
}

// scheduleV2 makes an EventBridge Scheduler schedule, and the role it takes on.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-schedulev2.html
func (t *transformer) scheduleV2(to scheduled, e event) []*resource {
	p := place(e.at)
	r := newResource(e.at, e.id, "AWS::Scheduler::Schedule", to.attrs)
	r.copy(e.props, "ScheduleExpression", "Description", "StartDate", "EndDate", "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn")
	r.copyTruthy(e.props, "State")
	r.set("FlexibleTimeWindow", p.obj(kv{"Mode", p.str("OFF")}))
	r.copyTruthy(e.props, "FlexibleTimeWindow")
	if name := e.prop("Name"); truthy(e.prop("OmitName")) && truthy(name) {
		t.errorf(name.At, e.said, "Name and OmitName exclude each other")
	} else if !truthy(e.prop("OmitName")) {
		r.set("Name", p.str(e.id))
		r.copyTruthy(e.props, "Name")
	}
	made := []*resource{r}
	queue, dead := t.deadLetters(to, e)
	if queue != nil {
		made = append(made, queue)
	}
	role := e.prop("RoleArn")
	if !truthy(role) {
		generated := t.schedulerRole(to, e, dead)
		made = append(made, generated)
		role = generated.arn()
	}
	target := p.obj(kv{"Arn", to.arn}, kv{"RoleArn", role}, kv{"Input", e.prop("Input")}, kv{"RetryPolicy", e.prop("RetryPolicy")})
	if dead.Kind != source.Null {
		set(&target, "DeadLetterConfig", p.obj(kv{"Arn", dead}))
	}
	r.set("Target", target)
	return made
}

func (t *transformer) schedulerRole(to scheduled, e event, dead source.Node) *resource {
	p := place(e.at)
	policies := p.list(p.inline(e.id+to.policy, p.allow(p.str(to.action), to.arn)))
	if dead.Kind != source.Null {
		policies.Items = append(policies.Items, p.inline(e.id+"SQSPolicy", p.allow(p.str("sqs:SendMessage"), dead)))
	}
	r := newResource(e.at, e.id+"Role", "AWS::IAM::Role", to.attrs, kv{"AssumeRolePolicyDocument", p.assume("scheduler.amazonaws.com")}, kv{"Policies", policies})
	r.copyTruthy(e.props, "PermissionsBoundary")
	return r
}
