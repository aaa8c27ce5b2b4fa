// Package ssm is Systems Manager's Parameter Store, over AWS's own protocol.
//
//	template ─ Apply ─▶ bucket ssm/parameters ◀─ PutParameter, DeleteParameter
//	                           │
//	                           ▼
//	      GetParameter, GetParameters, GetParametersByPath, DescribeParameters
//
// It is not the rest of Systems Manager: documents, sessions and the like are
// refused by name, and so are tags, labels, policies, parameters of other
// accounts and keys of one's own. It imports cloud, services/access,
// services/deploy, services/store and services/wire.
//
// The rule it obeys: a template is a deployment, as package deploy has it. A
// parameter whose declaration changed takes the new value as a new version:
// what a call put there before is still to be had as NAME:VERSION.
//
// SecureString values are encrypted with AES-256-GCM, bound to their name. The
// key lies in the same file, so this keeps values out of backups' greps and of
// core dumps of the file, not from who has the whole file. It plays the part of
// AWS's managed key alias/aws/ssm, which every principal of the account may use
// through Parameter Store without a statement of its own; a Deny of kms:Decrypt
// counts: see access.Access.Authorize.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html
package ssm
