package fabric

import "testing"

func TestEveryCodeIsExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Explanations() {
		seen[string(e.Code)] = e.Title != "" && e.Text != "" && e.Mend != ""
	}
	for _, c := range []string{string(NoWorkload), string(TableFull), string(PortsExhausted), string(Moved), string(AddressMismatch)} {
		if !seen[c] {
			t.Errorf("%s is not explained", c)
		}
	}
}
