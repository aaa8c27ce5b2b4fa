package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// credentials are those of the environment or, where it has none, what the AWS
// CLI makes of its own configuration: profiles, single sign-on, roles, processes,
// instance metadata. The SDK's packages that know all these ways would add more to
// the binary than the rest of a snapshot.
// https://docs.aws.amazon.com/cli/latest/reference/configure/export-credentials.html
type credentials struct {
	profile, region string

	mu  sync.Mutex
	has aws.Credentials
}

// credentialsOf finds credentials and a region, of a profile if one is named.
func credentialsOf(ctx context.Context, profile string) (*credentials, error) {
	c := &credentials{profile: profile, region: cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))}
	if c.region == "" {
		out, err := c.cli(ctx, "configure", "get", "region")
		if err == nil {
			c.region = strings.TrimSpace(string(out))
		}
	}
	_, err := c.Retrieve(ctx)
	return c, err
}

// Retrieve gives the credentials, new ones where those it has are about to expire.
func (c *credentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key := os.Getenv("AWS_ACCESS_KEY_ID"); key != "" && c.profile == "" {
		return aws.Credentials{AccessKeyID: key, SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN")}, nil
	}
	if c.has.HasKeys() && (!c.has.CanExpire || time.Until(c.has.Expires) > 5*time.Minute) {
		return c.has, nil
	}
	out, err := c.cli(ctx, "configure", "export-credentials", "--format", "process")
	if err != nil {
		return aws.Credentials{}, err
	}
	var doc struct {
		AccessKeyID  string `json:"AccessKeyId"`
		Secret       string `json:"SecretAccessKey"`
		SessionToken string
		Expiration   time.Time
	}
	if err := json.Unmarshal(out, &doc); err != nil {
		return aws.Credentials{}, fmt.Errorf("aws configure export-credentials: %w", err)
	}
	c.has = aws.Credentials{AccessKeyID: doc.AccessKeyID, SecretAccessKey: doc.Secret, SessionToken: doc.SessionToken, CanExpire: !doc.Expiration.IsZero(), Expires: doc.Expiration}
	return c.has, nil
}

// cli runs the AWS CLI.
func (c *credentials) cli(ctx context.Context, args ...string) ([]byte, error) {
	if c.profile != "" {
		args = append(args, "--profile", c.profile)
	}
	out, err := exec.CommandContext(ctx, "aws", args...).Output()
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install the AWS CLI, whose profiles, single sign-on and roles are then used")
	case errors.As(err, &failed):
		return nil, fmt.Errorf("no credentials: aws %s: %s", args[1], strings.Join(strings.Fields(string(failed.Stderr)), " "))
	}
	return out, err
}
