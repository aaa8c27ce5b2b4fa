package sam

import "bailey/source"

// eventInvokeConfig makes the AWS::Lambda::EventInvokeConfig and the destinations
// that it generates, and returns the policies that the function's role needs.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventinvokeconfiguration.html
func (t *transformer) eventInvokeConfig(l *lambda) []source.Node {
	given := l.prop("EventInvokeConfig")
	if !truthy(given) {
		return nil
	}
	p := place(given.At)
	config := t.resolve(given)
	r := newResource(given.At, l.id+"EventInvokeConfig", "AWS::Lambda::EventInvokeConfig", l.attrs, kv{"FunctionName", p.ref(l.id)}, kv{"Qualifier", p.str("$LATEST")})
	if l.alias != nil {
		r.depends = p.strs(l.alias.id)
		r.set("Qualifier", p.str(l.aliasName))
	}
	destinations, policies := t.destinations(l, r.id, get(config, "DestinationConfig"))
	r.set("DestinationConfig", destinations)
	r.copy(config, "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
	l.add(r)
	return policies
}

func (t *transformer) destinations(l *lambda, id string, config source.Node) (source.Node, []source.Node) {
	out := place(l.at).obj()
	var policies []source.Node
	if truthy(config) && config.Kind != source.Map {
		t.errorf(config.At, l.id, "DestinationConfig is a map")
	}
	for _, event := range []string{"OnSuccess", "OnFailure"} {
		d := get(config, event)
		if d.Kind == source.Null {
			continue
		}
		if d.Kind != source.Map || !oneOf(get(d, "Type"), "SQS", "SNS", "EventBridge", "Lambda", "S3Bucket") {
			t.errorf(d.At, l.id, "%s is a map whose Type is SQS, SNS, EventBridge, Lambda or S3Bucket", event)
			continue
		}
		arn := t.destination(l, d, id, event)
		set(&out, event, place(d.At).obj(kv{"Destination", arn}))
		policies = append(policies, destinationPolicy(d, id+event, arn))
	}
	return out, policies
}

// destination is the ARN of one destination, which is made if none is given, or
// under a condition if Fn::If gives AWS::NoValue for one of its branches.
func (t *transformer) destination(l *lambda, d source.Node, id, event string) source.Node {
	p := place(d.At)
	given := get(d, "Destination")
	condition, other := t.absent(given, id)
	if given.Kind != source.Null && condition == "" {
		return given
	}
	var r *resource
	switch get(d, "Type").Text {
	case "SQS":
		r = newResource(d.At, id+event+"Queue", "AWS::SQS::Queue", l.passed())
	case "SNS":
		r = newResource(d.At, id+event+"Topic", "AWS::SNS::Topic", l.passed())
	default:
		t.errorf(d.At, l.id, "%s of Type %s has a Destination", event, get(d, "Type").Text)
		return source.Node{}
	}
	l.add(r)
	arn := r.arn()
	if r.kind == "AWS::SNS::Topic" {
		arn = r.ref()
	}
	if condition == "" {
		return arn
	}
	r.attrs = r.attrs.with("Condition", p.str(t.both(l, condition)))
	return p.when(p.str(condition), arn, other)
}

// absent finds the condition under which an Fn::If gives no value, and what it
// gives otherwise.
func (t *transformer) absent(n source.Node, id string) (condition string, other source.Node) {
	c, then, otherwise, ok := branches(n)
	switch {
	case isIf(n) && !ok:
		t.errorf(n.At, id, "Fn::If takes three arguments")
	case !ok || isNoValue(then) == isNoValue(otherwise):
	case c.Kind != source.String || c.Text == "":
		t.errorf(n.At, id, "Fn::If takes the name of a condition")
	case isNoValue(then):
		return c.Text, otherwise
	default:
		p := place(n.At)
		name := hashed("NOT"+c.Text, p.str(id))
		t.setCondition(name, p.obj(kv{"Fn::Not", p.list(p.obj(kv{"Condition", c}))}))
		return name, then
	}
	return "", source.Node{}
}

// both is a condition that holds where the function's own and another do.
func (t *transformer) both(l *lambda, condition string) string {
	own := l.condition()
	if own.Kind != source.String {
		return condition
	}
	p := place(l.at)
	name := hashed(own.Text+"AND"+condition, p.str(l.id))
	operand := func(s string) source.Node { return p.obj(kv{"Condition", p.obj(kv{"Condition", p.str(s)})}) }
	t.setCondition(name, p.obj(kv{"Fn::And", p.list(operand(own.Text), operand(condition))}))
	return name
}

// destinationPolicy lets the function's role send to a destination.
func destinationPolicy(d source.Node, id string, arn source.Node) source.Node {
	p := place(d.At)
	switch get(d, "Type").Text {
	case "SQS":
		return p.inline(id+"SQSPolicy", p.allow(p.str("sqs:SendMessage"), arn))
	case "SNS":
		return p.inline(id+"SNSPolicy", p.allow(p.str("sns:publish"), arn))
	case "EventBridge":
		return p.inline(id+"EventBridgePolicy", p.allow(p.str("events:PutEvents"), arn))
	case "Lambda":
		return p.inline(id+"LambdaPolicy", p.allow(p.str("lambda:InvokeFunction"), arn))
	}
	objects := p.obj(kv{"Fn::Join", p.list(p.str("/"), p.list(arn, p.str("*")))})
	return p.inline(id+"S3Policy", p.allow(p.str("s3:PutObject"), objects), p.allow(p.str("s3:ListBucket"), arn))
}
