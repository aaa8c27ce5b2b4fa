package ssm

import (
	"encoding/base64"
	"time"

	"bailey/services/deploy"
	"bailey/services/wire"
)

// The types of parameters.
const (
	typeString = "String"
	typeList   = "StringList"
	typeSecure = "SecureString"
)

// An entry is what the store has under a parameter's name.
type entry = deploy.Entry[parameter]

// A parameter with its versions, oldest first; at least one.
type parameter struct {
	Type           string
	Tier           string
	KeyID          string `json:",omitempty"`
	Description    string `json:",omitempty"`
	AllowedPattern string `json:",omitempty"`
	Versions       []version
}

// A version is one value. That of a SecureString is encrypted.
type version struct {
	Number int64
	Value  []byte
	At     time.Time
	By     string // ARN of who put it
}

// maxVersions are kept, as on AWS.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
const maxVersions = 100

func (p *parameter) latest() version { return p.Versions[len(p.Versions)-1] }

// add makes a new version, and forgets the oldest beyond maxVersions.
func (p *parameter) add(value []byte, at time.Time, by string) int64 {
	n := int64(1)
	if len(p.Versions) > 0 {
		n = p.latest().Number + 1
	}
	p.Versions = append(p.Versions, version{n, value, at, by})
	p.Versions = p.Versions[max(0, len(p.Versions)-maxVersions):]
	return n
}

// seal makes what is stored of a value.
func (p *Parameters) seal(name, kind, value string) []byte {
	if kind != typeSecure {
		return []byte(value)
	}
	return p.cipher.Seal(name, []byte(value))
}

// unseal gives what a caller sees: of a SecureString the plain text if decrypt,
// else the ciphertext in base64.
func (p *Parameters) unseal(name, kind string, stored []byte, decrypt bool) (string, error) {
	switch {
	case kind != typeSecure:
		return string(stored), nil
	case !decrypt:
		return base64.StdEncoding.EncodeToString(stored), nil
	}
	plain, err := p.cipher.Open(name, stored)
	return string(plain), err
}

// shown is API_Parameter.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Parameter.html
type shown struct {
	Name             string
	Type             string
	Value            string
	Version          int64
	Selector         string `json:",omitempty"`
	LastModifiedDate wire.Time
	ARN              string
	DataType         string
}

// show renders one version of a parameter.
func (p *Parameters) show(name string, of *parameter, v version, selector string, decrypt bool) (shown, error) {
	value, err := p.unseal(name, of.Type, v.Value, decrypt)
	return shown{
		Name: name, Type: of.Type, Value: value, Version: v.Number, Selector: selector,
		LastModifiedDate: wire.Time{Time: v.At}, ARN: p.arn(name), DataType: "text",
	}, err
}
