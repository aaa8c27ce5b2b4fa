package secretsmanager

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"bailey/services/wire"
)

// The staging labels that AWS moves by itself.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// A secret is what the store has under its name.
type secret struct {
	ARN         string
	Name        string
	Description string `json:",omitempty"`
	KeyID       string `json:",omitempty"` // of KMS; empty: alias/aws/secretsmanager
	Rotation    string `json:",omitempty"` // ARN of the function that the template names
	Policy      string `json:",omitempty"` // JSON
	// Source identifies what the template's value was made of; empty: calls
	// made it.
	Source  string `json:",omitempty"`
	Tags    []tag
	Created time.Time
	Changed time.Time
	// Removal is when it will be gone; the zero time: it was not deleted.
	Removal  time.Time `json:",omitzero"`
	Deleted  time.Time `json:",omitzero"`
	Versions []version // oldest first
}

type tag struct{ Key, Value string }

// A version is one value. One without stages is deprecated.
type version struct {
	ID      string
	Stages  []string
	Sealed  []byte
	Binary  bool
	Created time.Time
}

// maxVersions are kept, and older ones that have a stage or are not yet older
// than keptFor.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
const (
	maxVersions = 100
	keptFor     = 24 * time.Hour
)

// find gives the version of that ID; nil if there is none.
func (s *secret) find(id string) *version {
	i := slices.IndexFunc(s.Versions, func(v version) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

// staged gives the version that has the stage; nil if none has.
func (s *secret) staged(stage string) *version {
	i := slices.IndexFunc(s.Versions, func(v version) bool { return slices.Contains(v.Stages, stage) })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

// add makes a version with these stages.
func (s *secret) add(v version, stages ...string) {
	s.Versions = append(s.Versions, v)
	for _, stage := range stages {
		s.move(stage, v.ID)
	}
	s.Changed = v.Created
	over := len(s.Versions) - maxVersions
	s.Versions = slices.DeleteFunc(s.Versions, func(old version) bool {
		goes := over > 0 && len(old.Stages) == 0 && v.Created.Sub(old.Created) > keptFor
		if goes {
			over--
		}
		return goes
	})
}

// move gives a stage to one version and takes it from any other; an empty id
// takes it only. What loses AWSCURRENT gets AWSPREVIOUS.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
func (s *secret) move(stage, id string) {
	from := s.staged(stage)
	if from != nil && from.ID == id {
		return
	}
	if from != nil {
		from.Stages = slices.DeleteFunc(from.Stages, func(have string) bool { return have == stage })
	}
	if to := s.find(id); to != nil {
		to.Stages = append(to.Stages, stage)
	}
	if from != nil && stage == current {
		s.move(previous, from.ID)
	}
}

// stages are the versions that have some, for VersionIdsToStages.
func (s *secret) stages() map[string][]string {
	out := map[string][]string{}
	for _, v := range s.Versions {
		if len(v.Stages) > 0 {
			out[v.ID] = v.Stages
		}
	}
	return out
}

// boundTo is what a version's value is sealed with.
func (s *secret) boundTo(id string) string { return s.ARN + "\x00" + id }

// value opens a version.
func (s *Secrets) value(of *secret, v *version) (text *string, binary []byte, err error) {
	plain, err := s.sealer.Open(of.boundTo(v.ID), v.Sealed)
	if err != nil {
		return nil, nil, fmt.Errorf("secret %s, version %s: %w", of.Name, v.ID, err)
	}
	if v.Binary {
		return nil, plain, nil
	}
	shown := string(plain)
	return &shown, nil, nil
}

func (s *Secrets) sealed(of *secret, id string, value []byte, binary bool) version {
	return version{ID: id, Sealed: s.sealer.Seal(of.boundTo(id), value), Binary: binary, Created: s.now()}
}

func (s *Secrets) now() time.Time { return s.cfg.Now().UTC() }

// newID is a random UUID, version 4.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// moment is a time of an answer, which leaves out the zero one.
func moment(t time.Time) *wire.Time {
	if t.IsZero() {
		return nil
	}
	return &wire.Time{Time: t}
}
