package cfn

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"bailey/cloud"
	"bailey/source"
)

func cognitoRows() []*row {
	pool := func(made func(*loader, string) string) func(*loader, *resource) source.Node {
		return func(l *loader, r *resource) source.Node { return l.text(made(l, l.poolID(r)), r.At) }
	}
	issuer := func(l *loader, id string) string {
		return "cognito-idp." + l.spec.Region + "." + l.urlSuffix() + "/" + id
	}
	id := pool(func(_ *loader, id string) string { return id })
	return []*row{
		{Type: "AWS::Cognito::UserPool", read: readUserPool, ref: id,
			properties: "AccountRecoverySetting AdminCreateUserConfig AliasAttributes AutoVerifiedAttributes DeletionProtection DeviceConfiguration " +
				"EmailAuthenticationMessage EmailAuthenticationSubject EmailConfiguration EmailVerificationMessage EmailVerificationSubject EnabledMfas " +
				"LambdaConfig MfaConfiguration Policies Schema SmsAuthenticationMessage SmsConfiguration SmsVerificationMessage " +
				"UserAttributeUpdateSettings UserPoolAddOns UserPoolName UserPoolTags UserPoolTier UsernameAttributes UsernameConfiguration " +
				"VerificationMessageTemplate WebAuthnFactorConfiguration WebAuthnRelyingPartyID WebAuthnUserVerification",
			atts: attributes{"UserPoolId": id, "ProviderName": pool(issuer),
				"ProviderURL": pool(func(l *loader, id string) string { return "https://" + issuer(l, id) }),
				"Arn":         pool(func(l *loader, id string) string { return l.arn("cognito-idp", "userpool/"+id).String() })}},
		{Type: "AWS::Cognito::UserPoolClient", read: readPoolClient, ref: clientID,
			properties: "AccessTokenValidity AllowedOAuthFlows AllowedOAuthFlowsUserPoolClient AllowedOAuthScopes AnalyticsConfiguration " +
				"AuthSessionValidity CallbackURLs ClientName DefaultRedirectURI EnablePropagateAdditionalUserContextData EnableTokenRevocation " +
				"ExplicitAuthFlows GenerateSecret IdTokenValidity LogoutURLs PreventUserExistenceErrors ReadAttributes RefreshTokenRotation " +
				"RefreshTokenValidity SupportedIdentityProviders TokenValidityUnits !UserPoolId WriteAttributes",
			atts: attributes{"ClientId": clientID, "ClientSecret": nil, "Name": property("ClientName")}},
		{Type: "AWS::Cognito::UserPoolGroup", read: readPoolGroup, ref: nameRef("GroupName", 128),
			properties: "Description GroupName Precedence RoleArn !UserPoolId"},
		{Type: "AWS::Cognito::UserPoolDomain", read: readPoolDomain, ref: property("Domain"), atts: attributes{"CloudFrontDistribution": nil},
			properties: "CustomDomainConfig !Domain ManagedLoginVersion !UserPoolId"},
		{Type: "AWS::Cognito::UserPoolResourceServer", read: readResourceServer, ref: property("Identifier"),
			properties: "!Identifier !Name Scopes !UserPoolId"},
		{Type: "AWS::Cognito::UserPoolUser", read: readPoolUser, ref: property("Username"),
			properties: "ClientMetadata DesiredDeliveryMediums ForceAliasCreation MessageAction UserAttributes !UserPoolId Username ValidationData"},
		{Type: "AWS::Cognito::UserPoolUserToGroupAttachment", read: readPoolMembership, properties: "!GroupName !UserPoolId !Username"},
	}
}

// poolID is the region, an underscore and nine characters.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolType.html
func (l *loader) poolID(r *resource) string {
	return l.spec.Region + "_" + cloud.MadeID(cloud.Alnum, 9, l.stack, r.logical)
}

func clientID(l *loader, r *resource) source.Node {
	return l.text(cloud.MadeID(cloud.LowerAlnum, 26, l.stack, r.logical), r.At)
}

// readUserPool. Defaults: eight characters of every kind, temporary passwords
// that live seven days, anybody may sign up, the case of a user name counts.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cognito-userpool.html
func readUserPool(l *loader, r *resource) {
	o := l.object(r)
	id := l.poolID(r)
	p := cloud.UserPool{Meta: r.Meta, ID: id, ARN: l.arn("cognito-idp", "userpool/"+id), PoolName: l.nameOf(r, "UserPoolName", 128),
		Username: o.texts("UsernameAttributes").Or(nil), AliasOf: o.texts("AliasAttributes").Or(nil), AutoVerified: o.texts("AutoVerifiedAttributes").Or(nil),
		MFA: o.text("MfaConfiguration", cloud.Known("OFF")).Or("OFF"), Password: passwordPolicy(o), CaseSensitive: true, Triggers: triggers(o)}
	if c, ok := o.child("AdminCreateUserConfig", "AllowAdminCreateUserOnly", "InviteMessageTemplate", "UnusedAccountValidityDays"); ok {
		p.AdminOnly = c.flag("AllowAdminCreateUserOnly", false).Or(false)
	}
	if c, ok := o.child("UsernameConfiguration", "CaseSensitive"); ok {
		p.CaseSensitive = c.flag("CaseSensitive", true).Or(true)
	}
	p.Recovery, p.Protected = recovery(o), o.text("DeletionProtection", cloud.Known("")).Or("") == "ACTIVE"
	if c, ok := o.child("UserAttributeUpdateSettings", "AttributesRequireVerificationBeforeUpdate"); ok {
		p.VerifyFirst = c.texts("AttributesRequireVerificationBeforeUpdate").Or(nil)
	}
	for _, c := range o.children("Schema", "AttributeDataType", "DeveloperOnlyAttribute", "Mutable", "Name", "NumberAttributeConstraints", "Required", "StringAttributeConstraints") {
		p.Schema = append(p.Schema, cloud.PoolAttribute{AttributeName: c.text("Name", cloud.Known("")).Or(""), Required: c.flag("Required", false).Or(false),
			Mutable: c.flag("Mutable", true).Or(true), DataType: c.text("AttributeDataType", cloud.Known("String")).Or("String")})
		a := &p.Schema[len(p.Schema)-1]
		a.Least, a.Most = bounds(c, a.DataType)
	}
	l.spec.UserPools = append(l.spec.UserPools, p)
}

// bounds are those that fit an attribute's type; the others mean nothing.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cognito-userpool-schemaattribute.html
func bounds(o object, dataType string) (least, most string) {
	text := func(c object, key string) string { return c.text(key, cloud.Known("")).Or("") }
	length, hasLength := o.child("StringAttributeConstraints", "MinLength", "MaxLength")
	value, hasValue := o.child("NumberAttributeConstraints", "MinValue", "MaxValue")
	switch {
	case dataType == "String" && hasLength:
		return text(length, "MinLength"), text(length, "MaxLength")
	case dataType == "Number" && hasValue:
		return text(value, "MinValue"), text(value, "MaxValue")
	}
	return "", ""
}

// recovery lists the ways to a new password by their priority.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-cognito-userpool-accountrecoverysetting.html
func recovery(o object) []string {
	c, ok := o.child("AccountRecoverySetting", "RecoveryMechanisms")
	if !ok {
		return nil
	}
	ways := c.children("RecoveryMechanisms", "Name", "Priority")
	slices.SortStableFunc(ways, func(a, b object) int {
		return a.number("Priority", 2, 1, 2).Or(2) - b.number("Priority", 2, 1, 2).Or(2)
	})
	var out []string
	for _, way := range ways {
		if name := way.known("Name"); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// passwordPolicy. A policy that is stated asks only for what it states; a
// temporary password that lives 0 days lives seven.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
func passwordPolicy(o object) cloud.PasswordPolicy {
	out := cloud.PasswordPolicy{MinLength: 8, Upper: true, Lower: true, Numbers: true, Symbols: true, TemporaryDays: 7}
	policies, ok := o.child("Policies", "PasswordPolicy", "SignInPolicy")
	if !ok {
		return out
	}
	c, ok := policies.child("PasswordPolicy", "MinimumLength", "PasswordHistorySize", "RequireLowercase", "RequireNumbers", "RequireSymbols",
		"RequireUppercase", "TemporaryPasswordValidityDays")
	if !ok {
		return out
	}
	return cloud.PasswordPolicy{MinLength: c.number("MinimumLength", 8, 6, 99).Or(8), Upper: c.flag("RequireUppercase", false).Or(false),
		Lower: c.flag("RequireLowercase", false).Or(false), Numbers: c.flag("RequireNumbers", false).Or(false),
		Symbols: c.flag("RequireSymbols", false).Or(false), History: c.number("PasswordHistorySize", 0, 0, 24).Or(0), TemporaryDays: cmp.Or(c.number("TemporaryPasswordValidityDays", 7, 0, 365).Or(7), 7)}
}

// triggerNames are those of LambdaConfig that hold a function's ARN.
var triggerNames = []string{"CreateAuthChallenge", "CustomMessage", "DefineAuthChallenge", "PostAuthentication", "PostConfirmation", "PreAuthentication",
	"PreSignUp", "PreTokenGeneration", "UserMigration", "VerifyAuthChallengeResponse"}

func triggers(o object) map[string]cloud.Value[cloud.ARN] {
	c, ok := o.child("LambdaConfig", append(slices.Clip(triggerNames), "CustomEmailSender", "CustomSMSSender", "InboundFederation", "KMSKeyID", "PreTokenGenerationConfig")...)
	if !ok {
		return nil
	}
	out := map[string]cloud.Value[cloud.ARN]{}
	for _, name := range triggerNames {
		if c.present(name) {
			out[name] = c.arnOf(name)
		}
	}
	for _, name := range []string{"CustomEmailSender", "CustomSMSSender", "InboundFederation", "PreTokenGenerationConfig"} {
		sub, ok := c.child(name, "LambdaArn", "LambdaVersion")
		if !ok {
			continue
		}
		if name == "PreTokenGenerationConfig" && sub.text("LambdaVersion", cloud.Known("V1_0")).Or("") == "V1_0" {
			name = "PreTokenGeneration" // the same trigger, with the same event
		}
		out[name] = sub.arnOf("LambdaArn")
	}
	return out
}

// pool finds the user pool that a resource belongs to.
func (l *loader) pool(o object, r *resource) *cloud.UserPool {
	id := o.text("UserPoolId", cloud.Known("")).Or("")
	i := slices.IndexFunc(l.spec.UserPools, func(p cloud.UserPool) bool { return p.ID == id })
	if i < 0 {
		l.notDescribed(r, "user pool", id)
		return nil
	}
	return &l.spec.UserPools[i]
}

// readPoolClient. Without units, ID and access tokens are counted in hours and
// refresh tokens in days.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cognito-userpoolclient.html
func readPoolClient(l *loader, r *resource) {
	o := l.object(r)
	p := l.pool(o, r)
	if p == nil {
		return
	}
	units, _ := o.child("TokenValidityUnits", "AccessToken", "IdToken", "RefreshToken")
	c := cloud.PoolClient{Meta: r.Meta, ID: clientID(l, r).Text, ClientName: l.nameOf(r, "ClientName", 128), Secret: o.flag("GenerateSecret", false).Or(false),
		Flows: o.texts("ExplicitAuthFlows").Or(nil), ReadAttributes: o.texts("ReadAttributes").Or(nil), WriteAttributes: o.texts("WriteAttributes").Or(nil),
		OAuthFlows: o.texts("AllowedOAuthFlows").Or(nil), OAuthScopes: o.texts("AllowedOAuthScopes").Or(nil),
		HideUnknownUsers: o.text("PreventUserExistenceErrors", cloud.Known("")).Or("") == "ENABLED", Revocation: o.flag("EnableTokenRevocation", true).Or(true),
		IDToken:      validity(o, "IdTokenValidity", units, "IdToken", "hours"),
		AccessToken:  validity(o, "AccessTokenValidity", units, "AccessToken", "hours"),
		RefreshToken: validity(o, "RefreshTokenValidity", units, "RefreshToken", "days")}
	c.Login = cloud.ManagedLogin{CallbackURLs: o.texts("CallbackURLs").Or(nil), LogoutURLs: o.texts("LogoutURLs").Or(nil),
		DefaultRedirectURI: o.text("DefaultRedirectURI", cloud.Known("")).Or(""), Providers: o.texts("SupportedIdentityProviders").Or(nil),
		OAuth: o.flag("AllowedOAuthFlowsUserPoolClient", false).Or(false)}
	c.AuthSession = time.Duration(o.number("AuthSessionValidity", 0, 3, 15).Or(0)) * time.Minute
	if rotation, ok := o.child("RefreshTokenRotation", "Feature", "RetryGracePeriodSeconds"); ok {
		c.Rotation = rotation.text("Feature", cloud.Known("")).Or("") == "ENABLED"
	}
	p.Clients = append(slices.Clip(p.Clients), c)
}

func validity(o object, key string, units object, unitKey, unit string) time.Duration {
	if units.l != nil {
		unit = units.text(unitKey, cloud.Known(unit)).Or(unit)
	}
	each, ok := map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour}[unit]
	if !ok {
		n, _ := units.get(unitKey)
		units.bad(unitKey, n, fmt.Sprintf("%q is none of seconds, minutes, hours, days", unit))
		return 0
	}
	return time.Duration(o.number(key, 0, 0, 315360000).Or(0)) * each
}

func readPoolGroup(l *loader, r *resource) {
	o := l.object(r)
	p := l.pool(o, r)
	if p == nil {
		return
	}
	g := cloud.PoolGroup{Meta: r.Meta, GroupName: l.nameOf(r, "GroupName", 128), Description: o.text("Description", cloud.Known("")).Or(""), Role: o.text("RoleArn", cloud.Known("")).Or("")}
	if o.present("Precedence") {
		n := o.number("Precedence", 0, 0, 1<<31-1).Or(0)
		g.Precedence = &n
	}
	p.Groups = append(slices.Clip(p.Groups), g)
}

func readPoolDomain(l *loader, r *resource) {
	o := l.object(r)
	if p := l.pool(o, r); p != nil {
		p.Domain = o.known("Domain")
	}
}

func readResourceServer(l *loader, r *resource) {
	o := l.object(r)
	p := l.pool(o, r)
	if p == nil {
		return
	}
	s := cloud.ResourceServer{Meta: r.Meta, Identifier: o.known("Identifier")}
	for _, c := range o.children("Scopes", "ScopeDescription", "ScopeName") {
		s.Scopes = append(s.Scopes, c.known("ScopeName"))
	}
	p.Servers = append(slices.Clip(p.Servers), s)
}

func readPoolUser(l *loader, r *resource) {
	o := l.object(r)
	p := l.pool(o, r)
	if p == nil {
		return
	}
	u := cloud.PoolUser{Meta: r.Meta, Username: l.nameOf(r, "Username", 128), Attributes: map[string]cloud.Value[string]{}}
	for _, c := range o.children("UserAttributes", "Name", "Value") {
		u.Attributes[c.known("Name")] = c.text("Value", cloud.Known(""))
	}
	p.Users = append(slices.Clip(p.Users), u)
}

func readPoolMembership(l *loader, r *resource) {
	o := l.object(r)
	p := l.pool(o, r)
	if p == nil {
		return
	}
	name := o.known("Username")
	i := slices.IndexFunc(p.Users, func(u cloud.PoolUser) bool { return u.Username == name })
	if i < 0 {
		l.notDescribed(r, "user", name)
		return
	}
	u := &p.Users[i]
	u.Groups = append(slices.Clip(u.Groups), o.known("GroupName"))
}
