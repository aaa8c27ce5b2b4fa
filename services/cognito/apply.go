package cognito

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"bailey/cloud"
	"bailey/services/store"
)

// Apply deploys the pools that m declares, as CloudFormation would: see the
// package comment. All of it is on disk when it returns nil.
func (u *UserPools) Apply(m *cloud.Model) error {
	for _, deploy := range []func(*cloud.Model) error{u.deployPools, u.deployClients, u.deployGroups, u.deployUsers} {
		if err := deploy(m); err != nil {
			return fmt.Errorf("cognito: deploy the template's user pools: %w", err)
		}
	}
	return nil
}

// wanted is a declaration: its digest, and what makes the record of it from the
// one that is there, or from the zero one.
type wanted[T any] struct {
	digest string
	make   func(old T, there bool) (T, error)
}

// reconcile holds declarations against what was deployed last, and gives the
// keys that are no longer declared. The disk is not touched if nothing changed.
func reconcile[T any](b *store.Bucket[T], of func(*T) *deployment, want map[string]wanted[T]) (removed []string, err error) {
	var puts []string
	deployed := map[string]string{}
	err = b.View(func(tx store.Tx[T]) error {
		return tx.Each("", "", func(key string, v T) bool {
			deployed[key] = of(&v).Declared
			if _, ok := want[key]; !ok && deployed[key] != "" {
				removed = append(removed, key)
			}
			return true
		})
	})
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if deployed[key] != want[key].digest {
			puts = append(puts, key)
		}
	}
	if err != nil || len(removed)+len(puts) == 0 {
		return nil, err
	}
	return removed, b.Update(func(tx store.Tx[T]) error {
		for _, key := range removed {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		for _, key := range puts {
			if err := deployOne(tx, of, key, want[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

func deployOne[T any](tx store.Tx[T], of func(*T) *deployment, key string, w wanted[T]) error {
	old, ok, err := tx.Get(key)
	if err != nil {
		return err
	}
	there := ok && !of(&old).Gone
	if !there {
		old = *new(T)
	}
	made, err := w.make(old, there)
	if err != nil {
		return err
	}
	*of(&made) = deployment{Declared: w.digest}
	return tx.Put(key, made)
}

func digestOf(declaration any) string {
	text, err := json.Marshal(declaration)
	if err != nil {
		panic(err) // declarations are plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func (u *UserPools) deployPools(m *cloud.Model) error {
	want := map[string]wanted[pool]{}
	for d := range m.UserPools() {
		next := declaredPool(d)
		digest := digestOf(next)
		want[d.ID] = wanted[pool]{digest, func(old pool, there bool) (pool, error) {
			next.Created, next.Modified, next.Decoy = u.now(), u.now(), newDecoy()
			if there {
				next.Created, next.Decoy = old.Created, old.Decoy
				return next, u.immutable(d.Name, old, next)
			}
			return next, nil
		}}
	}
	removed, err := reconcile(u.pools, func(p *pool) *deployment { return &p.deployment }, want)
	for _, id := range removed {
		if err == nil {
			err = u.purge(id)
		}
	}
	return err
}

func newDecoy() []byte {
	out := make([]byte, 32)
	rand.Read(out)
	return out
}

// declaredPool is the record of a declaration, without its times.
func declaredPool(d cloud.UserPool) pool {
	p := pool{ID: d.ID, Name: d.PoolName, ARN: d.ARN.String(), Username: d.Username, Alias: d.AliasOf, AutoVerified: d.AutoVerified, AdminOnly: d.AdminOnly,
		Password: d.Password, MFA: d.MFA, CaseSensitive: d.CaseSensitive, Schema: d.Schema, Domain: d.Domain, Recovery: d.Recovery, VerifyFirst: d.VerifyFirst,
		DeletionProtection: map[bool]string{true: "ACTIVE"}[d.Protected],
		Triggers:           map[string]string{}, OpenTriggers: map[string]string{}}
	for name, arn := range d.Triggers {
		if gap, isOpen := arn.Gap(); isOpen {
			p.OpenTriggers[name] = gap.String()
		} else {
			p.Triggers[name] = arn.Or(cloud.ARN{}).String()
		}
	}
	return p
}

// immutable refuses what AWS does not change of a pool.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
func (u *UserPools) immutable(name string, old, next pool) error {
	for property, same := range map[string]bool{
		"UsernameAttributes":    slices.Equal(old.Username, next.Username),
		"AliasAttributes":       slices.Equal(old.Alias, next.Alias),
		"UsernameConfiguration": old.CaseSensitive == next.CaseSensitive,
	} {
		if !same {
			return fmt.Errorf("user pool %s (%s): updates are not allowed for property %s, as on AWS; "+
				"give the pool another logical ID, or move the state folder away to start without its users", name, next.ID, property)
		}
	}
	return nil
}

// purge deletes what belongs to a pool.
func (u *UserPools) purge(id string) error {
	clients, err := u.clientIDs(id)
	if err != nil {
		return err
	}
	err = u.clients.Update(func(tx store.Tx[client]) error { return deleteAll(tx, clients) })
	if err == nil {
		err = purgePrefix(u.groups, id+"/")
	}
	if err == nil {
		err = purgePrefix(u.users, id+"/")
	}
	if err == nil {
		err = u.keys.forget(id)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.aliases, id)
	return err
}

func purgePrefix[T any](b *store.Bucket[T], prefix string) error {
	return b.Update(func(tx store.Tx[T]) error {
		var keys []string
		err := tx.Each(prefix, "", func(key string, _ T) bool {
			keys = append(keys, key)
			return true
		})
		if err != nil {
			return err
		}
		return deleteAll(tx, keys)
	})
}

func deleteAll[T any](tx store.Tx[T], keys []string) error {
	for _, key := range keys {
		if err := tx.Delete(key); err != nil {
			return err
		}
	}
	return nil
}

// alive reports whether a declared pool is there: a call may have deleted it,
// and all that is declared of it.
func (u *UserPools) alive(id string) bool {
	p, ok, err := u.pools.Get(id)
	return err == nil && ok && !p.Gone
}
