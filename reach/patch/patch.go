package patch

import (
	"slices"
	"strings"
)

// A Format is a language of templates.
type Format uint8

// The formats. The zero Format is CloudFormation's YAML, which SAM takes too.
const (
	YAML      Format = iota
	JSON             // a CloudFormation template in JSON: a JSON Patch (RFC 6902)
	CDK              // TypeScript
	Terraform        // HCL
)

// A Patch is a change of a template: all of it or nothing.
type Patch []Edit

// An Edit is one step of a Patch: Add, Set, Append, Remove, StandIn or Advice.
type Edit interface{ isEdit() }

type (
	// Add declares a resource.
	Add struct {
		Resource
		Properties Map
		After      []Resource // that must be there first (DependsOn)
	}
	// Set gives a property of a declared resource a value: VpcConfig.SubnetIds.
	Set struct {
		Of       Resource
		Property string
		Value    Value
	}
	// Append adds items to a property that is a list and has as many as Have
	// says: 0 where it is not stated yet, negative where it is not known.
	Append struct {
		Of       Resource
		Property string
		Items    List
		Have     int
	}
	// Remove takes a property away.
	Remove struct {
		Of       Resource
		Property string
	}
	// StandIn says of a resource that AWS makes with another that the patch has
	// its ID only as it is made up here.
	StandIn struct{ Resource }
	// Advice is what to do where no template says it: one line.
	Advice string
)

func (Add) isEdit()     {}
func (Set) isEdit()     {}
func (Append) isEdit()  {}
func (Remove) isEdit()  {}
func (StandIn) isEdit() {}
func (Advice) isEdit()  {}

// advice is how a StandIn is written where a template has no word for it.
func (s StandIn) advice() Advice {
	return Advice(s.ID + " stands for " + s.Name + ": put its ID there")
}

// A Resource is one that a Patch speaks of.
type Resource struct {
	Name      string // logical ID or Terraform address
	Type      string // AWS::EC2::Subnet
	ID        string // the physical ID: what stands for it where no template declares it
	Construct string // its path in a CDK app; empty elsewhere
}

// Declared reports whether the template has the resource, so that it can be
// referred to: the name of one that only facts state, or that AWS makes with
// another, is no logical ID and no address.
func (r Resource) Declared() bool {
	return r.Name != "" && r.Type != "" && !strings.ContainsAny(r.Name, " -") || strings.Contains(r.Name, ".") && !strings.Contains(r.Name, " ")
}

// A Value is what a property is set to: one of the types below.
type Value interface{ isValue() }

type (
	// Text is a string.
	Text string
	// Number is a whole number.
	Number int
	// Bool is true or false.
	Bool bool
	// Ref is a resource's ID.
	Ref struct{ Resource }
	// Attr is an attribute of a resource, as Fn::GetAtt names it.
	Attr struct {
		Resource
		Name string
	}
	// Sub is a text with ${AWS::Region} and the like, and ${Name} for the ID of
	// one of In.
	Sub struct {
		Text string
		In   []Resource
	}
	// List is a list.
	List []Value
	// Map is a map in the order in which it is written.
	Map []Property
)

// A Property of a resource, or an entry of a map.
type Property struct {
	Name  string
	Value Value
}

func (Text) isValue()   {}
func (Number) isValue() {}
func (Bool) isValue()   {}
func (Ref) isValue()    {}
func (Attr) isValue()   {}
func (Sub) isValue()    {}
func (List) isValue()   {}
func (Map) isValue()    {}

// Writes reports whether the patch changes a template, rather than only advise.
func (p Patch) Writes() bool {
	return slices.ContainsFunc(p, func(e Edit) bool {
		switch e.(type) {
		case Advice, StandIn:
			return false
		}
		return true
	})
}

// In writes the patch in a format.
func (p Patch) In(f Format) string {
	if f == Terraform {
		return p.terraform()
	}
	p = p.advised()
	switch f {
	case JSON:
		return p.json()
	case CDK:
		return p.cdk()
	}
	return p.yaml()
}

// advised has advice in the place of what only some formats have a word for.
func (p Patch) advised() Patch {
	out := slices.Clone(p)
	for i, e := range out {
		if s, ok := e.(StandIn); ok {
			out[i] = s.advice()
		}
	}
	return out
}

// Get gives an entry of a map.
func (m Map) Get(name string) (Value, bool) {
	for _, p := range m {
		if p.Name == name {
			return p.Value, true
		}
	}
	return nil, false
}

// Refs makes a list of references.
func Refs(resources ...Resource) List {
	out := make(List, len(resources))
	for i, r := range resources {
		out[i] = Ref{r}
	}
	return out
}
