package cognito

import (
	"strings"
	"time"

	"bailey/cloud"
)

// A deployment is what is remembered of the template in every record.
type deployment struct {
	// Declared is the digest of the declaration that was deployed last; empty
	// if no template declares the record.
	Declared string `json:",omitempty"`
	Gone     bool   `json:",omitempty"` // a call deleted it
}

// A pool is a user pool, under its ID.
type pool struct {
	deployment
	ID, Name          string
	ARN               string
	Created, Modified time.Time
	Username, Alias   []string // UsernameAttributes, AliasAttributes
	AutoVerified      []string
	AdminOnly         bool
	Password          cloud.PasswordPolicy
	MFA               string
	CaseSensitive     bool
	// Decoy is the secret from which stand-ins for unknown users are made.
	Decoy              []byte
	Schema             []cloud.PoolAttribute
	VerifyFirst        []string          `json:",omitempty"` // refused where it matters: see updateUserAttributes
	Recovery           []string          `json:",omitempty"` // names of API_RecoveryOptionType, by priority
	Triggers           map[string]string // ARNs
	OpenTriggers       map[string]string `json:",omitempty"` // why a trigger's ARN is not known
	Domain             string            `json:",omitempty"`
	Tags               map[string]string `json:",omitempty"`
	DeletionProtection string            `json:",omitempty"`
}

// short is the part of the ID that SRP's proofs are bound to.
func (p *pool) short() string {
	_, short, _ := strings.Cut(p.ID, "_")
	return short
}

// fold gives the form under which a user name is looked up.
func (p *pool) fold(name string) string {
	if p.CaseSensitive {
		return name
	}
	return strings.ToLower(name)
}

// key is where the store has a user or a group of the pool. IDs have no slash.
func (p *pool) key(name string) string { return p.ID + "/" + name }

func (p *pool) userKey(username string) string { return p.key(p.fold(username)) }

// A client is an app client, under its ID.
type client struct {
	deployment
	Pool, ID, Name    string
	Secret            string `json:",omitempty"`
	Created, Modified time.Time
	Flows             []string
	// Validity of the tokens.
	IDToken, AccessToken, RefreshToken time.Duration
	Read, Write                        []string           `json:",omitempty"`
	OAuthFlows, OAuthScopes            []string           `json:",omitempty"`
	Login                              cloud.ManagedLogin // shown, and no more: there are no such pages here
	HideUnknownUsers                   bool
	Revocation                         bool
	AuthSession                        time.Duration
	Rotation                           bool `json:",omitempty"` // refused where it matters: see initiate
}

// A group is under POOL/NAME.
type group struct {
	deployment
	Name, Description, Role string
	Precedence              *int `json:",omitempty"`
	Created, Modified       time.Time
}

// The states of a user.
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
const (
	unconfirmed   = "UNCONFIRMED"
	confirmed     = "CONFIRMED"
	forceChange   = "FORCE_CHANGE_PASSWORD"
	resetRequired = "RESET_REQUIRED"
)

// A user is under POOL/USERNAME, the name folded as the pool says.
type user struct {
	deployment
	Username, Sub     string
	Attributes        map[string]string // without sub
	Enabled           bool
	Status            string
	Created, Modified time.Time
	Groups            []string  `json:",omitempty"`
	Password          *verifier `json:",omitempty"` // nil: none that anybody knows
	PasswordSet       time.Time
	Former            []*verifier     `json:",omitempty"` // passwords that the policy does not take again
	Codes             map[string]code `json:",omitempty"` // by purpose
	// Generation counts global sign-outs: what was issued before is revoked.
	Generation int
	SignedOut  time.Time
}

// setPassword keeps what proves a password.
func (u *user) setPassword(p *pool, password string, at time.Time) {
	if n := p.Password.History - 1; n > 0 && u.Password != nil { // the present one is one of them
		u.Former = append([]*verifier{u.Password}, u.Former...)
		u.Former = u.Former[:min(n, len(u.Former))]
	}
	u.Password, u.PasswordSet = newVerifier(p.short(), u.Username, password), at
}

func (u *user) verified(attribute string) bool { return u.Attributes[attribute+"_verified"] == "true" }

// aliases are the names other than its own that mean the user: its sub, what a
// pool's users sign in with, and verified aliases.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-aliases
func (u *user) aliases(p *pool) []string {
	out := []string{u.Sub}
	add := func(name string, counts bool) {
		if v := u.Attributes[name]; v != "" && counts {
			out = append(out, p.fold(v))
		}
	}
	for _, name := range p.Username {
		add(name, true)
	}
	for _, name := range p.Alias {
		add(name, name == "preferred_username" || u.verified(name))
	}
	return out
}

// A grant is one sign-in, under its origin_jti: the refresh token that it gave,
// and with it every token of its family.
type grant struct {
	Pool, Client, User, Sub string // User: the user's key
	Hash                    []byte // SHA-256 of the refresh token
	Generation              int
	AuthTime, Expires       time.Time
	Revoked                 bool `json:",omitempty"`
}
