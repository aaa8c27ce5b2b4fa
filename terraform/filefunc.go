package terraform

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// fileFunctions are the functions that read files; names are as seen from the
// root module's folder.
// https://developer.hashicorp.com/terraform/language/functions/file
func (e *evaluator) fileFunctions(all map[string]function.Function) map[string]function.Function {
	text := func(read func([]byte) (string, error)) function.Function {
		return textual(func(name string) (string, error) {
			data, err := e.content(name)
			if err != nil {
				return "", err
			}
			return read(data)
		})
	}
	out := map[string]function.Function{
		"file": text(func(data []byte) (string, error) {
			if !utf8.Valid(data) {
				return "", errors.New("the file is not valid UTF-8")
			}
			return string(data), nil
		}),
		"filebase64": text(func(data []byte) (string, error) { return base64.StdEncoding.EncodeToString(data), nil }),
		"fileexists": function.New(&function.Spec{Params: params("path", cty.String), Type: function.StaticReturnType(cty.Bool),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				_, err := e.content(args[0].AsString())
				return cty.BoolVal(err == nil), nil
			}}),
		"fileset":        function.New(&function.Spec{Params: params("path", cty.String, "pattern", cty.String), Type: function.StaticReturnType(cty.Set(cty.String)), Impl: e.fileset}),
		"templatefile":   e.templateFunction(true, all),
		"templatestring": e.templateFunction(false, all),
	}
	for _, name := range []string{"md5", "sha1", "sha256", "sha512", "base64sha256", "base64sha512"} {
		f := digests[name]
		out["file"+name] = text(func(data []byte) (string, error) {
			v, err := f.Call([]cty.Value{cty.StringVal(string(data))})
			if err != nil {
				return "", err
			}
			return v.AsString(), nil
		})
	}
	for name, f := range out {
		if name != "templatefile" && name != "templatestring" {
			out[name] = e.opaque(name, f)
		}
	}
	return out
}

// content reads a file beside the configuration.
func (e *evaluator) content(name string) ([]byte, error) {
	data, err := e.files.Open(joined(e.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no file exists at %q", name)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%q is larger than %d MB", name, maxFile>>20)
	}
	return data, err
}

// fileset lists files by a pattern within one folder, and beneath it where the
// pattern begins with **.
func (e *evaluator) fileset(args []cty.Value, _ cty.Type) (cty.Value, error) {
	dir, pattern := joined(e.dir, args[0].AsString()), args[1].AsString()
	within, last := path.Split(pattern)
	if within == "**/" || path.Clean(within) == "." {
		within = ""
	}
	names, err := e.files.List(path.Join(dir, within))
	if err != nil {
		return cty.SetValEmpty(cty.String), nil
	}
	var found []cty.Value
	for _, name := range slices.Sorted(slices.Values(names)) {
		ok, err := path.Match(last, name)
		if err != nil {
			return cty.NilVal, err
		}
		if ok || last == "**" {
			found = append(found, cty.StringVal(path.Join(within, name)))
		}
	}
	if len(found) == 0 {
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(found), nil
}

// maxTemplates bounds how deep templates call templates.
const maxTemplates = 100

// templateFunction is templatefile, or templatestring.
// https://developer.hashicorp.com/terraform/language/functions/templatefile
func (e *evaluator) templateFunction(file bool, all map[string]function.Function) function.Function {
	p := *anything
	return function.New(&function.Spec{Params: []function.Parameter{{Name: "template", Type: cty.String}, p},
		Type: func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, name := args[0].AsString(), "template"
			if file {
				name = text
				data, err := e.content(name)
				if err != nil {
					return cty.NilVal, err
				}
				text = string(data)
			}
			vars, marks := args[1].Unmark()
			switch {
			case !vars.IsKnown():
				return cty.DynamicVal.WithMarks(marks), nil
			case vars.IsNull() || !vars.Type().IsObjectType() && !vars.Type().IsMapType():
				return cty.NilVal, errors.New("the variables of a template are a map")
			case tooDeep([]byte(text)):
				return cty.NilVal, errors.New("the template is nested too deep")
			}
			if e.templates++; e.templates > maxTemplates {
				return cty.NilVal, errors.New("templates call templates too deep")
			}
			defer func() { e.templates-- }()
			return e.rendered(name, text, vars, all)
		}})
}

func (e *evaluator) rendered(name, text string, vars cty.Value, all map[string]function.Function) (cty.Value, error) {
	x, diags := hclsyntax.ParseTemplate([]byte(text), name, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, diags.Errs()[0]
	}
	e.bound(x)
	ctx := &hcl.EvalContext{Functions: all, Variables: map[string]cty.Value{}}
	for k, v := range vars.Elements() {
		k, _ = k.Unmark()
		ctx.Variables[k.AsString()] = v
	}
	v, diags := x.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, diags.Errs()[0]
	}
	return v, nil
}
