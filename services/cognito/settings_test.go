package cognito_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

// A value is of the attribute's type, and within its bounds.
func TestSchemaConstraints(t *testing.T) {
	schema := []object{
		{"Name": "code", "AttributeDataType": "String", "StringAttributeConstraints": object{"MinLength": "2", "MaxLength": "4"}, "NumberAttributeConstraints": object{"MaxValue": "1"}},
		{"Name": "age", "AttributeDataType": "Number", "NumberAttributeConstraints": object{"MinValue": "18", "MaxValue": "1e3"}},
		{"Name": "any", "AttributeDataType": "Number"},
		{"Name": "is", "AttributeDataType": "Boolean"},
		{"Name": "free", "AttributeDataType": "String"},
	}
	b := fresh(t)
	made := b.do("CreateUserPool", object{"PoolName": "p", "Schema": schema})["UserPool"].(object)
	same(t, "shown", shownAttribute(made, "custom:code")["StringAttributeConstraints"], "map[MaxLength:4 MinLength:2]")
	same(t, "shown", shownAttribute(made, "custom:age")["NumberAttributeConstraints"], "map[MaxValue:1e3 MinValue:18]")
	same(t, "a standard one", shownAttribute(made, "birthdate")["StringAttributeConstraints"], "map[MaxLength:10 MinLength:10]")
	same(t, "a number", shownAttribute(made, "updated_at")["NumberAttributeConstraints"], "map[MinValue:0]")
	b.do("AdminCreateUser", object{"UserPoolId": made["Id"], "Username": "ada", "MessageAction": "SUPPRESS"})
	birthdate := func(value string) string {
		return b.fail("AdminUpdateUserAttributes", object{"UserPoolId": made["Id"], "Username": "ada", "UserAttributes": attributes("birthdate", value)})
	}
	same(t, "ten characters", birthdate("1815-12-10"), "")
	same(t, "nine", birthdate("1815-12-1"), "InvalidParameterException: Attributes did not conform to the schema: birthdate: the value is not what the schema asks for: a String, at least 10, at most 10 characters.")
	for _, tt := range []struct{ name, value, asks string }{
		{"code", "ab", ""}, {"code", "абвг", ""}, {"code", "a", "a String, at least 2, at most 4 characters"}, {"code", "abcde", "a String, at least 2, at most 4 characters"},
		{"age", "18", ""}, {"age", "1000", ""}, {"age", "17.9", "a Number, at least 18, at most 1e3"}, {"age", "1001", "a Number, at least 18, at most 1e3"}, {"age", "old", "a Number, at least 18, at most 1e3"},
		{"any", "-1", ""}, {"any", "x", "a Number"}, {"is", "true", ""}, {"is", "yes", "a Boolean"}, {"free", "", ""}, {"free", "anything", ""},
	} {
		want := ""
		if tt.asks != "" {
			want = "InvalidParameterException: Attributes did not conform to the schema: custom:" + tt.name + ": the value is not what the schema asks for: " + tt.asks + "."
		}
		in := object{"UserPoolId": made["Id"], "Username": "ada", "UserAttributes": attributes("custom:"+tt.name, tt.value)}
		same(t, tt.name+" "+tt.value, b.fail("AdminUpdateUserAttributes", in), want)
	}
}

func shownAttribute(pool object, name string) object {
	for _, a := range pool["SchemaAttributes"].([]any) {
		if a.(object)["Name"] == name {
			return a.(object)
		}
	}
	return nil
}

// What a template says of the pool and the client counts here, too, or is
// refused by name where it would.
func TestDeclaredSettings(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) { p.Protected = true }, onClient(func(c *cloud.PoolClient) { c.AuthSession = 15 * time.Minute }))
	same(t, "protected", b.fail("DeleteUserPool", object{"UserPoolId": poolID}),
		"InvalidParameterException: The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
	b.do("AdminCreateUser", admin("ada", "TemporaryPassword", "first-pass1"))
	asked := b.do("InitiateAuth", byPassword("ada", "first-pass1"))
	b.pass(14 * time.Minute)
	b.do("RespondToAuthChallenge", object{"ClientId": clientID, "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": asked["Session"],
		"ChallengeResponses": object{"USERNAME": "ada", "NEW_PASSWORD": "second-pass1"}})

	b = fresh(t, onClient(func(c *cloud.PoolClient) { c.Rotation = true }))
	b.user("ada", "right-pass1")
	same(t, "rotation", b.fail("InitiateAuth", byPassword("ada", "right-pass1")), "UnknownOperationException: bailey does not have RefreshTokenRotation, which app client "+clientID+" has yet")
}

// The last passwords are not taken again, whoever sets one and by whatever way.
func TestPasswordHistory(t *testing.T) {
	const used = "PasswordHistoryPolicyViolationException: Password has previously been used."
	b := fresh(t, func(p *cloud.UserPool) { p.Password.History = 2 })
	b.user("ada", "first-pass1", "email", "ada@example.com", "email_verified", "true")
	token := b.signIn("ada", "first-pass1")["AccessToken"]
	change := func(from, to string) string {
		return b.fail("ChangePassword", object{"AccessToken": token, "PreviousPassword": from, "ProposedPassword": to})
	}
	same(t, "the present one", change("first-pass1", "first-pass1"), used)
	same(t, "a new one", change("first-pass1", "second-pass1"), "")
	same(t, "the one before", change("second-pass1", "first-pass1"), used)
	same(t, "by an administrator", b.fail("AdminSetUserPassword", admin("ada", "Password", "first-pass1", "Permanent", true)), used)
	b.do("ForgotPassword", of("ada"))
	reset := withCode("ada", b.lastPost().Code)
	reset["Password"] = "first-pass1"
	same(t, "by a code", b.fail("ConfirmForgotPassword", reset), used)
	same(t, "another", change("second-pass1", "third-pass1"), "")
	same(t, "the one before that", change("third-pass1", "first-pass1"), "")
}

func TestVerificationBeforeUpdateIsRefusedByName(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) { p.VerifyFirst = []string{"email"} })
	b.user("ada", "right-pass1", "email", "ada@example.com", "email_verified", "true")
	in := object{"AccessToken": b.signIn("ada", "right-pass1")["AccessToken"], "UserAttributes": attributes("email", "new@example.com")}
	same(t, "email", b.fail("UpdateUserAttributes", in), "UnknownOperationException: bailey does not have AttributesRequireVerificationBeforeUpdate with email, which user pool "+poolID+" has yet")
	in["UserAttributes"] = attributes("name", "Ada")
	b.do("UpdateUserAttributes", in)
}

// There are no sign-in pages here; what a client says of them is kept.
func TestManagedLoginIsShown(t *testing.T) {
	b := fresh(t)
	in := object{"UserPoolId": poolID, "ClientName": "c", "CallbackURLs": []string{"https://a/in"}, "LogoutURLs": []string{"https://a/out"}, "DefaultRedirectURI": "https://a/in",
		"SupportedIdentityProviders": []string{"COGNITO"}, "AllowedOAuthFlowsUserPoolClient": true}
	made := b.do("CreateUserPoolClient", in)["UserPoolClient"].(object)
	shown := b.do("DescribeUserPoolClient", object{"UserPoolId": poolID, "ClientId": made["ClientId"]})["UserPoolClient"].(object)
	for _, name := range []string{"CallbackURLs", "LogoutURLs", "DefaultRedirectURI", "SupportedIdentityProviders", "AllowedOAuthFlowsUserPoolClient"} {
		same(t, name, shown[name], fmt.Sprint(in[name]))
	}
	in["DefaultRedirectURI"] = "https://elsewhere"
	same(t, "elsewhere", b.fail("CreateUserPoolClient", in), "InvalidParameterException: The DefaultRedirectURI https://elsewhere is not in the CallbackURLs.")
}

func TestNamesAndFlows(t *testing.T) {
	b := fresh(t)
	const badName = "InvalidParameterException: 1 validation error detected: Value at 'username' failed to satisfy constraint: " +
		`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`
	same(t, "a space", b.fail("AdminCreateUser", admin("a b")), badName)
	same(t, "a space", b.fail("SignUp", signUp("a b", "right-pass1")), badName)
	same(t, "a space", b.fail("AdminGetUser", admin("a b")), badName)
	b.do("AdminCreateUser", admin("ж+$."))
	same(t, "verified nothing", b.fail("AdminCreateUser", admin("bob", "UserAttributes", attributes("email_verified", "true"))), "InvalidParameterException: email has to be given where email_verified is true.")
	same(t, "tells nobody", b.fail("AdminCreateUser", admin("bob", "DesiredDeliveryMediums", []string{"SMS"}, "UserAttributes", attributes("email", "b@example.com"))), "InvalidParameterException: phone_number has to be given where SMS is in DesiredDeliveryMediums.")
	b.do("AdminCreateUser", admin("bob", "DesiredDeliveryMediums", []string{"EMAIL"}, "UserAttributes", attributes("email", "b@example.com", "email_verified", "true")))
	flows := func(names ...string) object {
		return object{"UserPoolId": poolID, "ClientName": "c", "ExplicitAuthFlows": names}
	}
	same(t, "old and new", b.fail("CreateUserPoolClient", flows("ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH")),
		"InvalidParameterException: ExplicitAuthFlows that begin with ALLOW_ can't be assigned together with the legacy ones.")
	b.do("CreateUserPoolClient", flows("ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"))
}

// Where the code of a forgotten password goes is the pool's to say.
func TestAccountRecovery(t *testing.T) {
	const none = "InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number"
	both := []string{"email", "ada@example.com", "email_verified", "true", "phone_number", "+12065550100", "phone_number_verified", "true"}
	tests := []struct {
		ways  []string
		attrs []string
		want  string // medium, or the refusal
	}{
		{nil, both, "SMS"},
		{[]string{"verified_email", "verified_phone_number"}, both, "EMAIL"},
		{[]string{"verified_phone_number", "verified_email"}, both, "SMS"},
		{[]string{"verified_email", "verified_phone_number"}, both[4:], "SMS"},
		{[]string{"verified_email"}, both[4:], none},
		{[]string{"admin_only"}, both, "NotAuthorizedException: Contact administrator to reset password."},
	}
	for _, tt := range tests {
		b := fresh(t, func(p *cloud.UserPool) { p.Recovery = tt.ways })
		b.user("ada", "right-pass1", tt.attrs...)
		got := b.fail("ForgotPassword", of("ada"))
		if got == "" {
			got = b.lastPost().Medium
		}
		same(t, strings.Join(tt.ways, ", "), got, tt.want)
	}
}

func TestAccountRecoveryByCalls(t *testing.T) {
	b := fresh(t)
	way := func(name string, priority int) object { return object{"Name": name, "Priority": priority} }
	with := func(ways ...object) object {
		return object{"PoolName": "p", "AccountRecoverySetting": object{"RecoveryMechanisms": ways}}
	}
	same(t, "by priority", b.shows("CreateUserPool", with(way("verified_phone_number", 2), way("verified_email", 1)), "UserPool", "AccountRecoverySetting", "RecoveryMechanisms"),
		`[{"Name":"verified_email","Priority":1},{"Name":"verified_phone_number","Priority":2}]`)
	same(t, "admin_only and another", b.fail("CreateUserPool", with(way("admin_only", 1), way("verified_email", 2))),
		"InvalidParameterException: Invalid account recovery setting parameter. Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.")
	same(t, "no such way", b.fail("CreateUserPool", with(way("pigeon", 1))), "InvalidParameterException: 1 validation error detected: "+
		"Value 'pigeon' at 'accountRecoverySetting.recoveryMechanisms.name' failed to satisfy constraint: Member must satisfy enum value set: [verified_email, verified_phone_number, admin_only]")
	same(t, "0 days are 7", b.shows("CreateUserPool", object{"PoolName": "p", "Policies": object{"PasswordPolicy": object{"TemporaryPasswordValidityDays": 0}}},
		"UserPool", "Policies", "PasswordPolicy", "TemporaryPasswordValidityDays"), "7")
}
