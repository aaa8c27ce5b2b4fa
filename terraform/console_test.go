package terraform

import (
	"os/exec"
	"strings"
	"testing"
)

// expressions are evaluated here and by Terraform itself.
var expressions = []string{
	`abs(-3)`, `ceil(1.2)`, `floor(-1.2)`, `max(1, 5, 3)`, `min([4, 2]...)`, `pow(2, 10)`, `signum(-4)`, `parseint("ff", 16)`, `log(8, 2)`,
	`chomp("a\n\n")`, `format("%s-%03d-%v", "a", 7, [1, true])`, `formatlist("%s=%d", ["a", "b"], [1, 2])`, `indent(2, "a\nb")`, `join(",", ["a", "b"])`,
	`lower("ABC")`, `upper("abc")`, `title("ab cd")`, `replace("a.b.c", ".", "-")`, `replace("hello", "/l+/", "L")`, `regex("([a-z]+)-([0-9]+)", "ab-12")`,
	`regexall("[0-9]", "a1b2")`, `split(",", "a,b,,c")`, `strrev("abc")`, `substr("hello", 1, 3)`, `substr("hello", -3, -1)`, `trim("xxaxx", "x")`, `trimprefix("abc", "a")`,
	`trimsuffix("abc", "c")`, `trimspace("  a ")`, `startswith("abc", "ab")`, `endswith("abc", "bc")`, `strcontains("abc", "b")`,
	`alltrue([true, true])`, `alltrue([])`, `anytrue([false, true])`, `anytrue([])`, `chunklist(["a", "b", "c"], 2)`, `coalesce("", "b")`, `coalesce(null, 3)`, `coalescelist([], ["b"])`,
	`compact(["a", "", null, "b"])`, `concat(["a"], [], ["b"])`, `contains(["a"], "a")`, `distinct(["a", "b", "a"])`, `element(["a", "b"], 3)`, `flatten([["a", ["b"]], [], ["c"]])`,
	`index(["a", "b"], "b")`, `keys({b = 1, a = 2})`, `length("héllo")`, `length({a = 1})`, `lookup({a = 1}, "b", 2)`, `lookup({a = 1}, "a", 2)`, `matchkeys(["i1", "i2"], ["a", "b"], ["b"])`,
	`merge({a = 1}, {b = 2}, null)`, `one([])`, `one(["a"])`, `range(1, 4)`, `reverse([1, 2])`, `setintersection(["a", "b"], ["b"])`, `setproduct(["a", "b"], [1, 2])`,
	`setsubtract(["a", "b"], ["b"])`, `setunion(["a"], ["b"])`, `slice(["a", "b", "c"], 1, 2)`, `sort(["b", "a"])`, `sum([1, 2.5])`, `transpose({a = ["1", "2"], b = ["2"]})`,
	`values({b = 1, a = 2})`, `zipmap(["a", "b"], [1, 2])`, `base64decode("aGk=")`, `base64encode("hi")`, `csvdecode("a,b\n1,2")`, `jsondecode("{\"a\":[1,null]}")`,
	`jsonencode({b = [1, "x<y", null], a = true})`, `urlencode("a b&c")`, `yamldecode("a: [1, b]")`, `basename("/a/b.c")`, `dirname("/a/b.c")`,
	`formatdate("YYYY-MM-DD", "2020-01-02T03:04:05Z")`, `timeadd("2020-01-02T03:04:05Z", "1h")`, `timecmp("2020-01-02T03:04:05Z", "2021-01-02T03:04:05Z")`,
	`md5("a")`, `sha1("a")`, `sha256("a")`, `sha512("a")`, `base64sha256("a")`, `base64sha512("a")`,
	`cidrhost("10.12.112.0/20", 16)`, `cidrhost("10.12.112.0/20", -1)`, `cidrhost("fd00:fd12:3456:7890:00a2::/72", 34)`, `cidrnetmask("172.16.0.0/12")`,
	`cidrsubnet("172.16.0.0/12", 4, 2)`, `cidrsubnet("10.1.2.0/24", 4, 15)`, `cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)`, `cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)`,
	`can(tonumber("x"))`, `try(tonumber("x"), 0)`, `tobool("true")`, `tolist(["a", 1])`, `tomap({a = 1})`, `tonumber("1.5")`, `toset(["b", "a", "b"])`, `tostring(1)`,
	`"${1 + 2} %{if true}yes%{else}no%{endif}"`, `[for i, v in ["a", "b"] : "${i}${v}" if v != "a"]`, `{for k, v in {a = 1} : v => k...}`, `[{a = 1}, {a = 2}][*].a`, `null == null ? 1 : 2`,
	`coalescelist([], [])`, `element([], 0)`, `cidrsubnet("10.0.0.0/30", 8, 0)`, `cidrhost("10.0.0.0/30", 9)`, `index(["a"], "b")`, `lookup({a = 1}, "b")`, `one([1, 2])`, `merge("a")`, `sum([])`, `tonumber("x")`, `upper(1, 2)`,
	`cidrsubnets("10.1.0.0/30", 1, 1, 1)`, `setproduct(["a"])`, `substr("a", 5, 1)`, `regex("x", "a")`, `jsondecode("{")`, `base64decode("!")`,
}

// Functions and expressions give what `terraform console` gives, or fail where
// it fails.
func TestExpressionsAreTerraforms(t *testing.T) {
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("terraform is not installed")
	}
	theirs := console(t, expressions)
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
