package cognito

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"math/big"
	"strings"
)

// Secure Remote Password (RFC 5054) as Cognito does it: the 3072-bit group of
// RFC 3526, SHA-256, numbers padded by their sign bit and not to the group's
// size, a key of 16 bytes by HKDF, and a proof that is bound to the challenge.
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-selection-sdk.html

// groupHex is RFC 3526's 3072-bit MODP group.
const groupHex = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
	"83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
	"E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
	"15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
	"ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
	"BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"

var (
	groupN, _ = new(big.Int).SetString(groupHex, 16)
	groupG    = big.NewInt(2)
	groupK    = hashed(padded(groupN), padded(groupG))
)

// maxHex bounds a number that a client sends: one of the group has 768 digits.
const maxHex = 1024

// padded gives a number's bytes with a zero before a set first bit, so that it
// would not be read as negative.
func padded(n *big.Int) []byte {
	b := n.Bytes()
	if len(b) == 0 || b[0]&0x80 != 0 {
		b = append([]byte{0}, b...)
	}
	return b
}

func hashed(parts ...[]byte) *big.Int {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return new(big.Int).SetBytes(h.Sum(nil))
}

// A verifier is what is kept of a password: g^x, which needs the password to be
// made and does not give it back.
type verifier struct {
	Salt []byte
	V    []byte
}

func newVerifier(pool, username, password string) *verifier {
	salt := make([]byte, 16)
	rand.Read(salt)
	return verifierOf(salt, pool, username, password)
}

func verifierOf(salt []byte, pool, username, password string) *verifier {
	inner := sha256.Sum256([]byte(pool + username + ":" + password))
	x := hashed(padded(new(big.Int).SetBytes(salt)), inner[:])
	return &verifier{salt, new(big.Int).Exp(groupG, x, groupN).Bytes()}
}

// matches compares in constant time.
func (v *verifier) matches(pool, username, password string) bool {
	return subtle.ConstantTimeCompare(v.V, verifierOf(v.Salt, pool, username, password).V) == 1
}

// An exchange is the server's half of one SRP sign-in.
type exchange struct {
	A, B, Secret *big.Int // Secret: b
}

// newExchange answers a client's A. One that is zero in the group would fix the
// key without a password.
func newExchange(v *verifier, a string) (exchange, bool) {
	public, ok := readHex(a)
	if !ok || new(big.Int).Mod(public, groupN).Sign() == 0 {
		return exchange{}, false
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	e := exchange{A: public, Secret: new(big.Int).SetBytes(raw)}
	e.B = new(big.Int).Mul(groupK, new(big.Int).SetBytes(v.V))
	e.B.Add(e.B, new(big.Int).Exp(groupG, e.Secret, groupN)).Mod(e.B, groupN)
	return e, true
}

// key is the secret that both sides come to.
func (e exchange) key(v *verifier) []byte {
	u := hashed(padded(e.A), padded(e.B))
	s := new(big.Int).Exp(new(big.Int).SetBytes(v.V), u, groupN)
	s.Mul(s, e.A).Exp(s.Mod(s, groupN), e.Secret, groupN)
	prk := hmacSum(padded(u), padded(s))
	return hmacSum(prk, []byte("Caldera Derived Key\x01"))[:16]
}

// proof is the signature that only who knows the password can make.
func (e exchange) proof(v *verifier, pool, username string, block []byte, timestamp string) []byte {
	return hmacSum(e.key(v), []byte(pool), []byte(username), block, []byte(timestamp))
}

func hmacSum(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// readHex reads a number without a sign.
func readHex(s string) (*big.Int, bool) {
	if s == "" || len(s) > maxHex || strings.Trim(s, "0123456789abcdefABCDEF") != "" {
		return nil, false
	}
	return new(big.Int).SetString(s, 16)
}
