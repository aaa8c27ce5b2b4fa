package ssm

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"bailey/services/access"
	"bailey/services/store"
	"bailey/services/wire"
)

// found is one version of a stored parameter.
type found struct {
	name     string
	of       *parameter
	version  version
	selector string
}

// find looks up what a request names: NAME, NAME:VERSION or an ARN of either.
func (p *Parameters) find(requested string) (f found, err error) {
	name, selector := cutSelector(requested)
	err = p.entries.View(func(tx store.Tx[entry]) error {
		for _, candidate := range p.candidates(name) {
			e, ok, err := tx.Get(candidate)
			if err != nil {
				return err
			}
			if ok && e.Current != nil {
				f = found{candidate, e.Current, e.Current.latest(), selector}
				return f.choose(requested)
			}
		}
		return p.notFound(name)
	})
	return f, err
}

// ErrNoParameter is what Value says of a name that no parameter has.
var ErrNoParameter = errors.New("there is no such parameter")

// Value gives a parameter's value in plain text to Bailey itself, which needs
// nobody's leave.
func (p *Parameters) Value(name string) (string, error) {
	f, err := p.find(name)
	if err != nil && isMissing(err) {
		return "", fmt.Errorf("parameter %s: %w", name, ErrNoParameter)
	}
	if err != nil {
		return "", fmt.Errorf("parameter %s: %w", name, err)
	}
	s, err := p.show(f.name, f.of, f.version, f.selector, true)
	return s.Value, err
}

// choose takes the version that the selector names. There are no labels.
func (f *found) choose(requested string) error {
	if f.selector == "" {
		return nil
	}
	n, err := strconv.ParseInt(f.selector[1:], 10, 64)
	for _, v := range f.of.Versions {
		if err == nil && v.Number == n {
			f.version = v
			return nil
		}
	}
	return wire.Errorf("ParameterVersionNotFound",
		"Systems Manager could not find version %s of %s. Verify the version and try again.", f.selector[1:], f.name)
}

// notFound says so, where AWS sends no message at all.
func (p *Parameters) notFound(name string) error {
	p.mu.Lock()
	gap, isOpen := p.open[name]
	p.mu.Unlock()
	switch {
	case isOpen:
		return wire.Errorf("ParameterNotFound", "Parameter %s has no value: %v", name, gap)
	case len(p.candidates(name)) == 0:
		m := p.cfg.Model()
		return wire.Errorf("ParameterNotFound", "Parameter %s not found: here is account %s in %s", name, m.Account(), m.Region())
	}
	return wire.Errorf("ParameterNotFound", "Parameter %s not found.", name)
}

type getInput struct {
	Name           string
	Names          []string
	WithDecryption bool
}

func (p *Parameters) getParameter(ctx context.Context, c *wire.Call) (any, error) {
	var in getInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	check.Length("name", in.Name, 1, 2048)
	if err := check.Err(); err != nil {
		return nil, err
	}
	f, err := p.find(in.Name)
	if err != nil {
		return nil, err
	}
	shown, err := p.showAll(ctx, c, []found{f}, in.WithDecryption)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Parameter": shown[0]}, nil
}

func (p *Parameters) getParameters(ctx context.Context, c *wire.Call) (any, error) {
	var in getInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if err := checkNames(in.Names); err != nil {
		return nil, err
	}
	var all []found
	invalid, seen := []string{}, map[string]bool{}
	for _, name := range in.Names {
		f, err := p.find(name)
		switch {
		case seen[name]:
		case isMissing(err):
			invalid = append(invalid, name)
		case err != nil:
			return nil, err
		default:
			all = append(all, f)
		}
		seen[name] = true
	}
	shown, err := p.showAll(ctx, c, all, in.WithDecryption)
	return map[string]any{"Parameters": shown, "InvalidParameters": invalid}, err
}

// checkNames bounds the lists of GetParameters and DeleteParameters.
func checkNames(names []string) error {
	var check wire.Constraints
	check.Required("names", names != nil)
	if names != nil && (len(names) < 1 || len(names) > 10) {
		return wire.Validation("1 validation error detected: Value '%v' at 'names' failed to satisfy constraint: "+
			"Member must have length between 1 and 10", names)
	}
	for _, name := range names {
		check.Length("names", name, 1, 2048)
	}
	return check.Err()
}

// isMissing reports the failures that the plural operations only list.
func isMissing(err error) bool {
	e, ok := err.(*wire.Error)
	return ok && (e.Code == "ParameterNotFound" || e.Code == "ParameterVersionNotFound")
}

// showAll renders what was found. To decrypt is a permission of its own.
func (p *Parameters) showAll(ctx context.Context, c *wire.Call, all []found, decrypt bool) ([]shown, error) {
	out := []shown{}
	asked := false
	for _, f := range all {
		if decrypt && f.of.Type == typeSecure && !asked {
			if err := c.Authorize(ctx, "kms:Decrypt", p.key()); err != nil {
				return nil, err
			}
			asked = true
		}
		s, err := p.show(f.name, f.of, f.version, f.selector, decrypt)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// defaultKey is the only KMS key there is.
const defaultKey = "alias/aws/ssm"

func (p *Parameters) key() string {
	m := p.cfg.Model()
	return access.ManagedKey("ssm", m.Region(), m.Account())
}
