package gateway

import (
	"errors"
	"strings"

	"bailey/cfn/document"
	"bailey/iam"
	"bailey/services/wire"
)

// signer is who signed the request; nobody is the zero Identity.
func (x *exchange) signer() wire.Identity {
	if x.caller == nil {
		return wire.Identity{}
	}
	return *x.caller
}

// signatureRefused says in the gateway's words what is wrong with a signature.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
func signatureRefused(err error) error {
	var e *wire.Error
	if !errors.As(err, &e) {
		return refuse(invalidSignature, "signature", "%v", err)
	}
	k := invalidSignature
	switch {
	case strings.HasPrefix(e.Code, "MissingAuthenticationToken"):
		return refuse(missingAuthenticationToken, "signature", "the request is not signed")
	case strings.HasPrefix(e.Code, "ExpiredToken"):
		k = expiredToken
	case strings.HasPrefix(e.Code, "UnrecognizedClient"), strings.HasPrefix(e.Code, "InvalidClientTokenId"):
		k = &kind{"INVALID_SIGNATURE", 403, "UnrecognizedClientException", plainBody, 403, "Forbidden"}
	case strings.HasPrefix(e.Code, "IncompleteSignature"):
		k = &kind{"INVALID_SIGNATURE", 403, "IncompleteSignatureException", plainBody, 403, "Forbidden"}
	}
	return refuse(k, "signature", "%s", e.Message).saying("%s", e.Message)
}

// mustPolicy reads a policy of ours.
func mustPolicy(text string) iam.Policy {
	n, diags := document.Read("policy.json", []byte(text))
	p, wrong := iam.Parse(n)
	if diags.HasErrors() || wrong.HasErrors() {
		panic("gateway: " + text)
	}
	return p
}
