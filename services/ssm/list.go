package ssm

import (
	"context"

	"bailey/services/store"
	"bailey/services/wire"
)

type listInput struct {
	Path             string
	Recursive        bool
	WithDecryption   bool
	ParameterFilters []filter
	Filters          []any
	Shared           bool
	MaxResults       *int
	NextToken        string
}

func (p *Parameters) getParametersByPath(ctx context.Context, c *wire.Call) (any, error) {
	var in listInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	check.Length("path", in.Path, 1, 2048)
	limit := in.limit(&check, 10)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if err := checkPath(in.Path); err != nil {
		return nil, err
	}
	if err := checkFilters(in.ParameterFilters, "Type", "KeyId", "Label"); err != nil {
		return nil, err
	}
	under := filter{Key: "Path", Option: "OneLevel", Values: []string{in.Path}}
	if in.Recursive {
		under.Option = "Recursive"
	}
	all, next, err := p.list(append(in.ParameterFilters, under), limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	shown, err := p.showAll(ctx, c, all, in.WithDecryption)
	return page(map[string]any{"Parameters": shown}, next), err
}

// metadata is API_ParameterMetadata.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html
type metadata struct {
	Name, ARN, Type  string
	KeyId            string `json:",omitempty"`
	LastModifiedDate wire.Time
	LastModifiedUser string
	Description      string `json:",omitempty"`
	AllowedPattern   string `json:",omitempty"`
	Version          int64
	Tier             string
	Policies         []struct{}
	DataType         string
}

func (p *Parameters) describeParameters(_ context.Context, c *wire.Call) (any, error) {
	var in listInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	limit := in.limit(&check, 50)
	if err := check.Err(); err != nil {
		return nil, err
	}
	switch {
	case len(in.Filters) > 0:
		return nil, wire.NotHere("ssm:DescribeParameters with Filters, which ParameterFilters replaced")
	case in.Shared:
		return nil, wire.NotHere("ssm:DescribeParameters with Shared")
	}
	if err := checkFilters(in.ParameterFilters, "Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"); err != nil {
		return nil, err
	}
	all, next, err := p.list(in.ParameterFilters, limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := []metadata{}
	for _, f := range all {
		out = append(out, metadata{
			Name: f.name, ARN: p.arn(f.name), Type: f.of.Type, KeyId: f.of.KeyID,
			LastModifiedDate: wire.Time{Time: f.version.At}, LastModifiedUser: f.version.By,
			Description: f.of.Description, AllowedPattern: f.of.AllowedPattern,
			Version: f.version.Number, Tier: f.of.Tier, Policies: []struct{}{}, DataType: "text",
		})
	}
	return page(map[string]any{"Parameters": out}, next), nil
}

// limit is how many come on a page: at most most, which is also the default.
func (in *listInput) limit(check *wire.Constraints, most int) int {
	if in.MaxResults == nil {
		return most
	}
	check.Range("maxResults", *in.MaxResults, 1, most)
	return *in.MaxResults
}

// list gives a page of the parameters that pass every filter, by name.
func (p *Parameters) list(filters []filter, limit int, token string) (all []found, next string, err error) {
	after, ok := wire.ParseToken(token)
	if !ok {
		return nil, "", wire.Errorf("InvalidNextToken", "The specified token is not valid.")
	}
	err = p.entries.View(func(tx store.Tx[entry]) error {
		return tx.Each("", after, func(name string, e entry) bool {
			if e.Current == nil || !passes(filters, name, e.Current) {
				return true
			}
			if len(all) == limit {
				next = wire.Token(all[limit-1].name)
				return false
			}
			all = append(all, found{name: name, of: e.Current, version: e.Current.latest()})
			return true
		})
	})
	return all, next, err
}

func page(out map[string]any, next string) map[string]any {
	if next != "" {
		out["NextToken"] = next
	}
	return out
}
