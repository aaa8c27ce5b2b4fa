// Package cfn reads CloudFormation templates, YAML or JSON, into a cloud.Spec:
// the stacks of one account and region together, with those nested in them.
//
//	bytes --document.Read--> source.Node
//	  -> expand       AWS::Include, AWS::LanguageExtensions, then package sam
//	  -> nesting      each function may stand only where its page says
//	  -> template     sections, resources, parameters; nested stacks are opened
//	  -> cycle        resources, and stacks by exports and outputs, form no circle
//	  -> eval         each value when it is first asked for, in whichever stack
//	  -> rows         one row of the table a resource type: properties -> cloud.Spec
//
// It does what `aws cloudformation deploy` would do to the text, as far as the
// text decides it, and it is not a deployer: nothing is looked up in an
// account, and no file is read but through Group.Open. The rule it obeys: a
// value that the template leaves open evaluates to a Node of Kind Unknown that
// says why and where to state it, and nothing that is built from one is ever
// known by accident. So is a resource whose condition is open: see doubt.
// Everything wrong with a template is a source.Diag with the place; all of them
// are listed at once.
//
// What is not read is refused by name: macros of the account's. A resource
// whose type has no row goes to Spec.Unmodelled with one note per type.
//
// Neighbours: document, sam and cloud below; project states the facts that no
// template has; cdk says which stacks there are; cloud.New makes the Model of
// the Spec.
package cfn
