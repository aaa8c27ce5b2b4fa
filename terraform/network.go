package terraform

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// addresses are the functions for ranges of addresses.
// https://developer.hashicorp.com/terraform/language/functions/cidrsubnet
var addresses = map[string]function.Function{
	"cidrhost": function.New(&function.Spec{Params: params("prefix", cty.String, "hostnum", cty.Number), Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			p, err := prefixOf(args[0])
			if err != nil {
				return cty.NilVal, err
			}
			a, err := host(p, whole(args[1]))
			return cty.StringVal(a), err
		}}),
	"cidrnetmask": function.New(&function.Spec{Params: params("prefix", cty.String), Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			p, err := prefixOf(args[0])
			if err != nil || !p.Addr().Is4() {
				return cty.NilVal, errors.New("it is not an IPv4 prefix")
			}
			var mask [4]byte
			for i := range p.Bits() {
				mask[i/8] |= 0x80 >> (i % 8)
			}
			return cty.StringVal(netip.AddrFrom4(mask).String()), nil
		}}),
	"cidrsubnet": function.New(&function.Spec{Params: params("prefix", cty.String, "newbits", cty.Number, "netnum", cty.Number), Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			p, err := prefixOf(args[0])
			if err != nil {
				return cty.NilVal, err
			}
			s, err := subnet(p, int(whole(args[1]).Int64()), whole(args[2]))
			return cty.StringVal(s), err
		}}),
	"cidrsubnets": function.New(&function.Spec{Params: params("prefix", cty.String), VarParam: &function.Parameter{Name: "newbits", Type: cty.Number},
		Type: function.StaticReturnType(cty.List(cty.String)), Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return subnets(args) }}),
}

func params(of ...any) []function.Parameter {
	var out []function.Parameter
	for i := 0; i < len(of); i += 2 {
		out = append(out, function.Parameter{Name: of[i].(string), Type: of[i+1].(cty.Type)})
	}
	return out
}

func prefixOf(v cty.Value) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(v.AsString())
	if err != nil {
		return p, fmt.Errorf("invalid CIDR expression: %w", err)
	}
	return p.Masked(), nil
}

func whole(v cty.Value) *big.Int {
	n, _ := v.AsBigFloat().Int(nil)
	return n
}

// plus gives the n-th address from a.
func plus(a netip.Addr, n *big.Int) (netip.Addr, bool) {
	sum := new(big.Int).Add(new(big.Int).SetBytes(a.AsSlice()), n)
	bytes := make([]byte, a.BitLen()/8)
	if sum.Sign() < 0 || sum.BitLen() > a.BitLen() {
		return a, false
	}
	sum.FillBytes(bytes)
	out, ok := netip.AddrFromSlice(bytes)
	return out, ok
}

// host is the n-th address of a range; a negative n counts from its end.
func host(p netip.Prefix, n *big.Int) (string, error) {
	size := new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
	at := new(big.Int).Set(n)
	if n.Sign() < 0 {
		at.Add(at, size)
	}
	if at.Sign() < 0 || at.Cmp(size) >= 0 {
		return "", fmt.Errorf("prefix of %d does not accommodate a host numbered %s", p.Bits(), n)
	}
	a, _ := plus(p.Addr(), at)
	return a.String(), nil
}

// subnet is the n-th range that is longer by some bits.
func subnet(p netip.Prefix, bits int, n *big.Int) (string, error) {
	length := p.Bits() + bits
	if bits < 0 || length > p.Addr().BitLen() {
		return "", fmt.Errorf("insufficient address space to extend prefix of %d by %d", p.Bits(), bits)
	}
	if n.Sign() < 0 || n.BitLen() > bits {
		return "", fmt.Errorf("prefix extension of %d does not accommodate a subnet numbered %s", bits, n)
	}
	a, _ := plus(p.Addr(), new(big.Int).Lsh(n, uint(p.Addr().BitLen()-length)))
	return netip.PrefixFrom(a, length).String(), nil
}

// subnets gives ranges one after the other, each longer by its number of bits
// and where such a range may begin.
// https://developer.hashicorp.com/terraform/language/functions/cidrsubnets
func subnets(args []cty.Value) (cty.Value, error) {
	p, err := prefixOf(args[0])
	if err != nil {
		return cty.NilVal, err
	}
	var out []cty.Value
	next := p.Addr()
	for i, a := range args[1:] {
		bits := int(whole(a).Int64())
		length := p.Bits() + bits
		if bits < 1 || length > p.Addr().BitLen() {
			return cty.NilVal, function.NewArgErrorf(i+1, "would extend prefix to %d bits", length)
		}
		size := new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-length))
		start := next
		if s := netip.PrefixFrom(next, length).Masked().Addr(); s != next {
			start, _ = plus(s, size)
		}
		if !p.Contains(start) {
			return cty.NilVal, function.NewArgErrorf(i+1, "not enough remaining address space for a subnet with a prefix of %d bits", length)
		}
		out = append(out, cty.StringVal(netip.PrefixFrom(start, length).String()))
		after, ok := plus(start, size)
		if !ok {
			after = netip.IPv4Unspecified()
		}
		next = after
	}
	if len(out) == 0 {
		return cty.ListValEmpty(cty.String), nil
	}
	return cty.ListVal(out), nil
}
