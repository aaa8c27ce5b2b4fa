package cognito

import (
	"context"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"

	"bailey/services/wire"
)

type listUsersInput struct {
	UserPoolId, Filter, PaginationToken string
	AttributesToGet                     []string
	Limit                               *int
}

// maxPage is the most that a list gives at once, and what it gives unasked.
const maxPage = 60

func (u *UserPools) listUsers(_ context.Context, _ *wire.Call, in listUsersInput) (any, error) {
	p, err := u.pool(in.UserPoolId)
	if err != nil {
		return nil, err
	}
	limit, err := pageSize("limit", in.Limit, 0)
	if err != nil {
		return nil, err
	}
	passes, err := parseFilter(in.Filter)
	if err != nil {
		return nil, err
	}
	users, next, err := u.usersPage(&p, in.PaginationToken, limit, func(of *user) bool { return passes(of) }, in.AttributesToGet)
	return page(map[string]any{"Users": users}, "PaginationToken", next), err
}

// usersPage is a page of the users that pass.
func (u *UserPools) usersPage(p *pool, token string, limit int, passes func(*user) bool, names []string) (users []userType, next string, err error) {
	after, err := readToken(token)
	if err != nil {
		return nil, "", err
	}
	users = []userType{}
	last := ""
	err = u.eachUser(p, after, func(key string, of user) bool {
		if !passes(&of) {
			return true
		}
		if len(users) == limit {
			next = writeToken(last)
			return false
		}
		users, last = append(users, shownUser(of, names...)), key
		return true
	})
	return users, next, err
}

// pageSize is how many a call asks for.
func pageSize(path string, asked *int, least int) (int, error) {
	if asked == nil {
		return maxPage, nil
	}
	check := constraints()
	check.Range(path, *asked, least, maxPage)
	if *asked == 0 {
		return maxPage, check.Err()
	}
	return *asked, check.Err()
}

// A token is the last key of the page before it.
const tokenPrefix = "bailey:"

func writeToken(key string) string {
	return base64.StdEncoding.EncodeToString([]byte(tokenPrefix + key))
}

func readToken(token string) (after string, err error) {
	if token == "" {
		return "", nil
	}
	text, err := base64.StdEncoding.DecodeString(token)
	after, ok := strings.CutPrefix(string(text), tokenPrefix)
	if err != nil || !ok || after == "" {
		return "", invalidParameter("Invalid pagination token.")
	}
	return after, nil
}

func page(out map[string]any, member, next string) map[string]any {
	if next != "" {
		out[member] = next
	}
	return out
}

// filterShape is `attribute = "value"` or `attribute ^= "value"`.
var filterShape = regexp.MustCompile(`^\s*"?([a-z_:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$`)

// searchable are the attributes that ListUsers can look for.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
var searchable = []string{"username", "email", "phone_number", "name", "given_name", "family_name", "preferred_username", "cognito:user_status", "status", "sub"}

// parseFilter reads ListUsers' Filter; an empty one passes everybody.
func parseFilter(text string) (func(*user) bool, error) {
	if strings.TrimSpace(text) == "" {
		return func(*user) bool { return true }, nil
	}
	check := constraints()
	check.Length("filter", text, 0, 256)
	if err := check.Err(); err != nil {
		return nil, err
	}
	part := filterShape.FindStringSubmatch(text)
	if part == nil {
		return nil, invalidParameter("Error while parsing filter.")
	}
	name, value := part[1], regexp.MustCompile(`\\(.)`).ReplaceAllString(part[3], "$1")
	if !slices.Contains(searchable, name) {
		return nil, invalidParameter("Invalid search attribute: %s", name)
	}
	matches := func(has string) bool { return has == value }
	if part[2] == "^=" {
		matches = func(has string) bool { return strings.HasPrefix(has, value) }
	}
	return func(of *user) bool {
		has := of.searched(name)
		return has != "" && (matches(has) || name == "cognito:user_status" && matches(strings.ToLower(has)))
	}, nil
}

// searched is what a user has under a searchable name.
func (u *user) searched(name string) string {
	switch name {
	case "username":
		return u.Username
	case "sub":
		return u.Sub
	case "cognito:user_status":
		return u.Status
	case "status":
		if u.Enabled {
			return "Enabled"
		}
		return "Disabled"
	}
	return u.Attributes[name]
}
