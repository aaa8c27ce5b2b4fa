package cognito_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/cognito"
	"bailey/services/store"
	"bailey/source"
)

func withUser(name string, attrs ...string) func(*cloud.UserPool) {
	return func(p *cloud.UserPool) {
		u := cloud.PoolUser{Meta: cloud.Meta{Name: "U" + name}, Username: name, Attributes: map[string]cloud.Value[string]{}}
		for i := 0; i < len(attrs); i += 2 {
			u.Attributes[attrs[i]] = cloud.Known(attrs[i+1])
		}
		p.Users = append(p.Users, u)
	}
}

func withGroup(name, description string) func(*cloud.UserPool) {
	return func(p *cloud.UserPool) {
		p.Groups = append(p.Groups, cloud.PoolGroup{Meta: cloud.Meta{Name: "G" + name}, GroupName: name, Description: description})
	}
}

// shows gives one member of what an operation answers, or the refusal.
func (b *bench) shows(operation string, in object, path ...string) string {
	b.t.Helper()
	if refused := b.fail(operation, in); refused != "" {
		return refused
	}
	var at any = b.do(operation, in)
	for _, name := range path {
		at = at.(object)[name]
	}
	text, err := json.Marshal(at)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// Runs one after the other on the same store: what each deploys, what calls then
// do, and what is there.
func TestDeploy(t *testing.T) {
	none := func(*cloud.Spec) {}
	length := func(n int) func(*cloud.Spec) { return users(func(p *cloud.UserPool) { p.Password.MinLength = n }) }
	poolLength := func(b *bench) string {
		return b.shows("DescribeUserPool", object{"UserPoolId": poolID}, "UserPool", "Policies", "PasswordPolicy", "MinimumLength")
	}
	group := func(b *bench) string {
		return b.shows("GetGroup", object{"UserPoolId": poolID, "GroupName": "g"}, "Group", "Description")
	}
	status := func(name string) func(*bench) string {
		return func(b *bench) string { return b.shows("AdminGetUser", admin(name), "UserStatus") }
	}
	clientName := func(b *bench) string {
		return b.shows("DescribeUserPoolClient", object{"UserPoolId": poolID, "ClientId": clientID}, "UserPoolClient", "ClientName")
	}
	renamed := users(onClient(func(c *cloud.PoolClient) { c.ClientName = "app" }))
	const gonePool = "ResourceNotFoundException: User pool " + poolID + " does not exist."
	call := func(operation string, in object) func(*bench) { return func(b *bench) { b.do(operation, in) } }
	type run struct {
		template func(*cloud.Spec)
		want     string
		call     func(*bench)
	}
	tests := []struct {
		name string
		see  func(*bench) string
		runs []run
	}{
		{"a pool's settings are deployed", poolLength, []run{{length(8), "8", nil}, {length(10), "10", nil}}},
		{"a call's settings survive", poolLength, []run{
			{length(8), "8", call("UpdateUserPool", object{"UserPoolId": poolID, "Policies": object{"PasswordPolicy": object{"MinimumLength": 20}}})},
			{length(8), "20", nil}, {length(9), "9", nil}}},
		{"a pool deleted by a call stays away, with its clients", clientName, []run{
			{users(), `"web"`, call("DeleteUserPool", object{"UserPoolId": poolID})}, {users(), gonePool, nil}}},
		{"and comes back with another declaration", clientName, []run{
			{users(), `"web"`, call("DeleteUserPool", object{"UserPoolId": poolID})}, {length(9), `"web"`, nil}}},
		{"a pool no longer declared", poolLength, []run{{length(8), "8", nil}, {none, gonePool, nil}, {length(8), "8", nil}}},
		{"a user made by a call survives", status("ada"), []run{
			{users(), noUser, func(b *bench) { b.user("ada", "right-pass1") }}, {length(12), `"CONFIRMED"`, nil}}},
		{"but not its pool's end", status("ada"), []run{
			{users(), noUser, func(b *bench) { b.user("ada", "right-pass1") }}, {none, gonePool, nil}, {users(), noUser, nil}}},
		{"a declared user", status("eve"), []run{
			{users(withUser("eve")), `"FORCE_CHANGE_PASSWORD"`, call("AdminSetUserPassword", admin("eve", "Password", "right-pass1", "Permanent", true))},
			{users(withUser("eve")), `"CONFIRMED"`, nil}, {users(withUser("eve", "name", "Eve")), `"CONFIRMED"`, nil}, {users(), noUser, nil}}},
		{"a declared user deleted by a call stays away", status("eve"), []run{
			{users(withUser("eve")), `"FORCE_CHANGE_PASSWORD"`, call("AdminDeleteUser", admin("eve"))}, {users(withUser("eve")), noUser, nil}}},
		{"a group", group, []run{{users(withGroup("g", "one")), `"one"`, nil}, {users(withGroup("g", "two")), `"two"`,
			call("DeleteGroup", object{"UserPoolId": poolID, "GroupName": "g"})},
			{users(withGroup("g", "two")), "ResourceNotFoundException: Group not found.", nil}, {users(withGroup("g", "three")), `"three"`, nil}}},
		{"a client", clientName, []run{{users(), `"web"`, nil}, {renamed, `"app"`,
			call("DeleteUserPoolClient", object{"UserPoolId": poolID, "ClientId": clientID})},
			{renamed, "ResourceNotFoundException: User pool client " + clientID + " does not exist.", nil}, {users(), `"web"`, nil}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for i, run := range tt.runs {
				b := open(t, dir, run.template)
				if got := tt.see(b); got != run.want {
					t.Errorf("run %d: %s, want %s", i+1, got, run.want)
				}
				if run.call != nil {
					run.call(b)
				}
				b.store.Close()
			}
		})
	}
}

// A client's secret is drawn once and stays.
func TestClientSecretStays(t *testing.T) {
	dir := t.TempDir()
	secret := func(changes ...func(*cloud.UserPool)) string {
		b := open(t, dir, users(append(changes, onClient(func(c *cloud.PoolClient) { c.Secret = true }))...))
		defer b.store.Close()
		return b.shows("DescribeUserPoolClient", object{"UserPoolId": poolID, "ClientId": clientID}, "UserPoolClient", "ClientSecret")
	}
	first := secret()
	if again := secret(onClient(func(c *cloud.PoolClient) { c.ClientName = "app" })); again != first || len(first) != 53 {
		t.Errorf("the secret is %s, then %s", first, again)
	}
}

// What a user of the template would be told by e-mail is shown.
func TestDeclaredUsersAreInvited(t *testing.T) {
	b := fresh(t, byEmail, withUser("eve@example.com", "name", "Eve"), func(p *cloud.UserPool) { p.Password.Upper, p.Password.Symbols = true, true })
	m := b.lastPost()
	same(t, "message", []any{m.Purpose, m.PoolName, len(m.Code)}, "[temporary password users 12]")
	out := b.do("InitiateAuth", byPassword("eve@example.com", m.Code))
	same(t, "its password works", out["ChallengeName"], "NEW_PASSWORD_REQUIRED")
	same(t, "remembered", b.pools.Messages()[0].Code, m.Code)
}

// A user with an attribute that the template leaves open is not made up.
func TestOpenAttribute(t *testing.T) {
	b := fresh(t, func(p *cloud.UserPool) {
		p.Users = []cloud.PoolUser{{Username: "eve", Attributes: map[string]cloud.Value[string]{
			"email": cloud.Unknown[string]("parameter Mail has no value", source.Span{File: "template.yaml", Line: 7})}}}
	})
	same(t, "eve", b.fail("AdminGetUser", admin("eve")),
		"UserNotFoundException: User does not exist: the template declares it with an attribute that is not known: parameter Mail has no value (template.yaml:7)")
}

// What AWS refuses to change of a pool is refused with the way out.
func TestImmutableSettings(t *testing.T) {
	dir := t.TempDir()
	open(t, dir, users()).store.Close()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := Model(t, users(byEmail))
	_, err = cognito.New(cognito.Config{Store: s, Model: func() *cloud.Model { return m }})
	if err == nil || !strings.Contains(err.Error(), "user pool Users ("+poolID+"): updates are not allowed for property UsernameAttributes, as on AWS") {
		t.Errorf("got %v", err)
	}
}

// The next model of a running world is deployed as the first was.
func TestApplyWhileRunning(t *testing.T) {
	b := fresh(t)
	b.user("ada", "right-pass1", "email", "a@example.com")
	if err := b.pools.Apply(Model(t, users(withGroup("g", "new"), withUser("eve")))); err != nil {
		t.Fatal(err)
	}
	b.signIn("ada", "right-pass1")
	same(t, "group", b.shows("GetGroup", object{"UserPoolId": poolID, "GroupName": "g"}, "Group", "Description"), `"new"`)
}

// Neither passwords nor refresh tokens are on the disk.
func TestNothingSecretOnDisk(t *testing.T) {
	dir := t.TempDir()
	b := open(t, dir, users())
	b.user("ada", "needle-in-hay1")
	refresh := b.signIn("ada", "needle-in-hay1")["RefreshToken"].(string)
	_, secret, _ := strings.Cut(refresh, ".")
	b.store.Close()
	file, err := os.ReadFile(dir + "/" + store.FileName)
	if err != nil || strings.Contains(string(file), "needle") || strings.Contains(string(file), secret) {
		t.Errorf("a secret stands in the clear on disk (%v)", err)
	}
}
