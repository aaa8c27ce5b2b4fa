// Package cfn reads CloudFormation templates, YAML or JSON, into a cloud.Spec.
//
//	bytes --document.Read--> source.Node
//	  -> template     sections, resources, parameters checked and given values
//	  -> cycle        Ref, GetAtt, Sub and DependsOn must not form a circle
//	  -> eval         intrinsics give way to values; what is open stays Unknown
//	  -> rows         one row of the table a resource type: properties -> cloud.Spec
//
// It does what `aws cloudformation deploy` would do to the text, as far as the
// text decides it, and it is not a deployer: nothing is looked up in an
// account. The rule it obeys: a value that the template leaves open evaluates
// to a Node of Kind Unknown that says why and where to state it, and nothing
// that is built from one is ever known by accident. Everything wrong with a
// template is a source.Diag with the place; all of them are listed at once.
//
// What is not read is refused by name: transforms (SAM has its own front end),
// Fn::Transform, the functions of AWS::LanguageExtensions. A resource whose
// type has no row goes to Spec.Unmodelled with one note per type. The Rules
// section only asserts things about parameters and is not evaluated.
//
// Neighbours: document and cloud below; project states the facts that no
// template has; cloud.New makes the Model of the Spec.
package cfn
