package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// An Event is the envelope in which EventBridge delivers.
// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
type Event struct {
	ID         string
	DetailType string
	Source     string
	Account    string
	Time       time.Time
	Region     string
	Resources  []string
	Detail     json.RawMessage // a JSON object; or, from EventBridge Scheduler, a string
}

// JSON gives the event as a target sees it: time in whole seconds, members in
// AWS's order.
func (e Event) JSON() []byte {
	out := struct {
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       string          `json:"time"`
		Region     string          `json:"region"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{"0", e.ID, e.DetailType, e.Source, e.Account, stamp(e.Time), e.Region, e.Resources, e.Detail}
	if out.Resources == nil {
		out.Resources = []string{}
	}
	if len(out.Detail) == 0 {
		out.Detail = json.RawMessage("{}")
	}
	text, err := marshal(out)
	if err != nil {
		panic(fmt.Sprintf("event: the detail is not JSON: %s", e.Detail)) // who makes an Event checks that
	}
	return text
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// read parses one JSON value; numbers keep their text.
func read(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more follows the JSON value")
	}
	return v, nil
}

// marshal leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
