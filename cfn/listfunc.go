package cfn

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

// applySelect is Fn::Select.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-select.html
func (l *loader) applySelect(arg source.Node, at source.Span) source.Node {
	args, ok := l.arguments("Fn::Select", arg, at, 2, 2)
	if !ok {
		return open(inError, at)
	}
	index, stop, ok := l.scalar("Fn::Select", args[0])
	if !ok {
		return stop
	}
	i, err := strconv.Atoi(index)
	list := args[1]
	switch {
	case list.Kind == source.Unknown:
		return list
	case err != nil || list.Kind != source.List:
		return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::Select"], "Fn::Select takes a number and a list")
	case i < 0 || i >= len(list.Items):
		return l.fail("CFN_BAD_FUNCTION", at, "indexes count from 0", "Fn::Select asks for index %d of a list of %d", i, len(list.Items))
	}
	return list.Items[i]
}

// applyCidr is Fn::Cidr: count blocks with hostBits host bits each, from the
// start of the block. Without host bits IPv6 blocks have 64.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html
func (l *loader) applyCidr(arg source.Node, at source.Span) source.Node {
	args, ok := l.arguments("Fn::Cidr", arg, at, 2, 3)
	if !ok {
		return open(inError, at)
	}
	texts := make([]string, len(args))
	for i, a := range args {
		text, stop, ok := l.scalar("Fn::Cidr", a)
		if !ok {
			return stop
		}
		texts[i] = text
	}
	block, err := netip.ParsePrefix(texts[0])
	count, err2 := strconv.Atoi(texts[1])
	if err != nil || err2 != nil || count < 1 || count > 256 {
		return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::Cidr"]+"; count is 1 to 256", "Fn::Cidr cannot split %q into %s blocks", texts[0], texts[1])
	}
	hostBits := 64
	if len(texts) == 3 {
		if hostBits, err = strconv.Atoi(texts[2]); err != nil {
			return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::Cidr"], "Fn::Cidr has host bits %q", texts[2])
		}
	} else if block.Addr().Is4() {
		return l.fail("CFN_BAD_FUNCTION", at, usage["Fn::Cidr"], "Fn::Cidr needs the host bits of an IPv4 block")
	}
	blocks, ok := splitCIDR(block, count, hostBits)
	if !ok {
		return l.fail("CFN_BAD_FUNCTION", at, "take fewer or smaller blocks", "%s has no room for %d blocks of %d host bits", block, count, hostBits)
	}
	out := source.Node{Kind: source.List, At: at}
	for _, b := range blocks {
		out.Items = append(out.Items, source.Node{Kind: source.String, Text: b.String(), At: at})
	}
	return out
}

// splitCIDR gives the first count blocks with that many host bits in p, and
// whether they fit.
func splitCIDR(p netip.Prefix, count, hostBits int) ([]netip.Prefix, bool) {
	bits := p.Addr().BitLen() - hostBits
	if hostBits < 0 || bits < p.Bits() || p.Addr().Is4() && hostBits > 32 {
		return nil, false
	}
	if room := bits - p.Bits(); room < 9 && count > 1<<room {
		return nil, false
	}
	next := new(big.Int).SetBytes(p.Masked().Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(hostBits))
	var out []netip.Prefix
	for range count {
		raw := next.FillBytes(make([]byte, p.Addr().BitLen()/8))
		addr, _ := netip.AddrFromSlice(raw)
		out = append(out, netip.PrefixFrom(addr, bits))
		next.Add(next, step)
	}
	return out, true
}

// zones are the letters of the Availability Zones that an account sees in the
// regions that have other than three.
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
var zones = map[string]string{
	"us-east-1": "abcdef", "us-west-2": "abcd", "us-west-1": "ab", "ca-central-1": "abd",
	"ap-northeast-1": "acd", "ap-northeast-2": "abcd", "cn-north-1": "abd",
}

// applyGetAZs is Fn::GetAZs. AWS gives the zones that have a default subnet;
// where the default VPC is stated, so does this.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-getavailabilityzones.html
func (l *loader) applyGetAZs(arg source.Node, at source.Span) source.Node {
	region := l.spec.Region
	if arg.Kind != source.Null {
		text, stop, ok := l.scalar("Fn::GetAZs", l.eval(arg))
		if !ok {
			return stop
		}
		if text != "" {
			region = text
		}
	}
	out := source.Node{Kind: source.List, At: at}
	for _, az := range l.availabilityZones(region) {
		out.Items = append(out.Items, source.Node{Kind: source.String, Text: az, At: at})
	}
	return out
}

func (l *loader) availabilityZones(region string) []string {
	return AvailabilityZones(l.spec, region)
}

// AvailabilityZones gives the zones of a region as Fn::GetAZs does.
func AvailabilityZones(spec cloud.Spec, region string) []string {
	found := map[string]bool{}
	for _, v := range spec.VPCs {
		if !v.Default || region != spec.Region {
			continue
		}
		for _, s := range spec.Subnets {
			if az, known := s.AZ.Get(); known && s.VPC == v.ID {
				found[az] = true
			}
		}
	}
	if len(found) > 0 {
		return slices.Sorted(maps.Keys(found))
	}
	letters := zones[region]
	if letters == "" {
		letters = "abc"
	}
	var out []string
	for _, z := range letters {
		out = append(out, region+string(z))
	}
	return out
}

// applyFindInMap is Fn::FindInMap. With AWS::LanguageExtensions a fourth
// argument gives the value for keys that are not there.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-findinmap.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap-enhancements.html
func (l *loader) applyFindInMap(arg source.Node, at source.Span) source.Node {
	fallback, ok := l.mapDefault(&arg)
	if !ok {
		return l.fail("CFN_TRANSFORM", at, "add Transform: AWS::LanguageExtensions", "a default value in Fn::FindInMap needs the transform AWS::LanguageExtensions")
	}
	args, ok := l.arguments("Fn::FindInMap", arg, at, 3, 3)
	if !ok {
		return open(inError, at)
	}
	n, path := l.mappings, "the Mappings section"
	for _, a := range args {
		key, stop, ok := l.scalar("Fn::FindInMap", a)
		if !ok {
			return stop
		}
		next, ok := n.Get(key)
		switch {
		case !ok && fallback != nil:
			return l.eval(*fallback)
		case !ok:
			var keys []string
			for _, e := range n.Entries {
				keys = append(keys, e.Key)
			}
			return l.fail("CFN_UNKNOWN_REFERENCE", at, source.DidYouMean(key, keys, ""), "%s has no key %q", path, key)
		}
		n, path = next, key
	}
	if _, _, function := call(n); function || n.Kind == source.Map {
		return l.fail("CFN_NESTING", n.At, "write text or a list of text", "a mapping holds text and lists of text, not a %s", n.Kind)
	}
	return n
}

// mapDefault takes {DefaultValue: value} out of the arguments of Fn::FindInMap;
// ok is false where it is there and may not be.
func (l *loader) mapDefault(arg *source.Node) (fallback *source.Node, ok bool) {
	if len(arg.Items) != 4 {
		return nil, true
	}
	v, stated := arg.Items[3].Get("DefaultValue")
	if !stated {
		return nil, true // arguments complains of the number
	}
	arg.Items = arg.Items[:3]
	return &v, l.language
}

// applyExtension is Fn::Length and Fn::ToJsonString, of
// AWS::LanguageExtensions.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-length.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html
func (l *loader) applyExtension(name string, arg source.Node, at source.Span) source.Node {
	if !l.language {
		return l.fail("CFN_TRANSFORM", at, "add Transform: AWS::LanguageExtensions", "%s needs the transform AWS::LanguageExtensions", name)
	}
	v := l.eval(arg)
	switch {
	case v.Kind == source.Unknown:
		return v
	case name == "Fn::Length" && v.Kind == source.List:
		return source.Node{Kind: source.Number, Text: strconv.Itoa(len(v.Items)), At: at}
	case name == "Fn::Length" || v.Kind != source.List && v.Kind != source.Map:
		return l.fail("CFN_WRONG_TYPE", at, usage[name], "%s does not take a %s", name, v.Kind)
	}
	if u, ok := v.FirstUnknown(); ok {
		return u
	}
	var b strings.Builder
	writeJSON(&b, v)
	return l.text(b.String(), at)
}

// writeJSON writes a value, its keys in the order written.
func writeJSON(b *strings.Builder, n source.Node) {
	quoted := func(s string) {
		text, _ := json.Marshal(s) // text is always encoded
		b.Write(text)
	}
	switch n.Kind {
	case source.Map:
		for i, e := range n.Entries {
			b.WriteByte("{,"[min(i, 1)])
			quoted(e.Key)
			b.WriteByte(':')
			writeJSON(b, e.Value)
		}
		if len(n.Entries) == 0 {
			b.WriteByte('{')
		}
		b.WriteByte('}')
	case source.List:
		b.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			writeJSON(b, item)
		}
		b.WriteByte(']')
	case source.String:
		quoted(n.Text)
	case source.Null:
		b.WriteString("null")
	default:
		b.WriteString(n.Text)
	}
}
