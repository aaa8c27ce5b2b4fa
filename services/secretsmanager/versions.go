package secretsmanager

import (
	"context"
	"slices"

	"bailey/services/wire"
)

// listVersions gives a page of them, the oldest first.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html
func (s *Secrets) listVersions(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		idInput
		listInput
		IncludeDeprecated bool
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	after, limit, err := in.page(100)
	if err != nil {
		return nil, err
	}
	x, err := s.get(in.SecretId)
	if err != nil {
		return nil, err
	}
	from := slices.IndexFunc(x.Versions, func(v version) bool { return v.ID == after }) + 1
	if after != "" && from == 0 {
		return nil, wire.Errorf("InvalidNextTokenException", "Invalid token")
	}
	listed, next := []version{}, ""
	for _, v := range x.Versions[from:] {
		switch {
		case len(v.Stages) == 0 && !in.IncludeDeprecated:
		case len(listed) == limit:
			next = wire.Token(listed[limit-1].ID)
		default:
			listed = append(listed, v)
		}
	}
	versions := []any{}
	for _, v := range listed {
		versions = append(versions, map[string]any{"VersionId": v.ID, "VersionStages": append([]string{}, v.Stages...), "CreatedDate": wire.Time{Time: v.Created}})
	}
	return page(map[string]any{"ARN": x.ARN, "Name": x.Name, "Versions": versions}, next), nil
}
