package world

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"bailey/cloud"
	"bailey/iam"
	"bailey/lambda"
	"bailey/path"
	"bailey/services/access"
	"bailey/services/cognito"
	lambdaapi "bailey/services/lambda"
	"bailey/services/logs"
	"bailey/services/secretsmanager"
	"bailey/services/ssm"
	"bailey/services/sts"
	"bailey/services/wire"
)

// openAWS opens AWS's side: the function service, who may call, and what
// answers.
func (w *World) openAWS(context.Context) error {
	var err error
	if w.logs, err = logs.New(logs.Config{Model: w.Model, Dir: filepath.Join(w.config.State, "logs")}); err != nil {
		return err
	}
	w.closing(w.logs.Close)
	if w.parameters, err = ssm.New(ssm.Config{Store: w.store, Model: w.Model}); err != nil {
		return err
	}
	if w.secrets, err = secretsmanager.New(secretsmanager.Config{Store: w.store, Model: w.Model}); err != nil {
		return err
	}
	w.lambda = lambda.New(lambda.Config{Model: w.Model(), Launcher: &places{w: w}, Logs: w.logs, Credentials: w.credentials, Discarded: w.discarded})
	w.closing(w.lambda.Close)
	if w.pools, err = cognito.New(cognito.Config{Store: w.store, Model: w.Model, Invoke: w.runTrigger, Deliver: w.showMessage}); err != nil {
		return err
	}
	if err := w.openSchedules(); err != nil {
		return err
	}
	w.access = access.New(access.Config{Model: w.Model, Policies: w.secrets.Policies, Denied: w.denied})
	router, err := wire.New(wire.Config{
		Services: []*wire.Service{
			w.parameters.Service(), sts.Service(), w.logs.Service(), w.pools.Service(), w.events.Service(), w.schedules.Service(), w.secrets.Service(),
			lambdaapi.Service(lambdaapi.Config{Model: w.Model, Invoker: w.lambda}),
		},
		Verifier:  &wire.Verifier{Secret: w.access.Secret},
		Authorize: w.access.Authorize,
		Region:    w.Model().Region(),
	})
	if err != nil {
		return err
	}
	w.aws = w.pools.Documents(router)
	return nil
}

// runTrigger invokes the function of a user pool's Lambda trigger, if the
// function's own permission lets it. Why it does not is told to the person at
// the terminal: AWS tells the application no more than that it was denied.
// https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
func (w *World) runTrigger(ctx context.Context, pool, function string, event []byte) (answer []byte, failure string, err error) {
	source, err := cloud.ParseARN(pool)
	if err != nil {
		return nil, "", err
	}
	target, err := cloud.ParseARN(function)
	if err != nil {
		return nil, "", err
	}
	if d, ok := path.ServiceMayInvoke(w.Model(), source, target); !ok || d.Effect != iam.Allow {
		w.config.Progress("%s: trigger %s: %s", pool, function, d.Explain())
		return nil, "", errors.New("AccessDeniedException")
	}
	resp, err := w.lambda.Invoke(ctx, lambda.Request{Function: function, Payload: event})
	if err != nil || resp.FunctionError == "" {
		return resp.Payload, "", err
	}
	var told struct{ ErrorMessage string }
	if json.Unmarshal(resp.Payload, &told) != nil || told.ErrorMessage == "" {
		told.ErrorMessage = string(resp.Payload)
	}
	return nil, told.ErrorMessage, nil
}

// showMessage shows what AWS would have sent to a user.
func (w *World) showMessage(m cognito.Message) {
	to := ""
	if m.Destination != "" {
		to = fmt.Sprintf(", %s to %s", m.Medium, m.Destination)
	}
	w.config.Progress("%s: %s of %s%s: %s", m.PoolName, m.Purpose, m.Username, to, m.Code)
}

// discarded says which asynchronous event was given up.
func (w *World) discarded(d lambda.Discarded) {
	w.config.Progress("%s: asynchronous event %s is given up after %d attempts: %s", d.Function, d.RequestID, d.Attempts, d.Condition)
}

// credentials are those of the function's role, as Lambda would get them.
func (w *World) credentials(_ context.Context, f cloud.Function) (lambda.Credentials, error) {
	role, known := f.Role.Get()
	if !known {
		gap, _ := f.Role.Gap()
		return lambda.Credentials{}, fmt.Errorf("%s: its role is not known: %s", f.Name, gap)
	}
	id, cred, err := w.access.Issue(role, f.FunctionName, f.ARN.String())
	return lambda.Credentials{AccessKeyID: id, SecretAccessKey: cred.SecretAccessKey, SessionToken: cred.SessionToken}, err
}

// denied tells beside a function's log what it was refused, and the statement
// that its role lacks.
func (w *World) denied(d access.Denial) {
	if d.FunctionARN == "" {
		return
	}
	line := d.Sentence
	if d.Needed != "" {
		line += "; " + d.Needed
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.callers {
		if c.function == d.FunctionARN && c.environment != "" {
			w.lambda.Annotate(c.environment, line)
		}
	}
}
