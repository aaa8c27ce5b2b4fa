package world

import (
	"context"
	"fmt"
	"path/filepath"

	"bailey/cloud"
	"bailey/lambda"
	"bailey/services/access"
	lambdaapi "bailey/services/lambda"
	"bailey/services/logs"
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
	w.lambda = lambda.New(lambda.Config{Model: w.Model(), Launcher: &places{w: w}, Logs: w.logs, Credentials: w.credentials, Discarded: w.discarded})
	w.closing(w.lambda.Close)
	w.access = access.New(access.Config{Model: w.Model, Denied: w.denied})
	w.aws, err = wire.New(wire.Config{
		Services: []*wire.Service{
			w.parameters.Service(), sts.Service(), w.logs.Service(),
			lambdaapi.Service(lambdaapi.Config{Model: w.Model, Invoker: w.lambda}),
		},
		Verifier:  &wire.Verifier{Secret: w.access.Secret},
		Authorize: w.access.Authorize,
		Region:    w.Model().Region(),
	})
	return err
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
