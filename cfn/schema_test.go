package cfn

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// askSchemas prints, for each type, the properties, the required ones and the
// attributes that CloudFormation's own schema gives it.
const askSchemas = `
import json, sys
try:
    from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER as manager
except ImportError:
    sys.exit(9)
out = {}
for name in sys.argv[1:]:
    try:
        s = manager.get_resource_schema("us-east-1", name).schema
    except Exception:
        continue
    given = [p.replace("/properties/", "") for p in s.get("readOnlyProperties", [])]
    out[name] = {"properties": [p for p in s.get("properties", {}) if p not in given],
                 "required": s.get("required", []), "attributes": [p.replace("/", ".") for p in given]}
json.dump(out, sys.stdout)
`

// TestRowsHaveEveryProperty holds the table against CloudFormation's schemas,
// as cfn-lint carries them, where it is installed. A schema may be older than
// the table, so what only the table has is no mistake.
func TestRowsHaveEveryProperty(t *testing.T) {
	args := []string{"-c", askSchemas}
	rows := map[string]*row{}
	for _, r := range table() {
		if !r.quiet {
			rows[r.Type] = r
			args = append(args, r.Type)
		}
	}
	out, err := exec.Command("python3", args...).Output()
	if err != nil {
		t.Log("cfn-lint is not installed: the table is not held against its schemas")
		return
	}
	var schemas map[string]struct{ Properties, Required, Attributes []string }
	if err := json.Unmarshal(out, &schemas); err != nil {
		t.Fatal(err)
	}
	if len(schemas) < 50 {
		t.Fatalf("got %d schemas of %d types", len(schemas), len(rows))
	}
	for name, s := range schemas {
		have := strings.Fields(rows[name].properties)
		for _, p := range s.Properties {
			if !slices.Contains(have, p) && !slices.Contains(have, "!"+p) {
				t.Errorf("%s lacks property %s", name, p)
			}
		}
		for _, p := range s.Required {
			if slices.Contains(have, p) && rows[name].read != nil {
				t.Errorf("%s does not require %s", name, p)
			}
		}
		for _, a := range s.Attributes {
			if _, ok := rows[name].atts[a]; !ok && !strings.Contains(a, ".") {
				t.Errorf("%s lacks attribute %s", name, a)
			}
		}
	}
}
