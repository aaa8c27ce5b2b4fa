package cloud

import (
	"time"

	"bailey/source"
)

// A UserPool is a Cognito user pool: users, and the tokens that say who they are.
type UserPool struct {
	Meta
	ID       string // us-west-2_Ab1Cd2Ef3
	ARN      ARN
	PoolName string
	// Username is what users sign in with: username, email, phone_number.
	Username      []string
	AliasOf       []string // AliasAttributes
	AutoVerified  []string
	AdminOnly     bool // only administrators create users
	Protected     bool // DeletionProtection: ACTIVE
	Password      PasswordPolicy
	MFA           string // OFF, ON, OPTIONAL
	CaseSensitive bool
	// VerifyFirst are the attributes that change only once the new value is
	// verified: AttributesRequireVerificationBeforeUpdate.
	VerifyFirst []string
	// Recovery are the ways to a new password, the preferred one first:
	// verified_email, verified_phone_number, admin_only. None: nobody said.
	Recovery []string
	Schema   []PoolAttribute
	Triggers map[string]Value[ARN] // PreSignUp, PreTokenGeneration, ...
	Clients  []PoolClient
	Groups   []PoolGroup
	Servers  []ResourceServer
	Domain   string // the prefix of its hosted domain; empty: none
	Users    []PoolUser
}

// A PasswordPolicy is what a user pool asks of passwords.
type PasswordPolicy struct {
	MinLength                      int
	Upper, Lower, Numbers, Symbols bool
	TemporaryDays                  int
	History                        int // so many of a user's last passwords are not taken again
}

// A PoolAttribute is a standard or custom attribute of users.
type PoolAttribute struct {
	AttributeName string
	Required      bool
	Mutable       bool
	DataType      string
	// Least and Most bound the characters of a String, or a Number's value, as
	// decimals; empty: no bound.
	Least, Most string
}

// A PoolClient is an application that signs users in.
type PoolClient struct {
	Meta
	ID         string
	ClientName string
	Secret     bool // the client has a secret and must prove it
	Flows      []string
	// Validity of the tokens; zero: the defaults, an hour and 30 days.
	IDToken, AccessToken, RefreshToken time.Duration
	ReadAttributes, WriteAttributes    []string
	OAuthFlows, OAuthScopes            []string
	Login                              ManagedLogin
	HideUnknownUsers                   bool // PreventUserExistenceErrors: ENABLED
	Revocation                         bool // EnableTokenRevocation
	Rotation                           bool // RefreshTokenRotation: ENABLED
	// AuthSession is how long a challenge may be answered; zero: three minutes.
	AuthSession time.Duration
}

// A ManagedLogin is what an app client says of sign-in pages: where they may
// lead to, and who else may know the user.
type ManagedLogin struct {
	CallbackURLs, LogoutURLs []string `json:",omitempty"`
	DefaultRedirectURI       string   `json:",omitempty"`
	Providers                []string `json:",omitempty"` // SupportedIdentityProviders
	OAuth                    bool     // AllowedOAuthFlowsUserPoolClient
}

// A PoolGroup is a named group of users.
type PoolGroup struct {
	Meta
	GroupName   string
	Description string
	Role        string
	Precedence  *int
}

// A PoolUser is a user that the template creates.
type PoolUser struct {
	Meta
	Username   string
	Attributes map[string]Value[string]
	Groups     []string
}

// A ResourceServer gives scopes a name: identifier/scope.
type ResourceServer struct {
	Meta
	Identifier string
	Scopes     []string
}

// A Secret is one of Secrets Manager's.
type Secret struct {
	Meta
	ARN        ARN
	SecretName string
	Value      Value[string] // SecretString; unknown where it is generated or left open
	// Generate says how AWS makes the value up; nil: it does not.
	Generate *SecretRecipe
	Key      Value[string] // the KMS key
	Policy   *Policy
	// Rotation is the function that rotates the secret; the zero ARN: none.
	Rotation Value[ARN]
	// Target is the database that the secret is attached to, by its name in
	// the template: AWS adds its address to the value.
	Target string
}

// A SecretRecipe is GenerateSecretString.
type SecretRecipe struct {
	Template, Key                  string // a JSON object and the key to fill in; empty: plain text
	Length                         int
	Exclude                        string
	Lower, Upper, Numbers, Symbols bool // may occur
	Space                          bool
	Each                           bool // RequireEachIncludedType
	At                             source.Span
}

// A Key is a KMS key.
type Key struct {
	Meta
	ARN     ARN
	KeyID   string
	Policy  *Policy
	Enabled Value[bool]
	Rotated Value[bool]
	Spec    string   // SYMMETRIC_DEFAULT, RSA_2048, ...
	Usage   string   // ENCRYPT_DECRYPT, SIGN_VERIFY, ...
	Aliases []string // alias/...
}
