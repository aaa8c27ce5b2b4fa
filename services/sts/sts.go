// Package sts is AWS Security Token Service as far as Bailey has it: who am I.
//
// It issues nothing: a function's credentials come from services/access, where
// AWS's Lambda would call sts:AssumeRole itself. The rule it obeys: what it does
// not have is refused by name. It imports services/wire and nothing else of ours.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html
package sts

import (
	"context"

	"bailey/services/wire"
)

// Service is the table of its operations.
func Service() *wire.Service {
	return &wire.Service{
		Name: "sts", Protocol: wire.AwsQuery, Version: "2011-06-15",
		Namespace: "https://sts.amazonaws.com/doc/2011-06-15/", AnyRegion: true,
		Operations: []wire.Operation{
			// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html:
			// no permissions are required.
			{Name: "GetCallerIdentity", NoPermission: true, Handle: getCallerIdentity},

			{Name: "AssumeRole"},
			{Name: "AssumeRoleWithSAML"},
			{Name: "AssumeRoleWithWebIdentity"},
			{Name: "AssumeRoot"},
			{Name: "DecodeAuthorizationMessage"},
			{Name: "GetAccessKeyInfo"},
			{Name: "GetDelegatedAccessToken"},
			{Name: "GetFederationToken"},
			{Name: "GetSessionToken"},
			{Name: "GetWebIdentityToken"},
		},
	}
}

type callerIdentity struct{ Arn, UserId, Account string }

func getCallerIdentity(_ context.Context, c *wire.Call) (any, error) {
	return callerIdentity{c.Identity.PrincipalARN, c.Identity.UserID, c.Identity.Account}, nil
}
