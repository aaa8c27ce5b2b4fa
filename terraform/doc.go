// Package terraform reads a Terraform configuration, or the plan that Terraform
// made of one, into a cloud.Spec.
//
//	*.tf, *.tf.json  --Read-->  Configuration   what is written
//	  -> scope        one module instance: variables, locals, outputs, modules
//	  -> instance     one resource for each count and for_each, its attributes
//	plan JSON        --ReadPlan-->  the same instances, from planned_values
//	  -> rows         a table: Terraform's type and arguments -> CloudFormation's
//	  -> cfn          evaluates those, as it does a template's
//
// There is one interpreter of resources, package cfn; this package knows how
// Terraform names and nests what CloudFormation names otherwise, and what the
// AWS provider does where an argument is absent. It is not Terraform: nothing is
// looked up in an account or downloaded, no provider runs, and no file is read
// but through the Files that the caller gives.
//
// The rule it obeys: an attribute that AWS decides, an ID or an ARN, is a token
// in the text while expressions are evaluated, and a reference to the resource
// when they are done, so that cfn makes the same ID wherever it is used; see
// token.go. Everything else that is not known until apply is an unknown cty
// value marked with a gap that says why, and nothing made of one is known by
// accident. What is wrong is a source.Diag with the place.
//
// Neighbours: cfn evaluates what is made here; cloud.New makes the Model.
package terraform
