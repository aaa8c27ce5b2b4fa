package cfn

import (
	"slices"
	"strings"

	"bailey/source"
)

// nesting says which functions may stand in an argument of another: the
// function, and of those with a list of arguments, which one. "*" is all that
// give a value; what is not listed takes all. The pages of the functions list
// them under "Supported functions"; those of AWS::LanguageExtensions are after
// the bar.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
var nesting = map[string]string{
	"Ref":             "| Ref Base64 FindInMap If Join Sub ToJsonString Select Split",
	"Fn::GetAtt":      "| Ref Base64 FindInMap If Join Sub ToJsonString Select Split",
	"Fn::GetAtt 1":    "Ref | Ref Base64 FindInMap If Join Sub ToJsonString Select Split",
	"Fn::GetAZs":      "Ref | Ref FindInMap Sub If Select Join",
	"Fn::Base64":      "Base64 Cidr FindInMap GetAtt If ImportValue GetStackOutput Join Select Sub Transform Ref | Length ToJsonString",
	"Fn::Cidr":        "FindInMap GetAtt If ImportValue GetStackOutput Select Sub Join Ref Split | Length",
	"Fn::FindInMap":   "FindInMap Ref | FindInMap Ref Join Sub If Select Length ToJsonString Split",
	"Fn::FindInMap 3": "|",
	"Fn::If 0":        "|",
	"Fn::ImportValue": "Base64 FindInMap If Join Select Split Sub Ref Transform | Length ToJsonString",
	"Fn::Join 0":      "|",
	"Fn::Select 0":    "Ref FindInMap If | Length",
	"Fn::Split 0":     "|",
	"Fn::Sub 0":       "|",
	"Fn::And":         "Condition And Equals Not Or",
	"Fn::Or":          "Condition And Equals Not Or",
	"Fn::Not":         "Condition And Equals Not Or",
	"Fn::Equals":      "Ref FindInMap Sub Join Select Split If Condition And Equals Not Or Cidr GetAZs Base64 Transform | Length ToJsonString",
	"Fn::Length":      "| Ref FindInMap Split If GetAZs Cidr Base64 Join Select Sub ToJsonString GetAtt",
	"Condition":       "|",
}

// ruleNesting is what a rule allows beyond.
var ruleNesting = " Contains EachMemberEquals EachMemberIn RefAll ValueOf ValueOfAll"

// checkNesting reports each function that stands where it cannot, also where
// nothing evaluates it.
func (l *loader) checkNesting() {
	for _, e := range l.doc.Entries {
		switch e.Key {
		case "Resources", "Outputs", "Conditions":
			l.nested(e.Value, "")
		case "Rules":
			l.nested(e.Value, ruleNesting)
		}
	}
}

func (l *loader) nested(n source.Node, also string) {
	name, arg, ok := call(n)
	if !ok {
		for _, item := range n.Items {
			l.nested(item, also)
		}
		for _, e := range n.Entries {
			l.nested(e.Value, also)
		}
		return
	}
	if arg.Kind != source.List || name == "Fn::GetAZs" {
		l.mayStand(name, name, arg, also)
	}
	for i, item := range arg.Items {
		key := name
		if slot := name + " " + string(rune('0'+min(i, 9))); nesting[slot] != "" {
			key = slot
		}
		l.mayStand(name, key, item, also)
	}
	l.nested(arg, also)
}

// mayStand reports an argument that is a function which cannot be one.
func (l *loader) mayStand(outer, key string, arg source.Node, also string) {
	name, _, ok := call(arg)
	if v, is := arg.Get("Condition"); is && len(arg.Entries) == 1 && v.Kind == source.String {
		name, ok = "Condition", true
	}
	list, limited := nesting[key]
	if !ok || !limited || !slices.Contains(functions, name) && !slices.Contains(ruleFunctions, name) {
		return
	}
	plain, extended, _ := strings.Cut(list, "|")
	if also != "" {
		plain += also
	}
	if l.language {
		plain += " " + extended
	}
	if slices.Contains(strings.Fields(plain), strings.TrimPrefix(name, "Fn::")) {
		return
	}
	hint := "write the value itself"
	if may := strings.TrimSpace(plain); may != "" {
		hint = "there may stand " + strings.Join(strings.Fields(may), ", ")
	} else if extended != "" && !l.language && slices.Contains(strings.Fields(extended), strings.TrimPrefix(name, "Fn::")) {
		hint = "add Transform: AWS::LanguageExtensions"
	}
	l.fail("CFN_NESTING", arg.At, hint, "%s cannot stand in this argument of %s", name, outer)
}

// policyKeys are attributes of a resource that say what becomes of it, as text.
// With AWS::LanguageExtensions some may be given by parameters.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
var policyKeys = map[string][]string{"DeletionPolicy": {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"},
	"UpdateReplacePolicy": {"Delete", "Retain", "Snapshot"}}

// checkAttributes checks DeletionPolicy and UpdateReplacePolicy.
func (l *loader) checkAttributes(e source.Entry) {
	for key, words := range policyKeys {
		v, ok := e.Value.Get(key)
		if !ok {
			continue
		}
		if name, _, function := call(v); function {
			if !l.language {
				l.fail("CFN_NESTING", v.At, "add Transform: AWS::LanguageExtensions", "%s cannot stand in %s of %s", name, key, e.Key)
				continue
			}
			v = l.eval(v)
		}
		if v.Kind != source.Unknown && !slices.Contains(words, v.Text) {
			l.fail("CFN_BAD_VALUE", v.At, source.DidYouMean(v.Text, words, "it is one of "+strings.Join(words, ", ")), "%s of %s is %q", key, e.Key, shown(v))
		}
	}
}
