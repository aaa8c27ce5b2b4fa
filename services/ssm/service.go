package ssm

import (
	"fmt"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/services/store"
	"bailey/services/wire"
)

// A Config is what Parameters are made of.
type Config struct {
	Store *store.Store
	Model func() *cloud.Model // as of now
	Now   func() time.Time    // nil: time.Now
}

// Parameters is the Parameter Store of one account in one region.
type Parameters struct {
	cfg     Config
	entries *store.Bucket[entry]
	cipher  store.Sealer

	mu   sync.Mutex
	open map[string]cloud.Gap // declared parameters whose value is not known
}

// New opens the parameters that are in the store and deploys the present
// model's.
func New(cfg Config) (*Parameters, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	entries, err := store.In[entry](cfg.Store, "ssm/parameters")
	if err != nil {
		return nil, fmt.Errorf("ssm: %w", err)
	}
	cipher, err := store.NewSealer(cfg.Store, "ssm/key")
	if err != nil {
		return nil, fmt.Errorf("ssm: %w", err)
	}
	p := &Parameters{cfg: cfg, entries: entries, cipher: cipher}
	return p, p.Apply(cfg.Model())
}

// Service is the table of its operations. Those of Systems Manager that are
// not listed are refused by name as well.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations.html,
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
func (p *Parameters) Service() *wire.Service {
	return &wire.Service{
		Name: "ssm", Protocol: wire.AwsJSON11, Version: "2014-11-06", TargetPrefix: "AmazonSSM",
		Operations: []wire.Operation{
			{Name: "GetParameter", Resources: p.oneName, Handle: p.getParameter},
			{Name: "GetParameters", Resources: p.manyNames, Handle: p.getParameters},
			{Name: "GetParametersByPath", Resources: p.onePath, Keys: recursiveKey, Handle: p.getParametersByPath},
			{Name: "DescribeParameters", Resources: p.everything, Handle: p.describeParameters},
			{Name: "PutParameter", Resources: p.newName, Keys: overwriteKey, Handle: p.putParameter},
			{Name: "DeleteParameter", Resources: p.oneName, Handle: p.deleteParameter},
			{Name: "DeleteParameters", Resources: p.manyNames, Handle: p.deleteParameters},

			{Name: "AddTagsToResource"},
			{Name: "GetParameterHistory"},
			{Name: "LabelParameterVersion"},
			{Name: "ListTagsForResource"},
			{Name: "RemoveTagsFromResource"},
			{Name: "UnlabelParameterVersion"},
		},
	}
}
