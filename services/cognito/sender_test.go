package cognito_test

import (
	"strings"
	"testing"

	"bailey/cloud"
)

// Where a function of the pool's owner would send the code, nothing is sent past
// it: every call that would is refused by the trigger's name, and changes
// nothing. By the other medium, and where nothing is sent, it goes on.
func TestCustomSenders(t *testing.T) {
	for _, tt := range []struct{ trigger, attribute, value string }{
		{"CustomEmailSender", "email", "a@example.com"}, {"CustomSMSSender", "phone_number", "+15550100"},
		{"CustomMessage", "email", "a@example.com"},
	} {
		b := fresh(t, func(p *cloud.UserPool) {
			p.Triggers = map[string]cloud.Value[cloud.ARN]{tt.trigger: cloud.Known(function)}
			p.AutoVerified = []string{tt.attribute}
		})
		refused := func(operation string, in object) {
			t.Helper()
			if got := b.fail(operation, in); !strings.Contains(got, "bailey does not have the "+tt.trigger+" trigger") {
				t.Errorf("%s with %s: %s", operation, tt.trigger, got)
			}
		}
		own := attributes(tt.attribute, tt.value, tt.attribute+"_verified", "true")
		refused("SignUp", signUp("eve", "right-pass1", tt.attribute, tt.value))
		refused("AdminCreateUser", admin("eve", "UserAttributes", own))
		b.do("AdminCreateUser", admin("ada", "MessageAction", "SUPPRESS", "UserAttributes", own))
		b.do("AdminSetUserPassword", admin("ada", "Password", "right-pass1", "Permanent", true))
		refused("ForgotPassword", object{"ClientId": clientID, "Username": "ada"})
		refused("AdminResetUserPassword", admin("ada"))
		if sent := b.pools.Messages(); len(sent) > 0 {
			t.Errorf("%s: sent %v", tt.trigger, sent)
		}
	}
}
