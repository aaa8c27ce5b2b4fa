package world

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"bailey/cloud"
	"bailey/gateway"
	"bailey/iam"
	"bailey/path"
	"bailey/services/access"
	"bailey/services/wire"
)

// openGateway opens the APIs. What their templates ask for that is not here is
// told at once.
func (w *World) openGateway(context.Context) error {
	outside := gatewayExit{w}
	var err error
	w.gateway, err = gateway.New(gateway.Config{Model: w.Model(), Invoke: w.lambda, Permissions: permissions{w}, Logs: w.logs,
		Callers: callers{&wire.Verifier{Secret: w.access.Secret}, w.access}, Fetch: outside, Internet: outside, Refused: w.refusedByAPI})
	if err != nil {
		return err
	}
	for _, d := range w.gateway.Refused() {
		w.config.Progress("%s", d)
	}
	return nil
}

// permissions are what the model lets API Gateway invoke.
type permissions struct{ w *World }

// Permitted asks the policy of the function, version or alias.
func (p permissions) Permitted(f cloud.ARN, source string) (bool, string) {
	m := p.w.Model()
	return p.w.permitted.of(m, f.String()+" "+source, func() (bool, string) {
		arn, err := cloud.ParseARN(source)
		if err != nil {
			return false, err.Error()
		}
		d, ok := path.ServiceMayInvoke(m, arn, f)
		return ok && d.Effect == iam.Allow, d.Explain() + " (for " + source + ")"
	})
}

// decided remembers what one model permits: it turns on nothing else.
type decided struct {
	mu      sync.Mutex
	model   *cloud.Model
	answers map[string]permission
}

type permission struct {
	ok  bool
	why string
}

// of answers from what was decided before, or decides.
func (d *decided) of(m *cloud.Model, question string, decide func() (bool, string)) (bool, string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.model != m || len(d.answers) >= 10_000 { // a client chooses the method in a question
		d.model, d.answers = m, map[string]permission{}
	}
	a, known := d.answers[question]
	if !known {
		a.ok, a.why = decide()
		d.answers[question] = a
	}
	return a.ok, a.why
}

// RoleMay asks the policies of a role.
func (p permissions) RoleMay(role string, f cloud.ARN) (bool, string) {
	d := path.RoleMayInvoke(p.w.Model(), role, f)
	return d.Effect == iam.Allow, d.Explain()
}

// callers are those whose keys are known here.
type callers struct {
	*wire.Verifier
	*access.Access
}

// refusedByAPI tells the person at the terminal what a client is not told; of
// many refusals for one reason, one a second.
func (w *World) refusedByAPI(r gateway.Refusal) {
	if w.refusals.again(r.API+" "+r.Layer+" "+r.Why, time.Now()) {
		w.config.Progress("%s %s: %d %s: %s: %s", r.API, r.Route, r.Status, r.Type, r.Layer, r.Why)
	}
}

// told remembers what was said, and when.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// again reports whether a second has passed since the same was said.
func (t *told) again(what string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now.Sub(t.last[what]) < time.Second {
		return false
	}
	if t.last == nil || len(t.last) >= 1000 {
		t.last = map[string]time.Time{}
	}
	t.last[what] = now
	return true
}

// gatewayExit is how API Gateway itself reaches others: AWS's endpoints and the
// simulated internet, from AWS's own network and not from any VPC.
type gatewayExit struct{ w *World }

// RoundTrip hands a request to whoever answers for its host.
func (e gatewayExit) RoundTrip(r *http.Request) (*http.Response, error) {
	from := wire.Origin{SourceIP: cloud.ElasticAddr(e.w.Model().Stack(), "apigateway")}
	in := r.Clone(wire.WithOrigin(r.Context(), from))
	in.RequestURI, in.Host = r.URL.RequestURI(), r.URL.Host
	in.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := &held{header: http.Header{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.w.answerHost(out, in)
	}()
	select {
	case <-done:
	case <-r.Context().Done(): // whoever answers sees it too, and ends by itself
		return nil, r.Context().Err()
	}
	return out.response(r), nil
}

// held is an answer that is kept until it is whole.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if h.status == 0 && status >= 200 {
		h.status = status
	}
}

func (h *held) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(b)
}

func (h *held) response(r *http.Request) *http.Response {
	h.WriteHeader(http.StatusOK)
	return &http.Response{StatusCode: h.status, Status: http.StatusText(h.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h.header, Body: io.NopCloser(&h.body), ContentLength: int64(h.body.Len()), Request: r}
}

// An APIStatus is one stage of an API of Status.
type APIStatus struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"` // HTTP, REST
	Stage string `json:"stage"`
	// URL is the address as on AWS, which functions and instances use; Local
	// is the one on the host's port, empty for a private API.
	URL   string `json:"url"`
	Local string `json:"local,omitempty"`
}

// apis are the addresses of all stages.
func (w *World) apis() []APIStatus {
	m := w.Model()
	var out []APIStatus
	for a := range m.APIs() {
		for _, st := range a.Stages {
			s := APIStatus{Name: a.Name, Kind: a.Kind.String(), Stage: st.StageName}
			tail := "/"
			if st.StageName != "$default" {
				tail += st.StageName + "/"
			}
			s.URL = "https://" + a.ID + ".execute-api." + m.Region() + "." + cloud.DNSSuffix(m.Region()) + tail
			if a.Endpoint != cloud.PrivateEndpoint {
				_, port, _ := strings.Cut(w.address, ":")
				s.Local = "http://" + a.ID + ".execute-api.localhost:" + port + tail
			}
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b APIStatus) int { return strings.Compare(a.Name+" "+a.Stage, b.Name+" "+b.Stage) })
	return out
}
