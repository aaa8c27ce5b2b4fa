package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/services/wire"
)

// The host's caller, the convention of the field.
const (
	HostKey    = "test"
	HostSecret = "test"
)

// issuedPrefix begins every key that was ever issued here. ASIA is AWS's own
// prefix of temporary keys:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes
const issuedPrefix = "ASIABAILEY"

// A session is a role session that was issued.
type session struct {
	credential wire.Credential
	role       string // ARN
	function   string // ARN
	issued     time.Time
}

// Issue makes temporary credentials for a session of a role, as Lambda does for
// an execution environment of function; function may be empty. Whether the role
// exists, and what it may, is decided call by call.
func (a *Access) Issue(role, sessionName, function string) (accessKeyID string, cred wire.Credential, err error) {
	arn, err := cloud.ParseARN(role)
	path, ok := strings.CutPrefix(arn.Resource, "role/")
	if err != nil || !ok || arn.Service != "iam" || sessionName == "" {
		return "", wire.Credential{}, fmt.Errorf("session %q of role %q: not a role's ARN and a session's name", sessionName, role)
	}
	name := path[strings.LastIndexByte(path, '/')+1:]
	now := a.cfg.Now()
	cred = wire.Credential{
		SecretAccessKey: base64.RawStdEncoding.EncodeToString(random(30)),
		SessionToken:    base64.StdEncoding.EncodeToString(random(120)),
		Expires:         now.Add(a.cfg.Lifetime),
		Account:         arn.Account,
		PrincipalARN: cloud.ARN{Partition: arn.Partition, Service: "sts", Account: arn.Account,
			Resource: "assumed-role/" + name + "/" + sessionName}.String(),
		UserID: uniqueID("AROA", role) + ":" + sessionName,
	}
	accessKeyID = issuedPrefix + base32.StdEncoding.EncodeToString(random(10))[:10]
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep(now)
	a.sessions[accessKeyID] = session{cred, role, function, now}
	return accessKeyID, cred, nil
}

// Revoke ends credentials before their time.
func (a *Access) Revoke(accessKeyID string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sessions, accessKeyID)
}

// sweep forgets what expired long ago; for a while longer its caller is told
// that it expired.
func (a *Access) sweep(now time.Time) {
	maps.DeleteFunc(a.sessions, func(_ string, s session) bool {
		return now.After(s.credential.Expires.Add(time.Hour))
	})
}

func (a *Access) session(accessKeyID string) (session, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, ok := a.sessions[accessKeyID]
	return s, ok
}

// Secret is wire.Verifier's: whose key is it, for a caller from there?
func (a *Access) Secret(accessKeyID string, from wire.Origin) (wire.Credential, bool) {
	s, ok := a.session(accessKeyID)
	switch {
	case ok:
		return s.credential, true
	case !from.Host || strings.HasPrefix(accessKeyID, issuedPrefix):
		return wire.Credential{}, false
	}
	account := a.cfg.Model().Account()
	root := wire.Credential{
		Account: account, UserID: account,
		PrincipalARN: cloud.ARN{Partition: "aws", Service: "iam", Account: account, Resource: "root"}.String(),
	}
	if accessKeyID == HostKey {
		root.SecretAccessKey, root.Public = HostSecret, true
	} else {
		root.Unverifiable = true
	}
	return root, true
}

// uniqueID makes up the ID that IAM would, the same for the same name.
func uniqueID(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
