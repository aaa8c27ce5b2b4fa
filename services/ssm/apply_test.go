package ssm_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"bailey/cloud"
	. "bailey/services/access/accesstest"
	"bailey/services/ssm"
	"bailey/services/store"
)

// A direct client calls the service without a listener.
type direct struct{ Direct }

func newDirect(p *ssm.Parameters) direct { return direct{NewDirect(p.Service())} }

// value gives "VALUE vVERSION", or the code of the error.
func (d direct) value(name string) string {
	var out struct {
		Type      string `json:"__type"`
		Parameter struct {
			Value   string
			Version int
		}
	}
	w := d.Call("GetParameter", fmt.Appendf(nil, `{"Name": %q, "WithDecryption": true}`, name))
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Type != "" {
		return out.Type
	}
	return fmt.Sprintf("%s v%d", out.Parameter.Value, out.Parameter.Version)
}

// Runs one after the other on the same store: what each deploys, what calls
// then do, and what is there before and after.
func TestDeploy(t *testing.T) {
	none := func(*cloud.Spec) {}
	one, two := parameter("/p", "String", "one"), parameter("/p", "String", "two")
	const put, remove = `PutParameter {"Name": "/p", "Value": "called", "Type": "String", "Overwrite": true}`, `DeleteParameter {"Name": "/p"}`
	type run struct {
		template func(*cloud.Spec)
		want     string // of /p once it is deployed
		call     string
	}
	tests := []struct {
		name string
		runs []run
	}{
		{"made once", []run{{one, "one v1", ""}, {one, "one v1", ""}}},
		{"a call's value survives", []run{{one, "one v1", put}, {one, "called v2", ""}, {one, "called v2", ""}}},
		{"a new value is deployed", []run{{one, "one v1", ""}, {two, "two v2", ""}}},
		{"a new value is deployed over a call's", []run{{one, "one v1", put}, {two, "two v3", ""}}},
		{"deleted by a call, it stays away", []run{{one, "one v1", remove}, {one, "ParameterNotFound", ""}}},
		{"deleted by a call, a new value makes it anew", []run{{one, "one v1", remove}, {two, "two v1", ""}}},
		{"no longer declared", []run{{one, "one v1", put}, {none, "ParameterNotFound", ""}, {one, "one v1", ""}}},
		{"made by a call, it stays", []run{{none, "ParameterNotFound", put}, {none, "called v1", ""}}},
		{"made by a call, then declared", []run{{none, "ParameterNotFound", put}, {one, "one v2", ""}}},
		{"another type is another parameter", []run{{one, "one v1", put}, {parameter("/p", "SecureString", "one"), "one v1", ""}}},
		{"its value becomes unknown", []run{{one, "one v1", ""}, {openParameter("/p", "gap"), "one v1", ""}, {one, "one v1", ""}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for i, run := range tt.runs {
				s, err := store.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				m := Model(t, run.template)
				p, err := ssm.New(ssm.Config{Store: s, Model: func() *cloud.Model { return m }})
				if err != nil {
					t.Fatal(err)
				}
				d := newDirect(p)
				if got := d.value("/p"); got != run.want {
					t.Errorf("run %d: /p is %s, want %s", i+1, got, run.want)
				}
				if operation, body, ok := bytes.Cut([]byte(run.call), []byte(" ")); ok {
					if w := d.Call(string(operation), body); w.Code != 200 {
						t.Errorf("run %d: %s: %s", i+1, run.call, w.Body)
					}
				}
				s.Close()
			}
		})
	}
}

// The next model of a running world is deployed as the first was.
func TestApplyWhileRunning(t *testing.T) {
	p := start(t, t.TempDir(), Model(t, parameter("/p", "String", "one")))
	if err := p.Apply(Model(t, parameter("/p", "String", "two"), parameter("/q", "String", "new"))); err != nil {
		t.Fatal(err)
	}
	d := newDirect(p)
	if got := d.value("/p") + ", " + d.value("/q"); got != "two v2, new v1" {
		t.Error(got)
	}
}

// A hundred versions are kept, the latest always.
func TestVersionsAreBounded(t *testing.T) {
	d := newDirect(start(t, t.TempDir(), Model(t)))
	for n := range 103 {
		body := fmt.Appendf(nil, `{"Name": "/p", "Value": "%d", "Type": "String", "Overwrite": true}`, n+1)
		if w := d.Call("PutParameter", body); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	got := []string{d.value("/p"), d.value("/p:4"), d.value("/p:3")}
	if want := "[103 v103 4 v4 ParameterVersionNotFound]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// A value is bound to its name: one moved to another name does not decrypt.
func TestSecureStringIsBoundToItsName(t *testing.T) {
	s, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := Model(t, parameter("/p", "SecureString", "secret"))
	p, err := ssm.New(ssm.Config{Store: s, Model: func() *cloud.Model { return m }})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := store.In[json.RawMessage](s, "ssm/parameters")
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Update(func(tx store.Tx[json.RawMessage]) error {
		v, _, err := tx.Get("/p")
		return errors.Join(err, tx.Put("/q", v))
	})
	if got := newDirect(p).value("/q"); err != nil || got != "InternalFailure" {
		t.Errorf("/q is %s, %v", got, err)
	}
}

// Whatever JSON comes, every operation answers in AWS's form.
func FuzzOperations(f *testing.F) {
	f.Add([]byte(`{"Name": "/p:1", "Names": ["arn:aws:ssm:::parameter/"], "Path": "/", "Value": "{{}}", "Type": "SecureString", "MaxResults": 0}`))
	f.Add([]byte(`{"Name": "arn:aws:ssm:us-west-2:123456789012:parameter/p:1:2", "Names": null, "ParameterFilters": [{"Key": "Path", "Values": ["//"]}]}`))
	f.Add([]byte(`{"Path": "/", "NextToken": "YmFpbGV5Og==", "ParameterFilters": [{}], "AllowedPattern": ")(", "Overwrite": true}`))
	d := newDirect(start(f, f.TempDir(), Model(f, parameter("/p", "SecureString", "x"))))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, operation := range []string{"GetParameter", "GetParameters", "GetParametersByPath", "DescribeParameters",
			"PutParameter", "DeleteParameter", "DeleteParameters"} {
			w := d.Call(operation, body)
			if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", operation, w.Code, w.Body)
			}
		}
	})
}

func BenchmarkGetParameter(b *testing.B) {
	d := newDirect(start(b, b.TempDir(), Model(b, parameter("/p", "String", "x"))))
	for b.Loop() {
		if w := d.Call("GetParameter", []byte(`{"Name": "/p"}`)); w.Code != 200 {
			b.Fatal(w.Body)
		}
	}
}
