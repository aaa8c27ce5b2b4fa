package cognito

import (
	"fmt"
	"regexp"
	"slices"

	"bailey/services/store"
	"bailey/services/wire"
)

var poolIDShape = regexp.MustCompile(`[\w-]+_[0-9a-zA-Z]+`)

// pool finds a pool by its ID.
func (u *UserPools) pool(id string) (pool, error) {
	check := constraints()
	check.Required("userPoolId", id != "")
	if id != "" {
		check.Length("userPoolId", id, 1, 55)
		check.Pattern("userPoolId", id, poolIDShape)
	}
	if err := check.Err(); err != nil {
		return pool{}, err
	}
	p, ok, err := u.pools.Get(id)
	if err == nil && (!ok || p.Gone) {
		err = notFound("User pool %s does not exist.", id)
	}
	return p, err
}

// client finds an app client, and its pool.
func (u *UserPools) client(id string) (client, pool, error) {
	if err := required("ClientId", id); err != nil {
		return client{}, pool{}, err
	}
	c, ok, err := u.clients.Get(id)
	if err == nil && (!ok || c.Gone) {
		err = notFound("User pool client %s does not exist.", id)
	}
	if err != nil {
		return client{}, pool{}, err
	}
	p, err := u.pool(c.Pool)
	return c, p, err
}

// clientOf finds an app client of the pool.
func (u *UserPools) clientOf(poolID, id string) (client, pool, error) {
	p, err := u.pool(poolID)
	if err != nil {
		return client{}, pool{}, err
	}
	c, _, err := u.client(id)
	if err == nil && c.Pool != p.ID {
		err = notFound("User pool client %s does not exist.", id)
	}
	return c, p, err
}

// group finds a group of the pool.
func (u *UserPools) group(p *pool, name string) (group, error) {
	if err := required("GroupName", name); err != nil {
		return group{}, err
	}
	g, ok, err := u.groups.Get(p.key(name))
	if err == nil && (!ok || g.Gone) {
		err = notFound("Group not found.")
	}
	return g, err
}

var usernameShape = regexp.MustCompile(`[\p{L}\p{M}\p{S}\p{N}\p{P}]+`)

// checkName holds a user name against the operations' model.
func checkName(check *wire.Constraints, name string) {
	check.Required("username", name != "")
	check.Length("username", name, 0, 128)
	if name != "" {
		check.Pattern("username", name, usernameShape)
	}
}

// user finds a user by name, by sub, or by an alias of the pool's.
func (u *UserPools) user(p *pool, name string) (user, error) {
	check := constraints()
	checkName(check, name)
	if err := check.Err(); err != nil {
		return user{}, err
	}
	found, ok, err := u.users.Get(u.lookUp(p, name))
	if err == nil && (!ok || found.Gone) {
		err = u.missing(p, name)
	}
	return found, err
}

// missing says that there is no such user, or why a declared one is not there.
func (u *UserPools) missing(p *pool, name string) error {
	u.mu.Lock()
	gap, isOpen := u.open[p.userKey(name)]
	u.mu.Unlock()
	if isOpen {
		return wire.Errorf("UserNotFoundException", "User does not exist: the template declares it with an attribute that is not known: %v", gap)
	}
	return noUser()
}

// lookUp gives the key of the user whom a name means. A user name comes before
// an alias.
func (u *UserPools) lookUp(p *pool, name string) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.keyOf(p, name)
}

// keyOf is lookUp for who holds mu.
func (u *UserPools) keyOf(p *pool, name string) string {
	if key, ok := u.aliases[p.ID][p.fold(name)]; ok {
		return key
	}
	return p.userKey(name)
}

// indexAliases reads which other names users have.
func (u *UserPools) indexAliases() error {
	pools := map[string]pool{}
	err := u.pools.View(func(tx store.Tx[pool]) error {
		return tx.Each("", "", func(id string, p pool) bool {
			pools[id] = p
			return true
		})
	})
	if err != nil {
		return err
	}
	return u.users.View(func(tx store.Tx[user]) error {
		return tx.Each("", "", func(key string, found user) bool {
			id := key[:len(key)-len(suffixOf(key))]
			if p, ok := pools[id]; ok && !found.Gone {
				u.index(&p, nil, &found)
			}
			return true
		})
	})
}

// suffixOf is the part of a key from its first slash on.
func suffixOf(key string) string {
	for i := range key {
		if key[i] == '/' {
			return key[i:]
		}
	}
	return ""
}

// index replaces the aliases that a user had by those that it has; nil: none.
func (u *UserPools) index(p *pool, before, after *user) {
	names := u.aliases[p.ID]
	if names == nil {
		names = map[string]string{}
		u.aliases[p.ID] = names
	}
	if before != nil {
		for _, a := range before.aliases(p) {
			if names[a] == p.userKey(before.Username) {
				delete(names, a)
			}
		}
	}
	if after != nil {
		for _, a := range after.aliases(p) {
			names[a] = p.userKey(after.Username)
		}
	}
}

// changeUser changes a user that is there, in one transaction; f refuses with an
// error. What comes back is on the disk.
func (u *UserPools) changeUser(p *pool, name string, f func(*user) error) (user, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.change(p, u.keyOf(p, name), func(found *user, there bool) error {
		if !there {
			return noUser()
		}
		return f(found)
	})
}

// change is changeUser for who holds mu, and for users that are not there yet.
// Afterwards the user has the present time as that of its last change.
func (u *UserPools) change(p *pool, key string, f func(found *user, there bool) error) (user, error) {
	var before *user
	var after user
	err := u.users.Update(func(tx store.Tx[user]) error {
		found, ok, err := tx.Get(key)
		if err != nil {
			return err
		}
		there := ok && !found.Gone
		if there {
			old := found
			old.Attributes = cloneMap(found.Attributes)
			before = &old
		}
		if err := f(&found, there); err != nil {
			return err
		}
		found.Modified = u.now()
		after = found
		if err := u.conflict(p, key, &after); err != nil {
			return err
		}
		return tx.Put(key, found)
	})
	if err != nil {
		return user{}, err
	}
	u.index(p, before, &after)
	return after, nil
}

// conflict refuses an alias that is another user's.
func (u *UserPools) conflict(p *pool, key string, of *user) error {
	for _, name := range append(append([]string{}, p.Username...), p.Alias...) {
		v := of.Attributes[name]
		if v == "" || name != "preferred_username" && !slices.Contains(p.Username, name) && !of.verified(name) {
			continue
		}
		if owner, taken := u.aliases[p.ID][p.fold(v)]; taken && owner != key {
			return wire.Errorf(existsCode(p, name), "An account with the given %s already exists.", name)
		}
	}
	return nil
}

// existsCode: what is the user name of the pool's users is a name, the others
// are aliases.
func existsCode(p *pool, attribute string) string {
	if slices.Contains(p.Username, attribute) {
		return "UsernameExistsException"
	}
	return "AliasExistsException"
}

// dropUser deletes a user. Of a declared one it stays known that it was.
func (u *UserPools) dropUser(p *pool, name string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	key := u.keyOf(p, name)
	var gone user
	err := u.users.Update(func(tx store.Tx[user]) error {
		found, ok, err := tx.Get(key)
		switch {
		case err != nil:
			return err
		case !ok || found.Gone:
			return noUser()
		}
		gone = found
		if found.Declared == "" {
			return tx.Delete(key)
		}
		return tx.Put(key, user{deployment: deployment{Declared: found.Declared, Gone: true}, Username: found.Username})
	})
	if err != nil {
		return err
	}
	u.index(p, &gone, nil)
	delete(u.attempts, key)
	return nil
}

// PoolIDs are the pools that there are.
func (u *UserPools) PoolIDs() ([]string, error) {
	var out []string
	err := u.pools.View(func(tx store.Tx[pool]) error {
		return tx.Each("", "", func(id string, p pool) bool {
			if !p.Gone {
				out = append(out, id)
			}
			return true
		})
	})
	if err != nil {
		return nil, fmt.Errorf("cognito: list user pools: %w", err)
	}
	return out, nil
}
