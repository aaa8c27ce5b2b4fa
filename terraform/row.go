package terraform

import (
	"maps"
	"strings"
	"sync"
	"unicode"

	"github.com/zclconf/go-cty/cty"
)

// A row says how one Terraform type becomes a CloudFormation resource.
//
// The properties are written so, separated by spaces:
//
//	VpcId                          from the argument vpc_id
//	GroupName=name                 from the argument name
//	Protocol=ip_protocol|'-1'      the first that is stated; quotes: as it is
//	PolicyDocument:json=policy     the text is JSON
//	VpcConfig{SubnetIds}           from the block vpc_config, the only one
//	Targets[]=target{Id}           a list, one for each block
//	.Endpoint=endpoint{...}        ... without a property of its own: a dot
//	                               hoists what is in the block
//
// The attributes are what expressions may ask of it besides its arguments:
//
//	id=Ref arn=Arn                 what Ref and Fn::GetAtt give
//	url=Sub:https://${Ref}         text with both
//	id                             AWS decides it, and nothing here knows it
type row struct {
	tf, cfn    string
	properties string
	attributes string
	make       func(*translator, *instance) // beyond the table; nil: emit
	quiet      bool                         // changes no answer

	parsed []property
	atts   map[string]string
}

// A property is one part of a row, parsed.
type property struct {
	name    string // CloudFormation's; "" for hoisted
	json    bool
	list    bool
	sources []string // Terraform's; one in quotes is a constant
	inner   []property
	nested  bool
}

// allRows is the table, in its order.
var allRows = [][]row{networkRows, identityRows, lambdaRows, databaseRows, storageRows, apiRows, balancerRows, edgeRows}

// rows is the table, by Terraform's types.
var rows = sync.OnceValue(func() map[string]*row {
	out := map[string]*row{}
	for _, group := range allRows {
		for _, r := range group {
			x := parser{text: r.properties}
			r.parsed = x.properties()
			r.atts = map[string]string{}
			for part := range strings.FieldsSeq(r.attributes) {
				name, value, _ := strings.Cut(part, "=")
				r.atts[name] = value
			}
			out[r.tf] = &r
		}
	}
	for name := range strings.FieldsSeq(quietTypes) {
		out[name] = &row{tf: name, quiet: true, atts: map[string]string{}}
	}
	return out
})

// A parser reads a row's properties.
type parser struct {
	text string
	pos  int
}

func (p *parser) properties() []property {
	var out []property
	for {
		for p.pos < len(p.text) && unicode.IsSpace(rune(p.text[p.pos])) {
			p.pos++
		}
		if p.pos >= len(p.text) || p.text[p.pos] == '}' {
			p.pos++
			return out
		}
		out = append(out, p.property())
	}
}

func (p *parser) property() property {
	x := property{}
	start := p.pos
	word, others, _ := strings.Cut(p.word("=[{}"), "|")
	if p.pos == start {
		panic("terraform: the table cannot be read at " + p.text[start:])
	}
	word, x.json = strings.CutSuffix(word, ":json")
	if strings.HasPrefix(word, ".") {
		word = word[1:]
	} else {
		x.name = word
	}
	if p.has("[]") {
		x.list = true
	}
	x.sources = []string{Snake(word)}
	if others != "" {
		x.sources = append(x.sources, strings.Split(others, "|")...)
	}
	if p.has("=") {
		x.sources = strings.Split(p.word("{}"), "|")
	}
	if p.has("{") {
		x.nested, x.inner = true, p.properties()
	}
	return x
}

func (p *parser) has(s string) bool {
	if strings.HasPrefix(p.text[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

// word reads to a space or one of the characters in until, outside quotes.
func (p *parser) word(until string) string {
	start, quoted := p.pos, false
	for ; p.pos < len(p.text); p.pos++ {
		c := rune(p.text[p.pos])
		if c == '\'' {
			quoted = !quoted
		}
		if !quoted && (unicode.IsSpace(c) || strings.ContainsRune(until, c)) {
			break
		}
	}
	return p.text[start:p.pos]
}

// Snake gives a CloudFormation name as Terraform writes it: DBSubnetGroupName
// is db_subnet_group_name.
func Snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		upper := c >= 'A' && c <= 'Z'
		if upper && i > 0 {
			before := name[i-1]
			capital := before >= 'A' && before <= 'Z'
			next := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
			if !capital || next {
				b.WriteByte('_')
			}
		}
		if upper {
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// rowFor gives the row of a resource's type; nil for data sources and types
// that have none.
func (e *evaluator) rowFor(b *block) *row {
	if b.data {
		return nil
	}
	return rows()[b.typ]
}

// object gives what expressions see of an instance: its arguments, what the
// table says of its type, and of every other name that somebody asks for that
// it is not known.
func (s *scope) object(i *instance) cty.Value {
	out := i.body.object().AsValueMap()
	if out == nil {
		out = map[string]cty.Value{}
	}
	maps.Copy(out, i.found)
	maps.Copy(out, i.made())
	maps.Copy(out, s.amazonBlock(i))
	if i.row != nil {
		for name := range i.row.atts {
			s.promise(out, i, name)
		}
	}
	why := gap{"attribute %s of " + i.addr + " is known after apply", i.at}
	switch {
	case i.b.data:
		why.because = "attribute %s of " + i.addr + " is looked up by Terraform and stated nowhere here"
	case i.row == nil:
		why.because = i.b.typ + " is not modelled: attribute %s of " + i.addr + " is not known"
	}
	for _, group := range []map[string]bool{s.names.asked(i.b.typ), s.names.any, common} {
		for name := range group {
			if _, ok := out[name]; !ok {
				out[name] = gap{strings.Replace(why.because, "%s", name, 1), why.at}.unknown()
			}
		}
	}
	return cty.ObjectVal(out)
}

// common are attributes that nearly every resource has.
var common = map[string]bool{"id": true, "arn": true, "name": true}

// promise puts a token where an attribute is not stated. A name with dots is
// within lists of one.
func (s *scope) promise(out map[string]cty.Value, i *instance, name string) {
	first, rest, nested := strings.Cut(name, ".")
	if v, ok := out[first]; ok {
		bare, _ := v.Unmark()
		stated := !bare.IsKnown() || !bare.IsNull() && !(bare.Type() == cty.String && bare.AsString() == "") && !isEmpty(bare)
		if stated && !nested {
			return
		}
	}
	v := cty.StringVal(s.token(promise{of: i, attr: name}))
	if !nested {
		out[first] = v
		return
	}
	within := map[string]cty.Value{}
	if has, ok := out[first]; ok {
		bare, _ := has.Unmark()
		if bare.IsKnown() && bare.Type().IsTupleType() && bare.LengthInt() == 1 {
			for k, v := range bare.Index(cty.Zero).AsValueMap() {
				within[k] = v
			}
		}
	}
	if rest == "*" {
		out[first] = cty.TupleVal([]cty.Value{v})
		return
	}
	within[rest] = v
	out[first] = cty.TupleVal([]cty.Value{cty.ObjectVal(within)})
}

// eachKey is the instance's key in a map of them.
func (i *instance) eachKey() string {
	if i.key == cty.NilVal || !isText(i.key) {
		return ""
	}
	return i.key.AsString()
}
