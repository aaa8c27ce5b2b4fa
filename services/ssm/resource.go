package ssm

import (
	"strconv"

	"bailey/services/wire"
)

// What IAM is asked for, operation by operation.

func (p *Parameters) oneName(c *wire.Call) ([]string, error) {
	var in struct{ Name string }
	err := c.Decode(&in)
	return []string{p.resource(in.Name)}, err
}

func (p *Parameters) newName(c *wire.Call) ([]string, error) {
	var in struct{ Name string }
	err := c.Decode(&in)
	return []string{p.resource(trimmed(in.Name))}, err
}

func (p *Parameters) manyNames(c *wire.Call) ([]string, error) {
	var in struct{ Names []string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var arns []string
	for _, name := range in.Names {
		arns = append(arns, p.resource(name))
	}
	return arns, nil
}

// onePath is the path as it was sent: a policy on parameter/app/* does not
// cover listing parameter/app itself.
func (p *Parameters) onePath(c *wire.Call) ([]string, error) {
	var in struct{ Path string }
	err := c.Decode(&in)
	return []string{p.arn(in.Path)}, err
}

// everything: DescribeParameters has no resource of its own; AWS names the
// account's.
func (p *Parameters) everything(*wire.Call) ([]string, error) {
	m := p.cfg.Model()
	return []string{"arn:aws:ssm:" + m.Region() + ":" + m.Account() + ":*"}, nil
}

// The condition keys of
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html#awssystemsmanager-policy-keys

func recursiveKey(c *wire.Call) map[string][]string {
	var in struct{ Recursive bool }
	if c.Decode(&in) != nil {
		return nil // the handler will say so
	}
	return map[string][]string{"ssm:Recursive": {strconv.FormatBool(in.Recursive)}}
}

func overwriteKey(c *wire.Call) map[string][]string {
	var in struct{ Overwrite bool }
	if c.Decode(&in) != nil {
		return nil
	}
	return map[string][]string{"ssm:Overwrite": {strconv.FormatBool(in.Overwrite)}}
}
