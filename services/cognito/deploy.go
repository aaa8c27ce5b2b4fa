package cognito

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"time"

	"bailey/cloud"
)

// The validities that a client has if it does not say.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
const (
	defaultTokens  = time.Hour
	defaultRefresh = 30 * 24 * time.Hour
	defaultSession = 3 * time.Minute
)

func (u *UserPools) deployClients(m *cloud.Model) error {
	want := map[string]wanted[client]{}
	for p := range m.UserPools() {
		for _, d := range p.Clients {
			if !u.alive(p.ID) {
				continue
			}
			next := client{Pool: p.ID, ID: d.ID, Name: d.ClientName, Flows: d.Flows, Read: d.ReadAttributes, Write: d.WriteAttributes,
				IDToken: cmp.Or(d.IDToken, defaultTokens), AccessToken: cmp.Or(d.AccessToken, defaultTokens), RefreshToken: cmp.Or(d.RefreshToken, defaultRefresh),
				OAuthFlows: d.OAuthFlows, OAuthScopes: d.OAuthScopes, HideUnknownUsers: d.HideUnknownUsers, Revocation: d.Revocation,
				Rotation: d.Rotation, Login: d.Login, AuthSession: cmp.Or(d.AuthSession, defaultSession)}
			want[d.ID] = wanted[client]{digestOf([]any{next, d.Secret}), func(old client, there bool) (client, error) {
				next.Created, next.Modified = u.now(), u.now()
				if there {
					next.Created, next.Secret = old.Created, old.Secret
				}
				next.Secret = secretFor(d.Secret, next.Secret)
				return next, nil
			}}
		}
	}
	_, err := reconcile(u.clients, func(c *client) *deployment { return &c.deployment }, want)
	return err
}

func (u *UserPools) deployGroups(m *cloud.Model) error {
	want := map[string]wanted[group]{}
	for p := range m.UserPools() {
		for _, d := range p.Groups {
			if !u.alive(p.ID) {
				continue
			}
			next := group{Name: d.GroupName, Description: d.Description, Role: d.Role, Precedence: d.Precedence}
			want[p.ID+"/"+d.GroupName] = wanted[group]{digestOf(next), func(old group, there bool) (group, error) {
				next.Created, next.Modified = u.now(), u.now()
				if there {
					next.Created = old.Created
				}
				return next, nil
			}}
		}
	}
	_, err := reconcile(u.groups, func(g *group) *deployment { return &g.deployment }, want)
	return err
}

// deployUsers makes the template's users. Each has a temporary password, which
// AWS would send.
func (u *UserPools) deployUsers(m *cloud.Model) error {
	want, open, sent := map[string]wanted[user]{}, map[string]cloud.Gap{}, []Message{}
	for d := range m.UserPools() {
		p, ok, err := u.pools.Get(d.ID)
		if err != nil || !ok || p.Gone {
			continue
		}
		for _, one := range d.Users {
			attributes, gap := knownAttributes(one)
			name := declaredName(&p, one.Username, attributes)
			if gap != nil {
				open[p.userKey(name)], open[p.userKey(one.Username)] = *gap, *gap
				continue
			}
			want[p.userKey(name)] = wanted[user]{digestOf([]any{one.Username, attributes, one.Groups}), func(old user, there bool) (user, error) {
				if !there {
					var m Message
					old, m = u.invited(&p, name, declaredSub(&p, one.Username))
					sent = append(sent, m)
				}
				maps.Copy(old.Attributes, attributes)
				old.Groups, old.Modified = one.Groups, u.now()
				return old, nil
			}}
		}
	}
	if err := u.keepOpen(want, open); err != nil {
		return err
	}
	if _, err := reconcile(u.users, func(r *user) *deployment { return &r.deployment }, want); err != nil {
		return err
	}
	u.mu.Lock()
	u.open, u.aliases = open, map[string]map[string]string{}
	err := u.indexAliases()
	u.mu.Unlock()
	for _, message := range sent {
		u.deliver(message)
	}
	return err
}

// keepOpen leaves a user that was deployed as it is where the template now
// leaves it open.
func (u *UserPools) keepOpen(want map[string]wanted[user], open map[string]cloud.Gap) error {
	for key := range open {
		old, ok, err := u.users.Get(key)
		if err != nil {
			return err
		}
		if ok && old.Declared != "" {
			want[key] = wanted[user]{digest: old.Declared}
		}
	}
	return nil
}

func knownAttributes(d cloud.PoolUser) (map[string]string, *cloud.Gap) {
	out := map[string]string{}
	for name, v := range d.Attributes {
		if gap, isOpen := v.Gap(); isOpen {
			return nil, &gap
		}
		if name != "sub" {
			out[name] = v.Or("")
		}
	}
	return out, nil
}

// declaredSub makes a declared user's sub up, the same each time.
func declaredSub(p *pool, username string) string {
	sum := sha256.Sum256([]byte(p.ID + "/" + username))
	return uuidOf(sum[:])
}

// uuidOf has the form of a random UUID.
func uuidOf(b []byte) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], []byte{b[6]&0x0f | 0x40, b[7]}, []byte{b[8]&0x3f | 0x80, b[9]}, b[10:16])
}

// declaredName is the user name of a declared user. Where users sign in with an
// e-mail address or a phone number it is the sub, and what is declared as the
// name is that attribute.
func declaredName(p *pool, username string, attributes map[string]string) string {
	if len(p.Username) == 0 {
		return username
	}
	if name := p.signInAttribute(username); name != "" && attributes != nil {
		attributes[name] = username
	}
	return declaredSub(p, username)
}

// invited is a new user with a temporary password, and the message that tells
// it.
func (u *UserPools) invited(p *pool, username, sub string) (user, Message) {
	password := p.makePassword()
	made := user{Username: username, Sub: sub, Attributes: map[string]string{}, Enabled: true, Status: forceChange, Created: u.now()}
	made.setPassword(p, password, u.now())
	return made, Message{Pool: p.ID, PoolName: p.Name, Username: username, Purpose: invitation, Code: password}
}
