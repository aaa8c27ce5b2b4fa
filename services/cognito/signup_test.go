package cognito_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
)

func signUp(name, password string, attrs ...string) object {
	return object{"ClientId": clientID, "Username": name, "Password": password, "UserAttributes": attributes(attrs...)}
}

func withCode(name, code string) object {
	return object{"ClientId": clientID, "Username": name, "ConfirmationCode": code}
}

func of(name string) object { return object{"ClientId": clientID, "Username": name} }

func TestSignUp(t *testing.T) {
	b := fresh(t)
	out := b.do("SignUp", signUp("ada", "right-pass1", "email", "ada@example.com"))
	same(t, "answer", []any{out["UserConfirmed"], out["CodeDeliveryDetails"]}, "[false map[AttributeName:email DeliveryMedium:EMAIL Destination:a***@e***]]")
	m := b.lastPost()
	same(t, "message", []any{m.Medium, m.Destination, m.Purpose, len(m.Code)}, "[EMAIL ada@example.com confirmation code 6]")
	b.do("ResendConfirmationCode", of("ada"))
	if m.Code != b.lastPost().Code {
		same(t, "the first code", b.fail("ConfirmSignUp", withCode("ada", m.Code)), badCode)
	}
	b.do("ConfirmSignUp", withCode("ada", b.lastPost().Code))
	same(t, "verified", b.shows("AdminGetUser", admin("ada"), "UserStatus"), `"CONFIRMED"`)
	same(t, "again", b.fail("ConfirmSignUp", withCode("ada", m.Code)), "NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED")
	same(t, "resend", b.fail("ResendConfirmationCode", of("ada")), "InvalidParameterException: User is already confirmed.")
	id, _, err := b.verify(b.signIn("ada", "right-pass1")["IdToken"])
	same(t, "email_verified", []any{id["email_verified"], err}, "[true <nil>]")
}

func TestSignUpIsRefused(t *testing.T) {
	strict := func(p *cloud.UserPool) {
		p.Password = cloud.PasswordPolicy{MinLength: 10, Upper: true, Lower: true, Numbers: true, Symbols: true}
	}
	const policy = "InvalidPasswordException: Password did not conform with policy: Password "
	tests := []struct {
		name   string
		change func(*cloud.UserPool)
		in     object
		want   string
	}{
		{"short", strict, signUp("ada", "Aa1!aaaaa"), policy + "not long enough"},
		{"no lower", strict, signUp("ada", "AAAAAAAAAA1!"), policy + "must have lowercase characters"},
		{"no upper", strict, signUp("ada", "aaaaaaaaaa1!"), policy + "must have uppercase characters"},
		{"no number", strict, signUp("ada", "Aaaaaaaaaaa!"), policy + "must have numeric characters"},
		{"no symbol", strict, signUp("ada", "Aaaaaaaaaaa1"), policy + "must have symbol characters"},
		{"spaces", strict, signUp("ada", "Aaaa aaaa1!"), "InvalidParameterException: 1 validation error detected: Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+"},
		{"no name", nil, signUp("", "right-pass1"), "InvalidParameterException: 1 validation error detected: Value null at 'username' failed to satisfy constraint: Member must not be null"},
		{"taken", nil, signUp("bob", "right-pass1"), "UsernameExistsException: User already exists"},
		{"administrators only", func(p *cloud.UserPool) { p.AdminOnly = true }, signUp("ada", "right-pass1"), "NotAuthorizedException: SignUp is not permitted for this user pool"},
		{"no such attribute", nil, signUp("ada", "right-pass1", "custom:x", "1"), "InvalidParameterException: Attributes did not conform to the schema: custom:x: Attribute does not exist in the schema."},
		{"required", func(p *cloud.UserPool) {
			p.Schema = []cloud.PoolAttribute{{AttributeName: "email", Required: true, Mutable: true}}
		}, signUp("ada", "right-pass1"),
			"InvalidParameterException: Attributes did not conform to the schema: email: The attribute is required"},
		{"no address", nil, signUp("ada", "right-pass1", "email", "x"), "InvalidParameterException: Invalid email address format."},
		{"no number", nil, signUp("ada", "right-pass1", "phone_number", "0123"), "InvalidParameterException: Invalid phone number format."},
		{"verified by oneself", nil, signUp("ada", "right-pass1", "email_verified", "true"), "NotAuthorizedException: A client attempted to write unauthorized attribute"},
		{"may not be written", onClient(func(c *cloud.PoolClient) { c.WriteAttributes = []string{"name"} }), signUp("ada", "right-pass1", "email", "a@example.com"), "NotAuthorizedException: A client attempted to write unauthorized attribute"},
		{"no address as name", byEmail, signUp("ada", "right-pass1"), "InvalidParameterException: Username should be an email."},
		{"an alias as name", func(p *cloud.UserPool) { p.AliasOf = []string{"email"} }, signUp("a@example.com", "right-pass1"), "InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias."},
		{"no client", nil, object{"ClientId": "none", "Username": "ada", "Password": "right-pass1"}, "ResourceNotFoundException: User pool client none does not exist."},
		{"custom messages", func(p *cloud.UserPool) {
			p.Triggers = map[string]cloud.Value[cloud.ARN]{"CustomMessage": cloud.Known(function)}
		}, signUp("ada", "right-pass1", "email", "a@example.com"),
			"UnknownOperationException: bailey does not have the CustomMessage trigger, which user pool " + poolID + " has yet"},
		{"another's e-mail", func(p *cloud.UserPool) {
			p.Triggers = map[string]cloud.Value[cloud.ARN]{"CustomEmailSender": cloud.Known(function)}
		}, signUp("ada", "right-pass1", "email", "a@example.com"),
			"UnknownOperationException: bailey does not have the CustomEmailSender trigger, which user pool " + poolID + " has yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := fresh(t, func(p *cloud.UserPool) {
				if tt.change != nil {
					tt.change(p)
				}
			})
			b.send("AdminCreateUser", admin("bob"))
			same(t, tt.name, b.fail("SignUp", tt.in), tt.want)
		})
	}
}

// Users who sign in with their address: one user to an address, in any case if
// the pool says so.
func TestSignInByEmail(t *testing.T) {
	b := fresh(t, byEmail, func(p *cloud.UserPool) { p.CaseSensitive = false })
	sub := b.do("SignUp", signUp("Ada@Example.com", "right-pass1"))["UserSub"]
	same(t, "sent to", b.lastPost().Destination, "Ada@Example.com")
	same(t, "taken", b.fail("SignUp", signUp("ada@example.com", "right-pass1")), "UsernameExistsException: An account with the given email already exists.")
	b.do("ConfirmSignUp", withCode("ADA@example.com", b.lastPost().Code))
	b.signIn("ada@EXAMPLE.com", "right-pass1")
	b.signIn(sub.(string), "right-pass1")
	same(t, "its name", b.do("AdminGetUser", admin("ada@example.com"))["Username"], sub)
	b.do("AdminUpdateUserAttributes", admin("ada@example.com", "UserAttributes", attributes("email", "new@example.com", "email_verified", "true")))
	b.signIn("new@example.com", "right-pass1")
	same(t, "the old address", b.fail("InitiateAuth", byPassword("ada@example.com", "right-pass1")), noUser)
	b.do("SignUp", signUp("ada@example.com", "right-pass1"))
}

// An alias counts once it is verified, and is one user's.
func TestAliases(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) { p.AliasOf = []string{"email", "preferred_username"} })
	b.user("ada", "right-pass1", "email", "x@example.com")
	same(t, "not verified", b.fail("InitiateAuth", byPassword("x@example.com", "right-pass1")), noUser)
	b.do("AdminUpdateUserAttributes", admin("ada", "UserAttributes", attributes("email_verified", "true", "preferred_username", "countess")))
	b.signIn("x@example.com", "right-pass1")
	b.signIn("countess", "right-pass1")
	b.user("bob", "right-pass1", "email", "x@example.com")
	same(t, "another's", b.fail("AdminUpdateUserAttributes", admin("bob", "UserAttributes", attributes("email_verified", "true"))),
		"AliasExistsException: An account with the given email already exists.")
	same(t, "as a name", b.fail("AdminCreateUser", admin("countess")), "UsernameExistsException: User account already exists")
}

func TestForgotPassword(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1", "email", "ada@example.com", "email_verified", "true", "phone_number", "+12065550100", "phone_number_verified", "true")
	b.user("bob", "right-pass1", "email", "bob@example.com")
	out := b.do("ForgotPassword", of("ada"))["CodeDeliveryDetails"]
	same(t, "SMS comes first", out, "map[AttributeName:phone_number DeliveryMedium:SMS Destination:+*******0100]")
	reset := func(code string) object {
		in := withCode("ada", code)
		in["Password"] = "second-pass1"
		return in
	}
	code := b.lastPost().Code
	same(t, "wrong", b.fail("ConfirmForgotPassword", reset("x")), badCode)
	b.do("ConfirmForgotPassword", reset(code))
	same(t, "used", b.fail("ConfirmForgotPassword", reset(code)), oldCode)
	b.signIn("ada", "second-pass1")
	b.do("ForgotPassword", of("ada"))
	b.pass(time.Hour + time.Second)
	same(t, "late", b.fail("ConfirmForgotPassword", reset(b.lastPost().Code)), oldCode)
	b.do("ForgotPassword", of("ada"))
	for range 5 {
		same(t, "guess", b.fail("ConfirmForgotPassword", reset("guess")), badCode)
	}
	same(t, "no more guesses", b.fail("ConfirmForgotPassword", reset(b.lastPost().Code)), "LimitExceededException: Attempt limit exceeded, please try after some time.")
	same(t, "nothing verified", b.fail("ForgotPassword", of("bob")), "InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number")
	b.do("AdminCreateUser", admin("eve", "UserAttributes", attributes("email", "e@example.com", "email_verified", "true")))
	same(t, "never signed in", b.fail("ForgotPassword", of("eve")), "NotAuthorizedException: User password cannot be reset in the current state.")
	same(t, "nobody", b.fail("ForgotPassword", of("nobody")), noUser)
}

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

// What users change of themselves.
func TestOwnAttributes(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1", "email", "ada@example.com", "email_verified", "true")
	token := b.signIn("ada", "right-pass1")["AccessToken"]
	in := func(more ...any) object {
		out := object{"AccessToken": token}
		for i := 0; i < len(more); i += 2 {
			out[more[i].(string)] = more[i+1]
		}
		return out
	}
	verified := func() string {
		return b.shows("ListUsers", object{"UserPoolId": poolID, "Filter": `username = "ada"`, "AttributesToGet": []string{"email_verified"}}, "Users")
	}
	b.do("UpdateUserAttributes", in("UserAttributes", attributes("email", "new@example.com")))
	same(t, "sent", b.lastPost().Destination, "new@example.com")
	if got := verified(); got == "" || b.lastPost().Purpose != "verification code of email" {
		t.Errorf("%s, %v", got, b.lastPost())
	}
	same(t, "wrong code", b.fail("VerifyUserAttribute", in("AttributeName", "email", "Code", "x")), badCode)
	b.do("VerifyUserAttribute", in("AttributeName", "email", "Code", b.lastPost().Code))
	b.do("GetUserAttributeVerificationCode", in("AttributeName", "email"))
	same(t, "wrong password", b.fail("ChangePassword", in("PreviousPassword", "wrong-pass1", "ProposedPassword", "second-pass1")), wrong)
	same(t, "policy", b.fail("ChangePassword", in("PreviousPassword", "right-pass1", "ProposedPassword", "short")), "InvalidPasswordException: Password did not conform with policy: Password not long enough")
	b.do("ChangePassword", in("PreviousPassword", "right-pass1", "ProposedPassword", "second-pass1"))
	b.signIn("ada", "second-pass1")
	b.do("DeleteUser", in())
	same(t, "gone", b.fail("GetUser", in()), noUser)
}
