package postgres

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// A Master is the user whom the template or bailey.yaml names, with the
// database that is made for them.
type Master struct {
	User, Password, Database string
	// Managed: the machine is AWS's, as with RDS, so the master user is no
	// superuser but a member of rds_superuser, and the superuser is rdsadmin,
	// as whom nobody can sign in.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
	Managed bool
}

// check refuses what PostgreSQL would cut off or misread.
// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
func (m Master) check() error {
	for what, text := range map[string]string{"user": m.User, "database": m.Database} {
		switch {
		case text == "":
			return fmt.Errorf("the master %s has no name", what)
		case len(text) > 63:
			return fmt.Errorf("the %s name %q is longer than PostgreSQL's 63 bytes", what, text)
		case strings.ContainsAny(text, "\x00\n\r"):
			return fmt.Errorf("the %s name %q holds a line break", what, text)
		}
	}
	switch {
	case m.Password == "":
		return fmt.Errorf("the master user %s has no password", m.User)
	case strings.ContainsAny(m.Password, "\x00\n\r"):
		return fmt.Errorf("the password of the master user %s holds a line break", m.User)
	case strings.HasPrefix(m.User, "pg_"), m.Managed && (m.User == "rdsadmin" || m.User == "rds_superuser"):
		return fmt.Errorf("the user name %s is reserved", m.User)
	}
	return nil
}

// superuser is the one that initdb makes.
func (m Master) superuser() string {
	if m.Managed {
		return "rdsadmin"
	}
	return m.User
}

// statements give the master user what is theirs. They may be run again, on a
// folder that was made for another.
func (m Master) statements() []string {
	user, secret := identifier(m.User), literal(m.Password)
	rights := "SUPERUSER"
	var out []string
	if m.Managed {
		rights = "NOSUPERUSER CREATEDB CREATEROLE"
		out = append(out, exists("rds_superuser", "CREATE ROLE rds_superuser NOLOGIN"),
			"GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION")
	}
	out = append(out, exists(m.User, "CREATE ROLE "+user), "ALTER ROLE "+user+" LOGIN "+rights+" PASSWORD "+secret)
	if m.Managed {
		out = append(out, "GRANT rds_superuser TO "+user)
	}
	return out
}

// exists runs a statement where there is no such role.
func exists(role, statement string) string {
	return "DO " + literal("BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = "+literal(role)+") THEN "+statement+"; END IF; END")
}

// createDatabase fails where the database exists, which does no harm.
func (m Master) createDatabase() string {
	return "CREATE DATABASE " + identifier(m.Database) + " OWNER " + identifier(m.User)
}

func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func literal(s string) string    { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }

// A seal tells, without holding the password, whether a data folder has been
// prepared for a master user: salt and PBKDF2, in base64.
type seal []byte

const saltLen = 16

func (m Master) sealWith(salt []byte) (seal, error) {
	all := strings.Join([]string{m.User, m.Password, m.Database, fmt.Sprint(m.Managed)}, "\n")
	key, err := pbkdf2.Key(sha256.New, all, salt, 20000, sha256.Size)
	return append(append(seal{}, salt...), key...), err
}

// prepared reports whether the folder was prepared for this very master user.
func (f folder) prepared(m Master) (bool, error) {
	text, err := os.ReadFile(f.master())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	was, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(was) < saltLen {
		return false, nil // preparing again repairs it
	}
	now, err := m.sealWith(was[:saltLen])
	return subtle.ConstantTimeCompare(was, now) == 1, err
}

// note writes down whom the folder is prepared for.
func (f folder) note(m Master) error {
	salt := make([]byte, saltLen)
	rand.Read(salt)
	s, err := m.sealWith(salt)
	if err != nil {
		return err
	}
	next := f.master() + ".new"
	if err := os.WriteFile(next, []byte(base64.StdEncoding.EncodeToString(s)+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(next, f.master())
}
