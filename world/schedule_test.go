package world

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bailey/cloud"
	"bailey/delivery"
)

// daily adds a rule whose target is the function, permitted or not.
func daily(name string, permitted bool) func(*cloud.Spec) {
	return func(s *cloud.Spec) {
		arn := cloud.ARN{Partition: "aws", Service: "events", Region: s.Region, Account: s.Account, Resource: "rule/" + name}
		function := s.Functions[0].ARN
		s.EventRules = append(s.EventRules, cloud.EventRule{Meta: cloud.Meta{Name: "Rule" + name}, ARN: arn, RuleName: name, Bus: "default",
			Schedule: "rate(1 day)", Enabled: true, Targets: []cloud.EventTarget{{ID: "1", ARN: cloud.Known(function), Retries: -1}}})
		if permitted {
			s.Permissions = append(s.Permissions, cloud.Permission{Meta: cloud.Meta{Name: "Permit" + name}, Function: cloud.Known(function),
				Action: cloud.Known("lambda:InvokeFunction"), Principal: cloud.Known("events.amazonaws.com"), SourceARN: cloud.Known(arn.String())})
		}
	}
}

// `bailey schedule` through the control socket: a rule that the function
// permits runs it, and it logs; one that it does not says why.
func TestSchedules(t *testing.T) {
	w := start(t, "../examples/rootski", daily("permitted", true), daily("refused", false))
	socket := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", w.SocketPath())
	}
	c := http.Client{Transport: &http.Transport{DialContext: socket}}
	var lines []delivery.Line
	resp, err := c.Get("http://bailey/schedules")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&lines); err != nil || len(lines) != 3 || lines[0].LogicalID != "Rulepermitted" || lines[0].Next.IsZero() {
		t.Errorf("%+v %v", lines, err)
	}
	for name, want := range map[string]string{
		"Rulepermitted": "rule permitted invoked arn:aws:lambda:", "refused": "rule refused did not invoke arn:aws:lambda:", "nobody": "there is no schedule",
	} {
		resp, err := c.Post("http://bailey/schedules/run", "application/json", strings.NewReader(`{"Name": "`+name+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		var reply ScheduleReply
		if resp.StatusCode == http.StatusOK {
			err = json.NewDecoder(resp.Body).Decode(&reply)
		} else {
			text := make([]byte, 200)
			n, _ := resp.Body.Read(text)
			reply.Lines = []string{string(text[:n])}
		}
		resp.Body.Close()
		if err != nil || !strings.HasPrefix(reply.Lines[0], want) || reply.Failed != (name == "refused") {
			t.Errorf("%s: %+v %v", name, reply, err)
		}
	}
	group, _ := w.logGroup("PingFunction")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for e := range w.logs.Subscribe(ctx, w.started, group) {
		if strings.HasPrefix(e.Message, "REPORT ") {
			return
		}
	}
	t.Error("the permitted rule's function did not run")
}
