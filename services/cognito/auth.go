package cognito

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"time"

	"bailey/services/wire"
)

// A signIn is an attempt of somebody to sign in.
type signIn struct {
	pool     pool
	client   client
	call     *wire.Call
	metadata map[string]string
}

type initiateInput struct {
	UserPoolId, ClientId, AuthFlow, Session string
	AuthParameters, ClientMetadata          map[string]string
}

// flowNames are those that AuthFlow may have.
var flowNames = []string{"USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH"}

func (in initiateInput) check() error {
	check := constraints()
	check.Required("clientId", in.ClientId != "")
	check.Required("authFlow", in.AuthFlow != "")
	if in.AuthFlow != "" {
		check.Enum("authFlow", in.AuthFlow, flowNames...)
	}
	return check.Err()
}

// initiateAuth is for applications without credentials: the flows of
// administrators are not for it.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
func (u *UserPools) initiateAuth(ctx context.Context, c *wire.Call, in initiateInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	app, p, err := u.client(in.ClientId)
	if err != nil {
		return nil, err
	}
	if in.AuthFlow == "ADMIN_NO_SRP_AUTH" || in.AuthFlow == "ADMIN_USER_PASSWORD_AUTH" {
		return nil, invalidParameter("Initiate Auth method not supported.")
	}
	return u.initiate(ctx, signIn{p, app, c, in.ClientMetadata}, in.AuthFlow, in.AuthParameters)
}

func (u *UserPools) adminInitiateAuth(ctx context.Context, c *wire.Call, in initiateInput) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	app, p, err := u.clientOf(in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return u.initiate(ctx, signIn{p, app, c, in.ClientMetadata}, in.AuthFlow, in.AuthParameters)
}

// initiate begins a flow that the client allows.
func (u *UserPools) initiate(ctx context.Context, s signIn, flow string, params map[string]string) (any, error) {
	switch flow {
	case "ADMIN_NO_SRP_AUTH":
		flow = "ADMIN_USER_PASSWORD_AUTH"
	case "REFRESH_TOKEN":
		flow = "REFRESH_TOKEN_AUTH"
	case "CUSTOM_AUTH", "USER_AUTH":
		return nil, wire.NotHere("the authentication flow " + flow)
	}
	if !s.client.allows(flow) {
		return nil, notAllowed(flow)
	}
	if s.client.Rotation { // every refresh token would be good for one more only
		return nil, wire.NotHere("RefreshTokenRotation, which app client " + s.client.ID + " has")
	}
	if s.pool.MFA == "ON" {
		return nil, wire.NotHere("multi-factor authentication, which user pool " + s.pool.ID + " asks of every user")
	}
	switch flow {
	case "REFRESH_TOKEN_AUTH":
		return u.refresh(ctx, s, params["REFRESH_TOKEN"], params["SECRET_HASH"])
	case "USER_SRP_AUTH":
		return u.startSRP(ctx, s, params)
	}
	return u.byPassword(ctx, s, params)
}

// notAllowed words the refusal of a flow; each flow has its own words.
func notAllowed(flow string) error {
	switch flow {
	case "USER_SRP_AUTH":
		return invalidParameter("USER_SRP_AUTH is not enabled for the client.")
	case "USER_PASSWORD_AUTH":
		return invalidParameter("USER_PASSWORD_AUTH flow not enabled for this client")
	}
	return invalidParameter("Auth flow not enabled for this client")
}

func need(params map[string]string, names ...string) error {
	for _, name := range names {
		if params[name] == "" {
			return invalidParameter("Missing required parameter %s", name)
		}
	}
	return nil
}

// checkSecret holds SECRET_HASH against the client's secret.
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
func (c *client) checkSecret(username, hash string) error {
	switch {
	case c.Secret == "" && hash == "":
		return nil
	case c.Secret != "" && hash == "":
		return notAuthorized("Client %s is configured with secret but SECRET_HASH was not received", c.ID)
	}
	sum := hmacSum([]byte(c.Secret), []byte(username+c.ID))
	given, err := base64.StdEncoding.DecodeString(hash)
	if c.Secret == "" || err != nil || !hmac.Equal(sum, given) {
		return notAuthorized("Unable to verify secret hash for client %s", c.ID)
	}
	return nil
}

// find finds who signs in. A client that hides unknown users gets a stand-in
// whom no password fits: found.Sub is empty.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
func (u *UserPools) find(s signIn, name string) (user, error) {
	found, err := u.user(&s.pool, name)
	if !isNoUser(err) {
		return found, err
	}
	if s.pool.trigger("UserMigration") {
		return user{}, u.triggerNotHere(&s.pool, "UserMigration")
	}
	if !s.client.HideUnknownUsers {
		return user{}, err
	}
	return u.nobody(&s.pool, name), nil
}

// nobody is the stand-in for a user who is not there: the same for the same
// name, so that asking twice does not tell.
func (u *UserPools) nobody(p *pool, name string) user {
	seed := hmacSum(p.Decoy, []byte(p.fold(name)))
	shown := name
	if len(p.Username) > 0 { // whose users have their sub as name
		shown = uuidOf(hmacSum(p.Decoy, seed))
	}
	return user{Username: shown, Status: confirmed, Enabled: true, Password: verifierOf(seed[:16], p.short(), shown, string(seed[16:]))}
}

// byPassword is USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH.
func (u *UserPools) byPassword(ctx context.Context, s signIn, params map[string]string) (any, error) {
	if err := need(params, "USERNAME", "PASSWORD"); err != nil {
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
	if err == nil {
		err = u.checkSignIn(&s.pool, &found, func() bool {
			return found.Password.matches(s.pool.short(), found.Username, params["PASSWORD"])
		})
	}
	if err != nil {
		return nil, err
	}
	return u.admit(ctx, s, found, "TokenGeneration_Authentication")
}

// checkSignIn asks whether a password is right, as often as that may be asked.
func (u *UserPools) checkSignIn(p *pool, found *user, right func() bool) error {
	key := p.userKey(found.Username)
	if err := u.lockedOut(key); err != nil {
		return err
	}
	ok := found.Password != nil && right() && found.Sub != ""
	if found.Sub != "" {
		u.tried(key, ok)
	}
	if !ok {
		return wrongPassword()
	}
	return nil
}

// admit is what comes after the right password: what the user's state asks
// for, or tokens.
func (u *UserPools) admit(ctx context.Context, s signIn, found user, source string) (any, error) {
	switch {
	case !found.Enabled:
		return nil, disabled()
	case found.Status == unconfirmed:
		return nil, wire.Errorf("UserNotConfirmedException", "User is not confirmed.")
	case found.Status == resetRequired:
		return nil, wire.Errorf("PasswordResetRequiredException", "Password reset required for the user")
	case found.Status == forceChange:
		return u.askNewPassword(s, found)
	}
	return u.grant(ctx, s, found, source)
}

// challengeAnswer is the answer of InitiateAuth and RespondToAuthChallenge.
type challengeAnswer struct {
	ChallengeName        string            `json:",omitempty"`
	Session              string            `json:",omitempty"`
	ChallengeParameters  map[string]string // of tokens: empty
	AuthenticationResult *authResult       `json:",omitempty"`
}

// askNewPassword has the user replace a temporary password, while it lasts.
func (u *UserPools) askNewPassword(s signIn, found user) (any, error) {
	lasts := time.Duration(s.pool.Password.TemporaryDays) * 24 * time.Hour
	if u.now().After(found.PasswordSet.Add(lasts)) {
		return nil, notAuthorized("Temporary password has expired and must be reset by an administrator.")
	}
	required, err := json.Marshal(s.pool.missingRequired(&found))
	if err != nil {
		return nil, err
	}
	attributes, err := json.Marshal(found.Attributes)
	if err != nil {
		return nil, err
	}
	return challengeAnswer{ChallengeName: "NEW_PASSWORD_REQUIRED",
		Session:             u.sealer.seal(u.sessionFor(s, found, "NEW_PASSWORD_REQUIRED")),
		ChallengeParameters: map[string]string{"USER_ID_FOR_SRP": found.Username, "requiredAttributes": string(required), "userAttributes": string(attributes)},
	}, nil
}

// sessionFor is the state in which a challenge leaves a sign-in.
func (u *UserPools) sessionFor(s signIn, found user, challenge string) session {
	out := session{Challenge: challenge, Pool: s.pool.ID, Client: s.client.ID, User: found.Username, Expires: u.now().Add(s.client.AuthSession)}
	if found.Password != nil {
		out.Salt = found.Password.Salt
	}
	return out
}
