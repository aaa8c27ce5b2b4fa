// Package patch writes a change to a template in the format that its owner
// uses: CloudFormation in YAML (SAM is the same) or JSON, CDK in TypeScript,
// Terraform.
//
//	reach: what was proved -> Patch, a list of Edits -> In(format) -> text to paste
//
// An Edit adds a resource, sets, extends or removes a property of one that is
// there, or advises what no template can say (a host name in code). Types,
// properties and attributes are spelled as CloudFormation does; each writer
// turns them into its own words; Terraform's are in the table of package
// terraform, which reads them.
//
// It decides nothing and reads no template. The rule it obeys: what is written
// is what was proved, resource by resource and property by property, so the CDK
// snippet uses L1 constructs and not those that choose subnets or groups of
// their own; an edit that a writer has no words for is written as a comment that
// says what to do, never left out.
//
// Neighbours: reach makes Patches; report prints them.
package patch
