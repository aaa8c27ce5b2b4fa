package terraform

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// asked reads testdata/console.txt: expressions, and what Terraform gives for
// them.
func asked(t *testing.T) (expressions, answers []string) {
	t.Helper()
	data, err := os.ReadFile("testdata/console.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if x, answer, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  =>  "); ok && !strings.HasPrefix(line, "#") {
			expressions, answers = append(expressions, x), append(answers, answer)
		}
	}
	if len(answers) < 100 {
		t.Fatalf("there are %d expressions only", len(answers))
	}
	return expressions, answers
}

// Functions and expressions give what `terraform console` gives, or fail where
// it fails.
func TestExpressionsAreTerraforms(t *testing.T) {
	expressions, theirs := asked(t)
	for i, x := range expressions {
		f := folder{"main.tf": "output \"o\" {\n  value = jsonencode(" + x + ")\n}\n"}
		c, diags := Read(".", f.files(), nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		v := c.root.output("o")
		got := "error"
		if !c.e.diags.HasErrors() && isText(v) {
			got = v.AsString()
		}
		if got != theirs[i] {
			t.Errorf("%s is %s, and Terraform's %s %v", x, got, theirs[i], c.e.diags)
		}
	}
}

// What the table says of Terraform is what the one of this machine says, where
// there is one.
func TestTableIsTerraforms(t *testing.T) {
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Log("there is no terraform here: its answers are those of the table")
		return
	}
	expressions, table := asked(t)
	for i, answer := range console(t, expressions) {
		if answer != table[i] {
			t.Errorf("%s is %s, and in testdata/console.txt %s", expressions[i], answer, table[i])
		}
	}
}

// console has Terraform evaluate expressions, all in one run of it, since each
// takes a second: each as JSON, or "error".
func console(t *testing.T, all []string) []string {
	t.Helper()
	var lines []string
	for _, x := range all {
		lines = append(lines, `try(jsonencode(`+x+`), "error")`)
	}
	cmd := exec.Command("terraform", "console")
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Environ(), "CHECKPOINT_DISABLE=1")
	cmd.Stdin = strings.NewReader("[" + strings.Join(lines, ", ") + "]\n")
	data, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("terraform console: %v\n%s", err, data)
	}
	_, text, _ := strings.Cut(string(data), "[\n")
	c, diags := Read(".", folder{"main.tf": "output \"o\" {\n  value = [\n" + text + "\n}\n"}.files(), nil)
	v := c.root.output("o")
	if diags.HasErrors() || !v.Type().IsTupleType() || v.LengthInt() != len(all) {
		t.Fatalf("terraform console says %s %v", data, diags)
	}
	var out []string
	for _, item := range v.AsValueSlice() {
		out = append(out, item.AsString())
	}
	return out
}
