package secretsmanager

import (
	"context"
	"crypto/rand"
	"math/big"
	"strings"

	"bailey/cloud"
	"bailey/services/wire"
)

// The characters of a password, by type.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
const (
	lower       = "abcdefghijklmnopqrstuvwxyz"
	upper       = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits      = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// password makes one up by a recipe.
func password(r cloud.SecretRecipe) (string, error) {
	types := types(r)
	all := strings.Join(types, "")
	switch {
	case all == "":
		return "", wire.Errorf("InvalidParameterException", "Your exclusions leave no characters of which a password could be made.")
	case r.Each && r.Length < len(types):
		return "", wire.Errorf("InvalidParameterException", "The password length must be at least %d to have a character of each included type.", len(types))
	}
	out := make([]byte, 0, r.Length)
	if r.Each {
		for _, t := range types {
			out = append(out, pick(t))
		}
	}
	for len(out) < r.Length {
		out = append(out, pick(all))
	}
	for i := len(out) - 1; i > 0; i-- { // so that no type has its place
		j := number(i + 1)
		out[i], out[j] = out[j], out[i]
	}
	return string(out), nil
}

// types are the characters that may occur, type by type. One of which nothing
// is left does not count.
func types(r cloud.SecretRecipe) []string {
	var out []string
	for _, t := range []struct {
		chars string
		in    bool
	}{{lower, r.Lower}, {upper, r.Upper}, {digits, r.Numbers}, {punctuation, r.Symbols}, {" ", r.Space}} {
		left := strings.Map(func(c rune) rune {
			if strings.ContainsRune(r.Exclude, c) {
				return -1
			}
			return c
		}, t.chars)
		if t.in && left != "" {
			out = append(out, left)
		}
	}
	return out
}

func pick(from string) byte { return from[number(len(from))] }

// number is a random number below n.
func number(n int) int {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand never fails
	}
	return int(v.Int64())
}

func getRandomPassword(_ context.Context, c *wire.Call) (any, error) {
	var in struct {
		PasswordLength                                                                       *int
		ExcludeCharacters                                                                    string
		ExcludeNumbers, ExcludePunctuation, ExcludeUppercase, ExcludeLowercase, IncludeSpace bool
		RequireEachIncludedType                                                              *bool
	}
	if err := c.Decode(&in); err != nil {
		return nil, err
	}
	r := cloud.SecretRecipe{Length: 32, Exclude: in.ExcludeCharacters, Lower: !in.ExcludeLowercase, Upper: !in.ExcludeUppercase,
		Numbers: !in.ExcludeNumbers, Symbols: !in.ExcludePunctuation, Space: in.IncludeSpace, Each: true}
	if in.PasswordLength != nil {
		r.Length = *in.PasswordLength
	}
	if in.RequireEachIncludedType != nil {
		r.Each = *in.RequireEachIncludedType
	}
	var check wire.Constraints
	check.Range("passwordLength", r.Length, 1, 4096)
	check.Length("excludeCharacters", in.ExcludeCharacters, 0, 4096)
	if err := check.Err(); err != nil {
		return nil, err
	}
	made, err := password(r)
	return map[string]string{"RandomPassword": made}, err
}
