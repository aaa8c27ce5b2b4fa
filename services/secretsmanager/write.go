package secretsmanager

import (
	"bytes"
	"context"
	"regexp"
	"slices"

	"bailey/services/store"
	"bailey/services/wire"
)

// maxValue are the bytes of a value.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
const maxValue = 65536

// maxStages of a version.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
const maxStages = 20

var nameShape = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]+$`)

type writeInput struct {
	Name, SecretId, ClientRequestToken, KmsKeyId, Type string
	Description                                        *string
	SecretString                                       *string
	SecretBinary                                       []byte
	VersionStages                                      []string
	Tags                                               []tag
	AddReplicaRegions                                  []any
	RotationToken                                      string
}

// decodeWrite reads what CreateSecret, PutSecretValue and UpdateSecret share.
func decodeWrite(c *wire.Call) (in writeInput, err error) {
	if err := c.Decode(&in); err != nil {
		return in, err
	}
	var check wire.Constraints
	check.Hidden = []string{"secretString"}
	if in.ClientRequestToken != "" {
		check.Length("clientRequestToken", in.ClientRequestToken, 32, 64)
	}
	if in.SecretString != nil {
		check.Length("secretString", *in.SecretString, 1, maxValue)
	}
	if in.Description != nil {
		check.Length("description", *in.Description, 0, 2048)
	}
	if err := check.Err(); err != nil {
		return in, err
	}
	switch {
	case in.SecretString != nil && in.SecretBinary != nil:
		return in, invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
	case len(in.SecretBinary) > maxValue:
		return in, wire.Validation("1 validation error detected: Value at 'secretBinary' failed to satisfy constraint: Member must have length less than or equal to %d", maxValue)
	case len(in.VersionStages) > maxStages:
		return in, wire.Validation("1 validation error detected: Value '%v' at 'versionStages' failed to satisfy constraint: Member must have length less than or equal to %d", in.VersionStages, maxStages)
	case len(in.AddReplicaRegions) > 0:
		return in, wire.NotHere("secretsmanager:" + c.Operation.Name + " with AddReplicaRegions")
	case in.Type != "":
		return in, wire.NotHere("secretsmanager:" + c.Operation.Name + " with Type")
	case in.RotationToken != "":
		return in, wire.NotHere("secretsmanager:" + c.Operation.Name + " with RotationToken")
	}
	if in.ClientRequestToken == "" {
		in.ClientRequestToken = newID()
	}
	return in, nil
}

func (in *writeInput) hasValue() bool { return in.SecretString != nil || in.SecretBinary != nil }

func (in *writeInput) value() []byte {
	if in.SecretString != nil {
		return []byte(*in.SecretString)
	}
	return in.SecretBinary
}

func (s *Secrets) createSecret(ctx context.Context, c *wire.Call) (any, error) {
	in, err := decodeWrite(c)
	if err != nil {
		return nil, err
	}
	if !nameShape.MatchString(in.Name) || len(in.Name) > 512 {
		return nil, wire.Validation("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	x := &secret{ARN: s.arn(in.Name) + "-" + suffix(), Name: in.Name, KeyID: in.KmsKeyId, Tags: append([]tag{}, in.Tags...), Created: s.now(), Changed: s.now()}
	if in.Description != nil {
		x.Description = *in.Description
	}
	if len(in.Tags) > 0 {
		if err := c.Authorize(ctx, "secretsmanager:TagResource", s.arn(in.Name)); err != nil {
			return nil, err
		}
	}
	if err := s.mayEncrypt(ctx, c, x, in); err != nil {
		return nil, err
	}
	err = s.entries.Update(func(tx store.Tx[entry]) error {
		e, _, err := tx.Get(in.Name)
		if err != nil {
			return err
		}
		if have := e.Current; have != nil && !s.gone(have) {
			return s.exists(have, &in, &x)
		}
		if in.hasValue() {
			x.add(s.sealed(x, in.ClientRequestToken, in.value(), in.SecretBinary != nil), current)
		}
		e.Current = x
		return tx.Put(in.Name, e)
	})
	if err != nil {
		return nil, err
	}
	out := map[string]any{"ARN": x.ARN, "Name": x.Name}
	if in.hasValue() {
		out["VersionId"] = in.ClientRequestToken
	}
	return out, nil
}

// exists refuses a name that is taken, unless the same call made it before.
func (s *Secrets) exists(have *secret, in *writeInput, x **secret) error {
	if !have.Removal.IsZero() {
		return invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
	}
	if v := have.find(in.ClientRequestToken); v != nil && s.same(have, v, in) {
		*x = have
		return nil
	}
	return wire.Errorf("ResourceExistsException", "The operation failed because the secret %s already exists.", in.Name)
}

// mayEncrypt asks for the secret's key, where there is a value to encrypt.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-authz
func (s *Secrets) mayEncrypt(ctx context.Context, c *wire.Call, x *secret, in writeInput) error {
	if !in.hasValue() {
		return nil
	}
	if err := c.Authorize(ctx, "kms:GenerateDataKey", s.key(x)); err != nil {
		return err
	}
	return c.Authorize(ctx, "kms:Decrypt", s.key(x))
}

// suffix are the six characters behind a secret's name in its ARN.
func suffix() string {
	out := make([]byte, 6)
	for i := range out {
		out[i] = pick(lower + upper + digits)
	}
	return string(out)
}

func (s *Secrets) same(x *secret, v *version, in *writeInput) bool {
	text, binary, err := s.value(x, v)
	return err == nil && (text != nil && in.SecretString != nil && *text == *in.SecretString || binary != nil && bytes.Equal(binary, in.SecretBinary))
}

// put adds a version; one of that id that is there already must be the same.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
func (s *Secrets) put(x *secret, in *writeInput) error {
	stages := in.VersionStages
	if len(stages) == 0 || len(x.Versions) == 0 && !slices.Contains(stages, current) {
		stages = append(slices.Clone(stages), current)
	}
	if v := x.find(in.ClientRequestToken); v != nil {
		if s.same(x, v, in) {
			return nil
		}
		return wire.Errorf("ResourceExistsException", "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s.",
			in.ClientRequestToken, x.ARN)
	}
	x.add(s.sealed(x, in.ClientRequestToken, in.value(), in.SecretBinary != nil), stages...)
	return nil
}

func (s *Secrets) putSecretValue(ctx context.Context, c *wire.Call) (any, error) {
	in, err := decodeWrite(c)
	if err != nil {
		return nil, err
	}
	if !in.hasValue() {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	x, err := s.get(in.SecretId)
	if err == nil {
		err = s.mayEncrypt(ctx, c, x, in)
	}
	if err != nil {
		return nil, err
	}
	x, err = s.change(in.SecretId, func(x *secret) error { return s.put(x, &in) })
	if err != nil {
		return nil, err
	}
	return map[string]any{"ARN": x.ARN, "Name": x.Name, "VersionId": in.ClientRequestToken,
		"VersionStages": append([]string{}, x.find(in.ClientRequestToken).Stages...)}, nil
}

func (s *Secrets) updateSecret(ctx context.Context, c *wire.Call) (any, error) {
	in, err := decodeWrite(c)
	if err != nil {
		return nil, err
	}
	x, err := s.get(in.SecretId)
	if err == nil {
		err = s.mayEncrypt(ctx, c, x, in)
	}
	if err != nil {
		return nil, err
	}
	in.VersionStages = nil
	x, err = s.change(in.SecretId, func(x *secret) error {
		if in.Description != nil {
			x.Description = *in.Description
		}
		if in.KmsKeyId != "" {
			x.KeyID = in.KmsKeyId
		}
		x.Changed = s.now()
		if in.hasValue() {
			return s.put(x, &in)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := map[string]any{"ARN": x.ARN, "Name": x.Name}
	if in.hasValue() {
		out["VersionId"] = in.ClientRequestToken
	}
	return out, nil
}

func (s *Secrets) updateStage(_ context.Context, c *wire.Call) (any, error) {
	var in struct{ SecretId, VersionStage, RemoveFromVersionId, MoveToVersionId string }
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	var check wire.Constraints
	check.Length("versionStage", in.VersionStage, 1, 256)
	if err := check.Err(); err != nil {
		return nil, err
	}
	x, err := s.change(in.SecretId, func(x *secret) error {
		has := x.staged(in.VersionStage)
		switch {
		case in.MoveToVersionId != "" && x.find(in.MoveToVersionId) == nil:
			return noValue("VersionId: " + in.MoveToVersionId)
		case in.RemoveFromVersionId != "" && (has == nil || has.ID != in.RemoveFromVersionId):
			return invalidParameter("The staging label %s is not attached to the version %s.", in.VersionStage, in.RemoveFromVersionId)
		case has != nil && in.MoveToVersionId != "" && in.RemoveFromVersionId == "" && has.ID != in.MoveToVersionId:
			return invalidParameter("The parameter RemoveFromVersionId can't be empty. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId.",
				in.VersionStage, has.ID)
		case in.VersionStage == current && in.MoveToVersionId == "":
			return invalidParameter("You can only move staging label %s to a different secret version. It can't be completely removed.", current)
		}
		x.move(in.VersionStage, in.MoveToVersionId)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return named(x), nil
}

func named(x *secret) map[string]any { return map[string]any{"ARN": x.ARN, "Name": x.Name} }
