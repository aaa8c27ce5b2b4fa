package cognito

import (
	"context"

	"bailey/services/wire"
)

type signUpInput struct {
	ClientId, SecretHash, Username, Password string
	UserAttributes, ValidationData           []attributeType
	ClientMetadata                           map[string]string
}

// signUp makes a user who has to confirm.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SignUp.html
func (u *UserPools) signUp(ctx context.Context, c *wire.Call, in signUpInput) (any, error) {
	check := constraints()
	checkName(check, in.Username)
	if err := check.Err(); err != nil {
		return nil, err
	}
	app, p, err := u.client(in.ClientId)
	if err == nil {
		err = app.checkSecret(in.Username, in.SecretHash)
	}
	if err != nil {
		return nil, err
	}
	made, err := p.signingUp(&app, in)
	if err != nil {
		return nil, err
	}
	if _, err := u.user(&p, in.Username); err == nil {
		return nil, taken(&p, in.Username)
	}
	verdict, err := u.preSignUp(ctx, c, &p, app.ID, &made, "PreSignUp_SignUp", in.ValidationData, in.ClientMetadata)
	if err != nil {
		return nil, err
	}
	return u.signedUp(ctx, c, &p, &app, made, verdict, in)
}

// taken words that a name is somebody's.
func taken(p *pool, name string) error {
	if attribute := p.signInAttribute(name); attribute != "" {
		return wire.Errorf("UsernameExistsException", "An account with the given %s already exists.", attribute)
	}
	return wire.Errorf("UsernameExistsException", "User already exists")
}

// signingUp is the user who signs up, if the pool has it.
func (p *pool) signingUp(app *client, in signUpInput) (user, error) {
	if p.AdminOnly {
		return user{}, notAuthorized("SignUp is not permitted for this user pool")
	}
	if err := p.checkPassword("password", in.Password); err != nil {
		return user{}, err
	}
	if err := app.checkWrite(in.UserAttributes); err != nil {
		return user{}, err
	}
	made, err := p.newUser(in.Username, in.UserAttributes)
	if err != nil {
		return user{}, err
	}
	made.Status = unconfirmed
	return made, p.checkRequired(&made)
}

// signedUp stores the user as the pre sign-up trigger says, and sends the code.
func (u *UserPools) signedUp(ctx context.Context, c *wire.Call, p *pool, app *client, made user, v verdict, in signUpInput) (any, error) {
	v.verify(&made)
	made.Created = u.now()
	made.setPassword(p, in.Password, u.now())
	var sent *Message
	if v.confirm {
		made.Status = confirmed
	} else if attribute := p.verifiable(&made); attribute != "" {
		if err := u.mayTell(p, mediumOf(attribute)); err != nil {
			return nil, err
		}
		m := u.giveCode(p, &made, signUpCode, attribute, confirmFor)
		sent = &m
	}
	if _, err := u.addUser(p, made, "User already exists"); err != nil {
		return nil, err
	}
	out := map[string]any{"UserConfirmed": v.confirm, "UserSub": made.Sub}
	if sent != nil {
		u.deliver(*sent)
		out["CodeDeliveryDetails"] = detailsOf(*sent)
	}
	if v.confirm {
		return out, u.postConfirmation(ctx, c, p, app.ID, &made, "PostConfirmation_ConfirmSignUp", in.ClientMetadata)
	}
	return out, nil
}

// codeInput is that of the operations around codes.
type codeInput struct {
	ClientId, SecretHash, Username, ConfirmationCode, Password string
	ForceAliasCreation                                         bool
	ClientMetadata                                             map[string]string
}

// caller finds the client and checks its secret.
func (u *UserPools) caller(in codeInput) (client, pool, error) {
	if err := required("Username", in.Username); err != nil {
		return client{}, pool{}, err
	}
	app, p, err := u.client(in.ClientId)
	if err == nil {
		err = app.checkSecret(in.Username, in.SecretHash)
	}
	return app, p, err
}

// withCode changes a user who knows the code that was given for purpose. Wrong
// codes are counted, so the user is stored even then.
func (u *UserPools) withCode(p *pool, in codeInput, purpose string, f func(*user, code) error) (user, error) {
	var refused error
	after, err := u.changeUser(p, in.Username, func(found *user) error {
		c, err := u.takeCode(found, purpose, in.ConfirmationCode)
		if err != nil {
			refused = err
			return nil
		}
		return f(found, c)
	})
	if err == nil {
		err = refused
	}
	return after, err
}

func (u *UserPools) confirmSignUp(ctx context.Context, c *wire.Call, in codeInput) (any, error) {
	if err := required("ConfirmationCode", in.ConfirmationCode); err != nil {
		return nil, err
	}
	app, p, err := u.caller(in)
	if err != nil {
		return nil, err
	}
	if in.ForceAliasCreation {
		return nil, wire.NotHere("cognito-idp:ConfirmSignUp with ForceAliasCreation")
	}
	found, err := u.user(&p, in.Username)
	switch {
	case isNoUser(err) && app.HideUnknownUsers:
		return nil, expiredCode()
	case err != nil:
		return nil, err
	case found.Status != unconfirmed:
		return nil, notAuthorized("User cannot be confirmed. Current status is %s", found.Status)
	}
	after, err := u.withCode(&p, in, signUpCode, func(found *user, given code) error {
		found.Attributes = cloneMap(found.Attributes)
		found.Attributes[given.Medium+"_verified"] = "true"
		return found.confirm()
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{}, u.postConfirmation(ctx, c, &p, app.ID, &after, "PostConfirmation_ConfirmSignUp", in.ClientMetadata)
}

func (u *UserPools) resendConfirmationCode(_ context.Context, _ *wire.Call, in codeInput) (any, error) {
	app, p, err := u.caller(in)
	if err != nil {
		return nil, err
	}
	return u.send(&app, &p, in.Username, func(found *user) (Message, error) {
		attribute := p.verifiable(found)
		switch {
		case found.Status != unconfirmed:
			return Message{}, invalidParameter("User is already confirmed.")
		case attribute == "":
			return Message{}, invalidParameter("Cannot resend codes. Auto verification not turned on.")
		}
		return u.giveCode(&p, found, signUpCode, attribute, confirmFor), nil
	})
}

// send changes a user and sends the code that f gave. Whether the user is there
// a client may hide: then the answer tells of a delivery that there was not.
func (u *UserPools) send(app *client, p *pool, name string, f func(*user) (Message, error)) (any, error) {
	_, err := u.user(p, name)
	if isNoUser(err) && app.HideUnknownUsers {
		return map[string]any{"CodeDeliveryDetails": u.decoyDetails(p, name)}, nil
	}
	if err != nil {
		return nil, err
	}
	var m Message
	_, err = u.changeUser(p, name, func(found *user) (err error) {
		if m, err = f(found); err != nil {
			return err
		}
		return u.mayTell(p, m.Medium)
	})
	if err != nil {
		return nil, err
	}
	u.deliver(m)
	return map[string]any{"CodeDeliveryDetails": detailsOf(m)}, nil
}

// decoyDetails are made up, the same for the same name.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
func (u *UserPools) decoyDetails(p *pool, name string) details {
	if emailShape.MatchString(name) {
		return details{masked(name), "EMAIL", "email"}
	}
	b := hmacSum(p.Decoy, []byte("details"), []byte(p.fold(name)))
	letter := func(n byte) string { return string(lowers[int(n)%len(lowers)]) }
	return details{letter(b[0]) + "***@" + letter(b[1]) + "***", "EMAIL", "email"}
}

// forgotPassword sends a code to a verified address or number.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ForgotPassword.html
func (u *UserPools) forgotPassword(_ context.Context, _ *wire.Call, in codeInput) (any, error) {
	app, p, err := u.caller(in)
	if err != nil {
		return nil, err
	}
	return u.send(&app, &p, in.Username, func(found *user) (Message, error) {
		attribute, err := p.recoverable(found)
		switch {
		case !found.Enabled:
			return Message{}, disabled()
		case found.Status == forceChange:
			return Message{}, notAuthorized("User password cannot be reset in the current state.")
		case err != nil:
			return Message{}, err
		}
		return u.giveCode(&p, found, resetCode, attribute, resetFor), nil
	})
}

func (u *UserPools) confirmForgotPassword(ctx context.Context, c *wire.Call, in codeInput) (any, error) {
	if err := required("ConfirmationCode", in.ConfirmationCode, "Password", in.Password); err != nil {
		return nil, err
	}
	app, p, err := u.caller(in)
	if err != nil {
		return nil, err
	}
	if err := p.checkPassword("password", in.Password); err != nil {
		return nil, err
	}
	_, err = u.user(&p, in.Username)
	switch {
	case isNoUser(err) && app.HideUnknownUsers:
		return nil, expiredCode()
	case err != nil:
		return nil, err
	}
	after, err := u.withCode(&p, in, resetCode, func(found *user, _ code) error {
		if !found.Enabled {
			return disabled()
		}
		if err := p.checkHistory(found, in.Password); err != nil {
			return err
		}
		found.setPassword(&p, in.Password, u.now())
		found.Status = confirmed
		return nil
	})
	if err != nil {
		return nil, err
	}
	u.tried(p.userKey(after.Username), true)
	return map[string]any{}, u.postConfirmation(ctx, c, &p, app.ID, &after, "PostConfirmation_ConfirmForgotPassword", in.ClientMetadata)
}
