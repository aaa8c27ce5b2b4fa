package cognito

import (
	"context"
	"fmt"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/services/store"
	"bailey/services/wire"
)

// A Config is what UserPools are made of.
type Config struct {
	Store *store.Store
	Model func() *cloud.Model // as of now
	Now   func() time.Time    // nil: time.Now
	// Invoke runs the function of a pool's Lambda trigger, both by their ARNs, if
	// the function's permission lets the pool, and gives its answer, or what the
	// function failed with. An error's text is what AWS names as the reason. nil:
	// pools with triggers cannot run them.
	Invoke func(ctx context.Context, pool, function string, event []byte) (answer []byte, failure string, err error)
	// Deliver hears of every message that AWS would send. nil: nobody listens;
	// Messages has the last ones.
	Deliver func(Message)
}

// UserPools are the user pools of one account in one region.
type UserPools struct {
	cfg     Config
	pools   *store.Bucket[pool]
	clients *store.Bucket[client]
	groups  *store.Bucket[group]
	users   *store.Bucket[user]
	grants  *store.Bucket[grant]
	keys    *keyring
	sealer  *sealer

	mu       sync.Mutex                   // one change of users at a time
	aliases  map[string]map[string]string // pool -> alias -> user's key
	attempts map[string]attempts          // failed sign-ins by user's key
	sent     []Message
	open     map[string]cloud.Gap // declared users with an attribute that is not known
}

// New opens the pools that are in the store and deploys the present model's.
func New(cfg Config) (*UserPools, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Deliver == nil {
		cfg.Deliver = func(Message) {}
	}
	u := &UserPools{cfg: cfg, aliases: map[string]map[string]string{}, attempts: map[string]attempts{}}
	if err := u.openBuckets(); err != nil {
		return nil, fmt.Errorf("cognito: %w", err)
	}
	return u, u.Apply(cfg.Model())
}

func (u *UserPools) openBuckets() error {
	for _, open := range []func() error{
		func() (err error) { u.pools, err = store.In[pool](u.cfg.Store, "cognito/pools"); return err },
		func() (err error) { u.clients, err = store.In[client](u.cfg.Store, "cognito/clients"); return err },
		func() (err error) { u.groups, err = store.In[group](u.cfg.Store, "cognito/groups"); return err },
		func() (err error) { u.users, err = store.In[user](u.cfg.Store, "cognito/users"); return err },
		func() (err error) { u.grants, err = store.In[grant](u.cfg.Store, "cognito/grants"); return err },
		func() (err error) { u.keys, err = newKeyring(u.cfg.Store); return err },
		func() (err error) { u.sealer, err = newSealer(); return err },
		u.indexAliases, u.forgetExpired,
	} {
		if err := open(); err != nil {
			return err
		}
	}
	return nil
}

func (u *UserPools) now() time.Time { return u.cfg.Now().UTC() }

// Service is the table of its operations. Those that are not listed are refused
// by name as well.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_Operations.html,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncognitouserpools.html
func (u *UserPools) Service() *wire.Service {
	s := &wire.Service{Name: "cognito-idp", Protocol: wire.AwsJSON11, Version: "2016-04-18", TargetPrefix: "AWSCognitoIdentityProviderService"}
	s.Operations = append(s.Operations, u.poolOperations()...)
	s.Operations = append(s.Operations, u.adminOperations()...)
	s.Operations = append(s.Operations, u.userOperations()...)
	for _, name := range notHere {
		s.Operations = append(s.Operations, wire.Operation{Name: name})
	}
	return s
}

// poolOperations are those on pools, app clients and groups.
func (u *UserPools) poolOperations() []wire.Operation {
	return []wire.Operation{
		{Name: "CreateUserPool", Handle: handle(u.createUserPool)},
		{Name: "ListUserPools", Handle: handle(u.listUserPools)},
		u.onPool("DescribeUserPool", handle(u.describeUserPool)),
		u.onPool("UpdateUserPool", handle(u.updateUserPool)),
		u.onPool("DeleteUserPool", handle(u.deleteUserPool)),
		u.onPool("GetUserPoolMfaConfig", handle(u.getUserPoolMfaConfig)),
		u.onPool("CreateUserPoolClient", handle(u.createUserPoolClient)),
		u.onPool("DescribeUserPoolClient", handle(u.describeUserPoolClient)),
		u.onPool("ListUserPoolClients", handle(u.listUserPoolClients)),
		u.onPool("UpdateUserPoolClient", handle(u.updateUserPoolClient)),
		u.onPool("DeleteUserPoolClient", handle(u.deleteUserPoolClient)),
		u.onPool("CreateGroup", handle(u.createGroup)),
		u.onPool("GetGroup", handle(u.getGroup)),
		u.onPool("ListGroups", handle(u.listGroups)),
		u.onPool("UpdateGroup", handle(u.updateGroup)),
		u.onPool("DeleteGroup", handle(u.deleteGroup)),
	}
}

// adminOperations are those that an administrator does to users, by IAM.
func (u *UserPools) adminOperations() []wire.Operation {
	return []wire.Operation{
		u.onPool("ListUsers", handle(u.listUsers)),
		u.onPool("ListUsersInGroup", handle(u.listUsersInGroup)),
		u.onPool("AdminCreateUser", handle(u.adminCreateUser)),
		u.onPool("AdminGetUser", handle(u.adminGetUser)),
		u.onPool("AdminDeleteUser", handle(u.adminDeleteUser)),
		u.onPool("AdminDisableUser", handle(u.adminDisableUser)),
		u.onPool("AdminEnableUser", handle(u.adminEnableUser)),
		u.onPool("AdminConfirmSignUp", handle(u.adminConfirmSignUp)),
		u.onPool("AdminSetUserPassword", handle(u.adminSetUserPassword)),
		u.onPool("AdminResetUserPassword", handle(u.adminResetUserPassword)),
		u.onPool("AdminUpdateUserAttributes", handle(u.adminUpdateUserAttributes)),
		u.onPool("AdminDeleteUserAttributes", handle(u.adminDeleteUserAttributes)),
		u.onPool("AdminAddUserToGroup", handle(u.adminAddUserToGroup)),
		u.onPool("AdminRemoveUserFromGroup", handle(u.adminRemoveUserFromGroup)),
		u.onPool("AdminListGroupsForUser", handle(u.adminListGroupsForUser)),
		u.onPool("AdminUserGlobalSignOut", handle(u.adminUserGlobalSignOut)),
		u.onPool("AdminInitiateAuth", handle(u.adminInitiateAuth)),
		u.onPool("AdminRespondToAuthChallenge", handle(u.adminRespondToAuthChallenge)),
	}
}

// userOperations are those that users do themselves: IAM is not asked.
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
func (u *UserPools) userOperations() []wire.Operation {
	unsigned := func(name string, h handler) wire.Operation {
		return wire.Operation{Name: name, Unsigned: true, Handle: h}
	}
	return []wire.Operation{
		unsigned("SignUp", handle(u.signUp)),
		unsigned("ConfirmSignUp", handle(u.confirmSignUp)),
		unsigned("ResendConfirmationCode", handle(u.resendConfirmationCode)),
		unsigned("ForgotPassword", handle(u.forgotPassword)),
		unsigned("ConfirmForgotPassword", handle(u.confirmForgotPassword)),
		unsigned("InitiateAuth", handle(u.initiateAuth)),
		unsigned("RespondToAuthChallenge", handle(u.respondToAuthChallenge)),
		unsigned("GetTokensFromRefreshToken", handle(u.getTokensFromRefreshToken)),
		unsigned("RevokeToken", handle(u.revokeToken)),
		unsigned("GetUser", handle(u.getUser)),
		unsigned("DeleteUser", handle(u.deleteUser)),
		unsigned("UpdateUserAttributes", handle(u.updateUserAttributes)),
		unsigned("GetUserAttributeVerificationCode", handle(u.getUserAttributeVerificationCode)),
		unsigned("VerifyUserAttribute", handle(u.verifyUserAttribute)),
		unsigned("ChangePassword", handle(u.changePassword)),
		unsigned("GlobalSignOut", handle(u.globalSignOut)),
	}
}

type handler = func(context.Context, *wire.Call) (any, error)

// handle decodes the input of an operation before it.
func handle[In any](f func(context.Context, *wire.Call, In) (any, error)) handler {
	return func(ctx context.Context, c *wire.Call) (any, error) {
		var in In
		if err := c.Decode(&in); err != nil {
			return nil, err
		}
		return f(ctx, c, in)
	}
}

// onPool is an operation that IAM is asked for on the pool's ARN.
func (u *UserPools) onPool(name string, h handler) wire.Operation {
	return wire.Operation{Name: name, Handle: h, Resources: func(c *wire.Call) ([]string, error) {
		var in struct{ UserPoolId string }
		err := c.Decode(&in)
		return []string{u.arn(in.UserPoolId)}, err
	}}
}

func (u *UserPools) arn(id string) string {
	m := u.cfg.Model()
	return cloud.ARN{Partition: partition(m.Region()), Service: "cognito-idp", Region: m.Region(), Account: m.Account(), Resource: "userpool/" + id}.String()
}
