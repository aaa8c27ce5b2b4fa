package cognito

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"bailey/services/store"
	"bailey/services/wire"
)

// groupType is API_GroupType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GroupType.html
type groupType struct {
	GroupName, UserPoolId string
	Description           string `json:",omitempty"`
	RoleArn               string `json:",omitempty"`
	Precedence            *int   `json:",omitempty"`
	LastModifiedDate      wire.Time
	CreationDate          wire.Time
}

func shownGroup(p *pool, g group) groupType {
	return groupType{g.Name, p.ID, g.Description, g.Role, g.Precedence, wire.Time{Time: g.Modified}, wire.Time{Time: g.Created}}
}

type groupInput struct {
	UserPoolId, GroupName, Username string
	Description, RoleArn            *string
	Precedence                      *int
	Limit                           *int
	NextToken                       string
}

var groupNameShape = regexp.MustCompile(`[\p{L}\p{M}\p{S}\p{N}\p{P}]+`)

func (in groupInput) check() error {
	check := constraints()
	check.Required("groupName", in.GroupName != "")
	if in.GroupName != "" {
		check.Length("groupName", in.GroupName, 1, 128)
		check.Pattern("groupName", in.GroupName, groupNameShape)
	}
	if in.Description != nil {
		check.Length("description", *in.Description, 0, 2048)
	}
	if in.Precedence != nil {
		check.Range("precedence", *in.Precedence, 0, 1<<31-1)
	}
	return check.Err()
}

// fill takes what the input states into a group.
func (in groupInput) fill(g *group) {
	if in.Description != nil {
		g.Description = *in.Description
	}
	if in.RoleArn != nil {
		g.Role = *in.RoleArn
	}
	if in.Precedence != nil {
		g.Precedence = in.Precedence
	}
}

func (u *UserPools) createGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	return u.putGroup(in, func(g *group, there bool) error {
		if there {
			return wire.Errorf("GroupExistsException", "A group with the name already exists.")
		}
		*g = group{deployment: deployment{Declared: g.Declared}, Name: in.GroupName, Created: u.now()}
		return nil
	})
}

func (u *UserPools) updateGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	return u.putGroup(in, func(_ *group, there bool) error {
		if !there {
			return notFound("Group not found.")
		}
		return nil
	})
}

func (u *UserPools) putGroup(in groupInput, ready func(g *group, there bool) error) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return nil, err
	}
	var g group
	err = u.groups.Update(func(tx store.Tx[group]) error {
		found, ok, err := tx.Get(p.key(in.GroupName))
		if err == nil {
			err = ready(&found, ok && !found.Gone)
		}
		if err != nil {
			return err
		}
		in.fill(&found)
		found.Modified = u.now()
		g = found
		return tx.Put(p.key(in.GroupName), found)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"Group": shownGroup(&p, g)}, nil
}

func (u *UserPools) getGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g, err := u.group(&p, in.GroupName)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Group": shownGroup(&p, g)}, nil
}

// deleteGroup takes its members out of it.
func (u *UserPools) deleteGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g, err := u.group(&p, in.GroupName)
	if err != nil {
		return nil, err
	}
	var members []string
	err = u.eachUser(&p, "", func(_ string, of user) bool {
		if slices.Contains(of.Groups, g.Name) {
			members = append(members, of.Username)
		}
		return true
	})
	for _, name := range members {
		if err == nil {
			_, err = u.changeUser(&p, name, func(of *user) error { of.leave(g.Name); return nil })
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, u.groups.Update(func(tx store.Tx[group]) error {
		if g.Declared != "" {
			return tx.Put(p.key(g.Name), group{deployment: deployment{Declared: g.Declared, Gone: true}})
		}
		return tx.Delete(p.key(g.Name))
	})
}

func (u *user) leave(group string) {
	u.Groups = slices.DeleteFunc(slices.Clone(u.Groups), func(g string) bool { return g == group })
}

func (u *UserPools) listGroups(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	return u.groupsPage(&p, in, func(group) bool { return true })
}

func (u *UserPools) groupsPage(p *pool, in groupInput, passes func(group) bool) (any, error) {
	limit, err := pageSize("limit", in.Limit, 0)
	if err != nil {
		return nil, err
	}
	after, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out, next, last := []groupType{}, "", ""
	err = u.groups.View(func(tx store.Tx[group]) error {
		return tx.Each(p.ID+"/", after, func(key string, g group) bool {
			if g.Gone || !passes(g) {
				return true
			}
			if len(out) == limit {
				next = writeToken(last)
				return false
			}
			out, last = append(out, shownGroup(p, g)), key
			return true
		})
	})
	return page(map[string]any{"Groups": out}, "NextToken", next), err
}

func (u *UserPools) listUsersInGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	g, err := u.group(&p, in.GroupName)
	if err != nil {
		return nil, err
	}
	limit, err := pageSize("limit", in.Limit, 0)
	if err != nil {
		return nil, err
	}
	users, next, err := u.usersPage(&p, in.NextToken, limit, func(of *user) bool { return slices.Contains(of.Groups, g.Name) }, nil)
	return page(map[string]any{"Users": users}, "NextToken", next), err
}

func (u *UserPools) adminAddUserToGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	return nil, u.changeMember(in, func(of *user) {
		if !slices.Contains(of.Groups, in.GroupName) {
			of.Groups = append(slices.Clone(of.Groups), in.GroupName)
		}
	})
}

func (u *UserPools) adminRemoveUserFromGroup(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	return nil, u.changeMember(in, func(of *user) { of.leave(in.GroupName) })
}

func (u *UserPools) changeMember(in groupInput, f func(*user)) error {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return err
	}
	if _, err := u.group(&p, in.GroupName); err != nil {
		return err
	}
	return u.changeNamed(named{in.UserPoolId, in.Username}, func(_ *pool, found *user) error {
		f(found)
		return nil
	})
}

func (u *UserPools) adminListGroupsForUser(_ context.Context, _ *wire.Call, in groupInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	found, err := u.user(&p, in.Username)
	if err != nil {
		return nil, err
	}
	return u.groupsPage(&p, in, func(g group) bool { return slices.Contains(found.Groups, g.Name) })
}

// groupsOf are a user's groups, by precedence and name: the order of a token's.
func (u *UserPools) groupsOf(p *pool, of *user) ([]group, error) {
	var out []group
	for _, name := range of.Groups {
		g, ok, err := u.groups.Get(p.key(name))
		if err != nil {
			return nil, err
		}
		if ok && !g.Gone {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b group) int {
		if c := comparePrecedence(a, b); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out, nil
}
