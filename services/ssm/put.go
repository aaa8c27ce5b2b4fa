package ssm

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"bailey/services/store"
	"bailey/services/wire"
)

// The tiers and the values that they take, in bytes.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const (
	tierStandard    = "Standard"
	tierAdvanced    = "Advanced"
	tierIntelligent = "Intelligent-Tiering"

	maxStandard = 4096
	maxAdvanced = 8192
)

type putInput struct {
	Name, Description, Value, Type, KeyId, AllowedPattern, Tier, DataType, Policies string

	Overwrite bool
	Tags      []struct{ Key, Value string }
}

func (p *Parameters) putParameter(ctx context.Context, c *wire.Call) (any, error) {
	var in putInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	in.Name = trimmed(in.Name)
	if err := firstError(in.constraints, in.notHere, func() error { return p.checkName(in.Name) }, in.checkValue); err != nil {
		return nil, err
	}
	before, _, err := p.entries.Get(in.Name)
	if err != nil {
		return nil, err
	}
	if in.Type == typeSecure || before.Current != nil && before.Current.Type == typeSecure {
		if err := c.Authorize(ctx, "kms:Encrypt", p.key()); err != nil {
			return nil, err
		}
	}
	var number int64
	var tier string
	err = p.entries.Update(func(tx store.Tx[entry]) error {
		e, _, err := tx.Get(in.Name)
		if err != nil {
			return err
		}
		if err := in.change(&e); err != nil {
			return err
		}
		number = e.Current.add(p.seal(in.Name, e.Current.Type, in.Value), p.cfg.Now().UTC(), c.Identity.PrincipalARN)
		tier = e.Current.Tier
		return tx.Put(in.Name, e)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"Version": number, "Tier": tier}, nil
}

// trimmed is the name that a new parameter gets: "the service removes any spaces
// specified for the beginning or end of a parameter name".
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#systemsmanager-PutParameter-request-Name
func trimmed(name string) string { return strings.Trim(name, " ") }

func firstError(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (in *putInput) constraints() error {
	var check wire.Constraints
	check.Length("name", in.Name, 1, 2048)
	check.Length("value", in.Value, 1, 1<<20)
	check.Length("description", in.Description, 0, 1024)
	check.Length("allowedPattern", in.AllowedPattern, 0, 1024)
	if in.Type != "" {
		check.Enum("type", in.Type, typeSecure, typeList, typeString)
	}
	if in.Tier != "" {
		check.Enum("tier", in.Tier, tierStandard, tierAdvanced, tierIntelligent)
	}
	return check.Err()
}

// notHere refuses by name what would otherwise be lost silently.
func (in *putInput) notHere() error {
	switch {
	case len(in.Tags) > 0:
		return wire.NotHere("ssm:PutParameter with Tags")
	case in.Policies != "":
		return wire.NotHere("ssm:PutParameter with Policies")
	case in.DataType != "" && in.DataType != "text":
		return wire.NotHere("ssm:PutParameter with DataType " + in.DataType)
	case in.KeyId != "" && in.KeyId != defaultKey && !strings.HasSuffix(in.KeyId, ":"+defaultKey):
		return wire.NotHere("the KMS key " + in.KeyId + ": only " + defaultKey)
	}
	return nil
}

func (in *putInput) checkValue() error {
	if open := strings.Index(in.Value, "{{"); open >= 0 && strings.Contains(in.Value[open:], "}}") {
		return wire.Validation(`Parameter value can't nest another parameter. Do not use "{{}}" in the value.`)
	}
	if in.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile(`^(?:` + in.AllowedPattern + `)$`) // it covers the whole value
	if err != nil {
		return wire.Errorf("InvalidAllowedPatternException", "The request does not meet the regular expression requirement: %v", err)
	}
	if !pattern.MatchString(in.Value) {
		return wire.Errorf("ParameterPatternMismatchException",
			"Parameter value, cannot be validated against allowedPattern: %s", in.AllowedPattern)
	}
	return nil
}

// change makes e ready for the new version, or says why there is none.
func (in *putInput) change(e *entry) error {
	if e.Current == nil {
		if in.Type == "" {
			return wire.Validation("A parameter type is required when you create a parameter.")
		}
		e.Current = &parameter{Type: in.Type}
	} else if !in.Overwrite {
		return wire.Errorf("ParameterAlreadyExists",
			"The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	}
	current := e.Current
	switch {
	case in.Type != "" && in.Type != current.Type:
		return wire.Errorf("HierarchyTypeMismatchException",
			"The parameter %s has the type %s. A parameter's type can't be changed: delete it and create it anew.", in.Name, current.Type)
	case in.KeyId != "" && current.Type != typeSecure:
		return wire.Validation("KeyId is for parameters of type SecureString, %s has the type %s.", in.Name, current.Type)
	case in.Tier == tierStandard && current.Tier == tierAdvanced:
		return wire.Validation("This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the " +
			"advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter " +
			"and recreate it as a standard parameter.")
	}
	current.Tier = tierFor(in.Tier, current.Tier, in.Value)
	if err := checkSize(current.Tier, in.Value); err != nil {
		return err
	}
	if in.Description != "" {
		current.Description = in.Description
	}
	if in.AllowedPattern != "" {
		current.AllowedPattern = in.AllowedPattern
	}
	if current.Type == typeSecure {
		current.KeyID = defaultKey
	}
	return nil
}

// tierFor is the tier of a parameter once it has the value: it never goes down.
func tierFor(asked, present, value string) string {
	switch {
	case slices.Contains([]string{asked, present}, tierAdvanced), asked == tierIntelligent && len(value) > maxStandard:
		return tierAdvanced
	}
	return tierStandard
}

func checkSize(tier, value string) error {
	switch {
	case tier == tierStandard && len(value) > maxStandard:
		return wire.Validation("Standard tier parameters support a maximum parameter value of %d characters. To create a larger "+
			"parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see "+
			"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html", maxStandard)
	case len(value) > maxAdvanced:
		return wire.Validation("Advanced tier parameters support a maximum parameter value of %d characters.", maxAdvanced)
	}
	return nil
}
