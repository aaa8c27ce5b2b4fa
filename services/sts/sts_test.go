package sts_test

import (
	"strings"
	"testing"

	"bailey/services/access/accesstest"
	"bailey/services/sts"
	"bailey/services/wire"
	"bailey/services/wire/wiretest"
)

const refused = "bailey does not have sts:% yet"

func world(t *testing.T) *accesstest.World {
	return accesstest.Serve(t, accesstest.Model(t, accesstest.Role("app")), sts.Service())
}

const whoAmI = `
step("identity", lambda: client("sts").get_caller_identity())
`

// Everybody may ask who he is, a role without any permission too.
func TestGetCallerIdentity(t *testing.T) {
	w := world(t)
	wiretest.Compare(t, wiretest.Boto3(t, w.URL, accesstest.Host(), whoAmI), map[string]string{
		"identity": `result {"UserId": "123456789012", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:root"} 200`,
	})
	inside := w.From(wire.Origin{VPCEndpointID: "vpce-1"})
	got := wiretest.Boto3(t, inside, w.Function("app"), whoAmI)["identity"]
	if arn := got.Result["Arn"]; arn != "arn:aws:sts::123456789012:assumed-role/app/session" {
		t.Errorf("a function is %v: %s", arn, got)
	}
}

// Any key is good at the host and none that was not issued is inside.
func TestStrangers(t *testing.T) {
	w := world(t)
	stranger := wiretest.Caller{Key: "AKIASTRANGER", Secret: "theirs", Region: "eu-west-1"}
	if got := wiretest.Boto3(t, w.URL, stranger, whoAmI)["identity"]; got.Result["Arn"] != "arn:aws:iam::123456789012:root" {
		t.Errorf("at the host: %s", got)
	}
	const invalid = "InvalidClientTokenId: The security token included in the request is invalid. 403 Sender"
	for _, caller := range []wiretest.Caller{stranger, accesstest.Host()} {
		got := wiretest.Boto3(t, w.From(wire.Origin{}), caller, whoAmI)
		wiretest.Compare(t, got, map[string]string{"identity": invalid})
	}
	wrong := accesstest.Host()
	wrong.Secret = "tset"
	if got := wiretest.Boto3(t, w.URL, wrong, whoAmI)["identity"]; got.Response.Error.Code != "SignatureDoesNotMatch" {
		t.Errorf("test with another secret: %s", got)
	}
}

func TestRefusedByName(t *testing.T) {
	got := wiretest.Boto3(t, world(t).URL, accesstest.Host(), `
sts = client("sts")
step("GetSessionToken", lambda: sts.get_session_token())
step("AssumeRole", lambda: sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/app", RoleSessionName="s"))
step("GetFederationToken", lambda: sts.get_federation_token(Name="s"))
`)
	want := map[string]string{}
	for _, name := range []string{"GetSessionToken", "AssumeRole", "GetFederationToken"} {
		want[name] = "InvalidAction: " + strings.Replace(refused, "%", name, 1) + " 400 Sender"
	}
	wiretest.Compare(t, got, want)
}

func TestCLI(t *testing.T) {
	out, err := wiretest.AWS(t, world(t).URL, accesstest.Host(), "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
	if err != nil || strings.TrimSpace(out) != "arn:aws:iam::123456789012:root" {
		t.Errorf("%v\n%s", err, out)
	}
}
