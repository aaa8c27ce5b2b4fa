package secretsmanager

import (
	"context"
	"errors"
	"slices"
	"time"

	"bailey/iam"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

// deleteSecret marks a secret, or forgets it at once.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
func (s *Secrets) deleteSecret(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		SecretId                   string
		RecoveryWindowInDays       *int
		ForceDeleteWithoutRecovery bool
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	days := 30
	switch w := in.RecoveryWindowInDays; {
	case w != nil && in.ForceDeleteWithoutRecovery:
		return nil, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case w != nil && (*w < 7 || *w > 30):
		return nil, invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	case w != nil:
		days = *w
	}
	if in.ForceDeleteWithoutRecovery {
		return s.forget(in.SecretId)
	}
	x, err := s.changeAny(in.SecretId, func(x *secret) error {
		if !x.Removal.IsZero() {
			return invalidRequest("You tried to perform the operation on a secret that's currently marked deleted.")
		}
		x.Deleted = s.now()
		x.Removal = x.Deleted.Add(time.Duration(days) * 24 * time.Hour)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := named(x)
	out["DeletionDate"] = wire.Time{Time: x.Removal}
	return out, nil
}

// forget: a secret that is not there is no failure.
func (s *Secrets) forget(id string) (any, error) {
	out := map[string]any{"ARN": s.resource(id), "Name": id, "DeletionDate": wire.Time{Time: s.now()}}
	err := s.entries.Update(func(tx store.Tx[entry]) error {
		x, err := s.lookup(tx, id)
		var refused *wire.Error
		if errors.As(err, &refused) {
			return nil
		}
		if err == nil {
			out["Name"] = x.Name
			_, err = deploy.Remove(tx, x.Name)
		}
		return err
	})
	return out, err
}

func (s *Secrets) restoreSecret(_ context.Context, c *wire.Call) (any, error) {
	var in idInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	x, err := s.changeAny(in.SecretId, func(x *secret) error {
		x.Removal, x.Deleted = time.Time{}, time.Time{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return named(x), nil
}

// maxTags of a secret.
const maxTags = 50

func (s *Secrets) tagResource(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		SecretId string
		Tags     []tag
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	_, err := s.change(in.SecretId, func(x *secret) error {
		for _, t := range in.Tags {
			x.Tags = slices.DeleteFunc(x.Tags, func(have tag) bool { return have.Key == t.Key })
			x.Tags = append(x.Tags, t)
		}
		if len(x.Tags) > maxTags {
			return invalidParameter("A secret can have at most %d tags.", maxTags)
		}
		return nil
	})
	return nil, err
}

func (s *Secrets) untagResource(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		SecretId string
		TagKeys  []string
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	_, err := s.change(in.SecretId, func(x *secret) error {
		x.Tags = slices.DeleteFunc(x.Tags, func(have tag) bool { return slices.Contains(in.TagKeys, have.Key) })
		return nil
	})
	return nil, err
}

func (s *Secrets) getPolicy(_ context.Context, c *wire.Call) (any, error) {
	var in idInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	x, err := s.get(in.SecretId)
	if err != nil {
		return nil, err
	}
	out := named(x)
	if x.Policy != "" {
		out["ResourcePolicy"] = x.Policy
	}
	return out, nil
}

func (s *Secrets) putPolicy(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		SecretId, ResourcePolicy string
		BlockPublicPolicy        bool
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	if in.BlockPublicPolicy {
		return nil, wire.NotHere("secretsmanager:PutResourcePolicy with BlockPublicPolicy")
	}
	var check wire.Constraints
	check.Length("resourcePolicy", in.ResourcePolicy, 1, 20480)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if _, diags := iam.ParseJSON("ResourcePolicy", []byte(in.ResourcePolicy)); diags.HasErrors() {
		return nil, wire.Errorf("MalformedPolicyDocumentException", "This resource policy contains a syntax error: %v", diags.Err())
	}
	return s.setPolicy(in.SecretId, in.ResourcePolicy)
}

func (s *Secrets) deletePolicy(_ context.Context, c *wire.Call) (any, error) {
	var in idInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	return s.setPolicy(in.SecretId, "")
}

func (s *Secrets) setPolicy(id, policy string) (any, error) {
	x, err := s.change(id, func(x *secret) error {
		x.Policy = policy
		return nil
	})
	if err != nil {
		return nil, err
	}
	return named(x), nil
}
