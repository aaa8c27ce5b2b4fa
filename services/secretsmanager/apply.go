package secretsmanager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"bailey/cloud"
	"bailey/services/deploy"
)

// Apply deploys the secrets that m declares, as CloudFormation would: see the
// package comment. All of it is on disk when it returns nil.
func (s *Secrets) Apply(m *cloud.Model) error {
	declared, digests, open := map[string]cloud.Secret{}, map[string]string{}, map[string]cloud.Gap{}
	for d := range m.Secrets() {
		declared[d.SecretName] = d
		digests[d.SecretName] = deploy.Digest(d.ARN.String(), sourceOf(m, d), d.Key.Or(""), policyOf(d), rotationOf(d))
		if gap, is := d.Value.Gap(); is && d.Generate == nil {
			open[d.SecretName] = gap
		}
	}
	err := deploy.Apply(s.entries, deploy.Declaration[secret]{Digests: digests, Make: func(name string, have *secret) (*secret, error) {
		return s.deployOne(m, declared[name], have)
	}})
	if err != nil {
		return fmt.Errorf("secretsmanager: deploy the template's secrets: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = open
	return nil
}

// deployOne makes a secret as it is declared. Its value is made anew only if
// what it is made of is declared otherwise.
func (s *Secrets) deployOne(m *cloud.Model, d cloud.Secret, have *secret) (*secret, error) {
	next := have
	if next == nil || next.ARN != d.ARN.String() {
		next = &secret{ARN: d.ARN.String(), Name: d.SecretName, Tags: []tag{}, Created: s.now(), Changed: s.now()}
	}
	next.KeyID, next.Policy, next.Rotation = d.Key.Or(""), policyOf(d), rotationOf(d)
	if from := sourceOf(m, d); from != next.Source {
		next.Source = from
		value, known, err := declaredValue(m, d)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.Name, err)
		}
		if known {
			id := newID()
			next.add(s.sealed(next, id, []byte(value), false), current)
		}
	}
	return next, nil
}

// sourceOf identifies what a declared value is made of, without the value.
func sourceOf(m *cloud.Model, d cloud.Secret) string {
	value, known := d.Value.Get()
	var r cloud.SecretRecipe
	if d.Generate != nil {
		r = *d.Generate
	}
	return deploy.Digest(d.SecretName, known, value, d.Generate != nil, r.Template, r.Key, r.Length, r.Exclude,
		r.Lower, r.Upper, r.Numbers, r.Symbols, r.Space, r.Each, attachment(m, d))
}

// declaredValue is the value that the template gives a secret: as it stands, or
// by the recipe, with the fields of the database that it is attached to. known
// is false where the template states none.
func declaredValue(m *cloud.Model, d cloud.Secret) (value string, known bool, err error) {
	value, known = d.Value.Get()
	if d.Generate != nil {
		known = true
		if value, err = generated(*d.Generate); err != nil {
			return "", false, err
		}
	}
	if known && d.Target != "" {
		value, err = withMembers(value, attachment(m, d))
	}
	return value, known, err
}

// generated makes a value by a recipe.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
func generated(r cloud.SecretRecipe) (string, error) {
	made, err := password(r)
	if err != nil || r.Template == "" {
		return made, err
	}
	return withMembers(r.Template, []member{{r.Key, made}})
}

// A member is one field of a secret's JSON object.
type member struct {
	Name  string
	Value any
}

// withMembers puts members into a JSON object: in the place of those of their
// names, else at its end.
func withMembers(object string, members []member) (string, error) {
	var have map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &have); err != nil || have == nil {
		return "", fmt.Errorf("the value that fields are added to is not a JSON object")
	}
	out := strings.TrimSpace(object)
	var replaced bool
	for _, m := range members {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(m.Value); err != nil {
			return "", err
		}
		_, there := have[m.Name]
		have[m.Name] = bytes.TrimSpace(b.Bytes())
		replaced = replaced || there
		if !there {
			name, _ := json.Marshal(m.Name)
			body := strings.TrimSpace(strings.TrimSuffix(out, "}"))
			if body != "{" {
				body += ","
			}
			out = body + string(name) + ":" + string(have[m.Name]) + "}"
		}
	}
	if !replaced {
		return out, nil
	}
	text, err := json.Marshal(have) // the order of members is not the author's any more
	return string(text), err
}

// attachment are the fields that SecretTargetAttachment adds: those that the
// model knows of the database.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
func attachment(m *cloud.Model, d cloud.Secret) []member {
	if d.Target == "" {
		return nil
	}
	db, ok := m.StoreOfID(d.Target)
	if !ok {
		if db, ok = m.Store(d.Target); !ok {
			return nil
		}
	}
	var out []member
	if db.Engine != "" {
		out = append(out, member{"engine", db.Engine})
	}
	if len(db.Hosts) > 0 {
		out = append(out, member{"host", db.Hosts[0]})
	}
	if ports, known := db.Ports.Get(); known && len(ports) > 0 {
		out = append(out, member{"port", ports[0]})
	}
	return append(out, member{identifier(db), db.ID})
}

// identifier is what a secret calls its database's own.
func identifier(db cloud.Store) string {
	if db.Bare {
		return "dbClusterIdentifier"
	}
	return "dbInstanceIdentifier"
}

func policyOf(d cloud.Secret) string {
	if d.Policy == nil {
		return ""
	}
	text, err := json.Marshal(d.Policy.Doc.Plain())
	if err != nil {
		panic(err) // a document is always JSON
	}
	return string(text)
}

func rotationOf(d cloud.Secret) string {
	if arn, known := d.Rotation.Get(); known && arn != (cloud.ARN{}) {
		return arn.String()
	}
	return ""
}
