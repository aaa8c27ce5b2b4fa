package world

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bailey/cloud"
	"bailey/delivery"
	"bailey/fabric"
	"bailey/gateway"
	"bailey/lambda"
	"bailey/netset"
	"bailey/path"
	"bailey/postgres"
	"bailey/sandbox"
	"bailey/services/access"
	"bailey/services/cognito"
	"bailey/services/events"
	"bailey/services/logs"
	"bailey/services/scheduler"
	"bailey/services/secretsmanager"
	"bailey/services/ssm"
	"bailey/services/store"
)

// Config is what a world is made of. Model and Dir are required.
type Config struct {
	Model     *cloud.Model
	Dir       string // the project's folder; relative paths of workloads start here
	State     string // where state is kept; Dir/.bailey if empty
	Builds    string // where programs are built; State/build if empty
	Workloads map[string]Workload
	Internet  map[string]string // host name -> local URL
	Listen    string            // the host's address for the AWS CLI and SDKs; 127.0.0.1:4566 if empty
	FailFast  bool              // dropped flows are refused at once
	Progress  func(string, ...any)
	// FindPostgres gives the host's PostgreSQL installations; postgres.Find if nil.
	FindPostgres func(context.Context) ([]postgres.Installation, error)
}

// A Workload is what runs where the template has a function or an instance.
type Workload struct {
	Go      string   // a Go package to build: a function's bootstrap, an instance's program
	Command []string // an instance's program
	Dir     string   // its working folder; the project's if empty
	Env     map[string]string
	Connect string // host:port of something that runs already, put behind the instance's address
	Port    int    // the port at which Connect is found there; its own if 0
	// Postgres is a PostgreSQL of the host's on the instance; nil: none.
	Postgres *Postgres
}

// internet gives the local URL that stands for a host.
func (c Config) internet(host string) (string, bool) {
	at, ok := c.Internet[strings.ToLower(strings.TrimSuffix(host, "."))]
	return at, ok
}

// A World is a model that runs.
type World struct {
	config Config
	model  atomic.Pointer[cloud.Model]

	host       *sandbox.Host
	fabric     *fabric.Fabric
	services   *sandbox.Namespace
	authority  *authority
	store      *store.Store
	access     *access.Access
	logs       *logs.Logs
	lambda     *lambda.Service
	aws        http.Handler // AWS's endpoints
	parameters *ssm.Parameters
	secrets    *secretsmanager.Secrets
	pools      *cognito.UserPools
	timetable  delivery.Timetable
	events     *events.Events
	schedules  *scheduler.Schedules
	flows      *flowLog
	gateway    *gateway.Gateway
	refusals   told
	permitted  decided

	ctx     context.Context // ends with Close
	end     context.CancelFunc
	tasks   sync.WaitGroup
	closers []func() error // in the order of opening
	started time.Time
	address string

	hostListener net.Listener
	grounds      chan *ground // the one that is ready

	mu        sync.Mutex
	callers   map[*fabric.Tap]caller
	workloads map[string]*workload
	ports     map[openPort]bool
	failed    error
}

// A caller is who is behind a tap.
type caller struct {
	name        string // of the function or the instance
	function    string // its ARN, where it is a function
	environment string
	subnet      cloud.SubnetID // empty: outside every VPC
}

// Start starts a world, or stops with what keeps it from enforcing everything.
func Start(ctx context.Context, c Config) (*World, error) {
	if c.Progress == nil {
		c.Progress = func(string, ...any) {}
	}
	if abs, err := filepath.Abs(c.Dir); err == nil {
		c.Dir = abs
	}
	if c.State == "" {
		c.State = filepath.Join(c.Dir, ".bailey")
	}
	if c.Builds == "" {
		c.Builds = filepath.Join(c.State, "build")
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:4566"
	}
	w := &World{config: c, started: time.Now(), callers: map[*fabric.Tap]caller{},
		workloads: map[string]*workload{}, ports: map[openPort]bool{}, flows: newFlowLog(), grounds: make(chan *ground)}
	w.ctx, w.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := w.start(ctx); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// start opens the parts in the order in which they need one another.
func (w *World) start(ctx context.Context) error {
	if err := sandbox.Supported(); err != nil {
		return err
	}
	if err := sandbox.Sweep(); err != nil {
		return err
	}
	if err := os.MkdirAll(w.config.State, 0o755); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		w.openState, w.openHostPort, w.placeDatabases, w.buildFunctions, w.openFabric, w.openAWS, w.openGateway, w.openServices, w.startInstances, w.serveHost, w.serveControl,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// closing remembers what Close has to do; the last one opened goes first.
func (w *World) closing(f func() error) { w.closers = append(w.closers, f) }

// Close ends everything and returns when nothing of it is left.
func (w *World) Close() error {
	w.end()
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	w.closers = nil
	w.tasks.Wait()
	return errors.Join(errs...)
}

// Model is the model that is enforced now.
func (w *World) Model() *cloud.Model { return w.model.Load() }

// Apply enforces the next model from now on: flows that it does not allow are
// cut, functions that changed get new environments, APIs answer as they now are,
// what the services keep is deployed.
func (w *World) Apply(next *cloud.Model) error {
	w.model.Store(next)
	w.lambda.Apply(next)
	w.gateway.Swap(next)
	w.fabric.Recheck()
	return errors.Join(w.parameters.Apply(next), w.secrets.Apply(next), w.pools.Apply(next), w.applySchedules(next))
}

// Decide is what fabric asks on the first packet of each flow.
func (w *World) Decide(from path.From, flow netset.Flow) path.Result {
	return path.Decide(w.Model(), from, flow)
}

// DecideVia is what fabric asks once a NAT gateway has drawn its port.
func (w *World) DecideVia(from path.From, flow netset.Flow, natPort uint16) path.Result {
	return path.DecideVia(w.Model(), from, flow, natPort)
}

// Invoke invokes a function; what AWS's API would refuse is a *lambda.Error.
func (w *World) Invoke(ctx context.Context, r lambda.Request) (lambda.Response, error) {
	return w.lambda.Invoke(ctx, r)
}

// Address is the host's address for the AWS CLI and SDKs.
func (w *World) Address() string { return w.address }

// serve runs f until the world ends; a failure before that ends the world.
func (w *World) serve(what string, f func() error) {
	w.tasks.Go(func() {
		err := f()
		if err == nil || w.ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		w.mu.Lock()
		w.failed = errors.Join(w.failed, fmt.Errorf("%s: %w", what, err))
		w.mu.Unlock()
		w.end()
	})
}

// Done ends when the world is closed or has failed; Err then says why.
func (w *World) Done() <-chan struct{} { return w.ctx.Done() }

// Err is what ended the world, if it was not Close.
func (w *World) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}

// openState opens what outlives the process.
func (w *World) openState(context.Context) error {
	var err error
	if w.authority, err = openAuthority(w.config.State); err != nil {
		return err
	}
	if w.store, err = store.Open(w.config.State); err != nil {
		return err
	}
	w.closing(w.store.Close)
	return nil
}

// openFabric opens the network, still without anyone in it.
func (w *World) openFabric(context.Context) error {
	var err error
	if w.host, err = sandbox.New(); err != nil {
		return err
	}
	w.closing(w.host.Close)
	w.fabric = fabric.New(fabric.Config{Decider: w, Log: w.record, Account: w.Model().Account(), Arrive: w.arrive, FailFast: w.config.FailFast})
	w.closing(w.fabric.Close)
	var keeping sync.WaitGroup
	keeping.Go(w.keepGround)
	w.closing(func() error { keeping.Wait(); return nil })
	return nil
}

func addrPort(a net.Addr) netip.AddrPort {
	ap, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

func (w *World) callerOf(t *fabric.Tap) caller {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.callers[t]
}

func (w *World) introduce(t *fabric.Tap, c caller) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callers[t] = c
}

func (w *World) forget(t *fabric.Tap) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.callers, t)
}
