package terraform

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"

	"bailey/source"
)

// A module is one folder as it is written.
type module struct {
	dir       string
	variables map[string]*variable
	locals    map[string]hcl.Expression
	outputs   map[string]hcl.Expression
	calls     map[string]*block
	resources map[string]*block // by type.name, data sources by data.type.name
	providers []*block
	order     []*block // resources as they are written
	names     *names   // the attributes that are asked of anything
}

// A block is a resource, a data source, a module call or a provider's
// configuration.
type block struct {
	data                     bool
	makes                    string // resource, data, module or provider
	typ, name                string
	body                     hcl.Body
	at                       source.Span
	count, forEach, provider hcl.Expression
	source                   string // of a module call
	alias                    string // of a provider's configuration
	providers                hcl.Expression
}

// key is how expressions begin that refer to the block.
func (b *block) key() string {
	if b.data {
		return "data." + b.typ + "." + b.name
	}
	return b.typ + "." + b.name
}

// top are the blocks that a file may have.
// https://developer.hashicorp.com/terraform/language
var top = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "terraform"}, {Type: "locals"}, {Type: "moved"}, {Type: "import"}, {Type: "removed"},
	{Type: "provider", LabelNames: []string{"name"}}, {Type: "variable", LabelNames: []string{"name"}},
	{Type: "output", LabelNames: []string{"name"}}, {Type: "module", LabelNames: []string{"name"}},
	{Type: "check", LabelNames: []string{"name"}}, {Type: "resource", LabelNames: []string{"type", "name"}},
	{Type: "data", LabelNames: []string{"type", "name"}}, {Type: "ephemeral", LabelNames: []string{"type", "name"}},
	{Type: "action", LabelNames: []string{"type", "name"}},
}}

// metaArguments are what every resource and module call may have.
var metaArguments = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "count"}, {Name: "for_each"}, {Name: "provider"},
	{Name: "providers"}, {Name: "source"}, {Name: "alias"}}}

// span is where a range begins.
func span(r hcl.Range) source.Span {
	return source.Span{File: r.Filename, Line: r.Start.Line, Col: r.Start.Column}
}

// parse reads one file's syntax.
func (e *evaluator) parse(name string) (*hcl.File, bool) {
	data, err := e.files.Open(name)
	switch {
	case err != nil:
		e.fail("TF_UNREADABLE", inFile(name), "", "cannot read %s: %v", name, err)
		return nil, false
	case len(data) > maxFile || tooDeep(data):
		e.fail("TF_TOO_LARGE", inFile(name), "", "%s is larger than %d MB, or nested deeper than %d", name, maxFile>>20, maxDepth)
		return nil, false
	}
	var f *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(name, ".json") {
		f, diags = json.Parse(data, name)
	} else {
		f, diags = hclsyntax.ParseConfig(data, name, hcl.InitialPos)
		if f != nil {
			e.bound(f.Body.(*hclsyntax.Body))
		}
	}
	e.syntax(diags, name)
	e.comments = append(e.comments, source.Inline(name, data)...)
	return f, !diags.HasErrors() && f != nil
}

// syntax reports what HCL says about a file.
func (e *evaluator) syntax(diags hcl.Diagnostics, name string) {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		at := inFile(name)
		if d.Subject != nil {
			at = span(*d.Subject)
		}
		e.fail("TF_SYNTAX", at, "", "%s", sentence(d))
	}
}

// sentence is a diagnostic of HCL's on one line.
func sentence(d *hcl.Diagnostic) string {
	return strings.Join(strings.Fields(strings.TrimSuffix(d.Summary, ".")+": "+d.Detail), " ")
}

// module reads a folder, once.
func (e *evaluator) module(dir string) *module {
	if m, ok := e.modules[dir]; ok {
		return m
	}
	m := &module{dir: dir, variables: map[string]*variable{}, locals: map[string]hcl.Expression{}, outputs: map[string]hcl.Expression{},
		calls: map[string]*block{}, resources: map[string]*block{}, names: newNames()}
	e.modules[dir] = m
	names, err := e.files.List(dir)
	if err != nil {
		e.fail("TF_UNREADABLE", inFile(dir), "", "cannot read the folder %s: %v", dir, err)
		return m
	}
	plain, override := configurationFiles(names)
	if len(plain) == 0 {
		e.fail("TF_UNREADABLE", inFile(dir), "", "the folder %s has no Terraform files", dir)
	}
	for k, name := range append(plain, override...) {
		if e.read++; e.read > maxFiles {
			e.fail("TF_TOO_LARGE", inFile(dir), "", "there are more than %d files", maxFiles)
			return m
		}
		f, ok := e.parse(joined(dir, name))
		switch {
		case !ok:
		case k < len(plain):
			e.declare(m, f.Body, joined(dir, name))
		default:
			e.override(m, f.Body, joined(dir, name))
		}
	}
	return m
}

// declare adds what one file declares.
func (e *evaluator) declare(m *module, body hcl.Body, name string) {
	content, diags := body.Content(top)
	e.syntax(diags, name)
	m.names.collect(body)
	e.names.collect(body)
	for _, b := range content.Blocks {
		switch b.Type {
		case "locals":
			attrs, diags := b.Body.JustAttributes()
			e.syntax(diags, name)
			for _, a := range attrs {
				m.locals[a.Name] = a.Expr
			}
		case "variable":
			m.variables[b.Labels[0]] = e.variable(b)
		case "output":
			attrs, _ := b.Body.JustAttributes()
			if a, ok := attrs["value"]; ok {
				m.outputs[b.Labels[0]] = a.Expr
			}
		case "module", "resource", "data", "provider":
			e.file(m, b)
		}
	}
}

// file files a block that makes something.
func (e *evaluator) file(m *module, b *hcl.Block) {
	x := e.block(b)
	switch {
	case b.Type == "provider":
		m.providers = append(m.providers, x)
	case b.Type == "module":
		m.calls[x.name] = x
	case m.resources[x.key()] != nil:
		e.fail("TF_DUPLICATE", x.at, "rename one of them", "%s is declared twice", x.key())
	default:
		m.resources[x.key()] = x
		m.order = append(m.order, x)
	}
}

// block reads a block that makes something.
func (e *evaluator) block(b *hcl.Block) *block {
	x := &block{typ: b.Labels[0], name: b.Labels[len(b.Labels)-1], body: b.Body, at: span(b.DefRange), data: b.Type == "data", makes: b.Type}
	e.arguments(x)
	return x
}

// arguments reads what Terraform itself asks of a block.
func (e *evaluator) arguments(x *block) {
	content, _, _ := x.body.PartialContent(metaArguments)
	get := func(name string) hcl.Expression {
		if a, ok := content.Attributes[name]; ok {
			return a.Expr
		}
		return nil
	}
	text := func(name string) string {
		if a := get(name); a != nil {
			if v := e.literal(a); isText(v) {
				return v.AsString()
			}
		}
		return ""
	}
	x.count, x.forEach, x.provider, x.providers = get("count"), get("for_each"), get("provider"), get("providers")
	if x.makes == "module" {
		x.source = text("source")
	}
	if x.makes == "provider" {
		x.alias = text("alias")
	}
}

// fail adds an error.
func (e *evaluator) fail(code string, at source.Span, hint, format string, args ...any) gap {
	d := source.Diag{Code: code, At: at, Summary: e.shown(fmt.Sprintf(format, args...)), Hint: hint}
	e.diags.Add(d)
	return gap{inError + ": " + d.Summary, at}
}

// tooLarge adds the error that there is more than is evaluated, once, and ends
// the evaluation: what has no end must not be waited for.
func (e *evaluator) tooLarge(at source.Span, format string, args ...any) gap {
	if e.stopped {
		return gap{inError, at}
	}
	e.stopped = true
	return e.fail("TF_TOO_LARGE", at, "", format, args...)
}

// inError begins the reason of what is open because of a mistake that is
// reported, as cfn writes it.
const inError = "it is in error"

// warn adds a warning.
func (e *evaluator) warn(code string, at source.Span, hint, format string, args ...any) {
	e.diags.Add(source.Diag{Code: code, Severity: source.Warning, At: at, Summary: e.shown(fmt.Sprintf(format, args...)), Hint: hint})
}
