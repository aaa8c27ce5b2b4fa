package ssm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"bailey/cloud"
	"bailey/services/store"
)

// Apply deploys the parameters that m declares, as CloudFormation would: see
// the package comment. All of it is on disk when it returns nil.
func (p *Parameters) Apply(m *cloud.Model) error {
	declared, open := map[string]cloud.Parameter{}, map[string]cloud.Gap{}
	for d := range m.Parameters() {
		if gap, isOpen := d.Value.Gap(); isOpen {
			open[d.ParamName] = gap
		} else {
			declared[d.ParamName] = d
		}
	}
	if err := p.deploy(m, declared, open); err != nil {
		return fmt.Errorf("ssm: deploy the template's parameters: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = open
	return nil
}

func (p *Parameters) deploy(m *cloud.Model, declared map[string]cloud.Parameter, open map[string]cloud.Gap) error {
	changes, err := p.changes(declared, open)
	if err != nil || len(changes.put)+len(changes.remove) == 0 {
		return err
	}
	return p.entries.Update(func(tx store.Tx[entry]) error {
		for _, name := range changes.remove {
			if err := tx.Delete(name); err != nil {
				return err
			}
		}
		for _, name := range changes.put {
			e, _, err := tx.Get(name)
			if err != nil {
				return err
			}
			p.deployOne(m, &e, declared[name])
			if err := tx.Put(name, e); err != nil {
				return err
			}
		}
		return nil
	})
}

type changes struct{ put, remove []string }

// changes holds the template against what was deployed last. A parameter whose
// value the template leaves open keeps what it has.
func (p *Parameters) changes(declared map[string]cloud.Parameter, open map[string]cloud.Gap) (c changes, err error) {
	deployed := map[string]string{}
	err = p.entries.View(func(tx store.Tx[entry]) error {
		return tx.Each("", "", func(name string, e entry) bool {
			deployed[name] = e.Declared
			_, wanted := declared[name]
			_, isOpen := open[name]
			if e.Declared != "" && !wanted && !isOpen {
				c.remove = append(c.remove, name)
			}
			return true
		})
	})
	for name, d := range declared {
		if deployed[name] != digest(d) {
			c.put = append(c.put, name)
		}
	}
	return c, err
}

// deployOne gives a parameter its declared value. Another type is another
// parameter: CloudFormation replaces it, and its versions are gone.
func (p *Parameters) deployOne(m *cloud.Model, e *entry, d cloud.Parameter) {
	value := d.Value.Or("")
	if e.Current == nil || e.Current.Type != d.Kind {
		e.Current = &parameter{Type: d.Kind, Tier: tierFor("", tierStandard, value)}
	}
	e.Current.Tier = tierFor("", e.Current.Tier, value)
	if d.Kind == typeSecure {
		e.Current.KeyID = defaultKey
	}
	e.Declared = digest(d)
	e.Current.add(p.cipher.seal(d.ParamName, d.Kind, value), p.cfg.Now().UTC(), "arn:aws:iam::"+m.Account()+":root")
}

// digest identifies a declaration without keeping its value, which may be a
// secret. It is bound to the name, so that equal values do not show.
func digest(d cloud.Parameter) string {
	text, err := json.Marshal([]string{d.ParamName, d.Kind, d.Value.Or("")})
	if err != nil {
		panic(err) // strings are always JSON
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
