package events

import (
	"encoding/json"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/event"
	"bailey/schedule"
)

// A rule is what the store has of one.
type rule struct {
	Name, Bus   string
	Schedule    string `json:",omitempty"`
	Pattern     string `json:",omitempty"` // JSON
	State       string
	Description string    `json:",omitempty"`
	Role        string    `json:",omitempty"`
	Made        time.Time // a rate is counted from here
	Targets     []target
}

// A target is API_Target, as far as it means something here.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html
type target struct {
	Id, Arn          string
	RoleArn          string                `json:",omitempty"`
	Input            string                `json:",omitempty"`
	InputPath        string                `json:",omitempty"`
	InputTransformer *transformer          `json:",omitempty"`
	RetryPolicy      *delivery.RetryPolicy `json:",omitempty"`
	DeadLetterConfig *delivery.DeadLetter  `json:",omitempty"`
}

type transformer struct {
	InputPathsMap map[string]string `json:",omitempty"`
	InputTemplate string
}

// enabled: there is a third state, for events that only CloudTrail makes.
func (r *rule) enabled() bool { return r.State != "DISABLED" }

func (r *rule) key() string { return key(r.Bus, r.Name) }

func key(bus, name string) string { return bus + "/" + name }

// arn of a rule leaves the default bus out.
func (r *rule) arn(m *cloud.Model) cloud.ARN {
	resource := "rule/" + r.Name
	if r.Bus != "default" {
		resource = "rule/" + r.Bus + "/" + r.Name
	}
	return cloud.ARN{Partition: "aws", Service: "events", Region: m.Region(), Account: m.Account(), Resource: resource}
}

// plan is when it fires: a rate one interval after the rule was made, and so on.
func (r *rule) plan() (schedule.Plan, error) {
	e, err := schedule.ParseRule(r.Schedule)
	p := schedule.Plan{Expression: e}
	p.From = p.Following(r.Made)
	return p, err
}

// input is what of an event the target gets.
func (t target) input() event.Input {
	in := event.Input{Constant: t.Input, Path: t.InputPath}
	if t.InputTransformer != nil {
		in.Template, in.Paths = t.InputTransformer.InputTemplate, t.InputTransformer.InputPathsMap
	}
	return in
}

// declared is the rule as the template has it.
func declared(d cloud.EventRule) rule {
	r := rule{Name: d.RuleName, Bus: d.Bus, Schedule: d.Schedule, State: "ENABLED"}
	if !d.Enabled {
		r.State = "DISABLED"
	}
	if pattern := d.Pattern.Plain(); pattern != nil {
		text, err := json.Marshal(pattern)
		if err != nil {
			panic(err) // a document is always JSON
		}
		r.Pattern = string(text)
	}
	for _, t := range d.Targets {
		r.Targets = append(r.Targets, declaredTarget(t))
	}
	return r
}

func declaredTarget(d cloud.EventTarget) target {
	t := target{Id: d.ID, RoleArn: d.Role.Or(""), Input: d.Input, InputPath: d.InputPath,
		RetryPolicy: delivery.DeclaredPolicy(d), DeadLetterConfig: delivery.DeclaredDeadLetter(d)}
	if arn, known := d.ARN.Get(); known {
		t.Arn = arn.String()
	}
	if template, ok := d.Transform.Get("InputTemplate"); ok {
		t.InputTransformer = &transformer{InputTemplate: template.Text, InputPathsMap: map[string]string{}}
		paths, _ := d.Transform.Get("InputPathsMap")
		for _, e := range paths.Entries {
			t.InputTransformer.InputPathsMap[e.Key] = e.Value.Text
		}
	}
	return t
}
