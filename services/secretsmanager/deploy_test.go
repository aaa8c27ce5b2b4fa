package secretsmanager_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/secretsmanager"
	"bailey/services/store"
)

// A direct client calls the service without a listener.
type direct struct{ Direct }

func newDirect(s *secretsmanager.Secrets) direct { return direct{NewDirect(s.Service())} }

// value gives the current value, or the code of the error.
func (d direct) value(name string) string {
	var out struct {
		Type         string `json:"__type"`
		SecretString string
	}
	w := d.Call("GetSecretValue", fmt.Appendf(nil, `{"SecretId": %q}`, name))
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Type != "" {
		return out.Type
	}
	return out.SecretString
}

// with runs f on what the template deploys into dir.
func with(t *testing.T, dir string, f func(direct), changes ...func(*cloud.Spec)) {
	t.Helper()
	s, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := Model(t, changes...)
	x, err := secretsmanager.New(secretsmanager.Config{Store: s, Model: func() *cloud.Model { return m }})
	if err != nil {
		t.Fatal(err)
	}
	f(newDirect(x))
}

// A password is made up once: restarts and other changes keep it, another
// recipe makes another.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	var first, value string
	take := func(d direct) { value = d.value("db") }
	same := recipe(`{"username": "app"}`, "password", 20)
	with(t, dir, take, declared("db", "", same))
	first = value
	var fields map[string]string
	if err := json.Unmarshal([]byte(first), &fields); err != nil || fields["username"] != "app" || len(fields["password"]) != 20 ||
		strings.ContainsAny(fields["password"], `"@/\`) || !strings.HasPrefix(first, `{"username": "app","password":"`) {
		t.Fatalf("%s: %v", first, err)
	}
	with(t, dir, take, declared("db", "", same))
	if value != first {
		t.Errorf("a restart made %s of %s", value, first)
	}
	with(t, dir, take, declared("db", "", same, func(d *cloud.Secret) { p := Policy(""); d.Policy = &p }))
	if value != first {
		t.Errorf("another policy made %s of %s", value, first)
	}
	with(t, dir, func(d direct) {
		take(d)
		d.Call("PutSecretValue", []byte(`{"SecretId": "db", "SecretString": "rotated"}`))
	}, declared("db", "", recipe(`{"username": "app"}`, "password", 24)))
	if value == first {
		t.Error("another recipe kept the value")
	}
	with(t, dir, take, declared("db", "", recipe(`{"username": "app"}`, "password", 24)))
	if value != "rotated" {
		t.Errorf("a call's value did not survive: %s", value)
	}
	with(t, dir, take)
	if value != "ResourceNotFoundException" {
		t.Errorf("no longer declared: %s", value)
	}
}

// A secret that is attached to a database has its address too.
func TestAttached(t *testing.T) {
	database := func(s *cloud.Spec) {
		s.Stores = append(s.Stores, cloud.Store{Meta: cloud.Meta{Name: "Database"}, ID: "app-db", Engine: "postgres", Ports: cloud.Known([]uint16{5432}),
			Hosts: []string{"app-db.abc.us-west-2.rds.amazonaws.com"}, Subnets: cloud.Known[[]cloud.SubnetID](nil), Groups: cloud.Known[[]cloud.SecurityGroupID](nil)})
	}
	attach := func(d *cloud.Secret) { d.Target = "app-db" }
	with(t, t.TempDir(), func(d direct) {
		want := `{"username": "u", "password": "p","engine":"postgres","host":"app-db.abc.us-west-2.rds.amazonaws.com","port":5432,"dbInstanceIdentifier":"app-db"}`
		if got := d.value("db"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}, database, declared("db", `{"username": "u", "password": "p"}`, attach))
}

// No value lies in the file as it is.
func TestEncryptedAtRest(t *testing.T) {
	dir := t.TempDir()
	with(t, dir, func(d direct) {
		d.Call("CreateSecret", []byte(`{"Name": "x", "SecretString": "correct horse battery staple"}`))
	}, declared("db", "correct horse battery staple"))
	data, err := os.ReadFile(dir + "/" + store.FileName)
	if err != nil || bytes.Contains(data, []byte("correct horse")) || bytes.Contains(data, []byte("Y29ycmVjdCBob3JzZ")) {
		t.Errorf("the value is in the file, or there is no file: %v", err)
	}
}

// Whatever JSON comes, every operation answers in AWS's form.
func FuzzOperations(f *testing.F) {
	f.Add([]byte(`{"SecretId": "db", "SecretString": "x", "VersionStages": ["A"], "ClientRequestToken": "00000000-0000-0000-0000-000000000001", "Tags": [{"Key": "k"}]}`))
	f.Add([]byte(`{"SecretId": "arn:aws:secretsmanager:us-west-2:123456789012:secret:db-AbCdEf", "VersionStage": "AWSCURRENT", "MoveToVersionId": "x", "RecoveryWindowInDays": 7}`))
	f.Add([]byte(`{"Name": "n", "SecretBinary": "AA==", "Filters": [{"Key": "all", "Values": ["!x"]}], "SecretIdList": ["db"], "NextToken": "", "MaxResults": 1, "ResourcePolicy": "{}"}`))
	d := newDirect(start(f, f.TempDir(), Model(f, declared("db", "x"))))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, operation := range []string{"GetSecretValue", "BatchGetSecretValue", "DescribeSecret", "ListSecrets", "ListSecretVersionIds", "CreateSecret", "PutSecretValue",
			"UpdateSecret", "UpdateSecretVersionStage", "TagResource", "UntagResource", "PutResourcePolicy", "GetResourcePolicy", "DeleteSecret", "RestoreSecret", "GetRandomPassword"} {
			w := d.Call(operation, body)
			if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", operation, w.Code, w.Body)
			}
		}
	})
}
