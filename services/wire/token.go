package wire

import (
	"encoding/base64"
	"strings"
)

// tokenPrefix tells a token of ours from anything else in base64.
const tokenPrefix = "bailey:"

// Token makes the NextToken of a page whose last entry has that key.
func Token(last string) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenPrefix + last))
}

// ParseToken gives the key after which the next page begins; empty for an empty
// token. ok is false if Token did not make it.
func ParseToken(token string) (after string, ok bool) {
	if token == "" {
		return "", true
	}
	text, err := base64.StdEncoding.DecodeString(token)
	after, ok = strings.CutPrefix(string(text), tokenPrefix)
	return after, err == nil && ok && after != ""
}
