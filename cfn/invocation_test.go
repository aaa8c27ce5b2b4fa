package cfn_test

import (
	"fmt"
	"strings"
	"testing"

	"bailey/cloud"
)

// describeInvocation writes what stands around functions.
func describeInvocation(b *strings.Builder, line func(cloud.Meta, string, ...any), s cloud.Spec) {
	for _, f := range s.Functions {
		if f.SnapStart || f.Tracing || len(f.FileSystems) > 0 || f.Image.Command != nil || f.Capacity.Or("?") != "" {
			fmt.Fprintf(b, "  %s: %s layers %s dead letters %s key %s signing %s capacity %s snap %v tracing %v recursion %s image %v mounts %v\n", f.Name, f.LogFormat,
				show(f.Layers), show(f.DeadLetter), show(f.KMSKey), show(f.CodeSigning), show(f.Capacity), f.SnapStart, f.Tracing, f.Recursion, f.Image, len(f.FileSystems))
		}
	}
	for _, v := range s.Versions {
		line(v.Meta, "%s of %s provisioned %d", v.Number, show(v.Function), v.Provisioned)
	}
	for _, a := range s.Aliases {
		line(a.Meta, "%s of %s at %s provisioned %d", a.AliasName, show(a.Function), show(a.Version), a.Provisioned)
		for _, w := range a.Weights {
			fmt.Fprintf(b, "  %s to %s\n", show(w.Weight), show(w.Version))
		}
	}
	for _, p := range s.Permissions {
		line(p.Meta, "%s may %s %s source %s account %s organization %s token %s URL %s %s", show(p.Principal), show(p.Action), show(p.Function),
			show(p.SourceARN), show(p.SourceAccount), show(p.OrgID), show(p.EventSourceToken), show(p.URLAuth), show(p.ViaURL))
	}
	for _, u := range s.FunctionURLs {
		line(u.Meta, "%s of %s auth %s stream %v CORS %v", u.Host, show(u.Function), show(u.Auth), u.Stream, u.CORS != nil)
	}
	for _, e := range s.EventSourceMappings {
		line(e.Meta, "%s from %s%s to %s enabled %s batch %d window %v retries %d age %v filters %d failures to %s partial %v pollers %v", e.ID, show(e.Source), show(e.Bootstrap),
			show(e.Function), show(e.Enabled), e.Batch, e.Window, e.Retries, e.MaxAge, len(e.Filters), show(e.OnFailure), e.Partial, e.Pollers)
		if n := e.Network(); n != nil {
			fmt.Fprintf(b, "  pollers in %s with %s, secrets %d\n", show(n.Subnets), show(n.Groups), len(e.Secrets()))
		}
	}
	for _, c := range s.EventInvokeConfigs {
		line(c.Meta, "%s of %s retries %d age %v success %s failure %s", c.Qualifier, show(c.Function), c.Retries, c.MaxAge, show(c.OnSuccess), show(c.OnFailure))
	}
	for _, c := range s.CodeSigningConfigs {
		line(c.Meta, "%s %s enforce %s", c.ARN, show(c.Profiles), show(c.Enforce))
	}
	for _, v := range s.Layers {
		line(v.Meta, "%s %v %v code %s %s", v.ARN, v.Runtimes, v.Architectures, v.Code.S3Bucket, v.Code.S3Key)
	}
	for _, p := range s.LayerPermissions {
		line(p.Meta, "%s may %s %s organization %s", show(p.Principal), show(p.Action), show(p.Layer), show(p.OrgID))
	}
	for _, c := range s.CapacityProviders {
		line(c.Meta, "%s in %s with %s role %s up to %d", c.ARN, show(c.Network.Subnets), show(c.Network.Groups), show(c.OperatorRole), c.MaxVCPU)
	}
	for _, p := range s.InstanceProfiles {
		line(p.Meta, "%s role %s", p.ARN, show(p.Role))
	}
}

// What CloudFormation or Lambda would refuse, or what stays open.
func TestInvocationMistakes(t *testing.T) {
	for name, c := range map[string]struct{ properties, want string }{
		"AuthType":      {"Type: AWS::Lambda::Url\n    Properties: {AuthType: JWT, TargetFunctionArn: f}", `"JWT" is none of NONE, AWS_IAM`},
		"weight":        {"Type: AWS::Lambda::Alias\n    Properties: {FunctionName: f, FunctionVersion: '1', Name: a, RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '2', FunctionWeight: 1.5}]}}", `"1.5" is not a number from 0 to 1`},
		"no principal":  {"Type: AWS::Lambda::Permission\n    Properties: {FunctionName: f, Action: 'lambda:InvokeFunction'}", "has no Principal"},
		"misspelt":      {"Type: AWS::Lambda::Permission\n    Properties: {FunctionName: f, Action: 'lambda:InvokeFunction', Principal: s3.amazonaws.com, SourceARN: x}", `no property "SourceARN"`},
		"no ARN":        {"Type: AWS::Lambda::EventInvokeConfig\n    Properties: {FunctionName: f, Qualifier: $LATEST, DestinationConfig: {OnFailure: {Destination: queue}}}", `"queue" is not an ARN`},
		"too many":      {"Type: AWS::Lambda::EventInvokeConfig\n    Properties: {FunctionName: f, Qualifier: $LATEST, MaximumRetryAttempts: 3}", "from 0 to 2"},
		"five fields":   {"Type: AWS::Events::Rule\n    Properties: {ScheduleExpression: cron(0 3 * * *)}", "template.yaml:4:"},
		"both stars":    {"Type: AWS::Events::Rule\n    Properties: {ScheduleExpression: cron(0 3 * * * *)}", "ScheduleExpression of X: cron(0 3 * * * *): "},
		"plural of one": {"Type: AWS::Events::Rule\n    Properties: {ScheduleExpression: rate(1 days)}", "the unit of 1 is singular"},
		"once by rule":  {"Type: AWS::Events::Rule\n    Properties: {ScheduleExpression: 'at(2026-01-01T00:00:00)'}", "a rule has no one-time expression"},
		"no unit":       {"Type: AWS::Scheduler::Schedule\n    Properties: {FlexibleTimeWindow: {Mode: 'OFF'}, Target: {}, ScheduleExpression: rate(1 week)}", "ScheduleExpression of X: rate(1 week): "},
		"bare value":    {"Type: AWS::Events::Rule\n    Properties: {EventPattern: {source: aws.s3}}", "EventPattern of X: "},
		"pattern text":  {"Type: AWS::Events::Rule\n    Properties: {EventPattern: '{\"source\": [{\"prefix\": 1}]}'}", "EventPattern of X: "},
		"JWT of REST":   {"Type: AWS::ApiGateway::Authorizer\n    Properties: {RestApiId: !Ref A, Name: z, Type: JWT}\n  A: {Type: 'AWS::ApiGateway::RestApi', Properties: {Name: a}}", "the JWT authorizers of REST APIs are not modelled"},
		"bad attribute": {"Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: !GetAtt V.Arn}\n  V:\n    Type: AWS::Lambda::Version\n    Properties: {FunctionName: f}", "has no attribute Arn"},
	} {
		_, diags := load("Resources:\n  X:\n    " + c.properties + "\n")
		if !strings.Contains(fmt.Sprint(diags), c.want) {
			t.Errorf("%s: got %v, want %s", name, diags, c.want)
		}
	}
}
