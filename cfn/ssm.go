package cfn

import (
	"fmt"
	"slices"
	"strings"

	"bailey/cloud"
	"bailey/source"
)

func ssmRows() []*row {
	return []*row{{Type: "AWS::SSM::Parameter", read: readParameter, ref: nameRef("Name", 1011),
		properties: "AllowedPattern DataType Description Name Policies Tags Tier !Type !Value",
		atts:       attributes{"Type": property("Type"), "Value": property("Value")}}}
}

// readParameter. CloudFormation cannot make a SecureString. The value may be
// text or, for a StringList, a list.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html
func readParameter(l *loader, r *resource) {
	o := l.object(r)
	p := cloud.Parameter{Meta: r.Meta, ParamName: l.nameOf(r, "Name", 1011), Kind: o.known("Type")}
	if n, ok := o.get("Type"); ok && n.Kind != source.Unknown && !slices.Contains([]string{"String", "StringList"}, p.Kind) {
		o.bad("Type", n, fmt.Sprintf("%q is neither String nor StringList", p.Kind))
	}
	if n, ok := o.get("Value"); ok && n.Kind == source.List && p.Kind == "StringList" {
		p.Value = joined(o.texts("Value"))
	} else {
		p.Value = o.text("Value", cloud.Known(""))
	}
	l.spec.Parameters = append(l.spec.Parameters, p)
}

func joined(v cloud.Value[[]string]) cloud.Value[string] {
	if g, missing := v.Gap(); missing {
		return cloud.Unknown[string](g.Because, g.At)
	}
	return cloud.Known(strings.Join(v.Or(nil), ","))
}
