package cognito_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

const (
	wrong     = "NotAuthorizedException: Incorrect username or password."
	noUser    = "UserNotFoundException: User does not exist."
	badCode   = "CodeMismatchException: Invalid verification code provided, please try again."
	oldCode   = "ExpiredCodeException: Invalid code provided, please request a code again."
	exceeded  = "NotAuthorizedException: Password attempts exceeded"
	signedOut = "NotAuthorizedException: Access Token has been revoked"
)

func TestSignInByPassword(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1", "email", "ada@example.com", "email_verified", "true")
	tokens := b.signIn("ada", "right-pass1")
	same(t, "type and validity", []any{tokens["TokenType"], tokens["ExpiresIn"]}, "[Bearer 3600]")
	same(t, "wrong password", b.fail("InitiateAuth", byPassword("ada", "wrong-pass1")), wrong)
	same(t, "the case counts", b.fail("InitiateAuth", byPassword("Ada", "right-pass1")), noUser)
	same(t, "nobody", b.fail("InitiateAuth", byPassword("bob", "right-pass1")), noUser)
	me := b.do("GetUser", object{"AccessToken": tokens["AccessToken"]})
	same(t, "GetUser", me["Username"], "ada")
	same(t, "attributes", me["UserAttributes"].([]any)[0], "map[Name:email Value:ada@example.com]")
}

// What stands between the right password and tokens.
func TestStatesOfAUser(t *testing.T) {
	b := fresh(t)
	b.user("off", "right-pass1")
	b.do("AdminDisableUser", admin("off"))
	b.do("SignUp", object{"ClientId": clientID, "Username": "new", "Password": "right-pass1"})
	b.user("reset", "right-pass1", "email", "r@example.com", "email_verified", "true")
	b.do("AdminResetUserPassword", admin("reset"))
	b.do("AdminCreateUser", admin("late", "TemporaryPassword", "right-pass1"))
	b.pass(8 * 24 * time.Hour)
	for name, want := range map[string]string{
		"off":   "NotAuthorizedException: User is disabled.",
		"new":   "UserNotConfirmedException: User is not confirmed.",
		"reset": "PasswordResetRequiredException: Password reset required for the user",
		"late":  "NotAuthorizedException: Temporary password has expired and must be reset by an administrator.",
	} {
		same(t, name, b.fail("InitiateAuth", byPassword(name, "right-pass1")), want)
		same(t, name+" with a wrong one", b.fail("InitiateAuth", byPassword(name, "wrong-pass1")), wrong)
	}
	b.do("AdminEnableUser", admin("off"))
	b.signIn("off", "right-pass1")
}

func TestFlowsAreEnforced(t *testing.T) {
	srp := object{"USERNAME": "ada", "SRP_A": "ABCDEF"}
	password := object{"USERNAME": "ada", "PASSWORD": "right-pass1"}
	refresh := object{"REFRESH_TOKEN": "x.y"}
	tests := []struct {
		name, flow string
		flows      []string
		operation  string
		params     object
		want       string
	}{
		{"none named: not by password", "USER_PASSWORD_AUTH", nil, "InitiateAuth", password, "InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client"},
		{"none named: by SRP", "USER_SRP_AUTH", nil, "InitiateAuth", srp, ""},
		{"none named: refresh", "REFRESH_TOKEN", nil, "InitiateAuth", refresh, "NotAuthorizedException: Invalid Refresh Token"},
		{"password only", "USER_SRP_AUTH", []string{"ALLOW_USER_PASSWORD_AUTH"}, "InitiateAuth", srp, "InvalidParameterException: USER_SRP_AUTH is not enabled for the client."},
		{"no refreshing", "REFRESH_TOKEN_AUTH", []string{"ALLOW_USER_PASSWORD_AUTH"}, "InitiateAuth", refresh, "InvalidParameterException: Auth flow not enabled for this client"},
		{"old name", "USER_PASSWORD_AUTH", []string{"USER_PASSWORD_AUTH"}, "InitiateAuth", password, ""},
		{"custom only", "USER_SRP_AUTH", []string{"CUSTOM_AUTH_FLOW_ONLY"}, "InitiateAuth", srp, "InvalidParameterException: USER_SRP_AUTH is not enabled for the client."},
		{"administrators' flow, for anybody", "ADMIN_USER_PASSWORD_AUTH", []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH"}, "InitiateAuth", password, "InvalidParameterException: Initiate Auth method not supported."},
		{"administrators' flow", "ADMIN_USER_PASSWORD_AUTH", []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH"}, "AdminInitiateAuth", password, ""},
		{"by its old name", "ADMIN_NO_SRP_AUTH", []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH"}, "AdminInitiateAuth", password, ""},
		{"administrators' flow, not allowed", "ADMIN_NO_SRP_AUTH", nil, "AdminInitiateAuth", password, "InvalidParameterException: Auth flow not enabled for this client"},
		{"no user name", "USER_SRP_AUTH", nil, "InitiateAuth", object{"SRP_A": "AB"}, "InvalidParameterException: Missing required parameter USERNAME"},
		{"no password", "USER_PASSWORD_AUTH", []string{"ALLOW_USER_PASSWORD_AUTH"}, "InitiateAuth", object{"USERNAME": "ada"}, "InvalidParameterException: Missing required parameter PASSWORD"},
		{"A is zero in the group", "USER_SRP_AUTH", nil, "InitiateAuth", object{"USERNAME": "ada", "SRP_A": "00"}, "InvalidParameterException: SRP_A is no number of the group."},
		{"A is no number", "USER_SRP_AUTH", nil, "InitiateAuth", object{"USERNAME": "ada", "SRP_A": "-1"}, "InvalidParameterException: SRP_A is no number of the group."},
		{"custom challenges", "CUSTOM_AUTH", nil, "InitiateAuth", password, "UnknownOperationException: bailey does not have the authentication flow CUSTOM_AUTH yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := fresh(t, onClient(func(c *cloud.PoolClient) { c.Flows = tt.flows }))
			b.user("ada", "right-pass1")
			in := object{"UserPoolId": poolID, "ClientId": clientID, "AuthFlow": tt.flow, "AuthParameters": tt.params}
			same(t, tt.name, b.fail(tt.operation, in), tt.want)
		})
	}
}

func TestSecretHash(t *testing.T) {
	b := fresh(t, onClient(func(c *cloud.PoolClient) { c.Secret = true }))
	b.user("ada", "right-pass1")
	described := b.do("DescribeUserPoolClient", object{"UserPoolId": poolID, "ClientId": clientID})["UserPoolClient"].(object)
	secret := described["ClientSecret"].(string)
	hash := func(key, name string) string {
		h := hmac.New(sha256.New, []byte(key))
		h.Write([]byte(name + clientID))
		return base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	with := func(hash string) object {
		in := byPassword("ada", "right-pass1")
		in["AuthParameters"].(object)["SECRET_HASH"] = hash
		return in
	}
	same(t, "none", b.fail("InitiateAuth", byPassword("ada", "right-pass1")),
		"NotAuthorizedException: Client "+clientID+" is configured with secret but SECRET_HASH was not received")
	for name, bad := range map[string]string{"another secret": hash("x", "ada"), "another user": hash(secret, "bob"), "no base64": "%"} {
		same(t, name, b.fail("InitiateAuth", with(bad)), "NotAuthorizedException: Unable to verify secret hash for client "+clientID)
	}
	out := b.do("InitiateAuth", with(hash(secret, "ada")))["AuthenticationResult"].(object)
	again := refreshBy(out["RefreshToken"])
	same(t, "refresh without", b.fail("InitiateAuth", again), "NotAuthorizedException: Client "+clientID+" is configured with secret but SECRET_HASH was not received")
	again["AuthParameters"].(object)["SECRET_HASH"] = hash(secret, "ada")
	b.do("InitiateAuth", again)
	same(t, "revoke without the secret", b.fail("RevokeToken", object{"ClientId": clientID, "Token": out["RefreshToken"]}),
		"UnauthorizedException: Invalid client secret for client "+clientID)
	b.do("RevokeToken", object{"ClientId": clientID, "ClientSecret": secret, "Token": out["RefreshToken"]})
	same(t, "sign up without", b.fail("SignUp", object{"ClientId": clientID, "Username": "bob", "Password": "right-pass1"}),
		"NotAuthorizedException: Client "+clientID+" is configured with secret but SECRET_HASH was not received")
}

// A client that hides unknown users answers for them as for a wrong password.
func TestUnknownUsersAreHidden(t *testing.T) {
	b := fresh(t, onClient(func(c *cloud.PoolClient) { c.HideUnknownUsers = true }))
	same(t, "password", b.fail("InitiateAuth", byPassword("nobody", "right-pass1")), wrong)
	begin := object{"ClientId": clientID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": "nobody", "SRP_A": "ABCDEF"}}
	first, second := b.do("InitiateAuth", begin)["ChallengeParameters"].(object), b.do("InitiateAuth", begin)["ChallengeParameters"].(object)
	if first["SALT"] != second["SALT"] || first["SRP_B"] == second["SRP_B"] || len(first["SALT"].(string)) < 28 {
		t.Errorf("a real user has one salt and each time another B: %v, %v", first, second)
	}
	same(t, "SRP", b.fail("RespondToAuthChallenge", object{"ClientId": clientID, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": object{
		"USERNAME": "nobody", "PASSWORD_CLAIM_SECRET_BLOCK": first["SECRET_BLOCK"], "PASSWORD_CLAIM_SIGNATURE": "AAAA", "TIMESTAMP": "Sat Mar 7 12:00:00 UTC 2026"}}), wrong)
	same(t, "code", b.fail("ConfirmSignUp", object{"ClientId": clientID, "Username": "nobody", "ConfirmationCode": "123456"}), oldCode)
	sent := b.do("ForgotPassword", object{"ClientId": clientID, "Username": "nobody"})["CodeDeliveryDetails"].(object)
	same(t, "a delivery is told", []any{sent["DeliveryMedium"], sent["AttributeName"], len(sent["Destination"].(string))}, "[EMAIL email 9]")
	if len(b.posted) > 0 {
		t.Errorf("sent %v to nobody", b.posted)
	}
}

// Five wrong passwords lock out for a second, each further one for twice as long.
func TestLockout(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1")
	b.user("bob", "right-pass1")
	for range 5 {
		same(t, "attempt", b.fail("InitiateAuth", byPassword("ada", "wrong-pass1")), wrong)
	}
	same(t, "locked", b.fail("InitiateAuth", byPassword("ada", "right-pass1")), exceeded)
	b.signIn("bob", "right-pass1")
	b.pass(time.Second)
	same(t, "the sixth", b.fail("InitiateAuth", byPassword("ada", "wrong-pass1")), wrong)
	b.pass(time.Second)
	same(t, "still locked", b.fail("InitiateAuth", byPassword("ada", "right-pass1")), exceeded)
	b.pass(time.Second)
	b.signIn("ada", "right-pass1")
	same(t, "forgiven", b.fail("InitiateAuth", byPassword("ada", "wrong-pass1")), wrong)
	b.signIn("ada", "right-pass1")
}

func TestNewPasswordRequired(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) {
		p.Schema = []cloud.PoolAttribute{{AttributeName: "name", Required: true, Mutable: true}}
	})
	b.do("AdminCreateUser", admin("ada", "TemporaryPassword", "temporary1", "UserAttributes", attributes("email", "a@example.com")))
	out := b.do("InitiateAuth", byPassword("ada", "temporary1"))
	params := out["ChallengeParameters"].(object)
	same(t, "challenge", out["ChallengeName"], "NEW_PASSWORD_REQUIRED")
	same(t, "required", params["requiredAttributes"], `["userAttributes.name"]`)
	same(t, "attributes", params["userAttributes"], `{"email":"a@example.com"}`)
	answer := func(session any, more ...string) object {
		responses := object{"USERNAME": "ada", "NEW_PASSWORD": "permanent1"}
		for i := 0; i < len(more); i += 2 {
			responses[more[i]] = more[i+1]
		}
		return object{"ClientId": clientID, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeResponses": responses}
	}
	session := out["Session"].(string)
	const op = "RespondToAuthChallenge"
	same(t, "policy", b.fail(op, answer(session, "NEW_PASSWORD", "short")), "InvalidPasswordException: Password did not conform with policy: Password not long enough")
	same(t, "attribute", b.fail(op, answer(session)), "InvalidParameterException: Invalid attributes given, name is missing")
	same(t, "another user", b.fail(op, answer(session, "USERNAME", "bob")), "NotAuthorizedException: Invalid session for the user.")
	same(t, "made up", b.fail(op, answer(strings.Repeat("A", 40))), "NotAuthorizedException: Invalid session for the user.")
	same(t, "verified by oneself", b.fail(op, answer(session, "userAttributes.email_verified", "true")), "NotAuthorizedException: A client attempted to write unauthorized attribute")
	done := b.do(op, answer(session, "userAttributes.name", "Ada"))
	if done["AuthenticationResult"].(object)["AccessToken"] == nil {
		t.Errorf("no tokens: %v", done)
	}
	same(t, "used", b.fail(op, answer(session, "userAttributes.name", "Ada")), "NotAuthorizedException: Invalid session for the user, session can only be used once.")
	b.signIn("ada", "permanent1")
	same(t, "the temporary one is gone", b.fail("InitiateAuth", byPassword("ada", "temporary1")), wrong)

	b.do("AdminSetUserPassword", admin("ada", "Password", "temporary2"))
	session = b.do("InitiateAuth", byPassword("ada", "temporary2"))["Session"].(string)
	b.pass(3*time.Minute + time.Second)
	same(t, "expired", b.fail(op, answer(session)), "NotAuthorizedException: Invalid session for the user, session is expired.")
}

func TestMFAIsRefusedByName(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) { p.MFA = "ON" })
	b.user("ada", "right-pass1")
	same(t, "sign-in", b.fail("InitiateAuth", byPassword("ada", "right-pass1")),
		"UnknownOperationException: bailey does not have multi-factor authentication, which user pool "+poolID+" asks of every user yet")
}
