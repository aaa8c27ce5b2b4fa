package cognito

import (
	"strings"

	"bailey/services/wire"
)

// The refusals in AWS's words. The API reference has the codes and not the
// messages; these are the ones that applications report.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html#API_InitiateAuth_Errors

func notAuthorized(format string, args ...any) *wire.Error {
	return wire.Errorf("NotAuthorizedException", format, args...)
}

func invalidParameter(format string, args ...any) *wire.Error {
	return wire.Errorf("InvalidParameterException", format, args...)
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Errorf("ResourceNotFoundException", format, args...)
}

func wrongPassword() error { return notAuthorized("Incorrect username or password.") }

func noUser() error { return wire.Errorf("UserNotFoundException", "User does not exist.") }

func disabled() error { return notAuthorized("User is disabled.") }

func wrongCode() error {
	return wire.Errorf("CodeMismatchException", "Invalid verification code provided, please try again.")
}

func expiredCode() error {
	return wire.Errorf("ExpiredCodeException", "Invalid code provided, please request a code again.")
}

func badSession() error { return notAuthorized("Invalid session for the user.") }

// isNoUser reports the refusal that a client may have to hide.
func isNoUser(err error) bool {
	e, ok := err.(*wire.Error)
	return ok && e.Code == "UserNotFoundException"
}

// constraints words what breaks the operation's model: Cognito has its own code
// for it, and does not repeat what is marked sensitive.
func constraints() *wire.Constraints {
	return &wire.Constraints{Code: "InvalidParameterException", Hidden: []string{"password", "previousPassword",
		"proposedPassword", "temporaryPassword", "username", "clientId", "session", "accessToken", "secretHash", "userAlias", "token"}}
}

// required demands members that are strings, by their names in the model.
func required(pairs ...string) error {
	check := constraints()
	for i := 0; i < len(pairs); i += 2 {
		check.Required(strings.ToLower(pairs[i][:1])+pairs[i][1:], pairs[i+1] != "")
	}
	return check.Err()
}
