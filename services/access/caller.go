package access

import (
	"time"

	"bailey/iam"
	"bailey/services/wire"
)

// PoliciesOf gives what a verified caller may by itself, and the condition keys
// that belong to it, for who decides about more than AWS's own services: API
// Gateway holds them together with an API's policy. The account's root user
// has no policies and needs none.
func (a *Access) PoliciesOf(id wire.Identity) (iam.Policies, map[string][]string) {
	s, known := a.session(id.AccessKeyID)
	var p iam.Policies
	p.Identity, p.Boundary = a.current().of(s, known)
	keys := map[string][]string{"aws:PrincipalAccount": {id.Account}, "aws:userid": {id.UserID}}
	if known { // a session's own ARN does not show its role's path
		keys["aws:PrincipalArn"] = []string{s.role}
		keys["aws:TokenIssueTime"] = []string{s.issued.UTC().Format(time.RFC3339)}
	}
	return p, keys
}
