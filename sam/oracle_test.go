package sam

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bailey/source"
)

// A question is one template that the oracle transforms too.
type question struct {
	Template   any            `json:"template"`
	Region     string         `json:"region"`
	Parameters map[string]any `json:"parameters"`
}

// An answer is what the oracle makes of it, or why it refuses.
type answer struct {
	Template any      `json:"template"`
	Errors   []string `json:"errors"`
	Crash    string   `json:"crash"` // the oracle failed: it says nothing of the template
}

// askOracle has aws-sam-translator transform templates. ok is false where the
// machine does not have it.
func askOracle(t *testing.T, questions []question) (answers []answer, ok bool) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import samtranslator").Run(); err != nil {
		t.Log("aws-sam-translator is not installed: the golden files alone judge")
		return nil, false
	}
	var in bytes.Buffer
	for _, q := range questions {
		if q.Parameters == nil {
			q.Parameters = map[string]any{}
		}
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command("python3", "testdata/oracle.py")
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the oracle: %v", err)
	}
	lines := bufio.NewReaderSize(bytes.NewReader(out), 1<<20)
	for range questions {
		line, err := lines.ReadBytes('\n')
		var a answer
		if err == nil {
			err = json.Unmarshal(line, &a)
		}
		if err != nil {
			t.Fatalf("the oracle: %v", err)
		}
		answers = append(answers, a)
	}
	return answers, true
}

// ask is the question for a document as document.Read gives it.
func ask(doc source.Node) question {
	return question{Template: expand(doc).Plain(), Region: "eu-west-1"}
}

var (
	deploymentID = regexp.MustCompile(`Deployment[0-9a-f]{10}\b`)
	deploymentOf = regexp.MustCompile(`^RestApi deployment id: [0-9a-f]{40}$`)
)

// unordered are the lists whose order means nothing. AWS's translator writes them
// in the order in which Python 2.7 would have kept a dictionary.
var unordered = []string{"DependsOn", "ApiStages", "StageKeys", "Tags", "Statement", "Resource", "tags", "RecordSets", "Fn::Or"}

// normal writes v anew with what may differ made equal: the hash of a REST API's
// deployment, and the order of lists that have none.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			value = normal(value)
			if list, ok := value.([]any); ok && slices.Contains(unordered, key) {
				slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(a), text(b)) })
			}
			out[deploymentID.ReplaceAllString(key, "DeploymentHASH")] = value
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = normal(v[i])
		}
		return out
	case string:
		return deploymentOf.ReplaceAllString(deploymentID.ReplaceAllString(v, "DeploymentHASH"), "RestApi deployment id: HASH")
	case json.Number:
		f, _ := v.Float64()
		return f
	}
	return v
}

// differences lists where two normal values differ, by path.
func differences(path string, ours, theirs any) []string {
	a, ok := ours.(map[string]any)
	b, ok2 := theirs.(map[string]any)
	if !ok || !ok2 {
		x, ok := ours.([]any)
		y, ok2 := theirs.([]any)
		if ok && ok2 && len(x) == len(y) {
			var out []string
			for i := range x {
				out = append(out, differences(path+"[]", x[i], y[i])...)
			}
			return out
		}
		if reflect.DeepEqual(ours, theirs) {
			return nil
		}
		return []string{path + ":\n  ours   " + text(ours) + "\n  theirs " + text(theirs)}
	}
	var out []string
	for _, key := range sortedKeys(a) {
		if _, ok := b[key]; !ok {
			out = append(out, path+"/"+key+": only ours: "+text(a[key]))
		} else {
			out = append(out, differences(path+"/"+key, a[key], b[key])...)
		}
	}
	for _, key := range sortedKeys(b) {
		if _, ok := a[key]; !ok {
			out = append(out, path+"/"+key+": only theirs: "+text(b[key]))
		}
	}
	return out
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

var followUp = regexp.MustCompile(`Unable to create connector .*AWS::Serverless::`)

var blaming = regexp.MustCompile(`Resource with id \[([A-Za-z0-9]+)\] is invalid`)

// blamed are the resources that the oracle finds fault with. It says of some
// mistakes only that the template is wrong; of a connector to what it has refused
// it complains once more, where we do not.
func (a answer) blamed() []string {
	var out []string
	for _, text := range a.Errors {
		if m := blaming.FindStringSubmatch(text); m != nil && !followUp.MatchString(text) {
			out = append(out, m[1])
		}
	}
	return out
}

// blames reports whether a diagnostic names a resource. An event, a part of an
// API or an embedded connector the oracle calls by the logical ID of what it
// would become, or by its name alone.
func blames(diags source.Diags, id string) bool {
	return slices.ContainsFunc(diags, func(d source.Diag) bool {
		own, _, _ := strings.Cut(d.Summary, ":")
		own, _, _ = strings.Cut(own, " event ")
		return strings.HasPrefix(id, own) || strings.HasPrefix(own, id) || slices.Contains(strings.FieldsFunc(d.Summary, func(r rune) bool { return r == ' ' || r == ':' }), id)
	})
}

// judge holds our outcome against the oracle's answer: equal templates, or two
// refusals.
func judge(t *testing.T, name string, got source.Node, diags source.Diags, want answer) bool {
	t.Helper()
	switch {
	case want.Crash != "":
		return true
	case diags.HasErrors() && len(want.Errors) > 0:
		for _, id := range want.blamed() {
			if !blames(diags, id) {
				t.Errorf("%s: the oracle finds fault with %s:\n%s\nwe with\n%v", name, id, strings.Join(want.Errors, "\n"), diags)
				return false
			}
		}
		return true
	case diags.HasErrors():
		t.Errorf("%s: refused here, not by the oracle:\n%v", name, diags)
	case len(want.Errors) > 0:
		t.Errorf("%s: the oracle refuses, not we:\n%s", name, strings.Join(want.Errors, "\n"))
	default:
		ours, _ := got.Plain().(map[string]any)
		delete(ours, "Transform") // AWS runs the other macros by itself
		d := differences("", normal(ours), normal(want.Template))
		for _, line := range d {
			t.Errorf("%s: %s", name, line)
		}
		return len(d) == 0
	}
	return false
}
