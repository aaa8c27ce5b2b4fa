package secretsmanager

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bailey/services/access"
	"bailey/services/store"
	"bailey/services/wire"
)

type getInput struct{ SecretId, VersionId, VersionStage string }

// stage is the one asked for; AWSCURRENT if nothing is.
func (in getInput) stage() string {
	if in.VersionStage == "" && in.VersionId == "" {
		return current
	}
	return in.VersionStage
}

// shownValue is API_SecretValueEntry, and the answer of GetSecretValue.
type shownValue struct {
	ARN, Name, VersionId string
	SecretBinary         []byte  `json:",omitempty"`
	SecretString         *string `json:",omitempty"`
	VersionStages        []string
	CreatedDate          wire.Time
}

func (s *Secrets) getSecretValue(ctx context.Context, c *wire.Call) (any, error) {
	var in getInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	check.Length("secretId", in.SecretId, 1, 2048)
	if in.VersionId != "" {
		check.Length("versionId", in.VersionId, 32, 64)
	}
	check.Length("versionStage", in.VersionStage, 0, 256)
	if err := check.Err(); err != nil {
		return nil, err
	}
	x, err := s.get(in.SecretId)
	if err != nil {
		return nil, err
	}
	return s.read(ctx, c, x, in)
}

// read opens the version asked for. Whoever reads needs the secret's key too.
func (s *Secrets) read(ctx context.Context, c *wire.Call, x *secret, in getInput) (any, error) {
	if !x.Removal.IsZero() {
		return nil, markedForDeletion()
	}
	v, err := s.choose(x, in)
	if err != nil {
		return nil, err
	}
	if err := c.Authorize(ctx, "kms:Decrypt", s.key(x)); err != nil {
		return nil, err
	}
	text, binary, err := s.value(x, v)
	if err != nil {
		return nil, err
	}
	return shownValue{ARN: x.ARN, Name: x.Name, VersionId: v.ID, SecretString: text, SecretBinary: binary,
		VersionStages: append([]string{}, v.Stages...), CreatedDate: wire.Time{Time: v.Created}}, nil
}

// Value gives a secret's current text to Bailey itself, which needs nobody's
// leave.
func (s *Secrets) Value(id string) (string, error) {
	x, err := s.get(id)
	if err != nil {
		return "", err
	}
	v, err := s.choose(x, getInput{})
	if err != nil {
		return "", err
	}
	text, _, err := s.value(x, v)
	if err != nil {
		return "", err
	}
	if text == nil {
		return "", fmt.Errorf("secret %s holds no text", x.Name)
	}
	return *text, nil
}

// choose finds a version by its id, its stage, or both.
func (s *Secrets) choose(x *secret, in getInput) (*version, error) {
	if in.VersionId != "" {
		v := x.find(in.VersionId)
		switch {
		case v == nil:
			return nil, noValue("VersionId: " + in.VersionId)
		case in.VersionStage != "" && !slices.Contains(v.Stages, in.VersionStage):
			return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
		}
		return v, nil
	}
	if v := x.staged(in.stage()); v != nil {
		return v, nil
	}
	s.mu.Lock()
	gap, open := s.open[x.Name]
	s.mu.Unlock()
	if open && len(x.Versions) == 0 {
		return nil, noValue("staging label: " + in.stage() + " (" + gap.String() + ")")
	}
	return nil, noValue("staging label: " + in.stage())
}

// key is the ARN of the KMS key that a secret is encrypted with.
func (s *Secrets) key(x *secret) string {
	m := s.cfg.Model()
	for k := range m.Keys() {
		if x.KeyID == k.KeyID || x.KeyID == k.ARN.String() || slices.Contains(k.Aliases, x.KeyID) {
			return k.ARN.String()
		}
	}
	switch {
	case x.KeyID == "" || strings.HasSuffix(x.KeyID, "alias/aws/secretsmanager"):
		return access.ManagedKey("secretsmanager", m.Region(), m.Account())
	case strings.HasPrefix(x.KeyID, "arn:"):
		return x.KeyID
	}
	return "arn:aws:kms:" + m.Region() + ":" + m.Account() + ":key/" + strings.TrimPrefix(x.KeyID, "alias/")
}

// A filter is API_Filter. Values match as prefixes, except all's words; one
// that begins with ! excludes.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html
type filter struct {
	Key    string
	Values []string
}

func checkFilters(filters []filter) error {
	for _, f := range filters {
		switch f.Key {
		case "name", "description", "tag-key", "tag-value", "all":
		case "primary-region", "owning-service":
			return wire.NotHere("secretsmanager's filter " + f.Key)
		default:
			return wire.Validation("1 validation error detected: Value '%s' at 'filters.1.member.key' failed to satisfy constraint: "+
				"Member must satisfy enum value set: [all, name, tag-key, description, tag-value, primary-region, owning-service]", f.Key)
		}
		if len(f.Values) == 0 {
			return invalidParameter("Invalid filter values for key: %s", f.Key)
		}
	}
	return nil
}

// passes: every filter must fit, by one of its values.
func (x *secret) passes(filters []filter) bool {
	for _, f := range filters {
		if !slices.ContainsFunc(f.Values, func(v string) bool { return x.fits(f.Key, v) }) {
			return false
		}
	}
	return true
}

func (x *secret) fits(key, value string) bool {
	if rest, not := strings.CutPrefix(value, "!"); not {
		return !x.fits(key, rest)
	}
	have := map[string][]string{"name": {x.Name}, "description": strings.Fields(strings.ToLower(x.Description))}
	for _, t := range x.Tags {
		have["tag-key"], have["tag-value"] = append(have["tag-key"], t.Key), append(have["tag-value"], t.Value)
	}
	begins := func(texts []string, value string) bool {
		return slices.ContainsFunc(texts, func(s string) bool { return strings.HasPrefix(s, value) })
	}
	switch key {
	case "description":
		return begins(have[key], strings.ToLower(value))
	case "all":
		for _, texts := range have {
			for _, text := range texts {
				if strings.Contains(strings.ToLower(text), strings.ToLower(value)) {
					return true
				}
			}
		}
		return false
	}
	return begins(have[key], value)
}

type listInput struct {
	Filters                []filter
	IncludePlannedDeletion bool
	MaxResults             *int
	NextToken              string
	SortOrder, SortBy      string
	SecretIdList           []string
}

func (in listInput) page(most int) (after string, limit int, err error) {
	limit = most
	if in.MaxResults != nil {
		var check wire.Constraints
		check.Range("maxResults", *in.MaxResults, 1, most)
		limit, err = *in.MaxResults, check.Err()
	}
	after, ok := wire.ParseToken(in.NextToken)
	if err == nil && !ok {
		err = wire.Errorf("InvalidNextTokenException", "Invalid token")
	}
	return after, limit, err
}

// list gives a page of the secrets, by name.
func (s *Secrets) list(in listInput, most int) (all []*secret, next string, err error) {
	after, limit, err := in.page(most)
	if err == nil {
		err = checkFilters(in.Filters)
	}
	if err != nil {
		return nil, "", err
	}
	err = s.entries.View(func(tx store.Tx[entry]) error {
		return tx.Each("", after, func(name string, e entry) bool {
			x := e.Current
			if x == nil || s.gone(x) || !x.Removal.IsZero() && !in.IncludePlannedDeletion || !x.passes(in.Filters) {
				return true
			}
			if len(all) == limit {
				next = wire.Token(all[limit-1].Name)
				return false
			}
			all = append(all, x)
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

func (s *Secrets) listSecrets(_ context.Context, c *wire.Call) (any, error) {
	var in listInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if in.SortOrder != "" || in.SortBy != "" {
		return nil, wire.NotHere("secretsmanager:ListSecrets with SortOrder or SortBy")
	}
	all, next, err := s.list(in, 100)
	if err != nil {
		return nil, err
	}
	out := []described{}
	for _, x := range all {
		out = append(out, x.describe(true))
	}
	return page(map[string]any{"SecretList": out}, next), nil
}

// described is API_SecretListEntry, and the answer of DescribeSecret.
type described struct {
	ARN, Name              string
	Description            string              `json:",omitempty"`
	KmsKeyId               string              `json:",omitempty"`
	RotationEnabled        *bool               `json:",omitempty"`
	RotationLambdaARN      string              `json:",omitempty"`
	LastChangedDate        *wire.Time          `json:",omitempty"`
	DeletedDate            *wire.Time          `json:",omitempty"`
	Tags                   []tag               `json:",omitempty"`
	VersionIdsToStages     map[string][]string `json:",omitempty"`
	SecretVersionsToStages map[string][]string `json:",omitempty"`
	CreatedDate            *wire.Time          `json:",omitempty"`
}

func (x *secret) describe(listed bool) described {
	d := described{ARN: x.ARN, Name: x.Name, Description: x.Description, KmsKeyId: x.KeyID, RotationLambdaARN: x.Rotation,
		LastChangedDate: moment(x.Changed), DeletedDate: moment(x.Deleted), Tags: x.Tags, CreatedDate: moment(x.Created)}
	if x.Rotation != "" {
		enabled := true
		d.RotationEnabled = &enabled
	}
	if listed {
		d.SecretVersionsToStages = x.stages()
	} else {
		d.VersionIdsToStages = x.stages()
	}
	return d
}

func (s *Secrets) describeSecret(_ context.Context, c *wire.Call) (any, error) {
	var in idInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	x, err := s.get(in.SecretId)
	if err != nil {
		return nil, err
	}
	return x.describe(false), nil
}

// batchGetSecretValue reads several secrets: what the caller may not read, or
// is not there, is an error of its own.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html
func (s *Secrets) batchGetSecretValue(ctx context.Context, c *wire.Call) (any, error) {
	var in listInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	ids, next := in.SecretIdList, ""
	switch {
	case len(ids) > 0 && len(in.Filters) > 0, len(ids) == 0 && len(in.Filters) == 0:
		return nil, invalidRequest("Either 'SecretIdList' or 'Filters' must be provided, but not both.")
	case len(ids) > 20:
		return nil, wire.Validation("1 validation error detected: Value '%v' at 'secretIdList' failed to satisfy constraint: Member must have length less than or equal to 20", ids)
	case len(ids) == 0:
		all, token, err := s.list(in, 20)
		if err != nil {
			return nil, err
		}
		next = token
		for _, x := range all {
			ids = append(ids, x.ARN)
		}
	}
	values, failures := []any{}, []any{}
	for _, id := range ids {
		v, err := s.readOne(ctx, c, id)
		var refused *wire.Error
		switch {
		case err == nil:
			values = append(values, v)
		case errors.As(err, &refused):
			failures = append(failures, map[string]string{"SecretId": id, "ErrorCode": refused.Code, "Message": refused.Message})
		default:
			return nil, err
		}
	}
	return page(map[string]any{"SecretValues": values, "Errors": failures}, next), nil
}

func (s *Secrets) readOne(ctx context.Context, c *wire.Call, id string) (any, error) {
	if err := c.Authorize(ctx, "secretsmanager:GetSecretValue", s.resource(id)); err != nil {
		return nil, err
	}
	x, err := s.get(id)
	if err != nil {
		return nil, err
	}
	return s.read(ctx, c, x, getInput{SecretId: id})
}
