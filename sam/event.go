package sam

import (
	"cmp"
	"slices"

	"bailey/source"
)

// An event is one entry of a function's or state machine's Events.
type event struct {
	id    string // logical ID of what it generates: the resource's and the event's
	name  string // its own name
	said  string // how a diagnostic names it
	kind  string
	at    source.Span
	props source.Node
}

func (e event) prop(key string) source.Node { return get(e.props, key) }

// functionEvent makes what one kind of event generates for a function.
type functionEvent struct {
	schema schema
	do     func(*transformer, *lambda, event)
}

// eventTable gives the events of a function, by type.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
func eventTable() map[string]functionEvent {
	rule := newSchema("EventBusName,RuleName,Input,InputPath,State:str Pattern,DeadLetterConfig,RetryPolicy,Target,InputTransformer:map Enabled:bool")
	out := map[string]functionEvent{
		"Schedule":        {newSchema("Schedule:!str RuleName,Input,State,Name,Description:str Enabled:bool DeadLetterConfig,RetryPolicy:map"), (*transformer).scheduleEvent},
		"ScheduleV2":      {scheduleV2Schema, (*transformer).functionScheduleV2},
		"CloudWatchEvent": {rule, (*transformer).ruleEvent},
		"EventBridgeRule": {rule, (*transformer).ruleEvent},
		"S3":              {newSchema("Bucket:!str Events:!=text Filter:texts"), (*transformer).s3Event},
		"SNS":             {newSchema("Topic:!str Region:str FilterPolicy,FilterPolicyScope:any SqsSubscription:bool|map RedrivePolicy:map"), (*transformer).snsEvent},
		"Api": {newSchema("Path,Method,RestApiId:!str Stage,ResponseTransferMode:str Auth,RequestModel:map RequestParameters:list TimeoutInMillis:int"),
			(*transformer).apiFunctionEvent},
		"HttpApi":        {newSchema("Path,Method,ApiId,Stage,PayloadFormatVersion:str Auth,RouteSettings:map TimeoutInMillis:int"), (*transformer).httpAPIFunctionEvent},
		"AlexaSkill":     {newSchema("SkillId:str"), (*transformer).alexaEvent},
		"IoTRule":        {newSchema("Sql:!str AwsIotSqlVersion:str"), (*transformer).iotEvent},
		"Cognito":        {newSchema("UserPool:!str Trigger:!=text"), (*transformer).cognitoEvent},
		"CloudWatchLogs": {newSchema("LogGroupName,FilterPattern:!str"), (*transformer).logsEvent},
	}
	for kind, properties := range pullSources {
		out[kind] = functionEvent{newSchema(pullProperties, properties), (*transformer).pullEvent}
	}
	return out
}

// functionEvents makes what the events of a function generate, in the order of
// their paths: $default before any other.
func (t *transformer) functionEvents(l *lambda) {
	table := eventTable()
	entries := slices.Clone(l.prop("Events").Entries)
	key := func(e source.Entry) string { return cmp.Or(get(e.Value, "Properties", "Path").Text, e.Key) }
	slices.SortStableFunc(entries, func(a, b source.Entry) int { return cmp.Compare(key(a), key(b)) })
	for _, entry := range entries {
		e := newEvent(l.samResource, entry)
		known, ok := table[e.kind]
		if !ok {
			t.diags.Errorf("SAM_UNKNOWN_EVENT", e.at, "%s: a function has no events of type %q", e.said, e.kind)
			continue
		}
		if t.eventFits(e, known.schema) {
			known.do(t, l, e)
		}
	}
}

func newEvent(s samResource, entry source.Entry) event {
	e := event{id: s.id + entry.Key, name: entry.Key, said: s.id + " event " + entry.Key, at: entry.KeyAt,
		kind: get(entry.Value, "Type").Text, props: get(entry.Value, "Properties")}
	if e.props.Kind == source.Null {
		e.props = source.Node{Kind: source.Map, At: entry.KeyAt}
	}
	return e
}

func (t *transformer) eventFits(e event, want schema) bool {
	if !isLogicalID(e.id) {
		t.errorf(e.at, e.said, "an event's name has only letters and digits")
		return false
	}
	if e.props.Kind != source.Map {
		t.errorf(e.props.At, e.said, "Properties is a map")
		return false
	}
	return t.fits(e.said, e.at, e.props, want, "an event of type "+e.kind)
}

// permission lets a service invoke the function.
func (t *transformer) permission(l *lambda, e event, id, principal string, more ...kv) *resource {
	p := place(e.at)
	r := newResource(e.at, id, "AWS::Lambda::Permission", l.passed(), kv{"Action", p.str("lambda:InvokeFunction")},
		kv{"FunctionName", l.name()}, kv{"Principal", p.str(principal)})
	for _, entry := range more {
		r.set(entry.key, entry.value)
	}
	l.add(r)
	return r
}

func (t *transformer) alexaEvent(l *lambda, e event) {
	t.permission(l, e, e.id+"Permission", "alexa-appkit.amazon.com", kv{"EventSourceToken", e.prop("SkillId")})
}

func (t *transformer) iotEvent(l *lambda, e event) {
	p := place(e.at)
	t.permission(l, e, e.id+"Permission", "iot.amazonaws.com", kv{"SourceAccount", p.sub("${AWS::AccountId}")},
		kv{"SourceArn", p.sub(t.arn("iot", "rule/${RuleName}"), kv{"RuleName", p.ref(e.id)})})
	action := p.obj(kv{"Lambda", p.obj(kv{"FunctionArn", l.arn()})})
	payload := p.obj(kv{"Sql", e.prop("Sql")}, kv{"RuleDisabled", p.bool(false)}, kv{"Actions", p.list(action)})
	if v := e.prop("AwsIotSqlVersion"); truthy(v) {
		set(&payload, "AwsIotSqlVersion", v)
	}
	l.add(newResource(e.at, e.id, "AWS::IoT::TopicRule", l.passed(), kv{"TopicRulePayload", payload}))
}

func (t *transformer) logsEvent(l *lambda, e event) {
	p := place(e.at)
	group := e.prop("LogGroupName")
	permission := t.permission(l, e, e.id+"Permission", "logs.amazonaws.com",
		kv{"SourceArn", p.sub(t.arn("logs", "log-group:${__LogGroupName__}:*"), kv{"__LogGroupName__", group})})
	r := newResource(e.at, e.id, "AWS::Logs::SubscriptionFilter", l.passed(), kv{"LogGroupName", group},
		kv{"FilterPattern", e.prop("FilterPattern")}, kv{"DestinationArn", l.arn()})
	r.depends = p.strs(permission.id)
	l.add(r)
}

// sibling finds the resource of the template that a Ref names, as the outcome
// will have it; several events may change it.
func (t *transformer) sibling(e event, n source.Node, kind string) *resource {
	id, ok := n.Get("Ref")
	if !ok || n.Kind != source.Map || t.entry(id.Text) == nil {
		t.errorf(e.at, e.said, "it must refer to a resource of this template with Ref: an %s", kind)
		return nil
	}
	if r := t.attached[id.Text]; r != nil {
		return r
	}
	entry := t.entry(id.Text)
	if found := get(entry.Value, "Type").Text; found != kind {
		t.errorf(n.At, e.said, "%s is an %s and no %s", id.Text, found, kind)
		return nil
	}
	s := newSAMResource(*entry)
	r := newResource(s.at, s.id, kind, s.attrs)
	r.depends = s.depends
	if r.props = s.props; s.props.Kind != source.Map {
		t.errorf(s.props.At, s.id, "Properties is a map")
		return nil
	}
	for _, p := range slices.Clone(r.props.Entries) {
		r.set(p.Key, p.Value)
	}
	t.attached[s.id] = r
	return r
}

// s3Event has a bucket of the template notify the function.
func (t *transformer) s3Event(l *lambda, e event) {
	p := place(e.at)
	bucket := t.sibling(e, e.prop("Bucket"), "AWS::S3::Bucket")
	if bucket == nil {
		return
	}
	permission := t.permission(l, e, e.id+"Permission", "s3.amazonaws.com", kv{"SourceAccount", p.ref("AWS::AccountId")})
	t.waitFor(l, e, bucket, permission)
	config := ensure(&bucket.props, "NotificationConfiguration", p.obj())
	if config.Kind != source.Map {
		t.errorf(config.At, bucket.id, "NotificationConfiguration is a map, and its LambdaConfigurations a list")
		return
	}
	notifications := ensure(config, "LambdaConfigurations", p.list())
	if notifications.Kind != source.List {
		t.errorf(notifications.At, bucket.id, "NotificationConfiguration is a map, and its LambdaConfigurations a list")
		return
	}
	for kind := range e.prop("Events").Each() {
		n := place(kind.At).obj(kv{"Event", kind}, kv{"Function", l.arn()}, kv{"Filter", e.prop("Filter")})
		if c := l.condition(); c.Kind != source.Null {
			n = place(kind.At).when(c, n, source.Node{})
		}
		if !contains(notifications.Items, n) {
			notifications.Items = append(slices.Clone(notifications.Items), n)
		}
	}
	l.add(bucket.snapshot())
}

// waitFor has the bucket made after the permission: by DependsOn, or where the
// permission is conditional by a tag that refers to it.
func (t *transformer) waitFor(l *lambda, e event, bucket, permission *resource) {
	p := place(e.at)
	if c := l.condition(); c.Kind != source.Null {
		tags := ensure(&bucket.props, "Tags", p.list())
		if tags.Kind != source.List {
			t.errorf(tags.At, bucket.id, "Tags is a list")
			return
		}
		value := p.obj(kv{"Fn::If", p.list(c, permission.ref(), p.str("no dependency"))})
		tags.Items = append(slices.Clone(tags.Items), p.obj(kv{"Key", p.str("sam:ConditionalDependsOn:" + permission.id)}, kv{"Value", value}))
		return
	}
	list := p.list()
	if given := has(t.entry(bucket.id).Value, "DependsOn"); given && !isKind("text", bucket.depends) {
		t.errorf(bucket.depends.At, bucket.id, "DependsOn is a logical ID or a list of them")
	} else if bucket.depends.Kind != source.Null {
		list.Items = slices.Collect(bucket.depends.Each())
	}
	if id := p.str(permission.id); !contains(list.Items, id) {
		list.Items = append(list.Items, id)
	}
	bucket.depends = list
}

// cognitoEvent has a user pool of the template call the function.
func (t *transformer) cognitoEvent(l *lambda, e event) {
	p := place(e.at)
	pool := t.sibling(e, e.prop("UserPool"), "AWS::Cognito::UserPool")
	if pool == nil {
		return
	}
	t.permission(l, e, l.target().id+"CognitoPermission", "cognito-idp.amazonaws.com", kv{"SourceArn", p.getAtt(pool.id, "Arn")})
	config := ensure(&pool.props, "LambdaConfig", p.obj())
	if config.Kind != source.Map {
		t.errorf(config.At, pool.id, "LambdaConfig is a map")
		return
	}
	for trigger := range e.prop("Trigger").Each() {
		if has(*config, trigger.Text) {
			t.errorf(trigger.At, e.said, "the trigger %s of %s has a function already", trigger.Text, pool.id)
			continue
		}
		set(config, trigger.Text, l.arn())
	}
	l.add(pool.snapshot())
}

// snsEvent subscribes the function to a topic, by itself or through a queue.
func (t *transformer) snsEvent(l *lambda, e event) {
	through := e.prop("SqsSubscription")
	if !truthy(through) {
		t.permission(l, e, e.id+"Permission", "sns.amazonaws.com", kv{"SourceArn", e.prop("Topic")})
		t.subscription(l, e, "lambda", l.arn())
		return
	}
	p := place(through.At)
	policyID := e.id + "QueuePolicy"
	var arn, url, size source.Node
	if through.Kind == source.Map {
		arn, url, size = get(through, "QueueArn"), get(through, "QueueUrl"), get(through, "BatchSize")
		if !truthy(arn) || !truthy(url) {
			t.errorf(through.At, e.said, "SqsSubscription has a QueueArn and a QueueUrl")
		}
		if id := get(through, "QueuePolicyLogicalId"); truthy(id) {
			policyID = id.Text
		}
	} else {
		queue := newResource(through.At, e.id+"Queue", "AWS::SQS::Queue", l.passed())
		if fifo := t.fifoTopic(e.prop("Topic")); truthy(fifo) {
			queue.set("FifoQueue", fifo)
		}
		l.add(queue)
		arn, url = queue.arn(), queue.ref()
	}
	t.queuePolicy(l, policyID, arn, url, p.str("*"), e.prop("Topic"))
	t.subscription(l, e, "sqs", arn)
	if !truthy(size) {
		size = p.num(10)
	}
	mapping := newResource(e.at, e.id+"EventSourceMapping", "AWS::Lambda::EventSourceMapping", l.passed(), kv{"FunctionName", l.name()},
		kv{"EventSourceArn", arn}, kv{"BatchSize", size}, kv{"Enabled", p.bool(true)})
	l.add(mapping)
	l.grant(t.managed("service-role/AWSLambdaSQSQueueExecutionRole"))
}

func (t *transformer) fifoTopic(topic source.Node) source.Node {
	if id, ok := referred(topic); ok && t.props(id) != nil {
		return t.resolve(get(*t.props(id), "FifoTopic"))
	}
	return source.Node{}
}

func (t *transformer) subscription(l *lambda, e event, protocol string, endpoint source.Node) {
	p := place(e.at)
	r := newResource(e.at, e.id, "AWS::SNS::Subscription", l.passed(), kv{"Protocol", p.str(protocol)}, kv{"Endpoint", endpoint}, kv{"TopicArn", e.prop("Topic")})
	r.copy(e.props, "Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy")
	l.add(r)
}

// queuePolicy lets one source send to a queue.
func (t *transformer) queuePolicy(l *lambda, id string, arn, url, principal, from source.Node) {
	r := t.newQueuePolicy(l.at, id, l.passed(), arn, url, principal, from)
	r.at = url.At
	l.add(r)
}

func (t *transformer) newQueuePolicy(at source.Span, id string, attrs attributes, arn, url, principal, from source.Node) *resource {
	p := place(at)
	statement := p.obj(kv{"Action", p.str("sqs:SendMessage")}, kv{"Effect", p.str("Allow")}, kv{"Principal", principal}, kv{"Resource", arn},
		kv{"Condition", p.obj(kv{"ArnEquals", p.obj(kv{"aws:SourceArn", from})})})
	return newResource(at, id, "AWS::SQS::QueuePolicy", attrs, kv{"PolicyDocument", p.document(statement)}, kv{"Queues", p.list(url)})
}
