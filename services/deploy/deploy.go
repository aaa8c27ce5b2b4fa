// Package deploy applies what a template declares to what the store has, as
// CloudFormation does when it deploys the template.
//
//	declared: key -> digest ─┐
//	                         ├─▶ Apply ─ make, remove ─▶ Bucket[Entry[T]]
//	deployed last time ──────┘
//
// It does not know what is declared: services/ssm, events, scheduler and
// secretsmanager make their records. It imports services/store.
//
// The rule it obeys: a template is a deployment. What is declared and not there
// is made; what is declared as it was the last time is left alone, whatever a
// call did to it since, deleting it included; what is declared otherwise is
// made to be so; and what is no longer declared is deleted.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"bailey/services/store"
)

// An Entry is what the store has under a key that a template may declare.
type Entry[T any] struct {
	// Declared is the digest of the declaration that was deployed last; empty
	// if no template declares it.
	Declared string `json:",omitempty"`
	Current  *T     `json:",omitempty"` // nil: a call deleted it
}

// A Declaration is what a template says of some keys.
type Declaration[T any] struct {
	Digests map[string]string // by key: see Digest
	// Keep says of a key that the template declares it, but not yet what it is:
	// what is there stays. nil: there are no such keys.
	Keep func(key string) bool
	// Make gives the record of a key that is new or declared otherwise;
	// current is nil where there is none.
	Make func(key string, current *T) (*T, error)
}

// Apply deploys. All of it is on disk when it returns nil, and nothing of it
// otherwise.
func Apply[T any](b *store.Bucket[Entry[T]], d Declaration[T]) error {
	put, remove, err := changes(b, d)
	if err != nil || len(put)+len(remove) == 0 {
		return err
	}
	return b.Update(func(tx store.Tx[Entry[T]]) error {
		for _, key := range remove {
			if err := tx.Delete(key); err != nil {
				return err
			}
		}
		for _, key := range put {
			e, _, err := tx.Get(key)
			if err == nil {
				e.Declared = d.Digests[key]
				e.Current, err = d.Make(key, e.Current)
			}
			if err == nil {
				err = tx.Put(key, e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// changes holds the template against what was deployed last.
func changes[T any](b *store.Bucket[Entry[T]], d Declaration[T]) (put, remove []string, err error) {
	deployed := map[string]string{}
	err = b.View(func(tx store.Tx[Entry[T]]) error {
		return tx.Each("", "", func(key string, e Entry[T]) bool {
			deployed[key] = e.Declared
			_, wanted := d.Digests[key]
			if e.Declared != "" && !wanted && (d.Keep == nil || !d.Keep(key)) {
				remove = append(remove, key)
			}
			return true
		})
	})
	for key, digest := range d.Digests {
		if deployed[key] != digest {
			put = append(put, key)
		}
	}
	return put, remove, err
}

// Remove deletes what a call deletes, and reports whether it was there. Of
// something declared it stays known that it was, so that the next start does
// not bring it back.
func Remove[T any](tx store.Tx[Entry[T]], key string) (bool, error) {
	e, ok, err := tx.Get(key)
	switch {
	case err != nil || !ok || e.Current == nil:
		return false, err
	case e.Declared == "":
		return true, tx.Delete(key)
	}
	e.Current = nil
	return true, tx.Put(key, e)
}

// Digest identifies a declaration without keeping what it says, which may be a
// secret. Its key belongs to what is declared, so that equal values do not show.
func Digest(declared ...any) string {
	text, err := json.Marshal(declared)
	if err != nil {
		panic("deploy: " + err.Error()) // declarations are plain values
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
