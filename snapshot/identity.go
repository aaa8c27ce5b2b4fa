package snapshot

import (
	"strings"

	"bailey/cloud"
)

// readIdentities reads roles, users and the policies that the account manages.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
func (r *reader) readIdentities() {
	for _, it := range r.list("RoleDetailList") {
		role := cloud.Role{Meta: r.meta("RoleDetailList", it), ARN: it.arn("Arn"), RoleName: it.text("RoleName"), Trust: it.document("AssumeRolePolicyDocument")}
		h := r.held(it, "RolePolicyList")
		role.Policies, role.Managed, role.Boundary, role.Open = h.policies, h.managed, h.boundary, h.open
		r.spec.Roles = append(r.spec.Roles, role)
		for _, p := range it.items("InstanceProfileList") {
			r.spec.InstanceProfiles = append(r.spec.InstanceProfiles, cloud.InstanceProfile{Meta: cloud.Meta{Name: p.text("InstanceProfileName"), Type: "AWS::IAM::InstanceProfile", At: p.at()},
				ARN: p.arn("Arn"), ProfileName: p.text("InstanceProfileName"), Role: cloud.Known(role.RoleName)})
		}
	}
	groups := map[string]item{}
	for _, it := range r.list("GroupDetailList") {
		groups[it.text("GroupName")] = it
	}
	for _, it := range r.list("UserDetailList") {
		h := r.held(it, "UserPolicyList")
		for _, name := range it.texts("GroupList") {
			g, ok := groups[name]
			if !ok {
				h.open = append(h.open, r.missing("GroupDetailList", "group "+name, it.at()))
				continue
			}
			h = h.and(r.held(g, "GroupPolicyList"))
		}
		r.spec.Users = append(r.spec.Users, cloud.User{Meta: r.meta("UserDetailList", it), ARN: it.arn("Arn"), UserName: it.text("UserName"), Policies: h.policies, Managed: h.managed, Boundary: h.boundary, Open: h.open})
	}
}

// holding is what a role, a user or a group has of policies.
type holding struct {
	policies []cloud.Policy
	managed  []string
	boundary *cloud.Policy
	open     []cloud.Gap
}

func (h holding) and(g holding) holding {
	h.policies, h.managed, h.open = append(h.policies, g.policies...), append(h.managed, g.managed...), append(h.open, g.open...)
	return h
}

// held reads the policies of one item; inline is the list of those that are its
// own.
func (r *reader) held(it item, inline string) holding {
	var h holding
	for _, p := range it.items(inline) {
		if policy := p.policy(p.text("PolicyName"), "PolicyDocument"); policy != nil {
			h.policies = append(h.policies, *policy)
		}
	}
	for _, p := range it.items("AttachedManagedPolicies") {
		arn := p.text("PolicyArn")
		if strings.Contains(arn, ":iam::aws:policy/") {
			h.managed = append(h.managed, arn)
			continue
		}
		if policy := r.managedPolicy(arn); policy != nil {
			h.policies = append(h.policies, *policy)
		} else {
			h.open = append(h.open, r.missing("Policies", "managed policy "+arn, p.at()))
		}
	}
	if arn := it.child("PermissionsBoundary").text("PermissionsBoundaryArn"); arn != "" {
		if h.boundary = r.managedPolicy(arn); h.boundary == nil {
			h.open = append(h.open, r.missing("Policies", "permissions boundary "+arn, it.at()))
		}
	}
	return h
}

// managedPolicy finds the version of a managed policy that is in force.
func (r *reader) managedPolicy(arn string) *cloud.Policy {
	if r.managed == nil {
		r.managed = map[string]item{}
		for _, it := range r.list("Policies") {
			r.managed[it.text("Arn")] = it
		}
	}
	it, ok := r.managed[arn]
	if !ok {
		return nil
	}
	for _, v := range it.items("PolicyVersionList") {
		if v.flag("IsDefaultVersion", false) {
			return v.policy(arn, "Document")
		}
	}
	return nil
}
