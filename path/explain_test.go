package path

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Every code has an explanation, and every code is brought about by one of the
// cases of TestWhatTheNetworkDoes, TestWhatTheNetworkDoesWithIPv6 or
// TestWhoInvokes, or named below with where it is.
func TestEveryCodeIsExplainedAndShown(t *testing.T) {
	elsewhere := map[string]string{
		"IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS": "TestRareBlockers", "PROTOCOL_RESTRICTION": "TestRareBlockers",
		"VPCE_GATEWAY_PROTOCOL_RESTRICTION": "TestRareBlockers", "NAT_GATEWAY_NO_INBOUND": "TestRareBlockers", "ENDPOINT_POLICY_DENIES_ALL": "TestRareBlockers",
	}
	var cases []byte
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name != "explain_test.go" {
			cases = append(cases, text...)
		}
	}
	for _, code := range declaredCodes(t) {
		if _, err := Explain(code); err != nil {
			t.Errorf("%s has no explanation", code)
		}
		if elsewhere[code] == "" && !strings.Contains(string(cases), code+"(") && !strings.Contains(string(cases), strconv.Quote(code)) {
			t.Errorf("no case shows %s", code)
		}
	}
	if n := len(declaredCodes(t)); n != len(Explanations()) {
		t.Errorf("%d codes, %d explanations", n, len(Explanations()))
	}
}

// declaredCodes reads the constants of codes.go.
func declaredCodes(t *testing.T) []string {
	f, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			out = append(out, s)
		}
		return true
	})
	return out
}

func TestExplainKnowsTypingErrors(t *testing.T) {
	if _, err := Explain("NO_ROUTE_TO_DESTINATON"); err == nil || !strings.Contains(err.Error(), "did you mean NO_ROUTE_TO_DESTINATION?") {
		t.Errorf("got %v", err)
	}
}
