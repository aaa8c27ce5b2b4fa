package diff

import (
	"cmp"
	"fmt"
	stdpath "path"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/reach"
	"bailey/source"
)

// A Right is what a role may do otherwise than before, one statement's share on
// one resource.
type Right struct {
	What      RightChange
	Role      string
	Functions []string // that have the role in the new model
	Actions   []string // patterns; none where What is RightsOpen
	Resource  string   // a pattern
	// Detail says it in one sentence.
	Detail string
	At     source.Span
}

// RightChange says what became of a right.
type RightChange string

// What can become of a right.
const (
	RightsGained RightChange = "gained"
	RightsLost   RightChange = "lost"
	// VPCRightsLeft: a function left its VPC, and its role may still make and
	// delete network interfaces.
	VPCRightsLeft RightChange = "left-over"
	// VPCRightsLack: a function came into a VPC, and its role may not make the
	// network interfaces that Lambda makes in the role's name.
	VPCRightsLack RightChange = "lacking"
)

// rights compares what roles may do, those left over and lacking first.
func rights(old, now *cloud.Model) []Right {
	out := vpcRights(old, now)
	for _, side := range []struct {
		what     RightChange
		has, not *cloud.Model
	}{{RightsGained, now, old}, {RightsLost, old, now}} {
		for role := range side.has.Roles() {
			other, there := roleNamed(side.not, role.Name)
			if !there && (side.what == RightsLost || side.not.Undescribed("AWS::IAM::Role") != nil) {
				continue // the role is gone, or may have been there, and is told so
			}
			out = append(out, onlyGranted(side.what, role, other, functionsOf(now, role.Name))...)
		}
	}
	return out
}

func roleNamed(m *cloud.Model, name string) (cloud.Role, bool) {
	for r := range m.Roles() {
		if r.Name == name {
			return r, true
		}
	}
	return cloud.Role{}, false
}

func functionsOf(m *cloud.Model, role string) []string {
	var out []string
	for f := range m.Functions() {
		if r, ok := roleOf(m, f); ok && r.Name == role {
			out = append(out, f.Name)
		}
	}
	return out
}

func roleOf(m *cloud.Model, f cloud.Function) (cloud.Role, bool) {
	arn, _ := f.Role.Get()
	return m.Role(arn)
}

// onlyGranted are the grants of a role that the other does not have, those of
// one resource together. A statement that denies, excepts or is conditional is
// told in its own words: what it comes to depends on all others.
func onlyGranted(what RightChange, role, other cloud.Role, functions []string) []Right {
	had := map[iam.Grant]bool{}
	for g := range grants(other) {
		had[plain(g)] = true
	}
	var out []Right
	index := map[iam.Grant]int{}
	for g := range grants(role) {
		p := plain(g)
		if had[p] {
			continue
		}
		had[p] = true
		key := p
		key.Action = ""
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, Right{What: what, Role: role.Name, Functions: functions, Resource: g.Resource, At: placeOf(g, role)})
		}
		out[i].Actions = append(out[i].Actions, g.Action)
		out[i].Detail = sentence(what, role.Name, g, out[i].Actions)
	}
	return out
}

// placeOf is where a grant stands: one of a policy of AWS's, whose file is its
// ARN, where the role does.
func placeOf(g iam.Grant, role cloud.Role) source.Span {
	if g.At.File == "" || strings.HasPrefix(g.At.File, "arn:") {
		return role.At
	}
	return g.At
}

// plain is a grant without its place and its name.
func plain(g iam.Grant) iam.Grant {
	g.Sid, g.At = "", source.Span{}
	return g
}

func sentence(what RightChange, role string, g iam.Grant, actions []string) string {
	verb := "may call"
	if g.Deny {
		verb = "is denied"
	}
	if what == RightsLost {
		verb = map[bool]string{false: "may no longer call", true: "is no longer denied"}[g.Deny]
	}
	if g.NotAction {
		verb += " everything but"
	}
	on := nameOr(g.Resource, "?")
	if g.NotResource {
		on = "everything but " + on
	}
	if g.Conditional {
		on += ", on conditions"
	}
	if _, policy, ok := strings.Cut(g.At.File, ":policy/"); ok {
		on += " (" + policy[strings.LastIndexByte(policy, '/')+1:] + ")"
	}
	return fmt.Sprintf("%s %s %s on %s", role, verb, strings.Join(actions, ", "), on)
}

func grants(role cloud.Role) func(func(iam.Grant) bool) {
	return func(yield func(iam.Grant) bool) {
		for p := range reach.RolePolicies(role) {
			for g := range p.Grants() {
				if !yield(g) {
					return
				}
			}
		}
	}
}

// vpcActions are what Lambda needs of a role to attach its function to a VPC.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
var vpcActions = []string{"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"}

// vpcRights finds functions that came into a VPC or left one, and whose roles
// do not fit that.
func vpcRights(old, now *cloud.Model) []Right {
	var out []Right
	for f := range now.Functions() {
		was, there := old.Function(f.Name)
		role, known := roleOf(now, f)
		if !known || f.Network == nil && (!there || was.Network == nil) || f.Network != nil && there && was.Network != nil {
			continue
		}
		has, at := interfaceRights(role)
		r := Right{Role: role.Name, Functions: []string{f.Name}, Resource: "*", At: at}
		switch {
		case f.Network == nil && len(has) > 0:
			r.What, r.Actions = VPCRightsLeft, has
			r.Detail = fmt.Sprintf("VPC permissions left: %s is in no VPC any more, and %s may still call %s", f.Name, role.Name, strings.Join(has, ", "))
		case f.Network != nil && len(role.Open) == 0 && allManaged(role) && len(lacking(has)) > 0:
			r.What, r.Actions, r.At = VPCRightsLack, lacking(has), role.At
			r.Detail = fmt.Sprintf("%s comes into a VPC, and nothing lets %s call %s, as Lambda does in its name", f.Name, role.Name, strings.Join(r.Actions, ", "))
		default:
			continue
		}
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b Right) int { return cmp.Compare(a.Role, b.Role) })
	return out
}

// allManaged reports whether every policy of AWS's that the role has is known.
func allManaged(role cloud.Role) bool {
	return !slices.ContainsFunc(role.Managed, func(arn string) bool { _, ok := iam.Managed(arn); return !ok })
}

func lacking(has []string) []string {
	return slices.DeleteFunc(slices.Clone(vpcActions), func(a string) bool {
		return slices.ContainsFunc(has, func(p string) bool { return covers(p, a) })
	})
}

// interfaceRights are the grants of a role that cover a call about network
// interfaces, and where the last of them stands.
func interfaceRights(role cloud.Role) (actions []string, at source.Span) {
	at = role.At
	for g := range grants(role) {
		if g.Deny || g.NotAction || slices.Contains(actions, g.Action) || !slices.ContainsFunc(interfaceActions, func(a string) bool { return covers(g.Action, a) }) {
			continue
		}
		actions = append(actions, g.Action)
		at = placeOf(g, role)
	}
	return actions, at
}

// interfaceActions are those of AWSLambdaVPCAccessExecutionRole that are about
// interfaces.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
var interfaceActions = []string{"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}

// covers reports whether an action pattern covers an action, whatever the case.
func covers(pattern, action string) bool {
	ok, err := stdpath.Match(strings.ToLower(pattern), strings.ToLower(action))
	return ok && err == nil
}
