package world

import (
	"context"
	"fmt"

	"bailey/cloud"
	"bailey/lambda"
	"bailey/services/access"
	"bailey/services/sts"
	"bailey/services/wire"
)

// openAWS opens AWS's side: who may call, and what answers.
func (w *World) openAWS() error {
	w.access = access.New(access.Config{Model: w.Model, Denied: w.denied})
	var err error
	w.aws, err = wire.New(wire.Config{
		Services:  []*wire.Service{sts.Service()},
		Verifier:  &wire.Verifier{Secret: w.access.Secret},
		Authorize: w.access.Authorize,
		Region:    w.Model().Region(),
	})
	return err
}

// openLambda opens the function service.
func (w *World) openLambda(context.Context) error {
	w.lambda = lambda.New(lambda.Config{Model: w.Model(), Launcher: &places{w: w}, Logs: w.logs, Credentials: w.credentials})
	w.closing(w.lambda.Close)
	return nil
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
		line += "; missing statement: " + d.Needed
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.callers {
		if c.function == d.FunctionARN && c.environment != "" {
			w.lambda.Annotate(c.environment, line)
		}
	}
}
