package secretsmanager

import (
	"fmt"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/services/deploy"
	"bailey/services/store"
	"bailey/services/wire"
)

// A Config is what Secrets are made of.
type Config struct {
	Store *store.Store
	Model func() *cloud.Model // as of now
	Now   func() time.Time    // nil: time.Now
}

// Secrets are those of one account in one region.
type Secrets struct {
	cfg     Config
	entries *store.Bucket[entry]
	sealer  store.Sealer

	mu   sync.Mutex
	open map[string]cloud.Gap // declared secrets whose value is not known, by name
}

type entry = deploy.Entry[secret]

// New opens the secrets that are in the store and deploys the present model's.
func New(cfg Config) (*Secrets, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	entries, err := store.In[entry](cfg.Store, "secretsmanager/secrets")
	if err != nil {
		return nil, fmt.Errorf("secretsmanager: %w", err)
	}
	sealer, err := store.NewSealer(cfg.Store, "secretsmanager/key")
	if err != nil {
		return nil, fmt.Errorf("secretsmanager: %w", err)
	}
	s := &Secrets{cfg: cfg, entries: entries, sealer: sealer}
	return s, s.Apply(cfg.Model())
}

// Service is the table of its operations.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
func (s *Secrets) Service() *wire.Service {
	return &wire.Service{
		Name: "secretsmanager", Protocol: wire.AwsJSON11, Version: "2017-10-17", TargetPrefix: "secretsmanager",
		MessageMember: func(string) string { return "Message" },
		Operations: []wire.Operation{
			{Name: "GetSecretValue", Resources: s.oneSecret, Keys: valueKeys, Handle: s.getSecretValue},
			{Name: "BatchGetSecretValue", Handle: s.batchGetSecretValue},
			{Name: "DescribeSecret", Resources: s.oneSecret, Handle: s.describeSecret},
			{Name: "ListSecrets", Handle: s.listSecrets},
			{Name: "ListSecretVersionIds", Resources: s.oneSecret, Handle: s.listVersions},
			{Name: "CreateSecret", Resources: s.newSecret, Keys: nameKey, Handle: s.createSecret},
			{Name: "PutSecretValue", Resources: s.oneSecret, Handle: s.putSecretValue},
			{Name: "UpdateSecret", Resources: s.oneSecret, Handle: s.updateSecret},
			{Name: "UpdateSecretVersionStage", Resources: s.oneSecret, Handle: s.updateStage},
			{Name: "DeleteSecret", Resources: s.oneSecret, Handle: s.deleteSecret},
			{Name: "RestoreSecret", Resources: s.oneSecret, Handle: s.restoreSecret},
			{Name: "TagResource", Resources: s.oneSecret, Handle: s.tagResource},
			{Name: "UntagResource", Resources: s.oneSecret, Handle: s.untagResource},
			{Name: "GetResourcePolicy", Resources: s.oneSecret, Handle: s.getPolicy},
			{Name: "PutResourcePolicy", Resources: s.oneSecret, Handle: s.putPolicy},
			{Name: "DeleteResourcePolicy", Resources: s.oneSecret, Handle: s.deletePolicy},
			{Name: "GetRandomPassword", Handle: getRandomPassword},

			{Name: "CancelRotateSecret"},
			{Name: "RemoveRegionsFromReplication"},
			{Name: "ReplicateSecretToRegions"},
			{Name: "RotateSecret"},
			{Name: "StopReplicationToReplica"},
			{Name: "ValidateResourcePolicy"},
		},
	}
}
