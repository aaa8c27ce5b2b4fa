package patch

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// modules are those of aws-cdk-lib by the service in a resource's type, and the
// names under which examples import them.
// https://docs.aws.amazon.com/cdk/api/v2/docs/aws-construct-library.html
var modules = map[string][2]string{
	"EC2": {"aws_ec2", "ec2"}, "Lambda": {"aws_lambda", "lambda"}, "IAM": {"aws_iam", "iam"}, "Lightsail": {"aws_lightsail", "lightsail"},
}

// cdk writes a file of TypeScript with a function to call once the stacks are
// made: new resources as L1 constructs in the stack of the first construct that
// is named, properties of others as overrides. Constructs are found by their
// paths, since nobody else knows the app's variables.
// https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html
func (p Patch) cdk() string {
	w := cdkWriter{vars: map[string]string{}, taken: map[string]bool{"app": true, "find": true, "stack": true}}
	for _, e := range p {
		w.edit(e)
	}
	if len(w.body) == 0 {
		return strings.Join(w.advice, "")
	}
	var b strings.Builder
	b.WriteString("// a file of its own: call fix(app) after the stacks are made\n")
	b.WriteString(strings.Join(w.advice, ""))
	fmt.Fprintf(&b, "import { %s } from 'aws-cdk-lib';\n", strings.Join(w.imported(), ", "))
	b.WriteString("import { IConstruct } from 'constructs';\n\nexport function fix(app: App): void {\n")
	b.WriteString("  const find = (path: string) => path.split('/').reduce<IConstruct>((c, id) => c.node.findChild(id), app) as CfnResource;\n")
	body := w.found
	if w.adds && w.home != "" {
		body = append(body, fmt.Sprintf("const stack = Stack.of(%s);\n", w.home))
	}
	for _, line := range append(body, w.body...) {
		b.WriteString("  " + line)
	}
	return b.String() + "}\n"
}

// imported are the names that the file needs of aws-cdk-lib.
func (w *cdkWriter) imported() []string {
	names := append([]string{"App", "CfnResource"}, w.imports...)
	if w.adds {
		names = append(names, "Stack")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

type cdkWriter struct {
	vars                         map[string]string // of resources, by name
	taken                        map[string]bool   // variables
	imports, found, body, advice []string
	home                         string // the variable of the first construct that is found
	adds                         bool
}

func (w *cdkWriter) edit(e Edit) {
	switch e := e.(type) {
	case Add:
		w.add(e)
	case Set:
		w.line("%s.addPropertyOverride(%s, %s);\n", w.variable(e.Of), quoted(e.Property), w.value(e.Value, false))
	case Append:
		w.appended(e)
	case Remove:
		w.line("%s.addPropertyDeletionOverride(%s);\n", w.variable(e.Of), quoted(e.Property))
	case Advice:
		w.advice = append(w.advice, "// "+string(e)+"\n")
	}
}

func (w *cdkWriter) line(format string, args ...any) {
	w.body = append(w.body, fmt.Sprintf(format, args...))
}

// appended overrides the items behind those that are there. Overrides go by
// index, so where it is not known how many there are, it is said in words.
// https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html
func (w *cdkWriter) appended(e Append) {
	for i, item := range e.Items {
		value := w.value(item, false)
		if e.Have < 0 {
			w.advice = append(w.advice, fmt.Sprintf("// %s: %s: add %s\n", cmp.Or(e.Of.Construct, e.Of.Name), e.Property, value))
			continue
		}
		w.line("%s.addPropertyOverride(%s, %s);\n", w.variable(e.Of), quoted(fmt.Sprintf("%s.%d", e.Property, e.Have+i)), value)
	}
}

func (w *cdkWriter) add(a Add) {
	_, service, _ := strings.Cut(a.Type, "::")
	service, class, _ := strings.Cut(service, "::")
	module, known := modules[service]
	props := w.value(a.Properties, known)
	name := w.fresh(a.Name)
	w.vars[a.Name] = name
	w.adds = true
	if known {
		w.imports = append(w.imports, module[0]+" as "+module[1])
		w.line("const %s = new %s.Cfn%s(stack, %s, %s);\n", name, module[1], class, quoted(a.Name), props)
	} else {
		w.line("const %s = new CfnResource(stack, %s, { type: %s, properties: %s });\n", name, quoted(a.Name), quoted(a.Type), props)
	}
	for _, r := range a.After {
		w.line("%s.addDependency(%s);\n", name, w.variable(r))
	}
}

// variable is the one that holds a construct; one of the app's own is found by
// its path.
func (w *cdkWriter) variable(r Resource) string {
	if v, ok := w.vars[r.Name]; ok {
		return v
	}
	v := w.fresh(r.Name)
	w.vars[r.Name] = v
	w.found = append(w.found, fmt.Sprintf("const %s = find(%s);\n", v, quoted(r.Construct)))
	if w.home == "" {
		w.home = v
	}
	return v
}

// fresh makes a variable of a name.
func (w *cdkWriter) fresh(name string) string {
	base := lowerFirst(strings.Map(func(r rune) rune {
		if isAlnum(r) {
			return r
		}
		return -1
	}, name))
	v := base
	for i := 2; w.taken[v]; i++ {
		v = fmt.Sprint(base, i)
	}
	w.taken[v] = true
	return v
}

func isAlnum(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// value writes a value; props: its keys are those of an L1 construct's
// properties, which begin in lower case.
func (w *cdkWriter) value(v Value, props bool) string {
	switch v := v.(type) {
	case Text:
		return quoted(string(v))
	case Number:
		return strconv.Itoa(int(v))
	case Bool:
		return strconv.FormatBool(bool(v))
	case Ref:
		if !v.Declared() {
			return quoted(v.ID)
		}
		return w.variable(v.Resource) + ".ref"
	case Attr:
		return w.variable(v.Resource) + ".getAtt(" + quoted(v.Name) + ").toString()"
	case Sub:
		return w.sub(v)
	case List:
		return "[" + join(v, func(v Value) string { return w.value(v, props) }) + "]"
	case Map:
		parts := make([]string, len(v))
		for i, p := range v {
			key := p.Name
			if props {
				key = lowerFirst(key)
			}
			parts[i] = key + ": " + w.value(p.Value, props && p.Name != "PolicyDocument")
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	}
	return "undefined"
}

func (w *cdkWriter) sub(s Sub) string {
	w.imports = append(w.imports, "Fn")
	if len(s.In) == 0 {
		return "Fn.sub(" + quoted(s.Text) + ")"
	}
	parts := make([]string, len(s.In))
	for i, r := range s.In {
		parts[i] = r.Name + ": " + w.variable(r) + ".ref"
	}
	return "Fn.sub(" + quoted(s.Text) + ", { " + strings.Join(parts, ", ") + " })"
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// quoted is a string of TypeScript.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}
