package cognito_test

import (
	"encoding/json"
	"errors"
	"maps"
	"testing"

	"bailey/cloud"
	"bailey/source"
)

var function = cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:trigger"}

func withTriggers(names ...string) func(*cloud.UserPool) {
	return func(p *cloud.UserPool) {
		p.Triggers = map[string]cloud.Value[cloud.ARN]{}
		for _, name := range names {
			p.Triggers[name] = cloud.Known(function)
		}
	}
}

// Each trigger runs where AWS runs it, with AWS's event.
func TestTriggersRun(t *testing.T) {
	b := fresh(t, withTriggers("PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication", "PreTokenGeneration"))
	var ran []string
	events := map[string]map[string]any{}
	b.runs = func(arn string, event map[string]any) (any, error) {
		source := event["triggerSource"].(string)
		ran, events[source] = append(ran, source), maps.Clone(event)
		if arn != function.String() {
			t.Errorf("%s runs %s", source, arn)
		}
		switch source {
		case "PreSignUp_SignUp":
			return object{"autoConfirmUser": true, "autoVerifyEmail": true}, nil
		case "TokenGeneration_Authentication":
			return object{"claimsOverrideDetails": object{
				"claimsToAddOrOverride": object{"tenant": "7", "sub": "nobody", "email": "x@example.com"}, "claimsToSuppress": []string{"email_verified", "aud"},
				"groupOverrideDetails": object{"groupsToOverride": []string{"made-up"}}}}, nil
		}
		return event["response"], nil
	}
	b.do("SignUp", object{"ClientId": clientID, "Username": "ada", "Password": "right-pass1", "UserAttributes": attributes("email", "ada@example.com"),
		"ValidationData": attributes("captcha", "ok"), "ClientMetadata": object{"from": "test"}})
	out := b.signIn("ada", "right-pass1")
	b.do("InitiateAuth", refreshBy(out["RefreshToken"]))
	same(t, "order", ran, "[PreSignUp_SignUp PostConfirmation_ConfirmSignUp PreAuthentication_Authentication TokenGeneration_Authentication "+
		"PostAuthentication_Authentication TokenGeneration_RefreshTokens]")
	event, err := json.Marshal(events["PreSignUp_SignUp"])
	same(t, "event", string(event), `{"callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"`+clientID+`"},"region":"us-west-2",`+
		`"request":{"clientMetadata":{"from":"test"},"userAttributes":{"email":"ada@example.com"},"validationData":{"captcha":"ok"}},`+
		`"response":{"autoConfirmUser":false,"autoVerifyEmail":false,"autoVerifyPhone":false},"triggerSource":"PreSignUp_SignUp","userName":"ada",`+
		`"userPoolId":"`+poolID+`","version":"1"}`)
	if err != nil {
		t.Error(err)
	}
	told := events["PostConfirmation_ConfirmSignUp"]["request"].(object)["userAttributes"].(object)
	same(t, "told", []any{told["email_verified"], told["cognito:user_status"]}, "[true CONFIRMED]")
	id, _, err := b.verify(out["IdToken"])
	access, _, accessErr := b.verify(out["AccessToken"])
	same(t, "claims", []any{id["tenant"], id["email"], id["email_verified"], id["aud"], id["sub"] == access["sub"], id["cognito:groups"], access["cognito:groups"], err, accessErr},
		[]any{"7", "x@example.com", nil, clientID, true, "[made-up]", "[made-up]", nil, nil})
}

// A trigger that refuses, fails or answers nonsense ends the call.
func TestTriggersThatFail(t *testing.T) {
	tests := []struct {
		name   string
		answer any
		err    error
		want   string
	}{
		{"the function refuses", nil, &functionError{"Invalid domain"}, "UserLambdaValidationException: PreSignUp failed with error Invalid domain."},
		{"it cannot be invoked", nil, errors.New("AccessDeniedException"), "UnexpectedLambdaException: PreSignUp invocation failed due to error AccessDeniedException."},
		{"nonsense", "x", nil, "InvalidLambdaResponseException: Unrecognizable lambda output"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := fresh(t, withTriggers("PreSignUp"))
			b.runs = func(string, map[string]any) (any, error) { return tt.answer, tt.err }
			same(t, "sign up", b.fail("SignUp", object{"ClientId": clientID, "Username": "ada", "Password": "right-pass1"}), tt.want)
			same(t, "nobody was made", b.fail("AdminGetUser", admin("ada")), noUser)
		})
	}
}

// A trigger that does not run here is refused where it would, not left out.
func TestTriggersThatAreNotHere(t *testing.T) {
	notHere := func(name string) string {
		return "UnknownOperationException: bailey does not have the " + name + " trigger, which user pool " + poolID + " has yet"
	}
	b := fresh(t, withTriggers("PreTokenGenerationConfig"))
	b.user("ada", "right-pass1")
	same(t, "tokens", b.fail("InitiateAuth", byPassword("ada", "right-pass1")), notHere("PreTokenGeneration (of version V2_0 or later)"))
	b = fresh(t, withTriggers("UserMigration"))
	same(t, "migration", b.fail("InitiateAuth", byPassword("ada", "right-pass1")), notHere("UserMigration"))
	b = fresh(t, func(p *cloud.UserPool) {
		p.Triggers = map[string]cloud.Value[cloud.ARN]{"PreAuthentication": cloud.Unknown[cloud.ARN]("parameter F has no value", source.Span{File: "t.yaml", Line: 3})}
	})
	b.user("ada", "right-pass1")
	same(t, "unknown", b.fail("InitiateAuth", byPassword("ada", "right-pass1")),
		"UnexpectedLambdaException: PreAuthentication: the function of the trigger is not known: parameter F has no value (t.yaml:3)")
}
