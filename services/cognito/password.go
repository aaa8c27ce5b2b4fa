package cognito

import (
	"crypto/rand"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"bailey/cloud"
	"bailey/services/wire"
)

// The characters that a password policy asks for.
// https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
const (
	lowers  = "abcdefghijklmnopqrstuvwxyz"
	uppers  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
	symbols = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-"
)

var noSpace = regexp.MustCompile(`[\S]+`)

// checkPassword holds a new password against the pool's policy. path is the
// member that has it.
func (p *pool) checkPassword(path, password string) error {
	check := constraints()
	check.Required(path, password != "")
	if password != "" {
		check.Pattern(path, password, noSpace)
	}
	check.Length(path, password, 0, 256)
	if err := check.Err(); err != nil {
		return err
	}
	for _, rule := range []struct {
		broken bool
		says   string
	}{
		{utf8.RuneCountInString(password) < p.Password.MinLength, "Password not long enough"},
		{p.Password.Lower && !strings.ContainsAny(password, lowers), "Password must have lowercase characters"},
		{p.Password.Upper && !strings.ContainsAny(password, uppers), "Password must have uppercase characters"},
		{p.Password.Numbers && !strings.ContainsAny(password, digits), "Password must have numeric characters"},
		{p.Password.Symbols && !strings.ContainsAny(password, symbols), "Password must have symbol characters"},
	} {
		if rule.broken {
			return wire.Errorf("InvalidPasswordException", "Password did not conform with policy: %s", rule.says)
		}
	}
	return nil
}

// checkHistory refuses one of the user's last passwords.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html
func (p *pool) checkHistory(of *user, password string) error {
	if p.Password.History == 0 {
		return nil
	}
	for _, v := range append([]*verifier{of.Password}, of.Former...) {
		if v != nil && v.matches(p.short(), of.Username, password) {
			return wire.Errorf("PasswordHistoryPolicyViolationException", "Password has previously been used.")
		}
	}
	return nil
}

// makePassword draws a temporary password that the policy admits.
func (p *pool) makePassword() string {
	out := draw(lowers) + draw(uppers) + draw(digits) + draw("!#%+-=?@_")
	for len(out) < max(12, p.Password.MinLength) {
		out += draw(lowers + uppers + digits)
	}
	return out
}

func draw(alphabet string) string {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
	if err != nil {
		panic(err) // the kernel always gives random bytes
	}
	return alphabet[n.Int64():][:1]
}

func drawMany(n int, alphabet string) string {
	out := make([]byte, 0, n)
	for range n {
		out = append(out, draw(alphabet)...)
	}
	return string(out)
}

// secretFor gives a client its secret, if it is to have one and has none yet.
func secretFor(wanted bool, has string) string {
	switch {
	case !wanted:
		return ""
	case has != "":
		return has
	}
	return drawMany(51, cloud.LowerAlnum)
}

// attempts are the failed sign-ins of a user.
type attempts struct {
	failed      int
	until, last time.Time
}

// The lockout: five wrong passwords lock a user out for a second, each further
// one for twice as long, up to about fifteen minutes; fifteen minutes without an
// attempt forgive all.
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html
const (
	freeAttempts = 5
	longest      = 15 * time.Minute
)

// lockedOut refuses while a user is locked out; that counts for nothing.
func (u *UserPools) lockedOut(key string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.now().Before(u.attempts[key].until) {
		return notAuthorized("Password attempts exceeded")
	}
	return nil
}

// tried counts a sign-in with a password.
func (u *UserPools) tried(key string, right bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if right {
		delete(u.attempts, key)
		return
	}
	now, a := u.now(), u.attempts[key]
	if now.Sub(a.last) > longest {
		a = attempts{}
	}
	a.failed, a.last = a.failed+1, now
	if over := a.failed - freeAttempts; over >= 0 {
		a.until = now.Add(min(longest, time.Second<<min(over, 10)))
	}
	u.attempts[key] = a
}
