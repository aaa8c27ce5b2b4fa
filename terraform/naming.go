package terraform

import (
	"slices"
	"strings"
	"sync"
)

// A Naming is how Terraform's AWS provider names a resource type of
// CloudFormation's and its arguments: the table, read the other way.
type Naming struct {
	Type       string // as in aws_vpc
	properties []property
}

// Name gives the naming of a type of CloudFormation's. Where several of
// Terraform's types are one of CloudFormation's, it is the first that has most
// of the properties that are stated.
func Name(cfn string, stated ...string) (Naming, bool) {
	var best *row
	most := -1
	for _, r := range byCloudFormation()[cfn] {
		has := 0
		for _, name := range stated {
			if slices.ContainsFunc(r.parsed, func(p property) bool { return p.name == name }) {
				has++
			}
		}
		if has > most {
			best, most = r, has
		}
	}
	if best == nil {
		return Naming{}, false
	}
	return Naming{Type: best.tf, properties: best.parsed}, true
}

// byCloudFormation are the rows of each type of CloudFormation's, in the
// table's order.
var byCloudFormation = sync.OnceValue(func() map[string][]*row {
	out := map[string][]*row{}
	for _, group := range allRows {
		for _, r := range group {
			if r.cfn != "" {
				out[r.cfn] = append(out[r.cfn], rows()[r.tf])
			}
		}
	}
	return out
})

// Argument is what stands for a property, or for one within others, as in
// VpcConfig.SubnetIds. What the table does not name is CloudFormation's name as
// Terraform writes names, and what is within a map is as it is.
func (n Naming) Argument(path string) string {
	return argument(n.properties, path)
}

func argument(all []property, path string) string {
	name, rest, nested := strings.Cut(path, ".")
	i := slices.IndexFunc(all, func(p property) bool { return p.name == name })
	var inner []property
	out, leaf := Snake(name), false
	if i >= 0 {
		inner, leaf = all[i].inner, !all[i].nested
		for _, from := range all[i].sources {
			if !strings.HasPrefix(from, "'") {
				out = from
				break
			}
		}
	}
	switch {
	case !nested:
		return out
	case leaf:
		return out + "." + rest
	}
	return out + "." + argument(inner, rest)
}

// Block reports whether a property is a block, and not an argument that is set.
func (n Naming) Block(property string) bool {
	for _, p := range n.properties {
		if p.name == property {
			return p.nested
		}
	}
	return false
}
