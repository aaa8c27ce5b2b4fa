package world

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/lambda"
	"bailey/path"
	"bailey/sandbox"
	"bailey/source"
)

// The control socket is how another terminal speaks to what is up: HTTP on a
// Unix socket that only its owner may open. Nothing of it is reachable over
// the network.

// SocketFor is the path of the control socket of a state folder. Unix sockets
// take 108 bytes; a longer path gives way to one in the folder for temporary
// files.
func SocketFor(state string) string {
	abs, err := filepath.Abs(state)
	if err != nil {
		abs = state
	}
	if p := filepath.Join(abs, "control.sock"); len(p) < 100 {
		return p
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(os.TempDir(), "bailey-"+hex.EncodeToString(sum[:8])+".sock")
}

// SocketPath is the path of this world's control socket.
func (w *World) SocketPath() string { return SocketFor(w.config.State) }

// serveControl opens the control socket. The store's lock says that no other
// world uses the folder, so a socket that is there is left over.
func (w *World) serveControl(context.Context) error {
	file := w.SocketPath()
	if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
		return err
	}
	l, err := net.Listen("unix", file)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	w.closing(func() error { return ignoreClosed(l.Close()) })
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", w.controlStatus)
	mux.HandleFunc("POST /invoke", w.controlInvoke)
	mux.HandleFunc("GET /logs", w.controlLogs)
	mux.HandleFunc("GET /flows", w.controlFlows)
	mux.HandleFunc("POST /connect", w.controlConnect)
	mux.HandleFunc("GET /cognito/messages", w.controlMessages)
	mux.HandleFunc("POST /cognito/keys", w.controlKeys)
	mux.HandleFunc("GET /schedules", w.controlSchedules)
	mux.HandleFunc("POST /schedules/run", w.controlRunSchedule)
	srv := &http.Server{Handler: mux, ErrorLog: quiet, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return w.ctx }}
	w.closing(srv.Close)
	w.serve("control socket", func() error { return closedIsFine(srv.Serve(l)) })
	return w.serveExec()
}

// A Status is what is up.
type Status struct {
	Project   string           `json:"project"`
	Address   string           `json:"address"`
	Region    string           `json:"region"`
	Account   string           `json:"account"`
	Since     time.Time        `json:"since"`
	PID       int              `json:"pid"`
	Limits    string           `json:"limits"`
	Functions []FunctionStatus `json:"functions"`
	Workloads []WorkloadStatus `json:"workloads"`
	UserPools []PoolStatus     `json:"user_pools,omitempty"`
	APIs      []APIStatus      `json:"apis,omitempty"`
	Flows     fabric.Stats     `json:"flows"`
}

// A FunctionStatus is one function of Status.
type FunctionStatus struct {
	Name         string `json:"name"`
	FunctionName string `json:"function_name"`
	Environments int    `json:"environments"`
	VPC          string `json:"vpc,omitempty"`
}

// A WorkloadStatus is one instance or database of Status.
type WorkloadStatus struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Public  string `json:"public,omitempty"`
	State   string `json:"state"`
}

// Status tells what is up now.
func (w *World) Status() Status {
	m := w.Model()
	s := Status{Project: w.config.Dir, Address: w.address, Region: m.Region(), Account: m.Account(), Since: w.started,
		PID: os.Getpid(), Limits: w.host.Limits().String(), Flows: w.fabric.Stats(), APIs: w.apis()}
	for f := range m.Functions() {
		fs := FunctionStatus{Name: f.Name, FunctionName: f.FunctionName, Environments: w.environments(f)}
		if enis := m.ENIsOf(f.Name); len(enis) > 0 {
			fs.VPC = string(enis[0].VPC)
		}
		s.Functions = append(s.Functions, fs)
	}
	for e := range m.ENIs() {
		if e.Kind != cloud.InstanceENI && e.Kind != cloud.LightsailENI && e.Kind != cloud.StoreENI {
			continue
		}
		ws := WorkloadStatus{Name: e.Name, Address: e.PrivateIP.String(), State: w.workloadState(e.Name)}
		if e.PublicIP.IsValid() {
			ws.Public = e.PublicIP.String()
		}
		s.Workloads = append(s.Workloads, ws)
	}
	s.UserPools = poolStatuses(m)
	return s
}

// environments counts the execution environments of a function.
func (w *World) environments(f cloud.Function) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, c := range w.callers {
		if c.name == f.Name && c.environment != "" {
			n++
		}
	}
	return n
}

func (w *World) workloadState(name string) string {
	w.mu.Lock()
	in, ok := w.workloads[name]
	w.mu.Unlock()
	switch {
	case !ok:
		return "no workload"
	case in.connect:
		return "connected"
	}
	var parts []string
	if in.proc != nil {
		parts = append(parts, stateOf(in.proc, "running"))
	}
	if in.server != nil {
		parts = append(parts, stateOf(in.server, fmt.Sprintf("PostgreSQL %s on port %d", in.server.Installation.Version, in.port)))
	}
	if in.missing != "" {
		parts = append(parts, "PostgreSQL not run: "+in.missing)
	}
	return strings.Join(parts, ", ")
}

// stateOf says of something whether it runs, and how it ended if not.
func stateOf(p interface {
	Done() <-chan struct{}
	Wait() sandbox.State
}, running string) string {
	select {
	case <-p.Done():
		return "ended: " + p.Wait().String()
	default:
		return running
	}
}

func (w *World) controlStatus(out http.ResponseWriter, _ *http.Request) { writeJSON(out, w.Status()) }

func writeJSON(out http.ResponseWriter, v any) {
	out.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(out).Encode(v) // the asker may have gone
}

// An InvokeRequest asks for one invocation, by logical ID or by name.
type InvokeRequest struct {
	Function string          `json:"function"`
	Payload  json.RawMessage `json:"payload,omitempty"`
	Type     string          `json:"type,omitempty"`
}

// An InvokeReply is what came of it.
type InvokeReply struct {
	Status        int      `json:"status"`
	Payload       string   `json:"payload"`
	FunctionError string   `json:"function_error,omitempty"`
	Log           string   `json:"log"`
	Notes         []string `json:"notes,omitempty"`
}

func (w *World) controlInvoke(out http.ResponseWriter, r *http.Request) {
	var req InvokeRequest
	if err := json.NewDecoder(http.MaxBytesReader(out, r.Body, 8<<20)).Decode(&req); err != nil {
		http.Error(out, err.Error(), http.StatusBadRequest)
		return
	}
	name := w.functionName(req.Function)
	resp, err := w.lambda.Invoke(r.Context(), lambda.Request{Function: name, Payload: req.Payload, Type: lambda.InvocationType(req.Type), LogTail: true})
	var refused *lambda.Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		http.Error(out, refused.Message+"; "+source.DidYouMean(req.Function, w.Model().Names(), "bailey status lists the functions"), http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(out, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	writeJSON(out, InvokeReply{resp.Status, string(resp.Payload), resp.FunctionError, string(resp.LogTail), resp.Notes})
}

// controlLogs streams the lines of a function, of an instance, or of all.
func (w *World) controlLogs(out http.ResponseWriter, r *http.Request) {
	var groups []string
	if name := r.URL.Query().Get("name"); name != "" {
		group, ok := w.logGroup(name)
		if !ok {
			http.Error(out, fmt.Sprintf("there is no function and no instance called %q", name), http.StatusNotFound)
			return
		}
		groups = []string{group}
	}
	ctx := r.Context()
	if r.URL.Query().Get("follow") != "true" {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		ctx = ended // what is there, and no waiting
	}
	for e := range w.logs.Subscribe(ctx, time.Time{}, groups...) {
		who := ""
		if len(groups) != 1 {
			who = e.Group + " "
		}
		if _, err := fmt.Fprintf(out, "%s %s%s\n", e.Time.Format("15:04:05.000"), who, strings.TrimRight(e.Message, "\n")); err != nil {
			return
		}
		_ = http.NewResponseController(out).Flush()
	}
}

// logGroup is where a function or an instance logs to.
func (w *World) logGroup(name string) (string, bool) {
	if f, ok := w.Model().Function(name); ok {
		if f.LogGroup != "" {
			return f.LogGroup, true
		}
		return "/aws/lambda/" + f.FunctionName, true
	}
	_, ok := w.config.Workloads[name]
	return workloadLog(name), ok
}

// functionName is the physical name of a function called by its logical ID;
// what is neither stays as it is.
func (w *World) functionName(called string) string {
	if f, ok := w.Model().Function(called); ok {
		return f.FunctionName
	}
	return called
}

// A FlowLine is one record of `bailey flows`.
type FlowLine struct {
	Who     string        `json:"who"`
	Line    string        `json:"line"` // flow log, version 2
	Action  string        `json:"action"`
	Src     string        `json:"src"`
	Dst     string        `json:"dst"`
	Proto   string        `json:"protocol"`
	Host    string        `json:"host,omitempty"`
	Start   time.Time     `json:"start"`
	End     time.Time     `json:"end"`
	Sent    fabric.Count  `json:"sent"`
	Back    fabric.Count  `json:"received"`
	Via     string        `json:"via,omitempty"`
	Open    bool          `json:"open,omitempty"`
	Reasons []path.Reason `json:"reasons,omitempty"`
	Drop    string        `json:"drop,omitempty"`
}

func flowLine(r fabric.Record) FlowLine {
	f := FlowLine{Who: r.Label, Line: r.String(), Action: string(r.Action), Src: r.Flow.Src.String(), Dst: r.Flow.Dst.String(),
		Proto: r.Flow.Proto.String(), Host: r.Host, Start: r.Start, End: r.End, Sent: r.Sent, Back: r.Received, Open: r.Open, Reasons: r.Reasons}
	f.Via = string(r.Delivery.Endpoint)
	if f.Via == "" {
		f.Via = r.Delivery.Through
	}
	if r.Action == fabric.Reject {
		f.Drop = DescribeDrop(r)
	}
	return f
}

// controlFlows streams what has ended or was dropped, then what is open, then,
// with follow, whatever comes.
func (w *World) controlFlows(out http.ResponseWriter, r *http.Request) {
	follow := r.URL.Query().Get("follow") == "true"
	enc := json.NewEncoder(out)
	seen := 0
	for first := true; first || follow; first = false {
		records, next, more := w.flows.since(seen)
		if first {
			for _, o := range w.fabric.Flows() {
				if o.Open {
					records = append(records, o)
				}
			}
		}
		slices.SortStableFunc(records, func(a, b fabric.Record) int { return a.Start.Compare(b.Start) })
		for _, rec := range records {
			if enc.Encode(flowLine(rec)) != nil {
				return
			}
		}
		seen = next
		if !follow {
			return
		}
		_ = http.NewResponseController(out).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}

// controlConnect joins the connection with a port of an instance, as someone
// sitting at that instance would reach it: the network's filters do not apply,
// and nothing in the world can do the same.
func (w *World) controlConnect(out http.ResponseWriter, r *http.Request) {
	name, port := r.URL.Query().Get("name"), r.URL.Query().Get("port")
	w.mu.Lock()
	in, ok := w.workloads[name]
	names := make([]string, 0, len(w.workloads))
	for n := range w.workloads {
		names = append(names, n)
	}
	w.mu.Unlock()
	if !ok {
		slices.Sort(names)
		http.Error(out, fmt.Sprintf("nothing runs behind %q; there are: %s", name, strings.Join(names, ", ")), http.StatusNotFound)
		return
	}
	far, err := in.ns.Dial(r.Context(), "tcp", net.JoinHostPort(in.eni.PrivateIP.String(), port))
	if err != nil {
		http.Error(out, fmt.Sprintf("%s does not answer on port %s: %v", name, port, err), http.StatusBadGateway)
		return
	}
	conn, buffered, err := http.NewResponseController(out).Hijack()
	if err != nil {
		far.Close()
		return
	}
	if _, err := buffered.WriteString("HTTP/1.1 200 OK\r\n\r\n"); err != nil || buffered.Flush() != nil {
		conn.Close()
		far.Close()
		return
	}
	join(w.ctx, conn, far)
}
