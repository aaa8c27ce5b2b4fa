package patch

import (
	"fmt"
	"strconv"
	"strings"

	"bailey/terraform"
)

// tfType gives what Terraform's AWS provider calls a resource type of
// CloudFormation's and its arguments, by the table that reads configurations. A
// policy of roles is one of each role.
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs
func tfType(r Resource, properties Map) (terraform.Naming, bool) {
	typ := r.Type
	if typ == "AWS::IAM::Policy" {
		typ = "AWS::IAM::RolePolicy"
	}
	stated := make([]string, len(properties))
	for i, p := range properties {
		stated[i] = p.Name
	}
	return terraform.Name(typ, stated...)
}

// tfOtherwise are properties that the provider has as blocks, or one of several.
var tfOtherwise = map[string]string{"SecurityGroupIngress": "ingress", "SecurityGroupEgress": "egress", "Roles": "role"}

// terraform writes new resources as blocks, and every other edit as a comment
// that names the resource and the argument.
func (p Patch) terraform() string {
	var b strings.Builder
	w := tfWriter{added: map[string]string{}, module: p.module()}
	for _, e := range p {
		if a, ok := e.(Add); ok {
			t, _ := tfType(a.Resource, a.Properties)
			w.added[a.Name] = t.Type + "." + terraform.Snake(a.Name)
		}
	}
	b.WriteString(w.heading(p))
	for _, e := range p {
		switch e := e.(type) {
		case Add:
			w.resource(&b, e)
		case StandIn:
			if _, ok := madeWith(e.Resource); !ok {
				fmt.Fprintf(&b, "# %s\n", e.advice())
			}
		case Set:
			fmt.Fprintf(&b, "# in %s: %s = %s\n", e.Of.Name, tfPath(e.Of, e.Property), w.value(e.Value))
		case Append:
			fmt.Fprintf(&b, "# in %s: add to %s: %s\n", e.Of.Name, tfPath(e.Of, e.Property), join(e.Items, w.value))
		case Remove:
			fmt.Fprintf(&b, "# in %s: remove %s\n", e.Of.Name, tfPath(e.Of, e.Property))
		case Advice:
			fmt.Fprintf(&b, "# %s\n", string(e))
		}
	}
	return b.String()
}

// tfWriter holds the addresses of what the patch itself adds, and the module
// that it is for.
type tfWriter struct {
	added  map[string]string
	module string // "", or module.a["x"].
}

func (w tfWriter) resource(b *strings.Builder, a Add) {
	t, known := tfType(a.Resource, a.Properties)
	if !known {
		fmt.Fprintf(b, "# add what CloudFormation calls %s: %s\n", a.Type, w.value(a.Properties))
		return
	}
	fmt.Fprintf(b, "resource %s %s {\n", strconv.Quote(t.Type), strconv.Quote(terraform.Snake(a.Name)))
	var lines [][2]string
	var blocks []Property
	for _, p := range a.Properties {
		if one, ok := p.Value.(Map); ok && t.Block(p.Name) {
			p.Value = List{one}
		}
		if isBlocks(p.Value) && p.Name != "PolicyDocument" {
			blocks = append(blocks, Property{tfName(t, p.Name), p.Value})
			continue
		}
		lines = append(lines, w.argument(t, p)...)
	}
	if len(a.After) > 0 {
		lines = append(lines, [2]string{"depends_on", "[" + join(Refs(a.After...), func(v Value) string { return w.address(v.(Ref).Resource) }) + "]"})
	}
	aligned(b, "  ", lines)
	for _, p := range blocks {
		for _, item := range p.Value.(List) {
			fmt.Fprintf(b, "\n  %s {\n", p.Name)
			var inner [][2]string
			for _, q := range item.(Map) {
				inner = append(inner, w.blockArgument(q))
			}
			aligned(b, "    ", inner)
			b.WriteString("  }\n")
		}
	}
	b.WriteString("}\n")
}

// aligned writes arguments as `terraform fmt` does: the signs of a run below one
// another.
func aligned(b *strings.Builder, indent string, lines [][2]string) {
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	for _, l := range lines {
		fmt.Fprintf(b, "%s%-*s = %s\n", indent, width, l[0], l[1])
	}
}

func isBlocks(v Value) bool {
	l, ok := v.(List)
	_, maps := first(l).(Map)
	return ok && maps
}

// argument writes a property; a few of them are several arguments, or others.
func (w tfWriter) argument(t terraform.Naming, p Property) [][2]string {
	value := w.value(p.Value)
	switch {
	case p.Name == "PolicyDocument":
		value = "jsonencode(" + value + ")"
	case p.Name == "Roles":
		if l, ok := p.Value.(List); ok {
			value = w.value(first(l))
		}
	case p.Name == "PortRange":
		ports, _ := p.Value.(Map)
		from, _ := ports.Get("From")
		to, _ := ports.Get("To")
		return [][2]string{{"from_port", w.value(from)}, {"to_port", w.value(to)}}
	}
	return [][2]string{{tfName(t, p.Name), value}}
}

// blockArgument writes an entry of a group's own rule, whose peers are lists.
func (w tfWriter) blockArgument(p Property) [2]string {
	switch p.Name {
	case "SourceSecurityGroupId", "DestinationSecurityGroupId":
		return [2]string{"security_groups", "[" + w.value(p.Value) + "]"}
	case "CidrIp":
		return [2]string{"cidr_blocks", "[" + w.value(p.Value) + "]"}
	case "IpProtocol":
		return [2]string{"protocol", w.value(p.Value)}
	}
	return [2]string{terraform.Snake(p.Name), w.value(p.Value)}
}

// tfName is a property's path in the provider's words.
func tfName(t terraform.Naming, path string) string {
	if name, ok := tfOtherwise[path]; ok {
		return name
	}
	return t.Argument(path)
}

// tfPath is the path of a property of a resource that is there.
func tfPath(of Resource, property string) string {
	t, _ := tfType(of, nil)
	return tfName(t, property)
}

// address is how a resource is referred to.
func (w tfWriter) address(r Resource) string {
	if a, ok := w.added[r.Name]; ok {
		return a
	}
	return strings.TrimPrefix(r.Name, w.module)
}

// tfAttributes are attributes that the provider calls otherwise than
// CloudFormation.
var tfAttributes = map[string]string{"AllocationId": "id", "Arn": "arn"}

func (w tfWriter) value(v Value) string {
	switch v := v.(type) {
	case Text:
		return tfText(string(v))
	case Number:
		return strconv.Itoa(int(v))
	case Bool:
		return strconv.FormatBool(bool(v))
	case Ref:
		switch {
		case !v.Declared():
			if made, ok := madeWith(v.Resource); ok {
				return w.address(made.Resource) + "." + made.Name
			}
			return tfText(v.ID)
		case v.Type == "AWS::Lambda::Function":
			return w.address(v.Resource) + ".function_name"
		case v.Type == "AWS::IAM::Role":
			return w.address(v.Resource) + ".name"
		}
		return w.address(v.Resource) + ".id"
	case Attr:
		name, ok := tfAttributes[v.Name]
		if !ok {
			name = terraform.Snake(v.Name)
		}
		return w.address(v.Resource) + "." + name
	case Sub:
		return w.sub(v)
	case List:
		return "[" + join(v, w.value) + "]"
	case Map:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = p.Name + " = " + w.value(p.Value)
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return "null"
}

// tfPseudo are CloudFormation's pseudo parameters as data sources.
var tfPseudo = strings.NewReplacer("${AWS::Partition}", "${data.aws_partition.current.partition}",
	"${AWS::Region}", "${data.aws_region.current.region}", "${AWS::AccountId}", "${data.aws_caller_identity.current.account_id}")

func (w tfWriter) sub(s Sub) string {
	text := tfPseudo.Replace(s.Text)
	for _, r := range s.In {
		text = strings.ReplaceAll(text, "${"+r.Name+"}", "${"+w.address(r)+".id}")
	}
	return `"` + text + `"`
}

// tfText quotes a string of HCL, in which ${ and %{ begin templates.
// https://developer.hashicorp.com/terraform/language/expressions/strings
func tfText(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(s))
}
