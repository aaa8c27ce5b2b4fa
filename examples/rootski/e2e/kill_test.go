package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// TestKillLosesNothingAcknowledged makes users, parameters and rows until bailey
// is killed with SIGKILL in the middle of it. Whatever was acknowledged is there
// at the next start.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	w := up(t, state)
	if err := w.addUser(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	w.saveKeys(2)
	ada := w.signIn("ada")
	w.eventually("ada is known", func() bool { status, _ := w.get(ada); return status == 200 })

	ctx, cancel := context.WithCancel(t.Context())
	var users, parameters, rows int
	enough := make(chan struct{})
	var load sync.WaitGroup
	var ready sync.WaitGroup
	// until calls f with 1, 2, 3... until it fails, and counts what succeeded.
	until := func(count *int, f func(n int) error) {
		ready.Add(1)
		load.Go(func() {
			for f(*count+1) == nil {
				if *count++; *count == 20 {
					ready.Done()
				}
			}
			if *count < 20 {
				t.Errorf("only %d were acknowledged", *count)
				ready.Done()
			}
		})
	}
	until(&users, func(n int) error { return w.addUser(ctx, fmt.Sprintf("user%d", n)) })
	until(&parameters, func(n int) error {
		_, err := w.parameters().PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String(fmt.Sprintf("/load/%d", n)), Type: types.ParameterTypeString, Value: aws.String(fmt.Sprint(n))})
		return err
	})
	until(&rows, func(n int) error {
		status, body, err := w.request(ctx, "POST", "/breakdown", ada, fmt.Sprintf(`{"word":"w%d","parts":["w","%d"]}`, n, n))
		if err == nil && status != 201 {
			err = fmt.Errorf("%d %s", status, body)
		}
		return err
	})
	go func() { ready.Wait(); close(enough) }()
	<-enough
	w.kill()
	cancel()
	load.Wait()
	t.Logf("acknowledged: %d users, %d parameters, %d rows", users, parameters, rows)

	w = up(t, state)
	defer w.stop()
	for n := 1; n <= users; n++ {
		if _, err := w.users().AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: &w.status.UserPools[0].ID, Username: aws.String(fmt.Sprintf("user%d", n))}); err != nil {
			t.Errorf("user%d: %v", n, err)
		}
	}
	for n := 1; n <= parameters; n++ {
		out, err := w.parameters().GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(fmt.Sprintf("/load/%d", n))})
		if err != nil || *out.Parameter.Value != fmt.Sprint(n) {
			t.Errorf("parameter %d: %v", n, err)
		}
	}
	var missing int
	err := w.database().QueryRow(t.Context(), "SELECT count(*) FROM generate_series(1, $1::int) n WHERE NOT EXISTS (SELECT FROM breakdowns WHERE word = 'w' || n)", rows).Scan(&missing)
	if err != nil || missing != 0 {
		t.Errorf("of %d acknowledged rows %d are missing, %v", rows, missing, err)
	}
	if status, body := w.get(w.signIn("ada")); status != 200 {
		t.Errorf("after all that ada is not let in: %d %s", status, body)
	}
}
