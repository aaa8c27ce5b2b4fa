package cfn

import (
	"maps"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func userRows() []*row {
	arn := func(kind, key string) attributes {
		return attributes{"Arn": func(l *loader, r *resource) source.Node {
			return l.named(r, key, 128, func(name string) string { return l.iamARN(r, kind, name).String() })
		}}
	}
	return []*row{
		{Type: "AWS::IAM::Group", read: readGroup, ref: nameRef("GroupName", 128), atts: arn("group", "GroupName"),
			properties: "GroupName ManagedPolicyArns Path Policies"},
		{Type: "AWS::IAM::User", read: readUser, ref: nameRef("UserName", 64), atts: arn("user", "UserName"),
			properties: "Groups LoginProfile ManagedPolicyArns Path PermissionsBoundary Policies Tags UserName"},
		{Type: "AWS::IAM::UserToGroupAddition", read: readMembership, properties: "!GroupName !Users", atts: attributes{"Id": nil}},
		{Type: "AWS::IAM::UserPolicy", read: readUserPolicy, properties: "PolicyDocument !PolicyName !UserName"},
		{Type: "AWS::IAM::GroupPolicy", read: readGroupPolicy, properties: "!GroupName PolicyDocument !PolicyName"},
		{Type: "AWS::IAM::AccessKey", properties: "Serial Status !UserName", atts: attributes{"SecretAccessKey": nil, "Id": nil}},
		{Type: "AWS::IAM::ServiceLinkedRole", properties: "AWSServiceName CustomSuffix Description", atts: attributes{"RoleName": nil}},
	}
}

// people are users and groups while policies are being attached to them.
type people struct {
	users, groups map[string]*cloud.User
	members       map[string][]string // of each user: groups
}

func newPeople() people {
	return people{map[string]*cloud.User{}, map[string]*cloud.User{}, map[string][]string{}}
}

// holder reads what users and groups have in common.
func (l *loader) holder(r *resource, kind, key string) *cloud.User {
	o := l.object(r)
	name := l.nameOf(r, key, 64)
	u := &cloud.User{Meta: r.Meta, UserName: name, ARN: l.iamARN(r, kind, name)}
	for _, c := range o.children("Policies", "PolicyName", "PolicyDocument") {
		u.Policies = append(u.Policies, l.attachedPolicy(c, r)...)
	}
	arns, _ := o.get("ManagedPolicyArns")
	for item := range arns.Each() {
		if item.Kind == source.Unknown {
			u.Open = append(u.Open, gap(item))
		} else if strings.Contains(item.Text, ":iam::aws:policy/") {
			u.Managed = append(u.Managed, item.Text)
		} else if item.Kind == source.String {
			u.Open = append(u.Open, l.customerManaged(u, item)...)
		}
	}
	return u
}

// customerManaged adds a managed policy of the template, found by its ARN.
func (l *loader) customerManaged(u *cloud.User, arn source.Node) []cloud.Gap {
	for _, m := range l.byRow[l.byType["AWS::IAM::ManagedPolicy"]] {
		if m.l.exists(m.r) && managedARN(m.l, m.r).Text == arn.Text {
			policies := m.l.attachedPolicy(m.l.object(m.r), m.r)
			u.Policies = append(u.Policies, policies...)
			return nil
		}
	}
	return []cloud.Gap{{Because: "managed policy " + arn.Text + " is not in the template", At: arn.At}}
}

func readGroup(l *loader, r *resource) {
	g := l.holder(r, "group", "GroupName")
	l.people.groups[g.UserName] = g
}

// readUser. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-user.html
func readUser(l *loader, r *resource) {
	o := l.object(r)
	u := l.holder(r, "user", "UserName")
	if n, ok := o.get("PermissionsBoundary"); ok {
		bounded := &cloud.User{}
		u.Open = append(u.Open, l.customerManaged(bounded, n)...)
		for i := range bounded.Policies {
			u.Boundary = &bounded.Policies[i]
		}
	}
	l.people.users[u.UserName] = u
	l.people.members[u.UserName] = o.texts("Groups").Or(nil)
}

func readMembership(l *loader, r *resource) {
	o := l.object(r)
	for _, user := range o.texts("Users").Or(nil) {
		l.people.members[user] = append(slices.Clip(l.people.members[user]), o.known("GroupName"))
	}
}

// readRolePolicy adds one inline policy to one role.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-rolepolicy.html
func readRolePolicy(l *loader, r *resource) {
	o := l.object(r)
	name := o.known("RoleName")
	i := slices.IndexFunc(l.spec.Roles, func(role cloud.Role) bool { return role.RoleName == name })
	if i < 0 {
		l.notDescribed(r, "role", name)
		return
	}
	l.addPolicies(i, l.attachedPolicy(o, r))
}

func readUserPolicy(l *loader, r *resource) {
	o := l.object(r)
	l.people.give(l.people.users, []string{o.known("UserName")}, l.attachedPolicy(o, r))
}

func readGroupPolicy(l *loader, r *resource) {
	o := l.object(r)
	l.people.give(l.people.groups, []string{o.known("GroupName")}, l.attachedPolicy(o, r))
}

// attachUsers adds policies to the users and groups that a policy names.
func (l *loader) attachUsers(o object, policies []cloud.Policy) {
	l.people.give(l.people.users, o.stated().texts("Users").Or(nil), policies)
	l.people.give(l.people.groups, o.stated().texts("Groups").Or(nil), policies)
}

func (p people) give(to map[string]*cloud.User, names []string, policies []cloud.Policy) {
	for _, name := range names {
		if u := to[name]; u != nil {
			u.Policies = append(slices.Clip(u.Policies), policies...)
		}
	}
}

// finishUsers gives each user the policies of its groups.
func (l *loader) finishUsers() {
	for _, name := range slices.Sorted(maps.Keys(l.people.users)) {
		u := l.people.users[name]
		for _, group := range l.people.members[name] {
			if g := l.people.groups[group]; g != nil {
				u.Policies = append(slices.Clip(u.Policies), g.Policies...)
				u.Managed = append(slices.Clip(u.Managed), g.Managed...)
				u.Open = append(slices.Clip(u.Open), g.Open...)
			} else {
				u.Open = append(u.Open, cloud.Gap{Because: "group " + group + " of user " + u.Name + " is not in the template", At: u.At})
			}
		}
		l.spec.Users = append(l.spec.Users, *u)
	}
}
