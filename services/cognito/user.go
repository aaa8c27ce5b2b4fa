package cognito

import (
	"context"
	"slices"
	"time"

	"bailey/services/store"
	"bailey/services/wire"
)

// userType is API_UserType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserType.html
type userType struct {
	Username             string
	Attributes           []attributeType
	UserCreateDate       wire.Time
	UserLastModifiedDate wire.Time
	Enabled              bool
	UserStatus           string
}

func shownUser(u user, names ...string) userType {
	return userType{u.Username, u.shownAttributes(names...), wire.Time{Time: u.Created}, wire.Time{Time: u.Modified}, u.Enabled, u.Status}
}

type createUserInput struct {
	UserPoolId, Username, TemporaryPassword, MessageAction string

	UserAttributes, ValidationData []attributeType
	ClientMetadata                 map[string]string
	DesiredDeliveryMediums         []string
	ForceAliasCreation             bool
}

func (u *UserPools) adminCreateUser(ctx context.Context, c *wire.Call, in createUserInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	password := in.TemporaryPassword
	if password == "" {
		password = p.makePassword()
	} else if err := p.checkPassword("temporaryPassword", password); err != nil {
		return nil, err
	}
	if err := u.mayInvite(&p, in); err != nil {
		return nil, err
	}
	var made user
	if in.MessageAction == "RESEND" {
		made, err = u.reinvite(&p, in.Username, password)
	} else {
		made, err = u.invite(ctx, c, &p, in, password)
	}
	if err != nil {
		return nil, err
	}
	if in.MessageAction != "SUPPRESS" {
		m := Message{Pool: p.ID, PoolName: p.Name, Username: made.Username, Purpose: invitation, Code: password}
		m.Medium, m.Destination = inviteBy(in.DesiredDeliveryMediums, &made)
		u.deliver(m)
	}
	return map[string]any{"User": shownUser(made)}, nil
}

// mayInvite asks mayTell about the invitation.
func (u *UserPools) mayInvite(p *pool, in createUserInput) error {
	to := user{Attributes: asMap(in.UserAttributes)}
	switch in.MessageAction {
	case "SUPPRESS":
		return nil
	case "RESEND":
		found, err := u.user(p, in.Username)
		if err != nil {
			return err
		}
		to = found
	}
	medium, _ := inviteBy(in.DesiredDeliveryMediums, &to)
	return u.mayTell(p, medium)
}

func (in createUserInput) check() error {
	check := constraints()
	checkName(check, in.Username)
	if in.MessageAction != "" {
		check.Enum("messageAction", in.MessageAction, "RESEND", "SUPPRESS")
	}
	if err := check.Err(); err != nil {
		return err
	}
	if in.ForceAliasCreation {
		return wire.NotHere("cognito-idp:AdminCreateUser with ForceAliasCreation")
	}
	return nil
}

// inviteBy chooses the medium of an invitation: SMS unless e-mail is asked for.
func inviteBy(mediums []string, to *user) (medium, destination string) {
	for _, attribute := range []string{"phone_number", "email"} {
		medium := mediumOf(attribute)
		if v := to.Attributes[attribute]; v != "" && (len(mediums) == 0 || slices.Contains(mediums, medium)) {
			return medium, v
		}
	}
	return "", ""
}

// invite makes a user with a temporary password.
func (u *UserPools) invite(ctx context.Context, c *wire.Call, p *pool, in createUserInput, password string) (user, error) {
	made, err := p.newUser(in.Username, in.UserAttributes)
	if err != nil {
		return user{}, err
	}
	if err := in.checkReachable(&made); err != nil {
		return user{}, err
	}
	made.Status, made.Created = forceChange, u.now()
	verdict, err := u.preSignUp(ctx, c, p, "", &made, "PreSignUp_AdminCreateUser", in.ValidationData, in.ClientMetadata)
	if err != nil {
		return user{}, err
	}
	verdict.verify(&made)
	made.setPassword(p, password, u.now())
	return u.addUser(p, made, "User account already exists")
}

// checkReachable refuses a user of whom an address is verified, or written to,
// that is not given.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html#CognitoUserPools-AdminCreateUser-request-UserAttributes
func (in createUserInput) checkReachable(made *user) error {
	for _, name := range []string{"email", "phone_number"} {
		switch {
		case made.Attributes[name] != "":
		case made.verified(name):
			return invalidParameter("%s has to be given where %s_verified is true.", name, name)
		case slices.Contains(in.DesiredDeliveryMediums, mediumOf(name)):
			return invalidParameter("%s has to be given where %s is in DesiredDeliveryMediums.", name, mediumOf(name))
		}
	}
	return nil
}

// newUser is a user of that name, not stored yet.
func (p *pool) newUser(name string, attributes []attributeType) (user, error) {
	if err := p.checkUsername(name); err != nil {
		return user{}, err
	}
	made := user{Username: name, Sub: wire.NewRequestID(), Enabled: true}
	if err := p.setAttributes(&made, attributes); err != nil {
		return user{}, err
	}
	if attribute := p.signInAttribute(name); attribute != "" {
		made.Username, made.Attributes[attribute] = made.Sub, name
	}
	return made, nil
}

// addUser stores a user whose name must be free.
func (u *UserPools) addUser(p *pool, made user, taken string) (user, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.change(p, p.userKey(made.Username), func(found *user, there bool) error {
		if _, alias := u.aliases[p.ID][p.fold(made.Username)]; there || alias {
			return wire.Errorf("UsernameExistsException", "%s", taken)
		}
		made.Declared = found.Declared // a deleted one that the template declares
		*found = made
		return nil
	})
}

// reinvite gives a user who never signed in another temporary password.
func (u *UserPools) reinvite(p *pool, name, password string) (user, error) {
	return u.changeUser(p, name, func(found *user) error {
		if found.Status != forceChange {
			return wire.Errorf("UnsupportedUserStateException", "Resend not possible. %s status is not FORCE_CHANGE_PASSWORD", found.Username)
		}
		found.setPassword(p, password, u.now())
		return nil
	})
}

// named is the input of operations on one user.
type named struct{ UserPoolId, Username string }

// adminGetUser: its answer is API_UserType with other names.
func (u *UserPools) adminGetUser(_ context.Context, _ *wire.Call, in named) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	found, err := u.user(&p, in.Username)
	if err != nil {
		return nil, err
	}
	s := shownUser(found)
	return map[string]any{"Username": s.Username, "UserAttributes": s.Attributes, "UserCreateDate": s.UserCreateDate,
		"UserLastModifiedDate": s.UserLastModifiedDate, "Enabled": s.Enabled, "UserStatus": s.UserStatus}, nil
}

func (u *UserPools) adminDeleteUser(_ context.Context, _ *wire.Call, in named) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err == nil {
		err = required("Username", in.Username)
	}
	if err != nil {
		return nil, err
	}
	return nil, u.dropUser(&p, in.Username)
}

// changeNamed changes the user that an administrator's call names.
func (u *UserPools) changeNamed(in named, f func(*pool, *user) error) error {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return err
	}
	if _, err := u.user(&p, in.Username); err != nil {
		return err
	}
	_, err = u.changeUser(&p, in.Username, func(found *user) error { return f(&p, found) })
	return err
}

// adminDisableUser revokes what was issued to the user as well.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
func (u *UserPools) adminDisableUser(_ context.Context, _ *wire.Call, in named) (any, error) {
	return nil, u.changeNamed(in, func(_ *pool, found *user) error {
		found.Enabled = false
		found.signOut(u.now())
		return nil
	})
}

func (u *UserPools) adminEnableUser(_ context.Context, _ *wire.Call, in named) (any, error) {
	return nil, u.changeNamed(in, func(_ *pool, found *user) error {
		found.Enabled = true
		return nil
	})
}

type setPasswordInput struct {
	UserPoolId, Username, Password string
	Permanent                      bool
}

func (u *UserPools) adminSetUserPassword(_ context.Context, _ *wire.Call, in setPasswordInput) (any, error) {
	return nil, u.changeNamed(named{in.UserPoolId, in.Username}, func(p *pool, found *user) error {
		if err := p.checkPassword("password", in.Password); err != nil {
			return err
		}
		if err := p.checkHistory(found, in.Password); err != nil {
			return err
		}
		found.setPassword(p, in.Password, u.now())
		found.Status = forceChange
		if in.Permanent {
			found.Status = confirmed
		}
		return nil
	})
}

// adminResetUserPassword has the user choose a new password by a code.
func (u *UserPools) adminResetUserPassword(_ context.Context, _ *wire.Call, in named) (any, error) {
	var sent Message
	err := u.changeNamed(in, func(p *pool, found *user) error {
		attribute, err := p.recoverable(found)
		switch {
		case found.Status != confirmed && found.Status != resetRequired:
			return notAuthorized("User password cannot be reset in the current state.")
		case err != nil:
			return err
		}
		found.Status = resetRequired
		sent = u.giveCode(p, found, resetCode, attribute, resetFor)
		return u.mayTell(p, sent.Medium)
	})
	if err == nil {
		u.deliver(sent)
	}
	return nil, err
}

type attributesInput struct {
	UserPoolId, Username string
	UserAttributes       []attributeType
	UserAttributeNames   []string
	ClientMetadata       map[string]string
}

func (u *UserPools) adminUpdateUserAttributes(_ context.Context, _ *wire.Call, in attributesInput) (any, error) {
	return nil, u.changeNamed(named{in.UserPoolId, in.Username}, func(p *pool, found *user) error {
		return p.setAttributes(found, in.UserAttributes)
	})
}

func (u *UserPools) adminDeleteUserAttributes(_ context.Context, _ *wire.Call, in attributesInput) (any, error) {
	return nil, u.changeNamed(named{in.UserPoolId, in.Username}, func(p *pool, found *user) error {
		for _, name := range in.UserAttributeNames {
			if a, ok := p.declares(name); ok && a.Required || slices.Contains(p.Username, name) {
				return invalidParameter("user.%s: Attribute is required and cannot be deleted.", name)
			}
			delete(found.Attributes, name)
			delete(found.Attributes, name+"_verified")
		}
		return nil
	})
}

// signOut revokes every token of the user's.
func (u *user) signOut(now time.Time) {
	u.Generation++
	u.SignedOut = now
}

func (u *UserPools) adminUserGlobalSignOut(_ context.Context, _ *wire.Call, in named) (any, error) {
	return nil, u.changeNamed(in, func(_ *pool, found *user) error {
		found.signOut(u.now())
		return nil
	})
}

type confirmInput struct {
	UserPoolId, Username string
	ClientMetadata       map[string]string
}

func (u *UserPools) adminConfirmSignUp(ctx context.Context, c *wire.Call, in confirmInput) (any, error) {
	var after user
	err := u.changeNamed(named{in.UserPoolId, in.Username}, func(_ *pool, found *user) error {
		err := found.confirm()
		after = *found
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return nil, u.postConfirmation(ctx, c, &p, "", &after, "PostConfirmation_ConfirmSignUp", in.ClientMetadata)
}

// confirm ends a sign-up.
func (u *user) confirm() error {
	if u.Status != unconfirmed {
		return notAuthorized("User cannot be confirmed. Current status is %s", u.Status)
	}
	u.Status = confirmed
	return nil
}

// eachUser calls f for the users of a pool in the order of their keys, from
// after on, until it returns false.
func (u *UserPools) eachUser(p *pool, after string, f func(key string, of user) bool) error {
	return u.users.View(func(tx store.Tx[user]) error {
		return tx.Each(p.ID+"/", after, func(key string, of user) bool { return of.Gone || f(key, of) })
	})
}
