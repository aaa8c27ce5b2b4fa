package cognito_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// Whatever JSON comes, every operation that anybody may call answers in AWS's
// form, and nobody is signed in.
func FuzzAuth(f *testing.F) {
	b := fresh(f)
	b.user("ada", "right-pass1")
	begin := b.do("InitiateAuth", object{"ClientId": clientID, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": object{"USERNAME": "ada", "SRP_A": "ABCDEF"}})
	block := begin["ChallengeParameters"].(object)["SECRET_BLOCK"].(string)
	token := b.signIn("ada", "right-pass1")["AccessToken"].(string)
	for _, seed := range []string{
		`{"ClientId": "` + clientID + `", "AuthFlow": "USER_SRP_AUTH", "AuthParameters": {"USERNAME": "ada", "SRP_A": "FF"}}`,
		`{"ClientId": "` + clientID + `", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ada", "PASSWORD": null}}`,
		`{"ClientId": "` + clientID + `", "AuthFlow": "REFRESH_TOKEN", "AuthParameters": {"REFRESH_TOKEN": "a.b"}, "Token": "a.b", "RefreshToken": "."}`,
		`{"ClientId": "` + clientID + `", "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": {"USERNAME": "ada", "PASSWORD_CLAIM_SECRET_BLOCK": "` + block +
			`", "PASSWORD_CLAIM_SIGNATURE": "AA==", "TIMESTAMP": "Sat Mar 7 12:00:00 UTC 2026"}}`,
		`{"ClientId": "` + clientID + `", "ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": "` + block + `", "ChallengeResponses": {"USERNAME": "ada", "NEW_PASSWORD": "x"}}`,
		`{"AccessToken": "` + token[:len(token)-2] + `", "AttributeName": "email", "Code": "1", "UserAttributes": [{}]}`,
		`{"ClientId": "` + clientID + `", "Username": "ada", "ConfirmationCode": "1", "Password": "` + strings.Repeat("x", 300) + `", "UserAttributes": [{"Name": "sub", "Value": ""}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, operation := range []string{"InitiateAuth", "RespondToAuthChallenge", "GetTokensFromRefreshToken", "RevokeToken", "GetUser",
			"ConfirmSignUp", "ConfirmForgotPassword", "ResendConfirmationCode", "VerifyUserAttribute", "UpdateUserAttributes"} {
			w := b.send(operation, body)
			if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", operation, w.Code, w.Body)
			}
			if strings.Contains(w.Body.String(), "IdToken") {
				t.Errorf("%s signs in by %s", operation, body)
			}
		}
	})
}
