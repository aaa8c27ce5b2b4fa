package keys

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/rootski/api/token"
)

// A Visitor is who makes a request.
type Visitor struct {
	token.Identity
	Known bool // false: anonymous, and Identity is zero
}

// A Door tells who a visitor is: both functions have one, so that each decides
// alone and by the same rules.
type Door struct {
	Verifier token.Verifier
	Source   *Source
}

// NewDoor makes the door that the environment describes: JWKS_PARAMETER,
// ISSUER and CLIENT_ID.
func NewDoor(ctx context.Context) (Door, *ssm.Client, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return Door{}, nil, err
	}
	client := ssm.NewFromConfig(cfg)
	return Door{
		Verifier: token.Verifier{Issuer: os.Getenv("ISSUER"), Client: os.Getenv("CLIENT_ID"), Now: time.Now},
		Source:   &Source{Parameters: client, Name: os.Getenv("JWKS_PARAMETER"), Now: time.Now},
	}, client, nil
}

// Visitor reads a request's headers, their names in lower case as API Gateway's
// format 2.0 has them. No Authorization at all: anonymous. One that does not
// hold a valid token: an error that is token.ErrInvalid. Any other error says
// that it could not be found out.
func (d Door) Visitor(ctx context.Context, headers map[string]string) (Visitor, error) {
	header, claims := headers["authorization"]
	if !claims {
		return Visitor{}, nil
	}
	raw, ok := token.Bearer(header)
	if !ok {
		return Visitor{}, token.ErrInvalid
	}
	keys, err := d.Source.Keys(ctx)
	if err != nil {
		return Visitor{}, err
	}
	id, err := d.Verifier.Verify(raw, keys)
	return Visitor{Identity: id, Known: err == nil}, err
}
