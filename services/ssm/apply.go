package ssm

import (
	"fmt"

	"bailey/cloud"
	"bailey/services/deploy"
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
	digests := map[string]string{}
	for name, d := range declared {
		digests[name] = deploy.Digest(d.ParamName, d.Kind, d.Value.Or(""))
	}
	return deploy.Apply(p.entries, deploy.Declaration[parameter]{
		Digests: digests,
		// A parameter whose value the template leaves open keeps what it has.
		Keep: func(name string) bool { _, isOpen := open[name]; return isOpen },
		Make: func(name string, current *parameter) (*parameter, error) {
			return p.deployOne(m, current, declared[name]), nil
		},
	})
}

// deployOne gives a parameter its declared value. Another type is another
// parameter: CloudFormation replaces it, and its versions are gone.
func (p *Parameters) deployOne(m *cloud.Model, current *parameter, d cloud.Parameter) *parameter {
	value := d.Value.Or("")
	if current == nil || current.Type != d.Kind {
		current = &parameter{Type: d.Kind, Tier: tierFor("", tierStandard, value)}
	}
	current.Tier = tierFor("", current.Tier, value)
	if d.Kind == typeSecure {
		current.KeyID = defaultKey
	}
	current.add(p.seal(d.ParamName, d.Kind, value), p.cfg.Now().UTC(), "arn:aws:iam::"+m.Account()+":root")
	return current
}
