// Package secretsmanager is AWS Secrets Manager, over AWS's own protocol.
//
//	template ─ Apply ─▶ bucket secretsmanager/secrets ◀─ CreateSecret, PutSecretValue, ...
//	 (recipe: once)                │
//	                               ▼
//	          GetSecretValue, BatchGetSecretValue, DescribeSecret, ListSecrets
//
// It rotates and replicates nothing: those operations are refused by name. The
// rule it obeys: a template is a deployment, as services/deploy has it. A value
// that a recipe makes up is made once and kept: only another recipe makes
// another value. It imports access, cloud, iam, services/deploy, services/store
// and services/wire.
//
// Values are encrypted with AES-256-GCM, each bound to its secret and version:
// see store.Sealer. The key of the store plays the part of AWS's managed key
// alias/aws/secretsmanager; a secret with a KMS key of its own is read only by
// who may use that key as well.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
package secretsmanager
