package ssm

import (
	"context"

	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

func (p *Parameters) deleteParameter(_ context.Context, c *wire.Call) (any, error) {
	var in struct{ Name string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	check.Length("name", in.Name, 1, 2048)
	if err := check.Err(); err != nil {
		return nil, err
	}
	_, missing, err := p.remove([]string{in.Name})
	if err == nil && len(missing) > 0 {
		err = p.notFound(in.Name)
	}
	return nil, err
}

func (p *Parameters) deleteParameters(_ context.Context, c *wire.Call) (any, error) {
	var in struct{ Names []string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if err := checkNames(in.Names); err != nil {
		return nil, err
	}
	deleted, missing, err := p.remove(in.Names)
	return map[string]any{"DeletedParameters": deleted, "InvalidParameters": missing}, err
}

// remove deletes parameters by their names or ARNs.
func (p *Parameters) remove(requested []string) (deleted, missing []string, err error) {
	deleted, missing = []string{}, []string{}
	err = p.entries.Update(func(tx store.Tx[entry]) error {
		for _, name := range requested {
			gone, err := p.removeOne(tx, name)
			if err != nil {
				return err
			}
			if gone {
				deleted = append(deleted, name)
			} else {
				missing = append(missing, name)
			}
		}
		return nil
	})
	return deleted, missing, err
}

func (p *Parameters) removeOne(tx store.Tx[entry], requested string) (bool, error) {
	for _, name := range p.candidates(requested) {
		if gone, err := deploy.Remove(tx, name); gone || err != nil {
			return gone, err
		}
	}
	return false, nil
}
