package cognito_test

import (
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
