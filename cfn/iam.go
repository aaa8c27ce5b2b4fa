package cfn

import (
	"maps"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func iamRows() []*row {
	return []*row{
		{Type: "AWS::IAM::Role", read: readRole, ref: nameRef("RoleName", 64),
			properties: "!AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary Policies RoleName Tags",
			atts: attributes{"RoleId": nil,
				"Arn": func(l *loader, r *resource) source.Node {
					return l.named(r, "RoleName", 64, func(name string) string { return l.iamARN(r, "role", name).String() })
				}}},
		{Type: "AWS::IAM::RolePolicy", read: readRolePolicy, properties: "PolicyDocument !PolicyName !RoleName"},
		{Type: "AWS::IAM::Policy", read: readPolicy, properties: "Groups !PolicyDocument !PolicyName Roles Users", atts: attributes{"Id": nil}},
		{Type: "AWS::IAM::ManagedPolicy", read: readManagedPolicy, ref: managedARN,
			properties: "Description Groups ManagedPolicyName Path !PolicyDocument Roles Users",
			atts: attributes{"PolicyArn": managedARN, "AttachmentCount": nil, "CreateDate": nil, "DefaultVersionId": nil,
				"IsAttachable": nil, "PermissionsBoundaryUsageCount": nil, "PolicyId": nil, "UpdateDate": nil}},
	}
}

// named gives text made of a resource's name, or the Unknown that the name is.
func (l *loader) named(r *resource, key string, limit int, make func(string) string) source.Node {
	v := l.nameNode(r, key, limit)
	if v.Kind == source.Unknown {
		return v
	}
	return l.text(make(v.Text), r.At)
}

// iamARN is the ARN of a role or policy, in which its path stands.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
func (l *loader) iamARN(r *resource, kind, name string) cloud.ARN {
	path := "/"
	if p := l.prop(r, "Path"); p.IsScalar() {
		path = p.Text
	}
	return cloud.ARN{Partition: l.partition(), Service: "iam", Account: l.spec.Account, Resource: kind + path + name}
}

func managedARN(l *loader, r *resource) source.Node {
	return l.named(r, "ManagedPolicyName", 128, func(name string) string { return l.iamARN(r, "policy", name).String() })
}

// A roleAttachment is a role that waits for a managed policy of the template.
type roleAttachment struct {
	role int // index in Spec.Roles
	at   source.Span
}

// readRole reads a role with its inline policies. Managed policies of the
// template are attached when their row is read.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html
func readRole(l *loader, r *resource) {
	o := l.object(r)
	name := l.nameOf(r, "RoleName", 64)
	role := cloud.Role{Meta: r.Meta, ARN: l.iamARN(r, "role", name), RoleName: name}
	if n, ok := o.get("AssumeRolePolicyDocument"); ok {
		if p := l.policy(o, "", "AssumeRolePolicyDocument", n); p != nil {
			role.Trust = p.Doc
		}
	}
	for _, c := range o.children("Policies", "PolicyName", "PolicyDocument") {
		if c.n.Kind == source.Unknown {
			role.Open = append(role.Open, gap(c.n))
			continue
		}
		role.Policies = append(role.Policies, l.attachedPolicy(c, r)...)
	}
	i := len(l.spec.Roles)
	l.managed(o, &role, i)
	if v, ok := o.get("PermissionsBoundary"); ok && v.Kind == source.Unknown {
		role.Open = append(role.Open, gap(v))
	} else if ok {
		l.bounded[v.Text] = append(l.bounded[v.Text], roleAttachment{i, v.At})
	}
	l.spec.Roles = append(l.spec.Roles, role)
}

// managed sorts a role's managed policies: AWS's own by their ARNs, the
// others to be found in the template.
func (l *loader) managed(o object, role *cloud.Role, i int) {
	v, ok := o.get("ManagedPolicyArns")
	if !ok {
		return
	}
	if v.Kind != source.List && v.Kind != source.Unknown {
		v = o.wrong("ManagedPolicyArns", v, "a list")
	}
	for arn := range v.Each() {
		switch {
		case arn.Kind == source.Unknown:
			role.Open = append(role.Open, gap(arn))
		case !arn.IsScalar():
			o.wrong("ManagedPolicyArns", arn, "a list of ARNs")
		case strings.Contains(arn.Text, ":iam::aws:policy/"):
			role.Managed = append(role.Managed, arn.Text)
		default:
			l.attached[arn.Text] = append(l.attached[arn.Text], roleAttachment{i, arn.At})
		}
	}
}

// attachedPolicy reads PolicyName and PolicyDocument.
func (l *loader) attachedPolicy(o object, r *resource) []cloud.Policy {
	n, ok := o.get("PolicyDocument")
	if !ok {
		l.fail("CFN_MISSING_PROPERTY", o.at, "add it", "a policy of %s has no PolicyDocument", r.Name)
		return nil
	}
	if p := l.policy(o, o.text("PolicyName", cloud.Known(r.Name)).Or(r.Name), "PolicyDocument", n); p != nil {
		return []cloud.Policy{*p}
	}
	return nil
}

// readPolicy adds an inline policy to the roles that it names.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html
func readPolicy(l *loader, r *resource) {
	o := l.object(r)
	policies := l.attachedPolicy(o, r)
	l.attach(o, r, policies)
	l.attachUsers(o, policies)
}

// attach adds policies to the roles in the property Roles.
func (l *loader) attach(o object, r *resource, policies []cloud.Policy) {
	names := o.stated().texts("Roles")
	if g, missing := names.Gap(); missing {
		l.needed("Roles", r.Name, g)
		for i := range l.spec.Roles { // it may be any of them
			l.spec.Roles[i].Open = append(slices.Clip(l.spec.Roles[i].Open), g)
		}
	}
	for _, name := range names.Or(nil) {
		i, ok := find(&l.index.roles, l.spec.Roles, name, func(role *cloud.Role) string { return role.RoleName })
		if !ok {
			l.notDescribed(r, "role", name)
			continue
		}
		l.addPolicies(i, policies)
	}
}

func (l *loader) addPolicies(role int, policies []cloud.Policy) {
	have := slices.Clip(l.spec.Roles[role].Policies)
	l.spec.Roles[role].Policies = append(have, policies...)
}

// readManagedPolicy attaches a managed policy from both sides: to the roles
// that it names and to those that name it.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html
func readManagedPolicy(l *loader, r *resource) {
	o := l.object(r)
	arn := managedARN(l, r).Text
	policies := l.attachedPolicy(o, r)
	for i := range policies {
		policies[i].Name = arn
	}
	l.attach(o, r, policies)
	l.attachUsers(o, policies)
	for _, a := range l.attached[arn] {
		l.addPolicies(a.role, policies)
	}
	for _, a := range l.bounded[arn] {
		if len(policies) > 0 {
			l.spec.Roles[a.role].Boundary = &policies[0]
		}
	}
	delete(l.attached, arn)
	delete(l.bounded, arn)
}

// finishRoles gives users what they have from their groups, then turns policies that the template does not have into what the
// roles leave open.
func (l *loader) finishRoles() {
	l.finishUsers()
	leave := func(waiting map[string][]roleAttachment, what string) {
		for _, arn := range slices.Sorted(maps.Keys(waiting)) {
			for _, a := range waiting[arn] {
				role := &l.spec.Roles[a.role]
				role.Open = append(role.Open, cloud.Gap{Because: what + " " + arn + " is not in the template", At: a.at})
			}
		}
	}
	leave(l.attached, "managed policy")
	leave(l.bounded, "permissions boundary")
}
