package cognito

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"bailey/cloud"
	"bailey/services/store"
	"bailey/services/wire"
)

// API_StringAttributeConstraintsType and API_NumberAttributeConstraintsType.
type (
	lengthBounds struct {
		MinLength string `json:",omitempty"`
		MaxLength string `json:",omitempty"`
	}
	valueBounds struct {
		MinValue string `json:",omitempty"`
		MaxValue string `json:",omitempty"`
	}
)

type passwordPolicyType struct {
	MinimumLength                 *int
	RequireUppercase              bool
	RequireLowercase              bool
	RequireNumbers                bool
	RequireSymbols                bool
	TemporaryPasswordValidityDays *int
	PasswordHistorySize           int `json:",omitempty"`
}

// A recoveryOption is API_RecoveryOptionType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RecoveryOptionType.html
type recoveryOption struct {
	Priority int
	Name     string
}

// adminOnly is the way to a new password that only an administrator goes.
const adminOnly = "admin_only"

// poolInput is what CreateUserPool and UpdateUserPool take and Bailey has.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html
type poolInput struct {
	PoolName, UserPoolId, MfaConfiguration, DeletionProtection string

	Policies *struct{ PasswordPolicy *passwordPolicyType }

	AutoVerifiedAttributes, AliasAttributes, UsernameAttributes []string

	UsernameConfiguration *struct{ CaseSensitive *bool }
	AdminCreateUserConfig *struct {
		AllowAdminCreateUserOnly  bool
		UnusedAccountValidityDays *int
	}
	Schema []struct {
		Name, AttributeDataType string
		Required                bool
		Mutable                 *bool

		StringAttributeConstraints *lengthBounds
		NumberAttributeConstraints *valueBounds
	}
	UserAttributeUpdateSettings *struct{ AttributesRequireVerificationBeforeUpdate []string }

	AccountRecoverySetting *struct{ RecoveryMechanisms []recoveryOption }

	LambdaConfig map[string]any
	UserPoolTags map[string]string

	// What would be lost silently is refused by name.
	DeviceConfiguration, SmsConfiguration, UserPoolAddOns map[string]any
}

func (in poolInput) check() error {
	for name, given := range map[string]bool{"DeviceConfiguration": in.DeviceConfiguration != nil, "UserPoolAddOns": in.UserPoolAddOns != nil} {
		if given {
			return wire.NotHere("a user pool with " + name)
		}
	}
	check := constraints()
	if in.MfaConfiguration != "" {
		check.Enum("mfaConfiguration", in.MfaConfiguration, "OFF", "ON", "OPTIONAL")
	}
	if in.Policies != nil && in.Policies.PasswordPolicy != nil && in.Policies.PasswordPolicy.MinimumLength != nil {
		check.Range("policies.passwordPolicy.minimumLength", *in.Policies.PasswordPolicy.MinimumLength, 6, 99)
	}
	if in.Policies != nil && in.Policies.PasswordPolicy != nil {
		check.Range("policies.passwordPolicy.passwordHistorySize", in.Policies.PasswordPolicy.PasswordHistorySize, 0, 24)
	}
	for _, name := range append(slices.Clone(in.AliasAttributes), in.AutoVerifiedAttributes...) {
		check.Enum("attributes", name, "phone_number", "email", "preferred_username")
	}
	for _, name := range in.UsernameAttributes {
		check.Enum("usernameAttributes", name, "phone_number", "email")
	}
	in.checkRecovery(check)
	if err := check.Err(); err != nil {
		return err
	}
	if len(in.UsernameAttributes) > 0 && len(in.AliasAttributes) > 0 {
		return invalidParameter("Only one of the aliasAttributes or usernameAttributes can be set in a user pool.")
	}
	if s := in.AccountRecoverySetting; s != nil && len(s.RecoveryMechanisms) > 1 &&
		slices.ContainsFunc(s.RecoveryMechanisms, func(way recoveryOption) bool { return way.Name == adminOnly }) {
		return invalidParameter("Invalid account recovery setting parameter. Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.")
	}
	return nil
}

func (in poolInput) checkRecovery(check *wire.Constraints) {
	if in.AccountRecoverySetting == nil {
		return
	}
	for _, way := range in.AccountRecoverySetting.RecoveryMechanisms {
		check.Enum("accountRecoverySetting.recoveryMechanisms.name", way.Name, "verified_email", "verified_phone_number", adminOnly)
		check.Range("accountRecoverySetting.recoveryMechanisms.priority", way.Priority, 1, 2)
	}
}

func (u *UserPools) createUserPool(_ context.Context, _ *wire.Call, in poolInput) (any, error) {
	err := required("PoolName", in.PoolName)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return nil, err
	}
	region := u.cfg.Model().Region()
	p := pool{ID: region + "_" + drawMany(9, cloud.Alnum), Name: in.PoolName, Created: u.now(), CaseSensitive: true, Decoy: newDecoy(),
		Username: in.UsernameAttributes, Alias: in.AliasAttributes}
	p.ARN = u.arn(p.ID)
	if in.UsernameConfiguration != nil && in.UsernameConfiguration.CaseSensitive != nil {
		p.CaseSensitive = *in.UsernameConfiguration.CaseSensitive
	}
	for _, a := range in.Schema {
		made := cloud.PoolAttribute{AttributeName: a.Name, Required: a.Required, Mutable: a.Mutable == nil || *a.Mutable, DataType: cmp.Or(a.AttributeDataType, "String")}
		switch length, value := a.StringAttributeConstraints, a.NumberAttributeConstraints; {
		case made.DataType == "String" && length != nil:
			made.Least, made.Most = length.MinLength, length.MaxLength
		case made.DataType == "Number" && value != nil:
			made.Least, made.Most = value.MinValue, value.MaxValue
		}
		p.Schema = append(p.Schema, made)
	}
	if err := in.fill(&p); err != nil {
		return nil, err
	}
	p.Modified = u.now()
	if err := u.pools.Put(p.ID, p); err != nil {
		return nil, err
	}
	return map[string]any{"UserPool": u.shownPool(p)}, nil
}

// fill takes the settings that can change. What an update does not state goes
// back to its default, as on AWS.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html
func (in poolInput) fill(p *pool) error {
	p.AutoVerified, p.MFA, p.Tags, p.DeletionProtection = in.AutoVerifiedAttributes, "OFF", in.UserPoolTags, in.DeletionProtection
	if in.MfaConfiguration != "" {
		p.MFA = in.MfaConfiguration
	}
	p.Password = cloud.PasswordPolicy{MinLength: 8, Upper: true, Lower: true, Numbers: true, Symbols: true, TemporaryDays: 7}
	if in.Policies != nil && in.Policies.PasswordPolicy != nil {
		p.Password = in.Policies.PasswordPolicy.policy()
	}
	p.VerifyFirst = nil
	if s := in.UserAttributeUpdateSettings; s != nil {
		p.VerifyFirst = s.AttributesRequireVerificationBeforeUpdate
	}
	p.Recovery = nil
	if in.AccountRecoverySetting != nil {
		ways := slices.Clone(in.AccountRecoverySetting.RecoveryMechanisms)
		slices.SortStableFunc(ways, func(a, b recoveryOption) int { return a.Priority - b.Priority })
		for _, way := range ways {
			p.Recovery = append(p.Recovery, way.Name)
		}
	}
	p.AdminOnly = in.AdminCreateUserConfig != nil && in.AdminCreateUserConfig.AllowAdminCreateUserOnly
	p.Triggers, p.OpenTriggers = map[string]string{}, nil
	for name, v := range in.LambdaConfig {
		arn, ok := v.(string)
		if !ok {
			return wire.NotHere("a user pool whose LambdaConfig has " + name)
		}
		p.Triggers[name] = arn
	}
	return nil
}

// policy: https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
func (t *passwordPolicyType) policy() cloud.PasswordPolicy {
	out := cloud.PasswordPolicy{MinLength: 8, Upper: t.RequireUppercase, Lower: t.RequireLowercase, Numbers: t.RequireNumbers, Symbols: t.RequireSymbols, TemporaryDays: 7, History: t.PasswordHistorySize}
	if t.MinimumLength != nil {
		out.MinLength = *t.MinimumLength
	}
	if days := t.TemporaryPasswordValidityDays; days != nil && *days != 0 { // 0 is as good as not stated
		out.TemporaryDays = *days
	}
	return out
}

func (u *UserPools) updateUserPool(_ context.Context, _ *wire.Call, in poolInput) (any, error) {
	if _, err := u.pool(in.UserPoolId); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	return nil, u.pools.Update(func(tx store.Tx[pool]) error {
		p, _, err := tx.Get(in.UserPoolId)
		if err == nil {
			err = in.fill(&p)
		}
		if err != nil {
			return err
		}
		if in.PoolName != "" {
			p.Name = in.PoolName
		}
		p.Modified = u.now()
		return tx.Put(p.ID, p)
	})
}

func (u *UserPools) describeUserPool(_ context.Context, _ *wire.Call, in named) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	out := u.shownPool(p)
	users := 0
	err = u.eachUser(&p, "", func(string, user) bool { users++; return true })
	out["EstimatedNumberOfUsers"] = users
	return map[string]any{"UserPool": out}, err
}

// shownPool is API_UserPoolType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
func (u *UserPools) shownPool(p pool) map[string]any {
	pw := p.Password
	out := map[string]any{"Id": p.ID, "Name": p.Name, "Arn": p.ARN, "CreationDate": wire.Time{Time: p.Created}, "LastModifiedDate": wire.Time{Time: p.Modified},
		"MfaConfiguration": p.MFA, "DeletionProtection": "INACTIVE", "LambdaConfig": p.Triggers, "EstimatedNumberOfUsers": 0,
		"AdminCreateUserConfig": map[string]any{"AllowAdminCreateUserOnly": p.AdminOnly, "UnusedAccountValidityDays": pw.TemporaryDays},
		"UsernameConfiguration": map[string]any{"CaseSensitive": p.CaseSensitive},
		"SchemaAttributes":      p.shownSchema(),
		"Policies":              map[string]any{"PasswordPolicy": passwordPolicyType{&pw.MinLength, pw.Upper, pw.Lower, pw.Numbers, pw.Symbols, &pw.TemporaryDays, pw.History}},
	}
	if len(p.VerifyFirst) > 0 {
		out["UserAttributeUpdateSettings"] = map[string]any{"AttributesRequireVerificationBeforeUpdate": p.VerifyFirst}
	}
	if len(p.Recovery) > 0 {
		ways := []recoveryOption{}
		for i, name := range p.Recovery {
			ways = append(ways, recoveryOption{i + 1, name})
		}
		out["AccountRecoverySetting"] = map[string]any{"RecoveryMechanisms": ways}
	}
	if p.DeletionProtection != "" {
		out["DeletionProtection"] = p.DeletionProtection
	}
	for name, list := range map[string][]string{"AutoVerifiedAttributes": p.AutoVerified, "AliasAttributes": p.Alias, "UsernameAttributes": p.Username} {
		if len(list) > 0 {
			out[name] = list
		}
	}
	if p.Domain != "" {
		out["Domain"] = p.Domain
	}
	if len(p.Tags) > 0 {
		out["UserPoolTags"] = p.Tags
	}
	return out
}

// shownSchema lists the standard attributes and the pool's own.
func (p *pool) shownSchema() []map[string]any {
	all := map[string]cloud.PoolAttribute{"sub": {AttributeName: "sub", Required: true, DataType: "String", Least: "1", Most: "2048"}}
	for _, name := range standardAttributes {
		all[name] = standardAttribute(name)
	}
	for _, a := range p.Schema {
		if !slices.Contains(standardAttributes, a.AttributeName) && a.AttributeName != "sub" {
			a.AttributeName = "custom:" + a.AttributeName
		}
		all[a.AttributeName] = bounded(a)
	}
	out := []map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		a := all[name]
		shown := map[string]any{"Name": a.AttributeName, "AttributeDataType": a.DataType, "DeveloperOnlyAttribute": false, "Mutable": a.Mutable, "Required": a.Required}
		switch {
		case a.Least+a.Most == "":
		case a.DataType == "Number":
			shown["NumberAttributeConstraints"] = valueBounds{a.Least, a.Most}
		default:
			shown["StringAttributeConstraints"] = lengthBounds{a.Least, a.Most}
		}
		out = append(out, shown)
	}
	return out
}

func (u *UserPools) listUserPools(_ context.Context, _ *wire.Call, in struct {
	MaxResults *int
	NextToken  string
}) (any, error) {
	check := constraints()
	check.Required("maxResults", in.MaxResults != nil)
	if err := check.Err(); err != nil {
		return nil, err
	}
	limit, err := pageSize("maxResults", in.MaxResults, 1)
	if err != nil {
		return nil, err
	}
	after, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out, next, last := []map[string]any{}, "", ""
	err = u.pools.View(func(tx store.Tx[pool]) error {
		return tx.Each("", after, func(id string, p pool) bool {
			if p.Gone {
				return true
			}
			if len(out) == limit {
				next = writeToken(last)
				return false
			}
			out, last = append(out, map[string]any{"Id": p.ID, "Name": p.Name, "LambdaConfig": p.Triggers,
				"CreationDate": wire.Time{Time: p.Created}, "LastModifiedDate": wire.Time{Time: p.Modified}}), id
			return true
		})
	})
	return page(map[string]any{"UserPools": out}, "NextToken", next), err
}

// deleteUserPool deletes all that is in the pool. Of a declared one it stays
// known that it was declared.
func (u *UserPools) deleteUserPool(_ context.Context, _ *wire.Call, in named) (any, error) {
	p, err := u.pool(in.UserPoolId)
	switch {
	case err != nil:
		return nil, err
	case p.DeletionProtection == "ACTIVE":
		return nil, invalidParameter("The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first.")
	case p.Domain != "":
		return nil, invalidParameter("User pool cannot be deleted. It has a domain configured that should be deleted first.")
	case p.Declared != "":
		err = u.pools.Put(p.ID, pool{deployment: deployment{Declared: p.Declared, Gone: true}, ID: p.ID})
	default:
		err = u.pools.Update(func(tx store.Tx[pool]) error { return tx.Delete(p.ID) })
	}
	if err != nil {
		return nil, err
	}
	return nil, u.purge(p.ID)
}

func (u *UserPools) getUserPoolMfaConfig(_ context.Context, _ *wire.Call, in named) (any, error) {
	p, err := u.pool(in.UserPoolId)
	return map[string]any{"MfaConfiguration": p.MFA}, err
}
