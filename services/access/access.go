package access

import (
	"sync"
	"sync/atomic"
	"time"

	"bailey/cloud"
	"bailey/iam"
)

// A Config is what an Access is made of.
type Config struct {
	Model    func() *cloud.Model // as of now; it must be there
	Now      func() time.Time    // nil: time.Now
	Lifetime time.Duration       // of issued credentials; 0: DefaultLifetime
	// Policies gives the policy of a resource that keeps its own at run time, by
	// its ARN: a secret's. nil: there are none.
	Policies func(arn string) []iam.Policy
	// Denied hears of each refusal, so that it can be shown beside the log of
	// the function that met it. nil: nobody listens.
	Denied func(Denial)
}

// DefaultLifetime is the longest that a role session may last.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
const DefaultLifetime = 12 * time.Hour

// An Access answers for one world. It is safe for concurrent use.
type Access struct {
	cfg      Config
	compiled atomic.Pointer[policies]

	mu       sync.Mutex
	sessions map[string]session // by access key
}

// New makes an Access that has issued nothing yet.
func New(cfg Config) *Access {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Policies == nil {
		cfg.Policies = func(string) []iam.Policy { return nil }
	}
	if cfg.Lifetime == 0 {
		cfg.Lifetime = DefaultLifetime
	}
	return &Access{cfg: cfg, sessions: map[string]session{}}
}

// A Denial is a refused call, for a person.
type Denial struct {
	At          time.Time
	Principal   string // ARN
	FunctionARN string // the function that called; empty: none did
	Action      string
	Resource    string
	Sentence    string // as the caller read it
	Needed      string // the statement that is missing, or those that deny; empty if a fact is missing
}
