package cognito

import (
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"bailey/cloud"
)

// standardAttributes are those that every user may have.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
var standardAttributes = []string{"address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name", "locale",
	"middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture", "preferred_username", "profile",
	"updated_at", "website", "zoneinfo"}

// standardAttribute is one of them as it is without a Schema that says more.
// https://docs.aws.amazon.com/cli/latest/reference/cognito-idp/describe-user-pool.html#examples
func standardAttribute(name string) cloud.PoolAttribute {
	a := cloud.PoolAttribute{AttributeName: name, Mutable: true, DataType: "String", Least: "0", Most: "2048"}
	switch name {
	case "email_verified", "phone_number_verified":
		a.DataType, a.Least, a.Most = "Boolean", "", ""
	case "updated_at":
		a.DataType, a.Most = "Number", ""
	case "birthdate":
		a.Least, a.Most = "10", "10"
	}
	return a
}

// bounded gives a standard attribute that is declared without bounds its own.
func bounded(a cloud.PoolAttribute) cloud.PoolAttribute {
	if a.Least+a.Most == "" && slices.Contains(standardAttributes, a.AttributeName) {
		standard := standardAttribute(a.AttributeName)
		a.DataType, a.Least, a.Most = standard.DataType, standard.Least, standard.Most
	}
	return a
}

// attributeType is API_AttributeType.
type attributeType struct{ Name, Value string }

func cloneMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return maps.Clone(m)
}

// shownAttributes are a user's, its sub among them; names chooses, none: all.
func (u *user) shownAttributes(names ...string) []attributeType {
	out := []attributeType{}
	all := maps.Clone(u.Attributes)
	if all == nil {
		all = map[string]string{}
	}
	all["sub"] = u.Sub
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if len(names) == 0 || slices.Contains(names, name) {
			out = append(out, attributeType{name, all[name]})
		}
	}
	return out
}

// declares finds an attribute in the pool's schema, by its full name.
func (p *pool) declares(name string) (cloud.PoolAttribute, bool) {
	bare := strings.TrimPrefix(name, "custom:")
	i := slices.IndexFunc(p.Schema, func(a cloud.PoolAttribute) bool {
		return strings.TrimPrefix(a.AttributeName, "custom:") == bare && slices.Contains(standardAttributes, bare) != (bare != name)
	})
	if i < 0 {
		return cloud.PoolAttribute{}, false
	}
	return p.Schema[i], true
}

var (
	emailShape = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
	phoneShape = regexp.MustCompile(`^\+[0-9]{1,15}$`)
)

// signInAttribute is the attribute that a user name of such a pool is; empty:
// it is none.
func (p *pool) signInAttribute(name string) string {
	switch {
	case slices.Contains(p.Username, "email") && emailShape.MatchString(name):
		return "email"
	case slices.Contains(p.Username, "phone_number") && phoneShape.MatchString(name):
		return "phone_number"
	}
	return ""
}

// checkUsername refuses a name that the pool's users cannot have.
func (p *pool) checkUsername(name string) error {
	email, phone := slices.Contains(p.Username, "email"), slices.Contains(p.Username, "phone_number")
	switch {
	case len(p.Username) > 0 && p.signInAttribute(name) != "":
	case email && phone:
		return invalidParameter("Username should be either an email or a phone number.")
	case email:
		return invalidParameter("Username should be an email.")
	case phone:
		return invalidParameter("Username should be a phone number.")
	case slices.Contains(p.Alias, "email") && emailShape.MatchString(name):
		return invalidParameter("Username cannot be of email format, since user pool is configured for email alias.")
	case slices.Contains(p.Alias, "phone_number") && phoneShape.MatchString(name):
		return invalidParameter("Username cannot be of phone number format, since user pool is configured for phone number alias.")
	}
	return nil
}

// setAttributes writes attributes into a user, as an administrator may.
func (p *pool) setAttributes(to *user, list []attributeType) error {
	before := cloneMap(to.Attributes)
	to.Attributes = cloneMap(to.Attributes)
	stated := map[string]bool{}
	for _, a := range list {
		stated[a.Name] = true
		if err := p.checkAttribute(before, a); err != nil {
			return err
		}
		if a.Value == "" {
			delete(to.Attributes, a.Name)
		} else {
			to.Attributes[a.Name] = a.Value
		}
	}
	for _, name := range []string{"email", "phone_number"} {
		if to.Attributes[name] != before[name] && !stated[name+"_verified"] && before[name+"_verified"] != "" {
			to.Attributes[name+"_verified"] = "false" // the new one is not
		}
	}
	return nil
}

// checkAttribute holds one attribute against the schema.
func (p *pool) checkAttribute(before map[string]string, a attributeType) error {
	declared, known := p.declares(a.Name)
	if !known {
		declared = standardAttribute(a.Name)
	}
	declared = bounded(declared)
	check := constraints()
	check.Length("userAttributes", a.Value, 0, 2048)
	if err := check.Err(); err != nil {
		return err
	}
	_, has := before[a.Name]
	switch {
	case a.Name == "sub":
		return invalidParameter("Cannot modify the non-mutable attribute sub")
	case !known && !slices.Contains(standardAttributes, a.Name):
		return invalidParameter("Attributes did not conform to the schema: %s: Attribute does not exist in the schema.", a.Name)
	case known && !declared.Mutable && has && before[a.Name] != a.Value:
		return invalidParameter("user.%s: Attribute cannot be updated.", a.Name)
	case a.Value != "" && !fits(declared, a.Value):
		return invalidParameter("Attributes did not conform to the schema: %s: the value is not what the schema asks for: %s.", a.Name, asks(declared))
	case a.Name == "email" && a.Value != "" && !emailShape.MatchString(a.Value):
		return invalidParameter("Invalid email address format.")
	case a.Name == "phone_number" && a.Value != "" && !phoneShape.MatchString(a.Value):
		return invalidParameter("Invalid phone number format.")
	}
	return nil
}

// fits reports whether a value is of the attribute's type and within its bounds.
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SchemaAttributeType.html
func fits(a cloud.PoolAttribute, value string) bool {
	size := new(big.Float).SetInt64(int64(utf8.RuneCountInString(value)))
	switch a.DataType {
	case "Boolean":
		return strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
	case "Number":
		var ok bool
		if size, ok = new(big.Float).SetString(value); !ok {
			return false
		}
	}
	least, hasLeast := new(big.Float).SetString(a.Least)
	most, hasMost := new(big.Float).SetString(a.Most)
	return !(hasLeast && size.Cmp(least) < 0) && !(hasMost && size.Cmp(most) > 0)
}

// asks says what fits asks.
func asks(a cloud.PoolAttribute) string {
	out := "a " + a.DataType
	if a.Least != "" {
		out += ", at least " + a.Least
	}
	if a.Most != "" {
		out += ", at most " + a.Most
	}
	if a.DataType == "String" {
		out += " characters"
	}
	return out
}

// checkRequired refuses a user who lacks what the schema asks for. An
// administrator need not give it.
func (p *pool) checkRequired(of *user) error {
	var lacks []string
	for _, a := range p.Schema {
		if a.Required && of.Attributes[a.AttributeName] == "" {
			lacks = append(lacks, a.AttributeName+": The attribute is required")
		}
	}
	if len(lacks) > 0 {
		return invalidParameter("Attributes did not conform to the schema: %s", strings.Join(lacks, "\n"))
	}
	return nil
}

// missingRequired are the attributes that a new password has to come with.
func (p *pool) missingRequired(of *user) []string {
	out := []string{}
	for _, a := range p.Schema {
		if a.Required && of.Attributes[a.AttributeName] == "" {
			out = append(out, "userAttributes."+a.AttributeName)
		}
	}
	return out
}

// checkWrite refuses what a client may not write for its user. That an address
// is verified only the pool and administrators say.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html#user-pool-settings-attribute-permissions-and-scopes
func (c *client) checkWrite(list []attributeType) error {
	for _, a := range list {
		if strings.HasSuffix(a.Name, "_verified") || len(c.Write) > 0 && !slices.Contains(c.Write, a.Name) {
			return notAuthorized("A client attempted to write unauthorized attribute")
		}
	}
	return nil
}
