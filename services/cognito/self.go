package cognito

import (
	"context"
	"slices"

	"bailey/services/wire"
)

// What users do to themselves, by an access token.

type tokenInput struct {
	AccessToken, PreviousPassword, ProposedPassword, AttributeName, Code string
	UserAttributes                                                       []attributeType
	ClientMetadata                                                       map[string]string
}

func (u *UserPools) getUser(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err != nil {
		return nil, err
	}
	names := b.client.Read
	if len(names) > 0 {
		names = append(slices.Clone(names), "sub")
	}
	return map[string]any{"Username": b.user.Username, "UserAttributes": b.user.shownAttributes(names...)}, nil
}

func (u *UserPools) deleteUser(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err != nil {
		return nil, err
	}
	return nil, u.dropUser(&b.pool, b.user.Username)
}

func (u *UserPools) globalSignOut(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err != nil {
		return nil, err
	}
	_, err = u.changeUser(&b.pool, b.user.Username, func(found *user) error {
		found.signOut(u.now())
		return nil
	})
	return map[string]any{}, err
}

func (u *UserPools) changePassword(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err != nil {
		return nil, err
	}
	if err := required("PreviousPassword", in.PreviousPassword); err != nil {
		return nil, err
	}
	if err := b.pool.checkPassword("proposedPassword", in.ProposedPassword); err != nil {
		return nil, err
	}
	err = u.checkSignIn(&b.pool, &b.user, func() bool {
		return b.user.Password.matches(b.pool.short(), b.user.Username, in.PreviousPassword)
	})
	if err != nil {
		return nil, err
	}
	_, err = u.changeUser(&b.pool, b.user.Username, func(found *user) error {
		if err := b.pool.checkHistory(found, in.ProposedPassword); err != nil {
			return err
		}
		found.setPassword(&b.pool, in.ProposedPassword, u.now())
		return nil
	})
	return map[string]any{}, err
}

// updateUserAttributes sends a code for what is new and has to be verified.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html
func (u *UserPools) updateUserAttributes(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err == nil {
		err = b.client.checkWrite(in.UserAttributes)
	}
	if err != nil {
		return nil, err
	}
	list, sent := []details{}, []Message{}
	_, err = u.changeUser(&b.pool, b.user.Username, func(found *user) error {
		before := cloneMap(found.Attributes)
		if err := b.pool.setAttributes(found, in.UserAttributes); err != nil {
			return err
		}
		for _, name := range []string{"email", "phone_number"} {
			if v := found.Attributes[name]; v == "" || v == before[name] || !slices.Contains(b.pool.AutoVerified, name) {
				continue
			}
			if slices.Contains(b.pool.VerifyFirst, name) {
				return wire.NotHere("AttributesRequireVerificationBeforeUpdate with " + name + ", which user pool " + b.pool.ID + " has")
			}
			if err := u.mayTell(&b.pool, mediumOf(name)); err != nil {
				return err
			}
			found.Attributes[name+"_verified"] = "false"
			m := u.giveCode(&b.pool, found, verification+name, name, confirmFor)
			list, sent = append(list, detailsOf(m)), append(sent, m)
		}
		return b.pool.checkRequired(found)
	})
	if err != nil {
		return nil, err
	}
	for _, m := range sent {
		u.deliver(m)
	}
	return map[string]any{"CodeDeliveryDetailsList": list}, nil
}

func checkVerifiable(name string) error {
	check := constraints()
	check.Required("attributeName", name != "")
	if err := check.Err(); err != nil {
		return err
	}
	if name != "email" && name != "phone_number" {
		return invalidParameter("Attribute %s cannot be verified.", name)
	}
	return nil
}

func (u *UserPools) getUserAttributeVerificationCode(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err == nil {
		err = checkVerifiable(in.AttributeName)
	}
	if err != nil {
		return nil, err
	}
	return u.send(&b.client, &b.pool, b.user.Username, func(found *user) (Message, error) {
		if found.Attributes[in.AttributeName] == "" {
			return Message{}, invalidParameter("User does not have delivery config set to turn on %s", in.AttributeName)
		}
		return u.giveCode(&b.pool, found, verification+in.AttributeName, in.AttributeName, confirmFor), nil
	})
}

func (u *UserPools) verifyUserAttribute(_ context.Context, _ *wire.Call, in tokenInput) (any, error) {
	b, err := u.bearer(in.AccessToken)
	if err == nil {
		err = checkVerifiable(in.AttributeName)
	}
	if err == nil {
		err = required("Code", in.Code)
	}
	if err != nil {
		return nil, err
	}
	_, err = u.withCode(&b.pool, codeInput{Username: b.user.Username, ConfirmationCode: in.Code}, verification+in.AttributeName,
		func(found *user, _ code) error {
			found.Attributes = cloneMap(found.Attributes)
			found.Attributes[in.AttributeName+"_verified"] = "true"
			return nil
		})
	return map[string]any{}, err
}
