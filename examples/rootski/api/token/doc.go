// Package token verifies the tokens of a Cognito user pool without asking
// Cognito: from the pool's public keys, which somebody else has fetched.
//
// It reads no network and no clock of its own. The rule it obeys: a token is
// valid if every check passes, and whatever cannot be checked does not pass.
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
package token
