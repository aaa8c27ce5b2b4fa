package secretsmanager

import (
	"strings"

	"bailey/cloud"
	"bailey/iam"
	"bailey/services/store"
	"bailey/services/wire"
)

// The failures that several operations have, in AWS's words. Their HTTP status
// is 400.

func notFound() error {
	return wire.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

func noValue(what string) error {
	return wire.Errorf("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for %s", what)
}

func invalidRequest(format string, args ...any) error {
	return wire.Errorf("InvalidRequestException", format, args...)
}

func invalidParameter(format string, args ...any) error {
	return wire.Errorf("InvalidParameterException", format, args...)
}

func markedForDeletion() error {
	return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
}

// lookup finds the secret that a request means: by its name, its ARN, or its
// ARN without the six random characters and their hyphen. A secret whose time
// has come is gone.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
func (s *Secrets) lookup(tx store.Tx[entry], id string) (*secret, error) {
	for _, name := range s.candidates(id) {
		e, _, err := tx.Get(name)
		if err != nil {
			return nil, err
		}
		if e.Current != nil && (name == id || e.Current.ARN == id || partial(e.Current.ARN) == id) && !s.gone(e.Current) {
			return e.Current, nil
		}
	}
	return nil, notFound()
}

// candidates are the names that an id may mean.
func (s *Secrets) candidates(id string) []string {
	_, name, ok := strings.Cut(id, ":secret:")
	if !ok || !strings.HasPrefix(id, "arn:") {
		return []string{id}
	}
	return []string{partial(name), name}
}

// partial takes the hyphen and the six characters behind it off.
func partial(arn string) string {
	if i := len(arn) - 7; i > 0 && arn[i] == '-' {
		return arn[:i]
	}
	return arn
}

func (s *Secrets) gone(x *secret) bool { return !x.Removal.IsZero() && !s.now().Before(x.Removal) }

// get reads one secret.
func (s *Secrets) get(id string) (x *secret, err error) {
	err = s.entries.View(func(tx store.Tx[entry]) (err error) {
		x, err = s.lookup(tx, id)
		return err
	})
	return x, err
}

// change reads a secret that is not marked for deletion, and writes it.
func (s *Secrets) change(id string, f func(*secret) error) (x *secret, err error) {
	return s.changeAny(id, func(x *secret) error {
		if !x.Removal.IsZero() {
			return markedForDeletion()
		}
		return f(x)
	})
}

func (s *Secrets) changeAny(id string, f func(*secret) error) (x *secret, err error) {
	err = s.entries.Update(func(tx store.Tx[entry]) (err error) {
		if x, err = s.lookup(tx, id); err != nil {
			return err
		}
		if err := f(x); err != nil {
			return err
		}
		e, _, err := tx.Get(x.Name)
		if err != nil {
			return err
		}
		e.Current = x
		return tx.Put(x.Name, e)
	})
	return x, err
}

// What IAM is asked for.

type idInput struct{ SecretId string }

// oneSecret is the full ARN of what a call means; of what is not there the one
// without its last characters.
func (s *Secrets) oneSecret(c *wire.Call) ([]string, error) {
	var in idInput
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	return []string{s.resource(in.SecretId)}, nil
}

func (s *Secrets) resource(id string) string {
	if x, err := s.get(id); err == nil {
		return x.ARN
	}
	if strings.HasPrefix(id, "arn:") {
		return id
	}
	return s.arn(id)
}

func (s *Secrets) arn(name string) string {
	m := s.cfg.Model()
	return cloud.ARN{Partition: "aws", Service: "secretsmanager", Region: m.Region(), Account: m.Account(), Resource: "secret:" + name}.String()
}

func (s *Secrets) newSecret(c *wire.Call) ([]string, error) {
	var in struct{ Name string }
	err := c.Decode(&in)
	return []string{s.arn(in.Name)}, err
}

// The condition keys of
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html#awssecretsmanager-policy-keys

func nameKey(c *wire.Call) map[string][]string {
	var in struct{ Name string }
	if c.Decode(&in) != nil {
		return nil // the handler will say so
	}
	return map[string][]string{"secretsmanager:Name": {in.Name}}
}

func valueKeys(c *wire.Call) map[string][]string {
	var in getInput
	if c.Decode(&in) != nil {
		return nil
	}
	keys := map[string][]string{"secretsmanager:SecretId": {in.SecretId}}
	if in.VersionId != "" {
		keys["secretsmanager:VersionId"] = []string{in.VersionId}
	}
	if in.VersionStage != "" || in.VersionId == "" {
		keys["secretsmanager:VersionStage"] = []string{in.stage()}
	}
	return keys
}

// Policies gives the resource policy of the secret with that ARN, for
// access.Config; nil if it has none.
func (s *Secrets) Policies(arn string) []iam.Policy {
	if !strings.Contains(arn, ":secretsmanager:") {
		return nil
	}
	x, err := s.get(arn)
	if err != nil || x.Policy == "" {
		return nil
	}
	p, _ := iam.ParseJSON("the resource policy of "+x.Name, []byte(x.Policy))
	return []iam.Policy{p.Named(x.Name)}
}
