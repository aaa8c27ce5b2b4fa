package world

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"bailey/project"
)

// A Player makes the calls of a demo as somebody outside would: over the host's
// port, with what signing in gave them before.
type Player struct {
	w      *World
	client *http.Client
	tokens map[string]string // ID tokens by the name that the sign-in gave them
}

// Player gives a player that has signed in as nobody yet.
func (w *World) Player() *Player {
	return &Player{w: w, client: &http.Client{Timeout: 35 * time.Second}, tokens: map[string]string{}}
}

// A CallOutcome is what came of a call.
type CallOutcome struct {
	Call               string
	Expected, Observed string // a status, or done
	Ran                bool   // false: Detail says what it needs and is not there
	AsExpected         bool
	Detail             string
	Took               time.Duration
}

// done is what is expected of a call that is no request.
const done = "done"

// between is how long the player waits before a call that has time left is made
// again.
const between = 100 * time.Millisecond

// Play makes a call, again until it is as expected or its time is over.
func (p *Player) Play(ctx context.Context, c project.Call) CallOutcome {
	begin := time.Now()
	for _, name := range c.Needs {
		if why := p.w.lacks(name); why != "" {
			return CallOutcome{Call: c.Call, Expected: expected(c), Detail: name + ": " + why}
		}
	}
	for {
		at := time.Now()
		o := p.once(ctx, c)
		o.Call, o.Expected, o.Ran, o.Took = c.Call, expected(c), true, time.Since(at)
		if o.AsExpected || time.Since(begin) >= c.Within {
			return o
		}
		select {
		case <-ctx.Done():
			return o
		case <-time.After(between):
		}
	}
}

func expected(c project.Call) string {
	if c.HTTP != nil {
		return strconv.Itoa(c.HTTP.Status)
	}
	return done
}

// lacks says why a workload is not there; empty if it is.
func (w *World) lacks(name string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	in, ok := w.workloads[name]
	if !ok {
		return "nothing runs there"
	}
	return in.missing
}

func (p *Player) once(ctx context.Context, c project.Call) CallOutcome {
	var detail string
	var err error
	switch {
	case c.HTTP != nil:
		return p.request(ctx, *c.HTTP)
	case c.SignIn != nil:
		detail, err = p.signIn(ctx, *c.SignIn)
	case c.Schedule != "":
		detail, err = p.run(ctx, c.Schedule)
	case c.RotateKeys != "":
		detail, err = p.keys(KeysRequest{Pool: c.RotateKeys})
	default:
		detail, err = p.keys(KeysRequest{Pool: c.WithdrawKeys, Withdraw: true})
	}
	if err != nil {
		return CallOutcome{Observed: "failed", Detail: err.Error()}
	}
	return CallOutcome{Observed: done, Detail: detail, AsExpected: true}
}

// request makes a request to an API and compares the answer.
func (p *Player) request(ctx context.Context, c project.HTTPCall) CallOutcome {
	r, err := p.requestFor(ctx, c)
	if err != nil {
		return CallOutcome{Observed: "failed", Detail: err.Error()}
	}
	resp, err := p.client.Do(r)
	if err != nil {
		return CallOutcome{Observed: "failed", Detail: err.Error()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 10<<20))
	if err != nil {
		return CallOutcome{Observed: "failed", Detail: err.Error()}
	}
	o := CallOutcome{Observed: strconv.Itoa(resp.StatusCode), Detail: firstBytes(body), AsExpected: resp.StatusCode == c.Status}
	var got any
	if want := c.Body.Plain(); o.AsExpected && want != nil && (json.Unmarshal(body, &got) != nil || !has(got, plainJSON(want))) {
		o.AsExpected, o.Detail = false, "not as expected: "+o.Detail
	}
	return o
}

func (p *Player) requestFor(ctx context.Context, c project.HTTPCall) (*http.Request, error) {
	host, prefix, ok := p.w.apiAddress(c.API)
	if !ok {
		return nil, fmt.Errorf("there is no API %s", c.API)
	}
	var body io.Reader
	if v := c.JSON.Plain(); v != nil {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, c.Method, "http://"+p.w.address+prefix+c.Path, body)
	if err != nil {
		return nil, err
	}
	r.Host = host
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+p.tokens[c.Token])
	}
	for _, h := range c.Headers {
		r.Header.Set(h.Name, h.Value)
	}
	return r, nil
}

// apiAddress is where an API's only or first stage answers on the host's port.
func (w *World) apiAddress(name string) (host, prefix string, ok bool) {
	for a := range w.Model().APIs() {
		if a.Name != name || len(a.Stages) == 0 {
			continue
		}
		if stage := a.Stages[0].StageName; stage != "$default" {
			prefix = "/" + stage
		}
		_, port, err := net.SplitHostPort(w.address)
		return a.ID + ".execute-api.localhost:" + port, prefix, err == nil
	}
	return "", "", false
}

// has reports whether got is want: an object at least its keys, a list its
// items in order, anything else the same.
func has(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		for k, v := range want {
			g, there := object[k]
			ok = ok && there && has(g, v)
		}
		return ok
	case []any:
		list, ok := got.([]any)
		ok = ok && len(list) == len(want)
		for i := 0; ok && i < len(want); i++ {
			ok = has(list[i], want[i])
		}
		return ok
	}
	return reflect.DeepEqual(got, want)
}

// plainJSON is a value with the types that JSON has.
func plainJSON(v any) (out any) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		return v
	}
	return out
}

// firstBytes is as much of a body as fits into a line.
func firstBytes(body []byte) string {
	text := []rune(strings.Join(strings.Fields(string(body)), " "))
	if len(text) > 100 {
		return string(text[:99]) + "…"
	}
	return string(text)
}

// run fires a rule or a schedule and waits until what it invoked has ended.
func (p *Player) run(ctx context.Context, name string) (string, error) {
	begin := time.Now()
	outcomes, err := p.w.RunSchedule(ctx, name)
	if err != nil {
		return "", err
	}
	var lines []string
	for _, o := range outcomes {
		if o.Problem != "" {
			return "", errors.New(o.String())
		}
		line, err := p.w.ended(ctx, begin, o.Target, o.RequestID)
		if err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; "), nil
}

// patience is how long an invocation may take that a call waits for.
const patience = 30 * time.Second

// ended waits for the end of an asynchronous invocation, which its log tells.
func (w *World) ended(ctx context.Context, from time.Time, function, request string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for f := range w.Model().Functions() {
		if f.ARN.String() != function {
			continue
		}
		group, _ := w.logGroup(f.Name)
		for e := range w.logs.Subscribe(ctx, from, group) {
			if report, ok := strings.CutPrefix(e.Message, "REPORT RequestId: "+request+"\t"); ok {
				took, _, _ := strings.Cut(report, "\t")
				return f.Name + " has run: " + took, nil
			}
		}
		return "", fmt.Errorf("%s has not ended within %s", f.Name, patience)
	}
	return function + " is sent the event", nil
}

func (p *Player) keys(r KeysRequest) (string, error) {
	reply, err := p.w.changeKeys(r)
	return fmt.Sprintf("%s publishes %d keys", reply.Pool, len(reply.KIDs)), err
}

// signIn signs a user in with their password, and keeps their ID token. Who is
// not there is made first, by whoever administers the pool.
func (p *Player) signIn(ctx context.Context, s project.SignIn) (string, error) {
	pool, client, ok := p.w.poolOf(s.Client)
	if !ok {
		return "", fmt.Errorf("there is no user pool client %s", s.Client)
	}
	auth := map[string]any{"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client, "AuthParameters": map[string]any{"USERNAME": s.Username, "PASSWORD": s.Password}}
	var reply struct{ AuthenticationResult struct{ IdToken string } }
	how := "signed in"
	err := p.cognito(ctx, "InitiateAuth", auth, &reply)
	if err != nil && p.cognito(ctx, "AdminCreateUser", map[string]any{"UserPoolId": pool, "Username": s.Username, "MessageAction": "SUPPRESS"}, nil) == nil {
		how = "made and signed in"
		password := map[string]any{"UserPoolId": pool, "Username": s.Username, "Password": s.Password, "Permanent": true}
		if err = p.cognito(ctx, "AdminSetUserPassword", password, nil); err == nil {
			err = p.cognito(ctx, "InitiateAuth", auth, &reply)
		}
	}
	if err != nil {
		return "", err
	}
	p.tokens[s.As] = reply.AuthenticationResult.IdToken
	return s.Username + " is " + how, nil
}

// poolOf finds a user pool client by its logical ID.
func (w *World) poolOf(client string) (pool, id string, ok bool) {
	for p := range w.Model().UserPools() {
		for _, c := range p.Clients {
			if c.Name == client {
				return p.ID, c.ID, true
			}
		}
	}
	return "", "", false
}

// cognito calls an operation as the AWS CLI does from the host, where the
// secret of whose key is not known here and any signature will do.
func (p *Player) cognito(ctx context.Context, operation string, in map[string]any, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+p.w.address+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=demo/%s/%s/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date, Signature=%064d", now.Format("20060102"), p.w.Model().Region(), 0))
	resp, err := p.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		if err == nil {
			err = fmt.Errorf("%s: %s: %s", operation, resp.Status, text)
		}
		return err
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}
