package logs

import (
	"encoding/json"
	"testing"
)

// What is appended is read back.
func TestARecordIsJSON(t *testing.T) {
	for _, text := range []string{"", "plain", "REPORT\tof \"x\\y\"", "\"\\\n\t\x00\x7f", "подход \u2028", "<&>"} {
		want := record{T: 1, I: -2, Stream: text, Message: text}
		var got record
		line := want.append(nil)
		if err := json.Unmarshal(line, &got); err != nil || got != want || line[len(line)-1] != '\n' {
			t.Errorf("%q: %s is read as %+v, %v", text, line, got, err)
		}
	}
}
