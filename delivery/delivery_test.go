package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bailey/cloud"
	"bailey/iam"
	"bailey/lambda"
	"bailey/schedule"
)

// A notebook notes what fires, and when.
type notebook struct {
	mu    sync.Mutex
	lines []string
}

func (n *notebook) note(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *notebook) take() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := n.lines
	n.lines = nil
	return out
}

func plan(t *testing.T, text string) schedule.Plan {
	e, err := schedule.Parse(text, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	return schedule.Plan{Expression: e, From: time.Now().Add(time.Hour)}
}

// A bubble's clock begins at midnight of 2000-01-01, UTC.
func TestTimetable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var table Timetable
		var n notebook
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { table.Run(ctx) })
		fire := func(name string) func(context.Context, time.Time) {
			return func(_ context.Context, at time.Time) {
				n.note("%s %s at %s", name, at.UTC().Format("15:04"), time.Now().UTC().Format("15:04:05"))
			}
		}
		table.Set("noon", Due{Plan: plan(t, "cron(0 12 * * ? *)"), Fire: fire("noon")})
		table.Set("rate", Due{Plan: plan(t, "rate(5 hours)"), Fire: fire("rate")})
		table.Set("once", Due{Plan: plan(t, "at(2000-01-01T02:30:00)"), Fire: fire("once")})
		table.Set("past", Due{Plan: plan(t, "at(1999-12-31T00:00:00)"), Fire: fire("past")})
		table.Set("window", Due{Plan: plan(t, "cron(0 9 * * ? *)"), Fire: fire("window"), Delay: func(time.Time) time.Duration { return 90 * time.Second }})
		time.Sleep(13 * time.Hour)
		synctest.Wait()
		want := "[rate 01:00 at 01:00:00 once 02:30 at 02:30:00 rate 06:00 at 06:00:00 window 09:00 at 09:01:30 rate 11:00 at 11:00:00 noon 12:00 at 12:00:00]"
		if got := fmt.Sprint(n.take()); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got := table.Next("noon").Format(time.RFC3339); got != "2000-01-02T12:00:00Z" || !table.Next("once").IsZero() || !table.Next("nobody").IsZero() {
			t.Errorf("next noon %s, once %v", got, table.Next("once"))
		}
		table.Remove("rate")
		table.Set("noon", Due{Plan: plan(t, "cron(0 14 * * ? *)"), Fire: fire("two")})
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		if got := fmt.Sprint(n.take()); got != "[two 14:00 at 14:00:00]" {
			t.Errorf("after changes: %s", got)
		}
		table.Keep("no", map[string]bool{"on": true})
		table.Keep("w", nil)
		if table.Next("noon").IsZero() || !table.Next("window").IsZero() {
			t.Error("Keep keeps the wrong lines")
		}
		end()
		running.Wait()
	})
}

// Run ends when what it fired has ended.
func TestRunWaitsForWhatItFired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var table Timetable
		var n notebook
		ctx, end := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { table.Run(ctx); n.note("run") })
		table.Set("slow", Due{Plan: plan(t, "cron(0 1 * * ? *)"), Fire: func(ctx context.Context, _ time.Time) {
			<-ctx.Done()
			time.Sleep(time.Second)
			n.note("fired")
		}})
		time.Sleep(2 * time.Hour)
		end()
		running.Wait()
		if got := n.take(); !slices.Equal(got, []string{"fired", "run"}) {
			t.Error(got)
		}
	})
}

// An invoker answers in turn, the last answer from then on.
type invoker struct {
	notebook
	answers []error
}

func (v *invoker) Invoke(_ context.Context, r lambda.Request) (lambda.Response, error) {
	v.note("%s %s %s", r.Type, r.Function[strings.LastIndexByte(r.Function, ':')+1:], r.Payload)
	err := v.answers[0]
	if len(v.answers) > 1 {
		v.answers = v.answers[1:]
	}
	if err != nil {
		return lambda.Response{}, err
	}
	return lambda.Response{Status: 202, RequestID: "id"}, nil
}

func TestDeliver(t *testing.T) {
	throttled := &lambda.Error{Status: 429, Type: "TooManyRequestsException", Message: "Rate Exceeded."}
	gone := &lambda.Error{Status: 404, Type: "ResourceNotFoundException", Message: "Function not found: F"}
	queue := cloud.ARN{Partition: "aws", Service: "sqs", Region: "us-west-2", Account: "123456789012", Resource: "dlq"}
	function := cloud.ARN{Partition: "aws", Service: "lambda", Region: "us-west-2", Account: "123456789012", Resource: "function:F"}
	allow := func() (iam.Decision, error) { return iam.Decision{Effect: iam.Allow}, nil }
	for _, tt := range []struct {
		name    string
		change  func(*Parcel)
		answers []error
		want    string
		calls   int
		took    time.Duration
	}{
		{"taken", func(*Parcel) {}, []error{nil}, "R invoked " + function.String() + ", request id", 1, 0},
		{"throttled twice", func(*Parcel) {}, []error{throttled, throttled, nil}, "R invoked " + function.String() + ", request id", 3, 3 * time.Second},
		{"our failure", func(*Parcel) {}, []error{errors.New("no sandbox"), nil}, "R invoked " + function.String() + ", request id", 2, time.Second},
		{"no more retries", func(p *Parcel) { p.Retries = 1 }, []error{throttled}, "R did not invoke " + function.String() + ": TooManyRequestsException: Rate Exceeded.", 2, time.Second},
		{"too old", func(p *Parcel) { p.MaxAge = time.Minute }, []error{throttled}, "R did not invoke " + function.String() + ": TooManyRequestsException: Rate Exceeded.", 6, 31 * time.Second},
		{"not there", func(p *Parcel) { p.DeadLetter = queue }, []error{gone}, "R did not invoke " + function.String() +
			": ResourceNotFoundException: Function not found: F; AWS would send the event to its dead-letter queue " + queue.String() + ", which bailey does not have yet", 1, 0},
		{"not allowed", func(p *Parcel) { p.Allowed = func() (iam.Decision, error) { return iam.Decision{}, nil } }, nil, "R did not invoke " + function.String() + ": Whether User: anonymous", 0, 0},
		{"a queue", func(p *Parcel) { p.Target = queue }, nil, "R did not invoke " + queue.String() + ": bailey does not have targets of sqs yet: " + queue.String() + "; functions only", 0, 0},
		{"open", func(p *Parcel) { p.Target = cloud.ARN{} }, nil, "R did not invoke its target: the template leaves open what its target is", 0, 0},
		{"no payload", func(p *Parcel) { p.Payload = func(int) ([]byte, error) { return nil, errors.New("no JSON") } }, nil, "R did not invoke " + function.String() + ": no JSON", 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &invoker{answers: tt.answers}
				p := Parcel{From: "R", Target: function, Retries: -1, Allowed: allow,
					Payload: func(n int) ([]byte, error) { return fmt.Appendf(nil, `{"attempt":%d}`, n), nil }}
				tt.change(&p)
				from := time.Now()
				got := Courier{v}.Deliver(t.Context(), p)
				if !strings.HasPrefix(got.String(), tt.want) || got.Problem == "" && got.String() != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
				if took := time.Since(from); took != tt.took {
					t.Errorf("it took %v, want %v", took, tt.took)
				}
				var want []string
				for n := range tt.calls {
					want = append(want, fmt.Sprintf(`Event F {"attempt":%d}`, n+1))
				}
				if calls := v.take(); !slices.Equal(calls, want) {
					t.Errorf("calls %v, want %v", calls, want)
				}
			})
		})
	}
}
