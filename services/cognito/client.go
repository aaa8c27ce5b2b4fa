package cognito

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/services/store"
	"bailey/services/wire"
)

// clientInput is what CreateUserPoolClient and UpdateUserPoolClient take and
// Bailey has.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
type clientInput struct {
	UserPoolId, ClientId, ClientName, NextToken string

	GenerateSecret                                             bool
	RefreshTokenValidity, AccessTokenValidity, IdTokenValidity *int
	AuthSessionValidity, MaxResults                            *int
	TokenValidityUnits                                         units
	ReadAttributes, WriteAttributes, ExplicitAuthFlows         []string
	AllowedOAuthFlows, AllowedOAuthScopes                      []string
	CallbackURLs, LogoutURLs, SupportedIdentityProviders       []string
	DefaultRedirectURI                                         string
	AllowedOAuthFlowsUserPoolClient                            bool
	PreventUserExistenceErrors                                 string
	EnableTokenRevocation                                      *bool
	RefreshTokenRotation                                       *struct{ Feature string }
}

// units are those of the validities.
type units struct {
	AccessToken  string `json:",omitempty"`
	IdToken      string `json:",omitempty"`
	RefreshToken string `json:",omitempty"`
}

var authFlows = []string{"ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH",
	"ALLOW_CUSTOM_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH"}

var clientNameShape = regexp.MustCompile(`[\w\s+=,.@-]+`)

func (in clientInput) check() error {
	check := constraints()
	if uri := in.DefaultRedirectURI; uri != "" && !slices.Contains(in.CallbackURLs, uri) {
		return invalidParameter("The DefaultRedirectURI %s is not in the CallbackURLs.", uri)
	}
	if in.ClientName != "" {
		check.Length("clientName", in.ClientName, 1, 128)
		check.Pattern("clientName", in.ClientName, clientNameShape)
	}
	for _, flow := range in.ExplicitAuthFlows {
		check.Enum("explicitAuthFlows", flow, authFlows...)
	}
	if in.PreventUserExistenceErrors != "" {
		check.Enum("preventUserExistenceErrors", in.PreventUserExistenceErrors, "LEGACY", "ENABLED")
	}
	for _, unit := range []string{in.TokenValidityUnits.AccessToken, in.TokenValidityUnits.IdToken, in.TokenValidityUnits.RefreshToken} {
		if unit != "" {
			check.Enum("tokenValidityUnits", unit, "seconds", "minutes", "hours", "days")
		}
	}
	if in.AuthSessionValidity != nil {
		check.Range("authSessionValidity", *in.AuthSessionValidity, 3, 15)
	}
	if err := check.Err(); err != nil {
		return err
	}
	if allow := allowFlows(in.ExplicitAuthFlows); allow > 0 && allow < len(in.ExplicitAuthFlows) {
		return invalidParameter("ExplicitAuthFlows that begin with ALLOW_ can't be assigned together with the legacy ones.")
	}
	if in.RefreshTokenRotation != nil && in.RefreshTokenRotation.Feature == "ENABLED" {
		return wire.NotHere("an app client with RefreshTokenRotation")
	}
	return nil
}

// allowFlows counts the flows of the present kind. Those of the old kind stand
// by themselves.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ExplicitAuthFlows
func allowFlows(flows []string) (n int) {
	for _, flow := range flows {
		if strings.HasPrefix(flow, "ALLOW_") {
			n++
		}
	}
	return n
}

// fill takes the settings that can change. What an update does not state goes
// back to its default, as on AWS.
func (in clientInput) fill(c *client) error {
	c.Flows, c.Read, c.Write = in.ExplicitAuthFlows, in.ReadAttributes, in.WriteAttributes
	c.OAuthFlows, c.OAuthScopes = in.AllowedOAuthFlows, in.AllowedOAuthScopes
	c.Login = cloud.ManagedLogin{CallbackURLs: in.CallbackURLs, LogoutURLs: in.LogoutURLs, DefaultRedirectURI: in.DefaultRedirectURI,
		Providers: in.SupportedIdentityProviders, OAuth: in.AllowedOAuthFlowsUserPoolClient}
	c.HideUnknownUsers = in.PreventUserExistenceErrors == "ENABLED"
	c.Revocation = in.EnableTokenRevocation == nil || *in.EnableTokenRevocation
	c.AuthSession = defaultSession
	if in.AuthSessionValidity != nil {
		c.AuthSession = time.Duration(*in.AuthSessionValidity) * time.Minute
	}
	c.IDToken = lasting(in.IdTokenValidity, in.TokenValidityUnits.IdToken, time.Hour, defaultTokens)
	c.AccessToken = lasting(in.AccessTokenValidity, in.TokenValidityUnits.AccessToken, time.Hour, defaultTokens)
	c.RefreshToken = lasting(in.RefreshTokenValidity, in.TokenValidityUnits.RefreshToken, 24*time.Hour, defaultRefresh)
	for name, d := range map[string]time.Duration{"Id": c.IDToken, "Access": c.AccessToken} {
		if d < 5*time.Minute || d > 24*time.Hour {
			return invalidParameter("Invalid range for token validity: %s token has to be valid between 5 minutes and 1 day.", name)
		}
	}
	if c.RefreshToken < time.Hour || c.RefreshToken > 3650*24*time.Hour {
		return invalidParameter("Invalid range for token validity: Refresh token has to be valid between 60 minutes and 3650 days.")
	}
	return nil
}

var unitLengths = []struct {
	name   string
	length time.Duration
}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}, {"seconds", time.Second}}

// lasting reads a validity; zero stands for the default.
func lasting(n *int, unit string, without, otherwise time.Duration) time.Duration {
	if n == nil || *n == 0 {
		return otherwise
	}
	for _, u := range unitLengths {
		if u.name == unit {
			without = u.length
		}
	}
	if *n < 0 || *n > int(3650*24*time.Hour/time.Second) {
		return -1
	}
	return time.Duration(*n) * without
}

// inUnits writes a validity in the largest unit up to most that divides it.
func inUnits(d, most time.Duration) (int, string) {
	for _, u := range unitLengths {
		if u.length <= most && d%u.length == 0 {
			return int(d / u.length), u.name
		}
	}
	return int(d / time.Second), "seconds"
}

// shownClient is API_UserPoolClientType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html
func shownClient(c client) map[string]any {
	id, idUnit := inUnits(c.IDToken, time.Hour)
	access, accessUnit := inUnits(c.AccessToken, time.Hour)
	refresh, refreshUnit := inUnits(c.RefreshToken, 24*time.Hour)
	out := map[string]any{"UserPoolId": c.Pool, "ClientId": c.ID, "ClientName": c.Name, "CreationDate": wire.Time{Time: c.Created},
		"LastModifiedDate": wire.Time{Time: c.Modified}, "IdTokenValidity": id, "AccessTokenValidity": access, "RefreshTokenValidity": refresh,
		"TokenValidityUnits": units{accessUnit, idUnit, refreshUnit}, "EnableTokenRevocation": c.Revocation, "AllowedOAuthFlowsUserPoolClient": c.Login.OAuth,
		"EnablePropagateAdditionalUserContextData": false, "AuthSessionValidity": int(c.AuthSession / time.Minute), "PreventUserExistenceErrors": "LEGACY"}
	if c.HideUnknownUsers {
		out["PreventUserExistenceErrors"] = "ENABLED"
	}
	if c.Login.DefaultRedirectURI != "" {
		out["DefaultRedirectURI"] = c.Login.DefaultRedirectURI
	}
	if c.Secret != "" {
		out["ClientSecret"] = c.Secret
	}
	for name, list := range map[string][]string{"ExplicitAuthFlows": c.Flows, "ReadAttributes": c.Read, "WriteAttributes": c.Write,
		"AllowedOAuthFlows": c.OAuthFlows, "AllowedOAuthScopes": c.OAuthScopes, "CallbackURLs": c.Login.CallbackURLs,
		"LogoutURLs": c.Login.LogoutURLs, "SupportedIdentityProviders": c.Login.Providers} {
		if len(list) > 0 {
			out[name] = list
		}
	}
	return out
}

func (u *UserPools) createUserPoolClient(_ context.Context, _ *wire.Call, in clientInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err == nil {
		err = required("ClientName", in.ClientName)
	}
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return nil, err
	}
	c := client{Pool: p.ID, ID: drawMany(26, cloud.LowerAlnum), Name: in.ClientName, Created: u.now(), Modified: u.now(), Secret: secretFor(in.GenerateSecret, "")}
	if err := in.fill(&c); err != nil {
		return nil, err
	}
	if err := u.clients.Put(c.ID, c); err != nil {
		return nil, err
	}
	return map[string]any{"UserPoolClient": shownClient(c)}, nil
}

func (u *UserPools) describeUserPoolClient(_ context.Context, _ *wire.Call, in clientInput) (any, error) {
	c, _, err := u.clientOf(in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return map[string]any{"UserPoolClient": shownClient(c)}, nil
}

func (u *UserPools) updateUserPoolClient(_ context.Context, _ *wire.Call, in clientInput) (any, error) {
	_, _, err := u.clientOf(in.UserPoolId, in.ClientId)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return nil, err
	}
	var after client
	err = u.clients.Update(func(tx store.Tx[client]) error {
		c, _, err := tx.Get(in.ClientId)
		if err == nil {
			err = in.fill(&c)
		}
		if err != nil {
			return err
		}
		if in.ClientName != "" {
			c.Name = in.ClientName
		}
		c.Modified = u.now()
		after = c
		return tx.Put(c.ID, c)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"UserPoolClient": shownClient(after)}, nil
}

func (u *UserPools) deleteUserPoolClient(_ context.Context, _ *wire.Call, in clientInput) (any, error) {
	c, _, err := u.clientOf(in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	return nil, u.clients.Update(func(tx store.Tx[client]) error {
		if c.Declared != "" {
			return tx.Put(c.ID, client{deployment: deployment{Declared: c.Declared, Gone: true}, Pool: c.Pool, ID: c.ID})
		}
		return tx.Delete(c.ID)
	})
}

func (u *UserPools) listUserPoolClients(_ context.Context, _ *wire.Call, in clientInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
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
	ids, err := u.clientIDs(p.ID)
	out, next := []map[string]any{}, ""
	for _, id := range ids {
		c, _, err := u.client(id)
		if err != nil || id <= after {
			continue
		}
		if len(out) == limit {
			next = writeToken(out[limit-1]["ClientId"].(string))
			break
		}
		out = append(out, map[string]any{"ClientId": c.ID, "UserPoolId": c.Pool, "ClientName": c.Name})
	}
	return page(map[string]any{"UserPoolClients": out}, "NextToken", next), err
}

// clientIDs are those of all clients of a pool, deleted ones that are declared
// among them.
func (u *UserPools) clientIDs(pool string) (ids []string, err error) {
	err = u.clients.View(func(tx store.Tx[client]) error {
		return tx.Each("", "", func(id string, c client) bool {
			if c.Pool == pool {
				ids = append(ids, id)
			}
			return true
		})
	})
	return ids, err
}

// allows reports whether the client's users may sign in by a flow. A client
// that names none has SRP, refreshing and custom challenges; so has one that
// names flows of the old kind, without ALLOW_.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html#CognitoUserPools-CreateUserPoolClient-request-ExplicitAuthFlows
func (c *client) allows(flow string) bool {
	old := !slices.ContainsFunc(c.Flows, func(f string) bool { return strings.HasPrefix(f, "ALLOW_") })
	switch flow {
	case "USER_SRP_AUTH":
		return slices.Contains(c.Flows, "ALLOW_USER_SRP_AUTH") || old && !slices.Contains(c.Flows, "CUSTOM_AUTH_FLOW_ONLY")
	case "REFRESH_TOKEN_AUTH":
		return slices.Contains(c.Flows, "ALLOW_REFRESH_TOKEN_AUTH") || old
	case "ADMIN_USER_PASSWORD_AUTH":
		return slices.Contains(c.Flows, "ALLOW_ADMIN_USER_PASSWORD_AUTH") || slices.Contains(c.Flows, "ADMIN_NO_SRP_AUTH")
	}
	return slices.Contains(c.Flows, "ALLOW_"+flow) || slices.Contains(c.Flows, flow)
}
