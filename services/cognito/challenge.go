package cognito

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/base64"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"bailey/services/wire"
)

// startSRP answers a client's A with the pool's B, and a block that the proof
// has to cover. The state is in the block.
func (u *UserPools) startSRP(ctx context.Context, s signIn, params map[string]string) (any, error) {
	if err := need(params, "USERNAME", "SRP_A"); err != nil {
		return nil, err
	}
	name := params["USERNAME"]
	if err := s.client.checkSecret(name, params["SECRET_HASH"]); err != nil {
		return nil, err
	}
	found, err := u.find(s, name)
	if err == nil {
		err = u.preAuthentication(ctx, s, &found)
	}
	if err != nil {
		return nil, err
	}
	known := found.Password != nil
	if !known { // nobody knows the password of such a user: no proof fits
		found.Password = u.nobody(&s.pool, name).Password
	}
	e, ok := newExchange(found.Password, params["SRP_A"])
	if !ok {
		return nil, invalidParameter("SRP_A is no number of the group.")
	}
	state := u.sessionFor(s, found, "PASSWORD_VERIFIER")
	state.Name, state.Unknown = name, found.Sub == "" || !known
	state.A, state.B, state.Secret = e.A, e.B, e.Secret
	return challengeAnswer{ChallengeName: "PASSWORD_VERIFIER", ChallengeParameters: map[string]string{
		"SALT": new(big.Int).SetBytes(found.Password.Salt).Text(16), "SRP_B": e.B.Text(16), "SECRET_BLOCK": u.sealer.seal(state),
		"USERNAME": found.Username, "USER_ID_FOR_SRP": found.Username,
	}}, nil
}

type respondInput struct {
	UserPoolId, ClientId, ChallengeName, Session string
	ChallengeResponses, ClientMetadata           map[string]string
}

var challengeNames = []string{"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE",
	"SELECT_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP", "PASSWORD", "WEB_AUTHN", "PASSWORD_SRP"}

func (u *UserPools) respondToAuthChallenge(ctx context.Context, c *wire.Call, in respondInput) (any, error) {
	app, p, err := u.client(in.ClientId)
	if err != nil {
		return nil, err
	}
	return u.respond(ctx, signIn{p, app, c, in.ClientMetadata}, in)
}

func (u *UserPools) adminRespondToAuthChallenge(ctx context.Context, c *wire.Call, in respondInput) (any, error) {
	app, p, err := u.clientOf(in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return u.respond(ctx, signIn{p, app, c, in.ClientMetadata}, in)
}

func (u *UserPools) respond(ctx context.Context, s signIn, in respondInput) (any, error) {
	check := constraints()
	check.Required("challengeName", in.ChallengeName != "")
	if in.ChallengeName != "" {
		check.Enum("challengeName", in.ChallengeName, challengeNames...)
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	switch in.ChallengeName {
	case "PASSWORD_VERIFIER":
		return u.verifyPassword(ctx, s, in.ChallengeResponses)
	case "NEW_PASSWORD_REQUIRED":
		return u.takeNewPassword(ctx, s, in.Session, in.ChallengeResponses)
	}
	return nil, wire.NotHere("the authentication challenge " + in.ChallengeName)
}

// timestampForm is Java's EEE MMM d HH:mm:ss z yyyy.
const timestampForm = "Mon Jan 2 15:04:05 UTC 2006"

// verifyPassword ends SRP: the proof that the client's A, the pool's B and the
// password make.
func (u *UserPools) verifyPassword(ctx context.Context, s signIn, params map[string]string) (any, error) {
	if err := need(params, "USERNAME", "PASSWORD_CLAIM_SECRET_BLOCK", "PASSWORD_CLAIM_SIGNATURE", "TIMESTAMP"); err != nil {
		return nil, err
	}
	if err := s.client.checkSecret(params["USERNAME"], params["SECRET_HASH"]); err != nil {
		return nil, err
	}
	if _, err := time.Parse(timestampForm, params["TIMESTAMP"]); err != nil {
		return nil, invalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
	}
	block := params["PASSWORD_CLAIM_SECRET_BLOCK"]
	state, err := u.sealer.open(block, "PASSWORD_VERIFIER", s.client.ID, u.now())
	if err != nil {
		return nil, err
	}
	if !u.sealer.spend(state, u.now()) || state.Pool != s.pool.ID {
		return nil, badSession()
	}
	found, err := u.proved(s, state, params)
	if err != nil {
		return nil, err
	}
	return u.admit(ctx, s, found, "TokenGeneration_Authentication")
}

// proved checks the proof, and gives whose it is.
func (u *UserPools) proved(s signIn, state session, params map[string]string) (user, error) {
	if state.Unknown {
		return user{}, wrongPassword()
	}
	found, err := u.user(&s.pool, state.User)
	if err != nil {
		return user{}, err
	}
	name := params["USERNAME"]
	switch {
	case name != state.Name && name != found.Username && u.lookUp(&s.pool, name) != s.pool.userKey(found.Username):
		return user{}, badSession()
	case found.Password == nil, !bytes.Equal(found.Password.Salt, state.Salt):
		return user{}, badSession()
	}
	raw, err := base64.StdEncoding.DecodeString(params["PASSWORD_CLAIM_SECRET_BLOCK"])
	if err != nil {
		return user{}, badSession()
	}
	signature, err := base64.StdEncoding.DecodeString(params["PASSWORD_CLAIM_SIGNATURE"])
	if err != nil {
		return user{}, wrongPassword()
	}
	e := exchange{state.A, state.B, state.Secret}
	return found, u.checkSignIn(&s.pool, &found, func() bool {
		return hmac.Equal(signature, e.proof(found.Password, s.pool.short(), found.Username, raw, params["TIMESTAMP"]))
	})
}

// takeNewPassword ends NEW_PASSWORD_REQUIRED. A password that the policy
// refuses leaves the session open.
func (u *UserPools) takeNewPassword(ctx context.Context, s signIn, sealed string, params map[string]string) (any, error) {
	if err := required("Session", sealed); err != nil {
		return nil, err
	}
	if err := need(params, "USERNAME", "NEW_PASSWORD"); err != nil {
		return nil, err
	}
	if err := s.client.checkSecret(params["USERNAME"], params["SECRET_HASH"]); err != nil {
		return nil, err
	}
	state, err := u.sealer.open(sealed, "NEW_PASSWORD_REQUIRED", s.client.ID, u.now())
	if err != nil {
		return nil, err
	}
	if state.Pool != s.pool.ID || u.lookUp(&s.pool, params["USERNAME"]) != s.pool.userKey(state.User) {
		return nil, badSession()
	}
	if err := s.pool.checkPassword("password", params["NEW_PASSWORD"]); err != nil {
		return nil, err
	}
	found, err := u.changeUser(&s.pool, state.User, func(found *user) error {
		return u.replacePassword(s, state, found, params)
	})
	if err != nil {
		return nil, err
	}
	return u.grant(ctx, s, found, "TokenGeneration_NewPasswordChallenge")
}

// replacePassword puts the new password in, with the attributes that came along
// as userAttributes.NAME.
func (u *UserPools) replacePassword(s signIn, state session, found *user, params map[string]string) error {
	if found.Status != forceChange || found.Password == nil || !bytes.Equal(found.Password.Salt, state.Salt) {
		return notAuthorized("Invalid session for the user, session can only be used once.")
	}
	if !found.Enabled {
		return disabled()
	}
	var list []attributeType
	for _, key := range slices.Sorted(maps.Keys(params)) {
		if name, ok := strings.CutPrefix(key, "userAttributes."); ok {
			list = append(list, attributeType{name, params[key]})
		}
	}
	if err := s.client.checkWrite(list); err != nil {
		return err
	}
	if err := s.pool.setAttributes(found, list); err != nil {
		return err
	}
	if lacks := s.pool.missingRequired(found); len(lacks) > 0 {
		return invalidParameter("Invalid attributes given, %s is missing", strings.TrimPrefix(lacks[0], "userAttributes."))
	}
	if err := s.pool.checkHistory(found, params["NEW_PASSWORD"]); err != nil {
		return err
	}
	found.setPassword(&s.pool, params["NEW_PASSWORD"], u.now())
	found.Status = confirmed
	return nil
}
