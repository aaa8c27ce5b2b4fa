package ssm_test

import (
	"strings"
	"testing"

	. "bailey/services/access/accesstest"
	"bailey/services/wire"
	"bailey/services/wire/wiretest"
)

// What a function's role may, and what it is told otherwise.
func TestIAM(t *testing.T) {
	const arn = "arn:aws:ssm:us-west-2:123456789012:parameter/"
	w := serve(t, parameter("/app/url", "String", "x"), parameter("/app/key", "SecureString", "x"),
		Role("one", Allow("ssm:GetParameter", arn+"app/url")),
		Role("tree", Allow("ssm:*", arn+"app*"), Deny("kms:Decrypt", "*")),
		Role("once", `{"Effect": "Allow", "Action": "ssm:PutParameter", "Resource": "*", "Condition": {"StringEquals": {"ssm:Overwrite": "false"}}}`),
	)
	inside := w.From(wire.Origin{FunctionARN: "arn:aws:lambda:us-west-2:123456789012:function:one"})
	run := func(role string) map[string]wiretest.Outcome {
		return wiretest.Boto3(t, inside, w.Function(role), prelude+`
step("get", lambda: get(Name="/app/url"))
step("version", lambda: get(Name="/app/url:1"))
step("many", lambda: ssm.get_parameters(Names=["/app/url", "/other"]))
step("decrypt", lambda: get(Name="/app/key", WithDecryption=True))
step("path", lambda: ssm.get_parameters_by_path(Path="/app"))
step("describe", lambda: ssm.describe_parameters())
step("put", lambda: put(Name="/new", Value="1", Type="String"))
step("overwrite", lambda: put(Name="/new", Value="1", Type="String", Overwrite=True))
`)
	}
	allowed := map[string]string{
		"one get": "", "one version": "",
		"tree get": "", "tree version": "", "tree path": "",
		"once put":       "",
		"one many":       "ssm:GetParameters on resource: " + arn + "app/url because no identity-based policy allows the ssm:GetParameters action",
		"tree many":      "ssm:GetParameters on resource: " + arn + "other because no identity-based policy",
		"tree decrypt":   "kms:Decrypt on resource: arn:aws:kms:us-west-2:123456789012:key/",
		"one path":       "ssm:GetParametersByPath on resource: " + arn + "app because",
		"one describe":   "ssm:DescribeParameters on resource: arn:aws:ssm:us-west-2:123456789012:* because",
		"once overwrite": "ssm:PutParameter on resource: " + arn + "new because",
	}
	for _, role := range []string{"one", "tree", "once"} {
		for step, got := range run(role) {
			denied, stated := allowed[role+" "+step]
			switch {
			case stated && denied == "":
				if got.Exception != "" {
					t.Errorf("%s %s: %s", role, step, got)
				}
			default:
				sentence := "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/" + role + "/session is not authorized to perform: " + denied
				if !strings.Contains(got.String(), sentence) {
					t.Errorf("%s %s: %s\nwant %s", role, step, got, sentence)
				}
			}
		}
	}
	first := w.Denials()[0]
	if want := `Missing statement: {"Effect":"Allow","Action":"ssm:GetParameters","Resource":"` + arn + `app/url"}`; first.Needed != want ||
		first.FunctionARN != "arn:aws:lambda:us-west-2:123456789012:function:one" {
		t.Errorf("denial %+v\nwant needed %s", first, want)
	}
}
