package project

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"bailey/cfn/document"
	"bailey/cloud"
	"bailey/source"
)

// FileName is what a project's file is called.
const FileName = "bailey.yaml"

// The defaults of what the model needs and AWS would take from its surroundings.
const (
	DefaultRegion  = "us-east-1"
	DefaultAccount = "123456789012"
)

// A Project is one bailey.yaml. The zero Project, with defaults, is that of an
// empty file.
type Project struct {
	File     string // as it was given
	Template string // relative to the file's folder; empty: none stated
	At       At
	Region   string
	Account  string
	Stack    string // default: the name of the file's folder
	// Parameters are the template's, as text; a list is joined with commas, as
	// CloudFormation takes it.
	Parameters map[string]source.Node
	Facts      Facts
	Expect     []Expectation
	Workloads  []Workload
	Internet   []Host
	Upstreams  []Upstream
	Prices     cloud.Prices
	Ignore     []source.Suppression
	Demo       []Step
}

// At holds the places of the single values that a later stage may complain of.
type At struct{ Template, Region, Account, Stack source.Span }

// An Expectation is a path and the verdict that it must have.
type Expectation struct {
	From, To string
	Verdict  string // reachable, blocked, partial, unknown
	Protocol string // tcp where none is stated
	Because  string // for people
	At       source.Span
}

// A Workload says what runs in place of a resource. For a function Go or
// Command is its program; for an instance Go, Command or Connect, and Postgres
// beside a program or alone; for a database Postgres or Connect.
type Workload struct {
	Name     string    // the resource's logical ID or address
	Command  []string  //
	Dir      string    // the command's working folder
	Env      []EnvVar  //
	Go       string    // a Go package's folder, built for Linux
	Postgres *Postgres // a PostgreSQL of the host's; nil: none
	Connect  string    // host:port of something already running
	Port     int       // the port that it serves; 0: not stated
	At       source.Span
}

// An EnvVar is one variable of a workload's environment.
type EnvVar struct{ Name, Value string }

// A Host is a name of the simulated internet and the URL that answers for it.
type Host struct {
	Name, URL string
	IPv6      bool // it has an IPv6 address too
	At        source.Span
}

// An Upstream is an AWS service and the endpoint to which its calls go.
type Upstream struct {
	Service, URL string
	At           source.Span
}

//go:embed schema.json
var schema []byte

// Schema gives the JSON Schema (2020-12) of bailey.yaml.
func Schema() []byte { return append([]byte(nil), schema...) }

// Load reads the project at name: bailey.yaml's own path, or its folder.
func Load(name string, readFile func(string) ([]byte, error)) (Project, source.Diags) {
	if ext := path.Ext(name); ext != ".yaml" && ext != ".yml" {
		name = filepath.Join(name, FileName)
	}
	data, err := readFile(name)
	if err != nil {
		var diags source.Diags
		d := source.Diag{Code: "PROJECT_UNREADABLE", At: source.Span{File: name}, Summary: "cannot read the project's file: " + err.Error()}
		if errors.Is(err, fs.ErrNotExist) {
			d.Summary, d.Hint = "there is no such file", "give a template, or a folder with a "+FileName
		}
		diags.Add(d)
		return Project{File: name}, diags
	}
	return Parse(name, data)
}

// Parse reads the text of a bailey.yaml. The Project is of use only if no
// diagnostic is an error.
func Parse(file string, data []byte) (Project, source.Diags) {
	p := Project{File: file, Region: DefaultRegion, Account: DefaultAccount, Stack: StackName(path.Dir(filepath.ToSlash(file)))}
	root, diags := document.Read(file, data)
	if len(diags) == 1 && diags[0].Code == "DOC_EMPTY" {
		return p, nil
	}
	if diags.HasErrors() {
		return p, diags
	}
	d := &decoder{diags: diags}
	d.project(root, &p)
	return p, d.diags.Sorted()
}

// StackName makes a stack's name of a folder's: that of a project that states
// none.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
func StackName(folder string) string {
	name := path.Base(filepath.ToSlash(folder))
	name = strings.Trim(notInStack.ReplaceAllString(name, "-"), "-0123456789")
	if name == "" {
		return "stack"
	}
	return name[:min(len(name), 128)]
}

var (
	notInStack = regexp.MustCompile(`[^A-Za-z0-9]+`)
	stackForm  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
	regionForm = regexp.MustCompile(`^[a-z]{2,3}(-[a-z]+)+-[0-9]+$`)
	accountNum = regexp.MustCompile(`^[0-9]{12}$`)
)

func (d *decoder) project(n source.Node, p *Project) {
	d.object(n, "the project", []field{
		{key: "template", read: func(n source.Node) { p.Template, p.At.Template = d.text(n), n.At }},
		{key: "region", read: func(n source.Node) {
			p.Region, p.At.Region = d.form(n, regionForm, "a region such as us-west-2"), n.At
		}},
		{key: "account", read: func(n source.Node) {
			p.Account, p.At.Account = d.form(n, accountNum, "an account's 12 digits"), n.At
		}},
		{key: "stack", read: func(n source.Node) {
			p.Stack, p.At.Stack = d.form(n, stackForm, "a stack name: letters, digits and dashes, a letter first"), n.At
		}},
		{key: "parameters", read: func(n source.Node) { p.Parameters = d.parameters(n) }},
		{key: "facts", read: func(n source.Node) { p.Facts = d.facts(n) }},
		{key: "expect", read: func(n source.Node) { p.Expect = each(d, n, d.expectation) }},
		{key: "workloads", read: func(n source.Node) { p.Workloads = entries(d, n, d.workload) }},
		{key: "internet", read: func(n source.Node) {
			p.Internet = entries(d, n, d.host)
		}},
		{key: "upstreams", read: func(n source.Node) {
			p.Upstreams = entries(d, n, func(e source.Entry) Upstream { return Upstream{e.Key, d.url(e.Value), e.KeyAt} })
		}},
		{key: "prices", read: func(n source.Node) { p.Prices = d.prices(n) }},
		{key: "ignore", read: func(n source.Node) { p.Ignore = each(d, n, d.ignored) }},
		{key: "demo", read: func(n source.Node) { p.Demo = each(d, n, d.step) }},
	})
}

// parameters reads scalars and lists of scalars as the text CloudFormation takes.
func (d *decoder) parameters(n source.Node) map[string]source.Node {
	out := map[string]source.Node{}
	entries(d, n, func(e source.Entry) string {
		var texts []string
		for item := range e.Value.Each() {
			texts = append(texts, d.text(item))
		}
		out[e.Key] = source.Node{Kind: source.String, Text: strings.Join(texts, ","), At: e.Value.At}
		return e.Key
	})
	return out
}

var verdicts = []string{"reachable", "blocked", "partial", "unknown"}

func (d *decoder) expectation(n source.Node) Expectation {
	e := Expectation{Protocol: "tcp", At: n.At}
	d.object(n, "an expectation", []field{
		{key: "from", required: true, read: func(n source.Node) { e.From = d.text(n) }},
		{key: "to", required: true, read: func(n source.Node) { e.To = d.text(n) }},
		{key: "verdict", required: true, read: func(n source.Node) { e.Verdict = d.oneOf(n, verdicts) }},
		{key: "protocol", read: func(n source.Node) { e.Protocol = d.text(n) }},
		{key: "because", read: func(n source.Node) { e.Because = d.text(n) }},
	})
	return e
}

func (d *decoder) workload(e source.Entry) Workload {
	w := Workload{Name: e.Key, At: e.KeyAt}
	d.object(e.Value, "workload "+e.Key, []field{
		{key: "command", read: func(n source.Node) { w.Command = d.command(n) }},
		{key: "dir", read: func(n source.Node) { w.Dir = d.text(n) }},
		{key: "env", read: func(n source.Node) {
			w.Env = entries(d, n, func(e source.Entry) EnvVar { return EnvVar{e.Key, d.text(e.Value)} })
		}},
		{key: "go", read: func(n source.Node) { w.Go = d.text(n) }},
		{key: "postgres", read: func(n source.Node) { w.Postgres = d.postgres(n) }},
		{key: "connect", read: func(n source.Node) { w.Connect = d.hostPort(n) }},
		{key: "port", read: func(n source.Node) { w.Port = d.number(n, 1, 65535) }},
	})
	d.onlyOne(e)
	return w
}

// onlyOne reports a workload that is to be several things at once, or none.
// PostgreSQL may run beside a program.
func (d *decoder) onlyOne(e source.Entry) {
	if e.Value.Kind != source.Map {
		return
	}
	has := func(keys ...string) (n int) {
		for _, k := range keys {
			if _, ok := e.Value.Get(k); ok {
				n++
			}
		}
		return n
	}
	if n := has("command", "go", "connect"); n > 1 || n+has("postgres") == 0 || has("postgres", "connect") > 1 {
		d.fail("PROJECT_WORKLOAD", e.KeyAt, "state one of command, go, connect; postgres may stand alone or beside command or go",
			fmt.Sprintf("workload %s must state one program and states %d", e.Key, n+has("postgres")))
	}
}
