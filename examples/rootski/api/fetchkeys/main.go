// Command fetchkeys runs once a day, outside the VPC, and saves the user pool's
// public keys to a parameter, where functions without a way to Cognito read
// them.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"example.com/rootski/api/token"
)

// parameters is as much of Parameter Store as is needed.
type parameters interface {
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
}

// A fetcher knows from where to where.
type fetcher struct {
	web        *http.Client
	url        string
	parameters parameters
	name       string
}

// A Report is what the function answers.
type Report struct {
	Keys    []string `json:"keys"` // their IDs
	Version int64    `json:"version"`
}

func main() {
	log.SetFlags(0)
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal("fetchkeys: ", err)
	}
	f := fetcher{web: &http.Client{Timeout: 5 * time.Second}, url: os.Getenv("JWKS_URL"), parameters: ssm.NewFromConfig(cfg), name: os.Getenv("JWKS_PARAMETER")}
	lambda.Start(f.run)
}

// largest is what a standard parameter holds, in bytes.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
const largest = 4 << 10

// turns is how often a run may find that the keys have changed under its hands.
const turns = 5

// run saves the keys until what it has saved is what the pool publishes. Two
// runs at once, of which the slower one fetched before a rotation and saved
// after the other, would else leave the keys of before for a whole day.
func (f fetcher) run(ctx context.Context) (Report, error) {
	text, err := f.fetch(ctx)
	for range turns {
		var r Report
		if err == nil {
			r, err = f.save(ctx, text)
		}
		var now []byte
		if err == nil {
			now, err = f.fetch(ctx)
		}
		if err != nil || bytes.Equal(now, text) {
			return r, err
		}
		text = now
	}
	return Report{}, fmt.Errorf("%s has been different each of %d times", f.url, turns)
}

// save looks whether the text is a set of keys with a key in it, and saves it as
// it came. Anything else leaves the parameter as it is: yesterday's keys are
// better than none.
func (f fetcher) save(ctx context.Context, text []byte) (Report, error) {
	keys, err := token.ParseKeys(text)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", f.url, err)
	}
	if len(keys) == 0 {
		return Report{}, fmt.Errorf("%s has no keys", f.url)
	}
	out, err := f.parameters.PutParameter(ctx, &ssm.PutParameterInput{Name: &f.name, Value: aws.String(string(text)), Overwrite: aws.Bool(true)})
	if err != nil {
		return Report{}, fmt.Errorf("parameter %s: %w", f.name, err)
	}
	r := Report{Version: out.Version}
	for id := range keys {
		r.Keys = append(r.Keys, id)
	}
	slices.Sort(r.Keys)
	log.Printf("saved %d keys as version %d of %s", len(keys), r.Version, f.name)
	return r, nil
}

func (f fetcher) fetch(ctx context.Context) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := f.web.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.url, err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s: %s", f.url, resp.Status)
	case len(text) > largest:
		return nil, fmt.Errorf("%s: over %d bytes, which a standard parameter does not hold", f.url, largest)
	}
	return text, nil
}
