package terraform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"bailey/cloud"
	"bailey/source"
)

// maxPlan bounds a plan's text.
const maxPlan = 1 << 30

// A planDocument is the part of `terraform show -json` that is read.
// https://developer.hashicorp.com/terraform/internals/json-format
type planDocument struct {
	FormatVersion string `json:"format_version"`
	Variables     map[string]struct {
		Value json.RawMessage `json:"value"`
	} `json:"variables"`
	Planned *stateValues `json:"planned_values"`
	Values  *stateValues `json:"values"` // of a state
	Prior   *struct {
		Values *stateValues `json:"values"`
	} `json:"prior_state"`
	Wrapped       json.RawMessage  `json:"plan"` // where a tool puts the plan beside what it says of it
	Changes       []resourceChange `json:"resource_changes"`
	Configuration *struct {
		Providers map[string]struct {
			Name        string          `json:"name"`
			Alias       string          `json:"alias"`
			Expressions json.RawMessage `json:"expressions"`
		} `json:"provider_config"`
		Root configModule `json:"root_module"`
	} `json:"configuration"`
}

type stateValues struct {
	Root stateModule `json:"root_module"`
}

type stateModule struct {
	Address   string          `json:"address"`
	Resources []stateResource `json:"resources"`
	Children  []stateModule   `json:"child_modules"`
}

type stateResource struct {
	Address string          `json:"address"`
	Mode    string          `json:"mode"`
	Type    string          `json:"type"`
	Name    string          `json:"name"`
	Values  json.RawMessage `json:"values"`
}

type resourceChange struct {
	Address string `json:"address"`
	Change  struct {
		Unknown json.RawMessage `json:"after_unknown"`
	} `json:"change"`
}

// A Plan is what Terraform means to do, read and not yet evaluated.
type Plan struct {
	file   string
	doc    planDocument
	config *Configuration
}

// IsPlan reports whether a document in JSON is a plan, or a state, of
// `terraform show -json`, by its beginning.
func IsPlan(data []byte) bool {
	head := data[:min(len(data), 4096)]
	return bytes.Contains(head, []byte(`"format_version"`)) && bytes.Contains(head, []byte(`"terraform_version"`)) ||
		bytes.Contains(head, []byte(`"planned_values"`)) && bytes.Contains(head, []byte(`"root_module"`))
}

// ReadPlan reads a plan. config is the configuration that it was made of, where
// that is here: it tells what the plan leaves for later, and the places.
func ReadPlan(file string, data []byte, config *Configuration) (*Plan, source.Diags) {
	p := &Plan{file: file, config: config}
	var diags source.Diags
	if len(data) > maxPlan || tooDeep(data) {
		diags.Errorf("TF_TOO_LARGE", inFile(file), "the plan is larger than %d MB, or nested deeper than %d", maxPlan>>20, maxDepth)
		return p, diags
	}
	if err := json.Unmarshal(data, &p.doc); err != nil {
		diags.Add(source.Diag{Code: "TF_BAD_PLAN", At: inFile(file), Summary: "the plan cannot be read: " + err.Error(), Hint: "write it with `terraform show -json`"})
		return p, diags
	}
	if p.doc.Planned == nil && len(p.doc.Wrapped) > 0 {
		wrapped := p.doc.Wrapped
		p.doc = planDocument{}
		if err := json.Unmarshal(wrapped, &p.doc); err != nil {
			diags.Errorf("TF_BAD_PLAN", inFile(file), "the plan within %q cannot be read: %v", "plan", err)
		}
	}
	major, _, _ := strings.Cut(p.doc.FormatVersion, ".")
	if major != "0" && major != "1" && major != "" {
		diags.Errorf("TF_BAD_PLAN", inFile(file), "the plan's format is %s; those that are read are 0.1 to 1.x", p.doc.FormatVersion)
	}
	if p.doc.Planned == nil {
		p.doc.Planned = p.doc.Values
	}
	if p.doc.Planned == nil {
		diags.Add(source.Diag{Code: "TF_BAD_PLAN", At: inFile(file), Summary: "the plan has no planned_values", Hint: "write it with `terraform show -json`"})
	}
	if config != nil {
		for name, v := range p.doc.Variables {
			if _, over := config.e.parameters[name]; !over {
				config.e.given[name] = stated{decoded(v.Value), inFile(file)}
			}
		}
	}
	return p, diags
}

// Region is the region that the plan's provider is configured for, empty where
// the plan does not say.
func (p *Plan) Region() string {
	if p.doc.Configuration == nil {
		return ""
	}
	for _, c := range p.doc.Configuration.Providers {
		if c.Name == "aws" && c.Alias == "" {
			if text, ok := p.constant(member(c.Expressions, "region")); ok {
				return text
			}
		}
	}
	return ""
}

// constant gives an expression that is a constant, or a variable of the root.
func (p *Plan) constant(expression json.RawMessage) (string, bool) {
	var x struct {
		Constant   json.RawMessage `json:"constant_value"`
		References []string
	}
	if len(expression) == 0 || json.Unmarshal(expression, &x) != nil {
		return "", false
	}
	if text, ok := scalarText(decoded(x.Constant)); ok {
		return text, true
	}
	for _, r := range x.References {
		if name, ok := strings.CutPrefix(r, "var."); ok {
			return scalarText(decoded(p.doc.Variables[name].Value))
		}
	}
	return "", false
}

// Spec adds what will be there once the plan is applied to spec, which says the
// region, account and stack and holds the facts.
func (p *Plan) Spec(spec cloud.Spec) (cloud.Spec, source.Diags) {
	e := newEvaluator("", Files{})
	written := map[string]*instance{}
	prior := p.prior()
	if p.config != nil {
		c := p.config.e
		c.spec, c.prior = spec, prior
		c.evaluate(p.config.root)
		if c.diags.HasErrors() {
			e.warn("TF_CONFIGURATION_NOT_USED", inFile(p.file), "mend it, or move the plan elsewhere", "the configuration beside the plan cannot be evaluated, so the plan alone counts: %s", c.diags.Sorted()[0].Summary)
		} else {
			e = c
		}
	}
	for _, i := range e.instances {
		written[e.shown(i.addr)] = i
	}
	e.spec, e.prior = spec, prior
	r := &planReader{Plan: p, e: e, written: written, unknown: map[string]json.RawMessage{}, made: map[string]*instance{}, chains: map[string][]*configModule{}}
	for _, c := range p.doc.Changes {
		r.unknown[c.Address] = c.Change.Unknown
	}
	e.instances = nil
	r.modules(p.doc.Planned.Root)
	r.fill()
	if r.assumed > 0 {
		e.diags.Add(source.Diag{Code: "TF_PLAN_ASSUMED", Severity: source.Note, At: inFile(p.file), Summary: fmt.Sprintf("a plan does not say how an expression uses what it refers to: %d references are taken as they stand", r.assumed),
			Hint: "put the plan into the configuration's folder, and they are evaluated"})
	}
	if e.diags.HasErrors() {
		return spec, e.diags.Sorted()
	}
	return e.translate()
}

// prior gives what Terraform has looked up, by the addresses of data sources.
func (p *Plan) prior() map[string]map[string]cty.Value {
	out := map[string]map[string]cty.Value{}
	var add func(m stateModule)
	add = func(m stateModule) {
		for _, s := range m.Resources {
			if s.Mode == "data" {
				found := map[string]cty.Value{}
				for name, v := range members(s.Values) {
					found[name] = decoded(v)
				}
				out[s.Address] = found
			}
		}
		for _, child := range m.Children {
			add(child)
		}
	}
	if p.doc.Prior != nil && p.doc.Prior.Values != nil {
		add(p.doc.Prior.Values.Root)
	}
	return out
}
