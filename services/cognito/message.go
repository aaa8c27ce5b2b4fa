package cognito

import (
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"bailey/services/wire"
)

// The purposes of messages; those of codes are the keys of user.Codes as well.
const (
	invitation   = "temporary password"
	signUpCode   = "confirmation code"
	resetCode    = "password reset code"
	verification = "verification code of " // and the attribute
)

// A Message is what AWS would send to a user by e-mail or SMS.
type Message struct {
	At          time.Time `json:"at"`
	Pool        string    `json:"pool"` // its ID
	PoolName    string    `json:"pool_name"`
	Username    string    `json:"username"`
	Medium      string    `json:"medium,omitempty"`      // EMAIL or SMS; empty where the user has neither
	Destination string    `json:"destination,omitempty"` // an address, or a number
	Purpose     string    `json:"purpose"`
	Code        string    `json:"code"` // or the temporary password
}

// maxMessages are remembered for Messages.
const maxMessages = 100

// Messages are the last ones, oldest first.
func (u *UserPools) Messages() []Message {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.sent)
}

func (u *UserPools) deliver(m Message) {
	m.At = u.now()
	u.mu.Lock()
	u.sent = append(u.sent, m)
	u.sent = u.sent[max(0, len(u.sent)-maxMessages):]
	u.mu.Unlock()
	u.cfg.Deliver(m)
}

// A code is what a user has to repeat.
type code struct {
	Text    string
	Expires time.Time
	Medium  string // the attribute that it was sent to
	Failed  int
}

// How long codes are good for.
// https://docs.aws.amazon.com/cognito/latest/developerguide/limits.html
const (
	confirmFor = 24 * time.Hour
	resetFor   = time.Hour
	maxFailed  = 5
)

// giveCode puts a new code into a user and gives the message that tells it;
// attribute is where it goes.
func (u *UserPools) giveCode(p *pool, to *user, purpose, attribute string, lives time.Duration) Message {
	text := drawMany(6, digits)
	codes := map[string]code{}
	for name, c := range to.Codes {
		codes[name] = c
	}
	codes[purpose] = code{Text: text, Expires: u.now().Add(lives), Medium: attribute}
	to.Codes = codes
	m := Message{Pool: p.ID, PoolName: p.Name, Username: to.Username, Purpose: purpose, Code: text}
	m.Medium, m.Destination = mediumOf(attribute), to.Attributes[attribute]
	return m
}

// takeCode holds what a user sends against the code that was given. What fails
// is counted in the user, who is to be stored either way.
func (u *UserPools) takeCode(of *user, purpose, text string) (code, error) {
	c, ok := of.Codes[purpose]
	switch {
	case !ok, u.now().After(c.Expires):
		return c, expiredCode()
	case c.Failed >= maxFailed:
		return c, wire.Errorf("LimitExceededException", "Attempt limit exceeded, please try after some time.")
	case subtle.ConstantTimeCompare([]byte(c.Text), []byte(text)) == 0:
		c.Failed++
		of.Codes[purpose] = c
		return c, wrongCode()
	}
	delete(of.Codes, purpose)
	return c, nil
}

func mediumOf(attribute string) string {
	switch attribute {
	case "email":
		return "EMAIL"
	case "phone_number":
		return "SMS"
	}
	return ""
}

// details are API_CodeDeliveryDetailsType.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CodeDeliveryDetailsType.html
type details struct{ Destination, DeliveryMedium, AttributeName string }

func detailsOf(m Message) details {
	attribute := "email"
	if m.Medium == "SMS" {
		attribute = "phone_number"
	}
	return details{masked(m.Destination), m.Medium, attribute}
}

// masked shows a***@e*** of an address and the last digits of a number.
func masked(destination string) string {
	if local, domain, ok := strings.Cut(destination, "@"); ok {
		return first(local) + "***@" + first(domain) + "***"
	}
	if len(destination) < 5 {
		return destination
	}
	return "+" + strings.Repeat("*", len(destination)-5) + destination[len(destination)-4:]
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

// verifiable is the attribute that a sign-up's code goes to; a number comes
// before an address. Empty: the pool verifies nothing that the user has.
// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
func (p *pool) verifiable(of *user) string {
	for _, name := range []string{"phone_number", "email"} {
		if slices.Contains(p.AutoVerified, name) && of.Attributes[name] != "" {
			return name
		}
	}
	return ""
}

// recoverable is the attribute that a password reset goes to: by the order of
// the pool's AccountRecoverySetting, without which SMS comes before e-mail.
// https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-recover-a-user-account.html
func (p *pool) recoverable(of *user) (string, error) {
	ways := p.Recovery
	if len(ways) == 0 {
		ways = []string{"verified_phone_number", "verified_email"}
	}
	for _, way := range ways {
		name := strings.TrimPrefix(way, "verified_")
		switch {
		case way == adminOnly:
			return "", notAuthorized("Contact administrator to reset password.")
		case of.verified(name) && of.Attributes[name] != "":
			return name, nil
		}
	}
	return "", invalidParameter("Cannot reset password for the user as there is no registered/verified email or phone_number")
}
