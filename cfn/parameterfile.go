package cfn

import (
	"strings"

	"bailey/cfn/document"
	"bailey/source"
)

// ParameterFile reads the values of parameters from a file in one of the forms
// that AWS takes, JSON or YAML:
//
//	[{"ParameterKey": "Stage", "ParameterValue": "prod"}]    aws cloudformation create-stack
//	["Stage=prod"]                                           aws cloudformation deploy
//	{"Parameters": {"Stage": "prod"}}                        CodePipeline
//
// https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html
func ParameterFile(file string, data []byte) (map[string]source.Node, source.Diags) {
	doc, diags := document.Read(file, data)
	if diags.HasErrors() {
		return nil, diags
	}
	f := parameterFile{diags: diags, out: map[string]source.Node{}}
	switch all, ok := doc.Get("Parameters"); {
	case ok && all.Kind == source.Map:
		for _, e := range all.Entries {
			f.add(e.Key, e.Value, e.KeyAt)
		}
	case doc.Kind == source.List:
		for _, item := range doc.Items {
			f.item(item)
		}
	default:
		f.bad(doc)
	}
	return f.out, f.diags.Sorted()
}

type parameterFile struct {
	out   map[string]source.Node
	diags source.Diags
}

func (f *parameterFile) bad(n source.Node) {
	f.diags.Add(source.Diag{Code: "CFN_PARAMETER_FILE", At: n.At, Summary: "these are no parameters in a form that AWS takes",
		Hint: `write [{"ParameterKey": key, "ParameterValue": value}], ["Key=Value"] or {"Parameters": {key: value}}`})
}

// item reads one element of a list.
func (f *parameterFile) item(n source.Node) {
	key, keyed := n.Get("ParameterKey")
	value, valued := n.Get("ParameterValue")
	name, text, ok := strings.Cut(n.Text, "=")
	previous, _ := n.Get("UsePreviousValue")
	switch {
	case keyed && key.Kind == source.String && valued:
		f.add(key.Text, value, n.At)
	case keyed && key.Kind == source.String && previous.Text == "true":
		f.add(key.Text, open("parameter "+key.Text+" keeps its previous value, which the account knows", n.At), n.At)
	case n.Kind == source.String && ok:
		f.add(name, source.Node{Kind: source.String, Text: text, At: n.At}, n.At)
	default:
		f.bad(n)
	}
}

func (f *parameterFile) add(name string, v source.Node, at source.Span) {
	if before, twice := f.out[name]; twice {
		f.diags.Add(source.Diag{Code: "CFN_DUPLICATE_KEY", At: at, Summary: "parameter " + name + " is already given, at " + before.At.String()})
		return
	}
	if v.Kind == source.List { // a list is given as text with commas
		var texts []string
		for _, item := range v.Items {
			texts = append(texts, item.Text)
		}
		v = source.Node{Kind: source.String, Text: strings.Join(texts, ","), At: v.At}
	}
	if !v.IsScalar() && v.Kind != source.Unknown {
		f.bad(v)
		return
	}
	f.out[name] = v
}
