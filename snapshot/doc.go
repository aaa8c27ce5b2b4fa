// Package snapshot reads what an account was seen to have, a folder of the JSON
// that `aws ... describe-*`, `list-*` and `get-*` print, into a cloud.Spec.
//
//	files  --Read-->  Snapshot   what each file lists, by its top-level key
//	  -> environment  one for each account and region: folders, else one
//	  -> kinds        a table: key, what names an item, the call that prints it
//	  -> readers      one for each kind: items -> parts of the Spec
//	  -> across       the networks of other environments that are joined to it
//
// A template says what is to be made and leaves the rest to AWS; a snapshot has
// the final facts: IDs, the addresses of every interface, the state of every
// route. That is why there is no template in between, as for Terraform: the
// parts of the Spec are made here directly, and cloud.Placement says of the
// interfaces that cloud.New derives which ones they are. What a part means is
// cloud's and path's business as for every other front end.
//
// The rule it obeys: what a present file does not list is not there, and what
// no file lists is unknown, with the call that would tell. Nothing is looked up
// in an account here, and no file is read: package snapshot/take makes the calls.
//
// Names are those of the tag Name, else the logical ID in the tag that
// CloudFormation leaves, else the physical ID; see name.go.
//
// Neighbours: cfn/document below; cloud.New makes the Model of the Spec.
package snapshot
