package reach

import (
	"slices"
	"strings"
	"testing"

	"bailey/cfn/document"
	"bailey/cloud"
)

// roleOf gives F a role with a policy that allows actions, written as YAML
// flow, and AWS's own policies.
func roleOf(t *testing.T, statements string, managed ...string) func(*cloud.Spec) {
	t.Helper()
	doc, diags := document.Read("policy.yaml", []byte("Version: '2012-10-17'\nStatement: ["+statements+"]\n"))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	arn := cloud.ARN{Partition: "aws", Service: "iam", Account: "123456789012", Resource: "role/R"}
	return func(s *cloud.Spec) {
		s.Roles = []cloud.Role{{Meta: meta("R"), ARN: arn, RoleName: "R", Policies: []cloud.Policy{{Name: "own", Doc: doc}}, Managed: managed}}
		s.Functions[0].Role, s.Functions[0].ARN = cloud.Known(arn.String()), queueARN("lambda", "function:F")
	}
}

func queueARN(service, resource string) cloud.ARN {
	return cloud.ARN{Partition: "aws", Service: service, Region: "us-west-2", Account: "123456789012", Resource: resource}
}

func mayCall(actions string) string {
	return "{Effect: Allow, Action: [" + actions + "], Resource: '*'}"
}

func withEnv(name, value string) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		s.Functions[0].Env = append(s.Functions[0].Env, cloud.EnvVar{Name: name, Value: cloud.Known(value)})
	}
}

// Who dials: each case is a call that the function makes itself, or that AWS
// makes for it.
func TestWhoDials(t *testing.T) {
	mapping := func(source string) func(*cloud.Spec) {
		return func(s *cloud.Spec) {
			s.EventSourceMappings = []cloud.EventSourceMapping{{Meta: meta("M"), Function: cloud.Known(queueARN("lambda", "function:F")), Source: cloud.Known(queueARN(source, "x")), Enabled: cloud.Known(true)}}
		}
	}
	queue := queueARN("sqs", "failed")
	for _, c := range []struct {
		name string
		with []func(*cloud.Spec)
		want string
	}{
		{"a call of the code", []func(*cloud.Spec){roleOf(t, mayCall("'ssm:GetParameter', 'sns:Publish'"))}, "aws:ssm aws:sns"},
		{"logs, traces and interfaces are Lambda's", []func(*cloud.Spec){roleOf(t, mayCall("'logs:PutLogEvents', 'xray:PutTraceSegments', 'ec2:CreateNetworkInterface'"))}, ""},
		{"other logs are the code's", []func(*cloud.Spec){roleOf(t, mayCall("'logs:FilterLogEvents'"))}, "aws:logs"},
		{"what is sealed, its keeper opens", []func(*cloud.Spec){roleOf(t, mayCall("'kms:Decrypt', 'kms:GenerateDataKey', 'ssm:GetParameter'"))}, "aws:ssm"},
		{"with no keeper, the code seals itself", []func(*cloud.Spec){roleOf(t, mayCall("'kms:GenerateDataKey'"))}, "aws:kms"},
		{"a queue that is polled for it", []func(*cloud.Spec){roleOf(t, mayCall("'sqs:ReceiveMessage'")), mapping("sqs")}, ""},
		{"a queue that nothing polls for it", []func(*cloud.Spec){roleOf(t, mayCall("'sqs:ReceiveMessage'"))}, "aws:sqs"},
		{"a policy of AWS's for polling is for polling", []func(*cloud.Spec){roleOf(t, mayCall("'logs:PutLogEvents'"), "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole")}, ""},
		{"what polls one service does not poll another", []func(*cloud.Spec){roleOf(t, mayCall("'sqs:ReceiveMessage'")), mapping("kinesis")}, "aws:sqs"},
		{"Lambda sends what failed", []func(*cloud.Spec){roleOf(t, "{Effect: Allow, Action: 'sqs:SendMessage', Resource: '"+queue.String()+"'}"),
			func(s *cloud.Spec) { s.Functions[0].DeadLetter = cloud.Known(queue) }}, ""},
		{"everything says nothing", []func(*cloud.Spec){roleOf(t, mayCall("'*'"))}, ""},
		{"and so does everything but", []func(*cloud.Spec){roleOf(t, "{Effect: Allow, NotAction: 'iam:*', Resource: '*'}")}, ""},
		{"all of one service is that service", []func(*cloud.Spec){roleOf(t, mayCall("'dynamodb:*'"))}, "aws:dynamodb"},
		{"not each of its endpoints", []func(*cloud.Spec){roleOf(t, mayCall("'bedrock:*'"))}, "aws:bedrock"},
		{"an action goes to its own endpoint", []func(*cloud.Spec){roleOf(t, mayCall("'bedrock:InvokeModel'"))}, "aws:bedrock-runtime"},
		{"a login to a database is signed, not asked for", []func(*cloud.Spec){roleOf(t, mayCall("'rds-db:connect'"))}, ""},
		{"a denial needs nothing", []func(*cloud.Spec){roleOf(t, "{Effect: Deny, Action: 'ssm:*', Resource: '*'}")}, ""},
		{"another endpoint in its place", []func(*cloud.Spec){roleOf(t, mayCall("'ssm:GetParameter'")), withEnv("AWS_ENDPOINT_URL_SSM", "https://ssm.example.com")}, "ssm.example.com:443"},
		{"an address in a variable", []func(*cloud.Spec){withEnv("QUEUE_URL", "https://sqs.us-west-2.amazonaws.com/123456789012/q")}, "sqs.us-west-2.amazonaws.com:443"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, n := range Needs(model(t, lightsail(c.with...))) {
				got = append(got, n.To)
				if n.Because == "" {
					t.Errorf("%s is needed, and nothing says why", n.To)
				}
			}
			if g := strings.Join(got, " "); g != c.want {
				t.Errorf("got %s, want %s", g, c.want)
			}
		})
	}
}

// What is taken for granted is said, with its place, once a role.
func TestAssumptionsAreSaid(t *testing.T) {
	for statements, want := range map[string][]string{
		mayCall("'*'"):                {"role R may call whatever there is"},
		mayCall("'kms:Decrypt'"):      {"role R may call kms:Decrypt"},
		mayCall("'ssm:GetParameter'"): nil,
	} {
		m := model(t, lightsail(roleOf(t, statements)))
		var got []string
		for _, d := range Assumptions(m) {
			got = append(got, d.Summary)
			if d.At.File == "" || d.Hint == "" || d.Severity.String() != "note" {
				t.Errorf("%+v", d)
			}
		}
		if !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("%s: got %q, want %q", statements, got, want)
		}
	}
	outside := model(t, lightsail(roleOf(t, mayCall("'*'")), func(s *cloud.Spec) { s.Functions[0].Network = nil }))
	if got := Assumptions(outside); len(got) != 0 {
		t.Errorf("outside a VPC everything can be dialled: %v", got)
	}
}
