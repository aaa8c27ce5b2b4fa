package cognito

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"bailey/services/wire"
)

// The Lambda triggers that run: PreSignUp, PostConfirmation, PreAuthentication,
// PostAuthentication and PreTokenGeneration (V1_0). The others are refused by
// name where they would run: see triggerNotHere.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html

// trigger reports whether the pool has a trigger, known or not.
func (p *pool) trigger(name string) bool {
	return p.Triggers[name] != "" || p.OpenTriggers[name] != ""
}

// triggerNotHere refuses a call that AWS would run such a trigger for.
func (u *UserPools) triggerNotHere(p *pool, name string) error {
	return wire.NotHere("the " + name + " trigger, which user pool " + p.ID + " has")
}

// mayTell refuses a call for which AWS would have a function word a message, or
// send it: nobody would get what the pool's owner means them to get. A sender is
// handed the code encrypted, in the format of the AWS Encryption SDK.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-sender-triggers.html
func (u *UserPools) mayTell(p *pool, medium string) error {
	sender := map[string]string{"EMAIL": "CustomEmailSender", "SMS": "CustomSMSSender"}[medium]
	for _, name := range []string{"CustomMessage", sender} {
		if name != "" && p.trigger(name) {
			return u.triggerNotHere(p, name)
		}
	}
	return nil
}

// An event is what a trigger's function gets, and gives back with its response
// filled in.
type event struct {
	Version       string         `json:"version"`
	Region        string         `json:"region"`
	UserPoolID    string         `json:"userPoolId"`
	UserName      string         `json:"userName"`
	CallerContext callerContext  `json:"callerContext"`
	TriggerSource string         `json:"triggerSource"`
	Request       map[string]any `json:"request"`
	Response      map[string]any `json:"response"`
}

type callerContext struct {
	AWSSDKVersion string `json:"awsSdkVersion"`
	ClientID      string `json:"clientId"`
}

// run invokes a pool's trigger, if it has it, and reads the response that its
// function gives into answer.
func (u *UserPools) run(ctx context.Context, p *pool, name string, e event, answer any) error {
	if !p.trigger(name) {
		return nil
	}
	arn, known := p.Triggers[name]
	switch {
	case !known:
		return wire.Errorf("UnexpectedLambdaException", "%s: the function of the trigger is not known: %s", name, p.OpenTriggers[name])
	case u.cfg.Invoke == nil:
		return u.triggerNotHere(p, name)
	}
	e.Version, e.Region, e.UserPoolID = "1", u.cfg.Model().Region(), p.ID
	e.CallerContext.AWSSDKVersion = "aws-sdk-unknown-unknown"
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	text, failure, err := u.cfg.Invoke(ctx, p.ARN, arn, payload)
	switch {
	case err != nil:
		return wire.Errorf("UnexpectedLambdaException", "%s invocation failed due to error %v.", name, err)
	case failure != "":
		return wire.Errorf("UserLambdaValidationException", "%s failed with error %s.", name, failure)
	}
	var out struct{ Response json.RawMessage }
	if err := json.Unmarshal(text, &out); err != nil || len(out.Response) == 0 || json.Unmarshal(out.Response, answer) != nil {
		return wire.Errorf("InvalidLambdaResponseException", "Unrecognizable lambda output")
	}
	return nil
}

// told are a user's attributes as triggers get them.
func (u *user) told(status bool) map[string]string {
	out := cloneMap(u.Attributes)
	out["sub"] = u.Sub
	if status {
		out["cognito:user_status"] = u.Status
	}
	return out
}

func asMap(list []attributeType) map[string]string {
	out := map[string]string{}
	for _, a := range list {
		out[a.Name] = a.Value
	}
	return out
}

// A verdict is what a pre sign-up trigger decides.
type verdict struct{ confirm, verifyEmail, verifyPhone bool }

// verify marks what the trigger says is verified.
func (v verdict) verify(to *user) {
	if v.verifyEmail {
		to.Attributes["email_verified"] = "true"
	}
	if v.verifyPhone {
		to.Attributes["phone_number_verified"] = "true"
	}
}

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
func (u *UserPools) preSignUp(ctx context.Context, c *wire.Call, p *pool, client string, of *user, source string, validation []attributeType, metadata map[string]string) (verdict, error) {
	var out struct{ AutoConfirmUser, AutoVerifyEmail, AutoVerifyPhone bool }
	err := u.run(ctx, p, "PreSignUp", event{UserName: of.Username, TriggerSource: source, CallerContext: callerContext{ClientID: client},
		Request:  map[string]any{"userAttributes": of.Attributes, "validationData": asMap(validation), "clientMetadata": cloneMap(metadata)},
		Response: map[string]any{"autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false}}, &out)
	if err == nil && (out.AutoVerifyEmail && of.Attributes["email"] == "" || out.AutoVerifyPhone && of.Attributes["phone_number"] == "") {
		err = wire.Errorf("InvalidLambdaResponseException", "PreSignUp verifies an attribute that the user does not have.")
	}
	return verdict{out.AutoConfirmUser, out.AutoVerifyEmail, out.AutoVerifyPhone}, err
}

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html
func (u *UserPools) postConfirmation(ctx context.Context, _ *wire.Call, p *pool, client string, of *user, source string, metadata map[string]string) error {
	return u.run(ctx, p, "PostConfirmation", event{UserName: of.Username, TriggerSource: source, CallerContext: callerContext{ClientID: client},
		Request:  map[string]any{"userAttributes": of.told(true), "clientMetadata": cloneMap(metadata)},
		Response: map[string]any{}}, &struct{}{})
}

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-authentication.html
func (u *UserPools) preAuthentication(ctx context.Context, s signIn, of *user) error {
	request := map[string]any{"userAttributes": of.told(true), "validationData": cloneMap(s.metadata)}
	if of.Sub == "" {
		request = map[string]any{"userAttributes": map[string]string{}, "validationData": cloneMap(s.metadata), "userNotFound": true}
	}
	return u.run(ctx, &s.pool, "PreAuthentication", event{UserName: of.Username, TriggerSource: "PreAuthentication_Authentication",
		CallerContext: callerContext{ClientID: s.client.ID}, Request: request, Response: map[string]any{}}, &struct{}{})
}

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html
func (u *UserPools) postAuthentication(ctx context.Context, s signIn, of *user) error {
	return u.run(ctx, &s.pool, "PostAuthentication", event{UserName: of.Username, TriggerSource: "PostAuthentication_Authentication",
		CallerContext: callerContext{ClientID: s.client.ID},
		Request:       map[string]any{"userAttributes": of.told(true), "newDeviceUsed": false, "clientMetadata": cloneMap(s.metadata)},
		Response:      map[string]any{}}, &struct{}{})
}

// overrides are the answer of a pre token generation trigger.
type overrides struct {
	ClaimsOverrideDetails *struct {
		ClaimsToAddOrOverride map[string]any
		ClaimsToSuppress      []string
		GroupOverrideDetails  *groupOverrides
	}
}

type groupOverrides struct {
	GroupsToOverride   []string `json:"groupsToOverride"`
	IAMRolesToOverride []string `json:"iamRolesToOverride"`
	PreferredRole      *string  `json:"preferredRole"`
}

// preTokenGeneration lets the function change the ID token's claims, and the
// groups of both tokens. Its second event version, which changes access tokens,
// is refused.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
func (u *UserPools) preTokenGeneration(ctx context.Context, c *wire.Call, i issue, groups []group, id, access map[string]any) error {
	if i.pool.trigger("PreTokenGenerationConfig") {
		return u.triggerNotHere(&i.pool, "PreTokenGeneration (of version V2_0 or later)")
	}
	names, roles := []string{}, []string{}
	for _, g := range groups {
		names = append(names, g.Name)
		if g.Role != "" {
			roles = append(roles, g.Role)
		}
	}
	has := groupOverrides{GroupsToOverride: names, IAMRolesToOverride: roles}
	if role := preferredRole(groups); role != "" {
		has.PreferredRole = &role
	}
	var out overrides
	err := u.run(ctx, &i.pool, "PreTokenGeneration", event{UserName: i.user.Username, TriggerSource: i.source, CallerContext: callerContext{ClientID: i.client.ID},
		Request:  map[string]any{"userAttributes": i.user.told(true), "groupConfiguration": has, "clientMetadata": cloneMap(i.metadata)},
		Response: map[string]any{"claimsOverrideDetails": nil}}, &out)
	if err == nil {
		out.apply(id, access)
	}
	return err
}

// fixedClaims are those that no trigger changes.
var fixedClaims = []string{"acr", "amr", "at_hash", "auth_time", "azp", "cognito:username", "exp", "iat", "iss", "jti", "nbf", "nonce", "origin_jti", "sub",
	"token_use", "aud", "cognito:groups", "cognito:roles", "cognito:preferred_role"}

// apply changes claims as the function says: suppressing comes after adding.
func (o overrides) apply(id, access map[string]any) {
	d := o.ClaimsOverrideDetails
	if d == nil {
		return
	}
	for name, value := range d.ClaimsToAddOrOverride {
		if text, ok := value.(string); ok && !slices.Contains(fixedClaims, name) && !strings.HasPrefix(name, "dev:") {
			id[name] = text
		}
	}
	maps.DeleteFunc(id, func(name string, _ any) bool {
		return slices.Contains(d.ClaimsToSuppress, name) && !slices.Contains(fixedClaims, name)
	})
	if g := d.GroupOverrideDetails; g != nil {
		setOrDrop(id, "cognito:groups", g.GroupsToOverride)
		setOrDrop(access, "cognito:groups", g.GroupsToOverride)
		setOrDrop(id, "cognito:roles", g.IAMRolesToOverride)
		delete(id, "cognito:preferred_role")
		if g.PreferredRole != nil && *g.PreferredRole != "" {
			id["cognito:preferred_role"] = *g.PreferredRole
		}
	}
}

func setOrDrop(claims map[string]any, name string, list []string) {
	delete(claims, name)
	if len(list) > 0 {
		claims[name] = list
	}
}
