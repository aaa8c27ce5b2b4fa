package world

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"bailey/fabric"
	"bailey/lambda"
	"bailey/path"
	"bailey/project"
)

// A Step of a demo invokes a function; its rows say which calls the function
// makes on the way and how each should end. Or it is Calls from outside, which
// a Player makes.
type Step struct {
	Name     string
	Function string
	Payload  []byte
	Rows     []Row
	Calls    []project.Call
}

// A Row is one call of a step. Result is a JSON pointer into the response, to
// {"ok": bool, "detail": string, "ms": number}.
type Row struct {
	Call, To string
	Expect   path.Verdict
	Result   string
}

// An Outcome is what became of a row.
type Outcome struct {
	Row
	Ran    bool           // the function came to this call
	OK     bool           // the call succeeded
	Detail string         // what the function says of it
	Took   time.Duration  //
	Drop   *fabric.Record // the flow that the network dropped; nil if it did not
}

// AsExpected reports whether the call ended as the row expects.
func (o Outcome) AsExpected() bool {
	return o.Ran && o.OK == (o.Expect == path.Reachable) && (o.OK || o.Drop != nil)
}

// A StepResult is a step with the outcome of its rows and what was logged.
type StepResult struct {
	Step
	Outcomes []Outcome
	Response lambda.Response
	Took     time.Duration
}

// Play runs one step.
func (w *World) Play(ctx context.Context, s Step) (StepResult, error) {
	f, ok := w.Model().Function(s.Function)
	if !ok {
		return StepResult{}, fmt.Errorf("demo: there is no function %s", s.Function)
	}
	begin := time.Now()
	resp, err := w.lambda.Invoke(ctx, lambda.Request{Function: f.FunctionName, Payload: s.Payload, LogTail: true})
	if err != nil {
		return StepResult{}, fmt.Errorf("demo: invoking %s: %w", s.Function, err)
	}
	out := StepResult{Step: s, Response: resp, Took: time.Since(begin)}
	drops := w.flows.dropped(f.Name+" "+resp.Environment, begin)
	for _, row := range s.Rows {
		out.Outcomes = append(out.Outcomes, w.outcome(row, f.Name, resp, drops))
	}
	return out, nil
}

// outcome reads a row's result out of the response and finds the drop that
// belongs to it.
func (w *World) outcome(row Row, function string, resp lambda.Response, drops []fabric.Record) Outcome {
	o := Outcome{Row: row, Drop: w.dropOf(row, function, drops)}
	var doc any
	if resp.FunctionError != "" || json.Unmarshal(resp.Payload, &doc) != nil {
		o.Detail = "not run: the function ended before this call: " + errorMessage(resp.Payload)
		if o.Drop != nil {
			o.Detail = "the function ended inside this call: " + errorMessage(resp.Payload)
		}
		return o
	}
	result, ok := point(doc, row.Result).(map[string]any)
	if !ok {
		o.Detail = fmt.Sprintf("the response has no object at %s", row.Result)
		return o
	}
	o.Ran = true
	o.OK, _ = result["ok"].(bool)
	o.Detail, _ = result["detail"].(string)
	if ms, ok := result["ms"].(float64); ok {
		o.Took = time.Duration(ms * float64(time.Millisecond))
	}
	return o
}

func errorMessage(payload []byte) string {
	var e struct{ ErrorMessage string }
	if json.Unmarshal(payload, &e) != nil || e.ErrorMessage == "" {
		return string(payload)
	}
	return e.ErrorMessage
}

// point follows a JSON pointer. https://www.rfc-editor.org/rfc/rfc6901
func point(doc any, pointer string) any {
	for key := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		object, ok := doc.(map[string]any)
		if !ok {
			return nil
		}
		doc = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(key)]
	}
	return doc
}

// dropOf finds the dropped flow that a row's destination stands for.
func (w *World) dropOf(row Row, function string, drops []fabric.Record) *fabric.Record {
	r, err := path.Why(w.Model(), path.Question{From: function, To: row.To})
	if err != nil {
		return nil
	}
	for _, d := range drops {
		if d.Flow.Dst == r.Witness.Dst || d.Host != "" && strings.EqualFold(d.Host, r.Host) {
			return &d
		}
	}
	return nil
}
