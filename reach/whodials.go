package reach

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/source"
)

// made are actions that AWS calls in a function's stead, whatever else it does:
// its logs and traces are shipped by Lambda, its interfaces are made by Lambda,
// and what is encrypted at rest, its environment too, is decrypted by the service
// that keeps it.
// https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html
// https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html
var made = []string{
	"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "xray:*", "kms:Decrypt",
	"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DescribeSubnets",
	"ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:GetSecurityGroupsForVpc",
}

// polled are actions that Lambda calls where an event source mapping polls for
// the function, by the service that is polled. Without a mapping the function
// calls them itself.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
var polled = map[string][]string{
	"sqs":      {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"},
	"kinesis":  {"kinesis:Get*", "kinesis:Describe*", "kinesis:List*", "kinesis:SubscribeToShard"},
	"dynamodb": {"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"},
	"kafka":    {"kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", "kafka:ListScramSecrets"},
}

// sealed are actions with which a service that keeps something encrypted asks
// KMS in the name of whoever writes there; sealing are those services.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
var (
	sealed  = []string{"kms:GenerateDataKey*", "kms:Encrypt", "kms:ReEncrypt*", "kms:DescribeKey"}
	sealing = []string{"s3", "sqs", "sns", "dynamodb", "kinesis", "firehose", "secretsmanager", "ssm", "logs"}
)

// speaksOf reports whether an action is one of the patterns.
func speaksOf(action string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		prefix, wild := strings.CutSuffix(pattern, "*")
		return strings.EqualFold(action, pattern) ||
			wild && len(action) >= len(prefix) && strings.EqualFold(action[:len(prefix)], prefix)
	})
}

// everything reports whether a grant is for whatever there is: it says nothing
// of what a function needs. Assumptions tells.
func everything(g iam.Grant) bool { return g.NotAction || g.Service() == "*" }

// caller says who makes the calls that a function's role allows.
type caller struct {
	polls   map[string]bool // services that an event source mapping polls
	seals   bool            // the role may write where KMS is asked in its name
	handled []string        // ARNs to which Lambda itself sends what came of an invocation
	moved   []string        // services whose endpoint an environment variable replaces
}

func dialsOf(m *cloud.Model, f cloud.Function, role cloud.Role) caller {
	d := caller{polls: map[string]bool{}, handled: sentByLambda(m, f)}
	for e := range m.EventSourceMappings() {
		arn, _ := e.Function.Get()
		if base, _ := arn.Unqualified(); base == f.ARN {
			d.polls[e.Source.Or(cloud.ARN{}).Service] = true
		}
	}
	for p := range RolePolicies(role) {
		for g := range p.Grants() {
			d.seals = d.seals || !g.Deny && slices.Contains(sealing, g.Service())
		}
	}
	for _, v := range f.Env {
		if name, ok := strings.CutPrefix(v.Name, "AWS_ENDPOINT_URL_"); ok {
			d.moved = append(d.moved, strings.ToLower(strings.ReplaceAll(name, "_", "")))
		}
	}
	return d
}

// sentByLambda are the queue and topics to which Lambda sends what a function
// failed at or made of an event.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
func sentByLambda(m *cloud.Model, f cloud.Function) []string {
	var out []string
	add := func(to cloud.Value[cloud.ARN]) {
		if arn, known := to.Get(); known && arn != (cloud.ARN{}) {
			out = append(out, arn.String())
		}
	}
	add(f.DeadLetter)
	for c := range m.EventInvokeConfigs() {
		if arn, _ := c.Function.Get(); arn == f.ARN {
			add(c.OnSuccess)
			add(c.OnFailure)
		}
	}
	for e := range m.EventSourceMappings() {
		if arn, _ := e.Function.Get(); arn == f.ARN {
			add(e.OnFailure)
		}
	}
	return out
}

// aws reports whether AWS makes the calls of a grant. managed: it is one of
// AWS's own policies, whose grants for polling are there for event sources.
func (d caller) aws(g iam.Grant, managed bool) bool {
	service := g.Service()
	switch {
	case speaksOf(g.Action, made), d.seals && speaksOf(g.Action, sealed):
		return true
	case speaksOf(g.Action, polled[service]):
		return managed || d.polls[service]
	}
	return g.Resource != "" && !g.NotResource && slices.Contains(d.handled, g.Resource)
}

// client reports whether clients of a service's API dial its endpoint: a
// registry's and a console session's data planes are other programs' business,
// and an endpoint that a variable names is dialled in its place.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
func (d caller) client(s cloud.Service) bool {
	return !s.Quiet && !slices.Contains(d.moved, strings.ReplaceAll(s.IAM, "-", ""))
}

// servicesFor are the endpoints behind a grant. That all of a service's actions
// are allowed does not mean that each of its endpoints is needed: then it is the
// one that most actions go to.
func servicesFor(g iam.Grant) []cloud.Service {
	found := cloud.ServicesForAction(g.Action)
	if _, name, _ := strings.Cut(g.Action, ":"); name == "*" && len(found) > 1 {
		general := slices.DeleteFunc(slices.Clone(found), func(s cloud.Service) bool { return len(s.Actions) > 0 })
		if len(general) > 0 {
			return general
		}
	}
	return found
}

// Assumptions are what Needs takes for granted, and would not hold for every
// function: notes, one for each role whose function sits in a VPC.
func Assumptions(m *cloud.Model) source.Diags {
	var out source.Diags
	seen := map[string]bool{}
	for f := range m.Functions() {
		arn, _ := f.Role.Get()
		role, ok := m.Role(arn)
		if !ok || f.Network == nil || seen[role.Name] {
			continue
		}
		seen[role.Name] = true
		out = append(out, assumed(f, role)...)
	}
	return out
}

func assumed(f cloud.Function, role cloud.Role) source.Diags {
	var out source.Diags
	note := func(summary, hint string, at source.Span) {
		if at.File == "" {
			at = role.At
		}
		if !slices.ContainsFunc(out, func(d source.Diag) bool { return d.Summary == summary }) {
			out.Add(source.Diag{Code: "NEEDS_ASSUMED", Severity: source.Note, At: at, Summary: summary, Hint: hint})
		}
	}
	for p := range RolePolicies(role) {
		for g := range p.Grants() {
			switch {
			case g.Deny:
			case everything(g):
				note(fmt.Sprintf("role %s may call whatever there is, which says nothing of what %s needs", role.Name, f.Name),
					"state what it calls under expect in bailey.yaml", g.At)
			case strings.EqualFold(g.Action, "kms:Decrypt") && g.At.File != "":
				note(fmt.Sprintf("role %s may call kms:Decrypt: it is taken for what the service that keeps a secret or a file asks in its name", role.Name),
					fmt.Sprintf("if the code of %s decrypts by itself, state {from: %s, to: aws:kms, verdict: reachable} under expect", f.Name, f.Name), g.At)
			}
		}
	}
	return out
}
