// Package keys reads what the functions need from Parameter Store, through the
// interface endpoint: the user pool's public keys above all.
//
// A set is kept for MaxAge. That is how long a withdrawn key may still be taken,
// and how often an environment asks at most, however many tokens with invented
// keys it is sent: Parameter Store answers 40 calls a second for the whole
// account and region. https://docs.aws.amazon.com/general/latest/gr/ssm.html
package keys

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/rootski/api/token"
)

// Parameters is as much of Parameter Store as is needed; *ssm.Client is one.
type Parameters interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}

// MaxAge is how old a set of keys may be.
const MaxAge = time.Second

// A Source gives the pool's keys as they are in a parameter.
type Source struct {
	Parameters Parameters
	Name       string
	Now        func() time.Time

	mu   sync.Mutex
	keys token.Keys
	read time.Time
}

// Keys gives the keys; at most MaxAge old.
func (s *Source) Keys(ctx context.Context) (token.Keys, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys != nil && s.Now().Sub(s.read) < MaxAge {
		return s.keys, nil
	}
	at := s.Now()
	text, err := Value(ctx, s.Parameters, s.Name)
	if err != nil {
		return nil, err
	}
	keys, err := token.ParseKeys([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", s.Name, err)
	}
	s.keys, s.read = keys, at
	return keys, nil
}

// Value reads a parameter.
func Value(ctx context.Context, from Parameters, name string) (string, error) {
	out, err := from.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return "", fmt.Errorf("parameter %s: %w", name, err)
	}
	if out.Parameter == nil || out.Parameter.Value == nil {
		return "", fmt.Errorf("parameter %s: %w", name, errors.New("it has no value"))
	}
	return *out.Parameter.Value, nil
}
