package iam

import (
	_ "embed"
	"encoding/json"
	"strings"
	"sync"
)

// managedJSON holds AWS managed policies as iam:GetPolicyVersion gave their
// default versions on 2026-03-07, each with AWS's version and date; the record is
// https://github.com/zoph-io/MAMIP. What they say today is at
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
//
//go:embed managed.json
var managedJSON []byte

// A managedPolicy is one entry of managed.json.
type managedPolicy struct {
	ARN      string
	Version  string
	Created  string
	Document json.RawMessage
}

// managed maps ARNs to policies that are parsed when first asked for.
var managed = sync.OnceValue(func() map[string]func() Policy {
	var list []managedPolicy
	if err := json.Unmarshal(managedJSON, &list); err != nil {
		panic("iam: managed.json: " + err.Error())
	}
	index := make(map[string]func() Policy, len(list))
	for _, m := range list {
		index[m.ARN] = sync.OnceValue(m.parse)
	}
	return index
})

func (m managedPolicy) parse() Policy {
	p, ds := ParseJSON(m.ARN, m.Document)
	if err := ds.Err(); err != nil {
		panic("iam: managed.json: " + err.Error())
	}
	return p.Named(m.ARN)
}

// Managed returns an AWS managed policy by its ARN, in any partition, and
// whether it is one of those known here. One that is not known allows an
// unknown set of actions: make it a Parse of a source.Node of Kind Unknown.
func Managed(arn string) (Policy, bool) {
	parts, ok := arnParts(arn)
	if !ok || parts[2] != "iam" || parts[4] != "aws" {
		return Policy{}, false
	}
	parts[1] = "aws"
	parse, ok := managed()[strings.Join(parts[:], ":")]
	if !ok {
		return Policy{}, false
	}
	return parse().Named(arn), true
}
