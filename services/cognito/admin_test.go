package cognito_test

import (
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

// What an administrator's backend does for its users: signing them in with its
// own credentials, confirming and resetting them.
func TestAdministrators(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) {
		p.Schema = []cloud.PoolAttribute{{AttributeName: "email", Required: true, Mutable: true}, {AttributeName: "tenant"}}
	})
	b.do("SignUp", signUp("ada", "right-pass1", "email", "ada@example.com", "custom:tenant", "7"))
	b.do("AdminConfirmSignUp", admin("ada"))
	same(t, "confirmed twice", b.fail("AdminConfirmSignUp", admin("ada")), "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED")
	in := byPassword("ada", "right-pass1")
	in["UserPoolId"], in["AuthFlow"] = poolID, "ADMIN_USER_PASSWORD_AUTH"
	if b.do("AdminInitiateAuth", in)["AuthenticationResult"] == nil {
		t.Error("no tokens")
	}
	b.do("AdminSetUserPassword", admin("ada", "Password", "temporary1"))
	in["AuthParameters"].(object)["PASSWORD"] = "temporary1"
	challenge := b.do("AdminInitiateAuth", in)
	answer := object{"UserPoolId": poolID, "ClientId": clientID, "ChallengeName": challenge["ChallengeName"], "Session": challenge["Session"],
		"ChallengeResponses": object{"USERNAME": "ada", "NEW_PASSWORD": "permanent1"}}
	if b.do("AdminRespondToAuthChallenge", answer)["AuthenticationResult"] == nil {
		t.Error("no tokens")
	}
	in["UserPoolId"] = "us-west-2_Nothing00"
	same(t, "another pool", b.fail("AdminInitiateAuth", in), "ResourceNotFoundException: User pool us-west-2_Nothing00 does not exist.")
	in["UserPoolId"], in["ClientId"] = poolID, "none"
	same(t, "another client", b.fail("AdminInitiateAuth", in), "ResourceNotFoundException: User pool client none does not exist.")

	without := func(name string) object { return admin("ada", "UserAttributeNames", []string{name}) }
	same(t, "required", b.fail("AdminDeleteUserAttributes", without("email")), "InvalidParameterException: user.email: Attribute is required and cannot be deleted.")
	same(t, "immutable", b.fail("AdminUpdateUserAttributes", admin("ada", "UserAttributes", attributes("custom:tenant", "8"))),
		"InvalidParameterException: user.custom:tenant: Attribute cannot be updated.")
	same(t, "sub", b.fail("AdminUpdateUserAttributes", admin("ada", "UserAttributes", attributes("sub", "8"))),
		"InvalidParameterException: Cannot modify the non-mutable attribute sub")
	b.do("AdminDeleteUserAttributes", without("custom:tenant"))
	if got := b.shows("AdminGetUser", admin("ada"), "UserAttributes"); strings.Contains(got, "tenant") {
		t.Error(got)
	}
	same(t, "multi-factor", b.shows("GetUserPoolMfaConfig", object{"UserPoolId": poolID}, "MfaConfiguration"), `"OFF"`)
	same(t, "another challenge", b.fail("RespondToAuthChallenge", object{"ClientId": clientID, "ChallengeName": "SMS_MFA"}),
		"UnknownOperationException: bailey does not have the authentication challenge SMS_MFA yet")
}

// An SRP challenge is answered once, by who began it, in time.
func TestSRPChallengeIsNotReused(t *testing.T) {
	const op = "RespondToAuthChallenge"
	b := fresh(t)
	b.user("ada", "right-pass1")
	begin := func() string {
		out := b.do("InitiateAuth", object{"ClientId": clientID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": "ada", "SRP_A": "ABCDEF"}})
		return out["ChallengeParameters"].(object)["SECRET_BLOCK"].(string)
	}
	answer := func(block, name, at string) object {
		return object{"ClientId": clientID, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": object{"USERNAME": name,
			"PASSWORD_CLAIM_SECRET_BLOCK": block, "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": at}}
	}
	const now = "Sat Mar 7 12:00:00 UTC 2026"
	block := begin()
	same(t, "timestamp", b.fail(op, answer(block, "ada", "2026-03-07T12:00:00Z")), "InvalidParameterException: TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	same(t, "wrong proof", b.fail(op, answer(block, "ada", now)), wrong)
	same(t, "again", b.fail(op, answer(block, "ada", now)), "NotAuthorizedException: Invalid session for the user, session can only be used once.")
	same(t, "another user", b.fail(op, answer(begin(), "bob", now)), "NotAuthorizedException: Invalid session for the user.")
	same(t, "made up", b.fail(op, answer("AAAA", "ada", now)), "NotAuthorizedException: Invalid session for the user.")
	block = begin()
	b.do("AdminSetUserPassword", admin("ada", "Password", "second-pass1", "Permanent", true))
	same(t, "another password meanwhile", b.fail(op, answer(block, "ada", now)), "NotAuthorizedException: Invalid session for the user.")
	block = begin()
	b.pass(3*time.Minute + 1)
	same(t, "late", b.fail(op, answer(block, "ada", now)), "NotAuthorizedException: Invalid session for the user, session is expired.")
}
