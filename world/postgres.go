package world

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"

	"bailey/cloud"
	"bailey/postgres"
	"bailey/sandbox"
	"bailey/services/ssm"
	"bailey/source"
)

// A Postgres is a PostgreSQL that runs on an instance, beside its program or
// alone, or that is one of AWS's databases. The password is kept in a parameter
// or a secret. What is left open is the template's for a database of AWS's.
type Postgres struct {
	User      string // the master user; postgres if empty
	Database  string // made for the master user; the user's name if empty
	Parameter string // Parameter Store's name of the password
	Secret    string // the secret that holds it: logical ID, name or ARN
	Key       string // the key in the secret's JSON; password if empty
	Port      int    // 5432 if 0
}

// errNotRun wraps why a database is not run although all else can be.
type errNotRun struct{ error }

func (e errNotRun) Unwrap() error { return e.error }

// startPostgres starts the instance's PostgreSQL and waits until it takes
// connections. One that this machine cannot run, or whose password is not there
// yet, is told of and leaves its port closed: the rest of the world is as true
// without it.
func (w *World) startPostgres(ctx context.Context, in *workload, machine sandbox.Config, load Postgres) error {
	err := w.runPostgres(ctx, in, machine, load)
	var not errNotRun
	if errors.As(err, &not) {
		in.missing = not.Error()
		w.config.Progress("%s: PostgreSQL is not run: %s", in.name, in.missing)
		return nil
	}
	return err
}

func (w *World) runPostgres(ctx context.Context, in *workload, machine sandbox.Config, load Postgres) error {
	find := w.config.FindPostgres
	if find == nil {
		find = postgres.Find
	}
	all, err := find(ctx)
	if errors.Is(err, postgres.ErrNotInstalled) {
		return errNotRun{err}
	}
	if err != nil {
		return err
	}
	master, err := w.masterOf(in.name, load)
	if err != nil {
		return err
	}
	load.Port = w.portOf(in.name, load)
	r, out, err := os.Pipe()
	if err != nil {
		return err
	}
	w.tasks.Go(func() { w.keepOutput(in.name, "postgres", r) })
	w.closing(func() error { return ignoreClosed(out.Close()) })
	in.server, err = postgres.Start(ctx, postgres.Config{Host: w.host, Namespace: in.ns, Machine: machine, Folder: filepath.Join(w.config.State, "postgres", in.name),
		Address: netip.AddrPortFrom(in.eni.PrivateIP, uint16(load.Port)), Master: master, Installations: all, Output: out})
	if err != nil {
		return err
	}
	in.port = load.Port
	w.closing(in.server.Close)
	w.tasks.Go(func() { w.watch(in.name, "PostgreSQL", in.server.Wait) })
	return nil
}

// masterOf is the master user: as bailey.yaml states it, else as the template
// does, else PostgreSQL's own.
func (w *World) masterOf(name string, load Postgres) (postgres.Master, error) {
	m := postgres.Master{User: load.User, Database: load.Database}
	login := cloud.Login{User: cloud.Known("postgres"), Password: cloud.Unknown[string]("", source.Span{})}
	if db, ok := w.Model().Store(name); ok && db.Login != nil {
		login, m.Managed = *db.Login, true
	}
	if m.User == "" {
		if gap, open := login.User.Gap(); open {
			return m, errNotRun{fmt.Errorf("%s: state postgres: {user: ...}", gap.Because)}
		}
		m.User = login.User.Or("")
	}
	if m.Database == "" {
		m.Database = cmp.Or(login.Database.Or(""), m.User)
	}
	var err error
	m.Password, err = w.password(load, login)
	return m, err
}

// portOf is the port at which the database listens.
func (w *World) portOf(name string, load Postgres) int {
	port := 5432
	if db, ok := w.Model().Store(name); ok {
		if ports, known := db.Ports.Get(); known && len(ports) > 0 {
			port = int(ports[0])
		}
	}
	return cmp.Or(load.Port, port)
}

// placeDatabases chooses, as AWS does, the subnet of every database that runs
// here and might be in several: the first one.
func (w *World) placeDatabases(context.Context) error {
	next, diags := w.config.Model.With(func(spec *cloud.Spec) {
		for i, db := range spec.Stores {
			subnets, known := db.Subnets.Get()
			if load, ok := w.config.Workloads[db.Name]; ok && load.Postgres != nil && known && len(subnets) > 1 {
				spec.Stores[i].Subnets, spec.Stores[i].OneOf = cloud.Known(subnets[:1]), false
			}
		}
	})
	if diags.HasErrors() {
		return diags
	}
	w.config.Model = next
	return nil
}

// password is the master user's, as whoever may read it reads it.
func (w *World) password(load Postgres, login cloud.Login) (string, error) {
	switch {
	case load.Parameter != "":
		text, err := w.parameters.Value(load.Parameter)
		if errors.Is(err, ssm.ErrNoParameter) {
			return "", errNotRun{fmt.Errorf("there is no parameter %s, which is to hold its password: aws ssm put-parameter --name %s --type SecureString --value ..., then start again", load.Parameter, load.Parameter)}
		}
		return text, err
	case load.Secret != "":
		return w.secretText(load.Secret, load.Key)
	}
	if text, known := login.Password.Get(); known {
		return text, nil
	}
	if gap, _ := login.Password.Gap(); gap.Because != "" {
		return "", errNotRun{fmt.Errorf("%s: state postgres: {password: {parameter: /name}}", gap.Because)}
	}
	return "", errors.New("its PostgreSQL has no password: state postgres: {password: {parameter: /name}}")
}

// secretText reads a key of a secret; text that is no JSON is the password
// itself. A secret of the template's may still get its value.
func (w *World) secretText(name, key string) (string, error) {
	id, declared := name, false
	for s := range w.Model().Secrets() {
		if s.Name == name || s.SecretName == name || s.ARN.String() == name {
			id, declared = s.ARN.String(), true
		}
	}
	text, err := w.secrets.Value(id)
	switch {
	case err != nil && declared:
		return "", errNotRun{fmt.Errorf("secret %s, which is to hold its password: %w", name, err)}
	case err != nil:
		return "", fmt.Errorf("secret %s: %w", name, err)
	}
	var fields map[string]any
	if json.Unmarshal([]byte(text), &fields) != nil {
		return text, nil
	}
	if v, ok := fields[cmp.Or(key, "password")].(string); ok {
		return v, nil
	}
	return "", fmt.Errorf("the secret %s has no text at key %q", name, cmp.Or(key, "password"))
}
