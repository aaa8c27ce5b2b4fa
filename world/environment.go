package world

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/lambda"
	"bailey/path"
	"bailey/sandbox"
)

// places makes the places where execution environments live: a network
// namespace on the fabric and a sandbox in it. It is lambda's Launcher.
type places struct {
	w    *World
	next atomic.Uint32 // which subnet's turn it is
}

// Open makes a place in one of the function's subnets, in turn: AWS spreads
// environments over them, so unequal subnets fail some of the time.
func (p *places) Open(_ context.Context, id string, f cloud.Function) (lambda.Place, error) {
	return p.w.openPlace(id, f, int(p.next.Add(1)-1))
}

// place is one execution environment's.
type place struct {
	*ground
	w   *World
	f   cloud.Function
	tap *fabric.Tap
}

func (w *World) openPlace(id string, f cloud.Function, turn int) (*place, error) {
	tap := fabric.TapConfig{Label: f.Name + " " + id, From: path.FromLambda{}, Inner: fabric.LambdaInner,
		Addr: cloud.ElasticAddr(w.Model().Stack(), "lambda")}
	who := caller{name: f.Name, function: f.ARN.String(), environment: id}
	if f.Network != nil {
		enis := w.Model().ENIsOf(f.Name)
		if len(enis) == 0 {
			return nil, fmt.Errorf("%s: its subnets are not known", f.Name)
		}
		e := enis[turn%len(enis)]
		if len(e.Open) > 0 || !e.PrivateIP.IsValid() {
			return nil, fmt.Errorf("%s: no interface in subnet %s: %v", f.Name, e.Subnet, e.Open)
		}
		tap.From, tap.Addr, who.subnet = path.FromENI{ID: e.ID}, e.PrivateIP, e.Subnet
		if e.IPv6.IsValid() {
			tap.IPv6, tap.InnerIPv6 = e.IPv6, fabric.LambdaInnerIPv6
		}
	}
	g, err := w.takeGround()
	if err != nil {
		return nil, err
	}
	pl := &place{ground: g, w: w, f: f}
	device := g.device
	g.device = nil // the tap's from now on, or gone
	if pl.tap, err = w.fabric.AttachDevice(device, tap); err != nil {
		return nil, errors.Join(err, g.close())
	}
	w.introduce(pl.tap, who)
	return pl, nil
}

// RuntimeAPI listens on the environment's loopback.
func (p *place) RuntimeAPI() net.Listener { return p.listener }

// Close removes the place. A process in it has been killed before.
func (p *place) Close() error {
	err := p.tap.Close()
	p.w.forget(p.tap)
	return errors.Join(err, p.ground.close())
}

// Start runs the runtime with the function's code, memory and /tmp.
func (p *place) Start(c lambda.Command) (lambda.Process, error) {
	config := p.w.functionSandbox(p.f)
	config.Argv, config.Dir, config.Env = c.Argv, c.Dir, c.Env
	config.Stdout, config.Stderr = c.Output, c.Output
	proc, err := p.w.host.Start(p.ns, config)
	var errno syscall.Errno
	if errors.As(err, &errno) && slices.Contains(notExecutable, errno) {
		return nil, &lambda.ExecError{Path: c.Argv[0], Errno: errno}
	}
	if err != nil {
		return nil, err
	}
	return process{proc}, nil
}

// notExecutable are the errors of execve that are about the program.
var notExecutable = []syscall.Errno{syscall.ENOENT, syscall.EACCES, syscall.ENOEXEC, syscall.ENOTDIR, syscall.ELIBBAD}

// functionSandbox is the machine of an execution environment, as AWS's is.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func (w *World) functionSandbox(f cloud.Function) sandbox.Config {
	c := sandbox.Config{
		Hostname: strings.ReplaceAll(fabric.LambdaInner.String(), ".", "-"),
		User:     "sbx_user1051", UID: 993, GID: 990,
		Mounts:   []sandbox.Mount{sandbox.Tmpfs("/tmp", f.EphemeralMB)},
		Files:    w.resolverFiles(resolverFor(w.Model(), f)),
		CABundle: w.authority.pem,
		MemoryMB: f.MemoryMB, MaxPIDs: 1024, MaxFiles: 1024,
	}
	if f.Code.Dir != "" {
		c.Mounts = append(c.Mounts, sandbox.ReadOnly(f.Code.Dir, lambda.TaskRoot))
	}
	return c
}

// resolverFor is the resolver that a function's environment asks: its VPC's,
// or outside any the one that every VPC has as well.
func resolverFor(m *cloud.Model, f cloud.Function) netip.Addr {
	if enis := m.ENIsOf(f.Name); f.Network != nil && len(enis) > 0 {
		return resolverOf(m, enis[0].VPC)
	}
	return linkLocalResolver
}

func resolverOf(m *cloud.Model, id cloud.VPCID) netip.Addr {
	if v, ok := m.VPC(id); ok {
		if a, ok := v.Resolver(); ok {
			return a
		}
	}
	return linkLocalResolver
}

var linkLocalResolver = netip.MustParseAddr("169.254.169.253")

// resolverAt is the resolver that an instance asks: over IPv6 where it has
// nothing else.
func resolverAt(m *cloud.Model, e cloud.ENI) netip.Addr {
	if !e.PrivateIP.IsValid() {
		return cloud.ResolverIPv6
	}
	return resolverOf(m, e.VPC)
}

func (w *World) resolverFiles(resolver netip.Addr) map[string][]byte {
	return map[string][]byte{
		"/etc/resolv.conf": []byte("nameserver " + resolver.String() + "\noptions timeout:2 attempts:2\n"),
		"/etc/hosts":       []byte("127.0.0.1 localhost\n::1 localhost\n"),
	}
}

// process is a sandbox's process as lambda sees one.
type process struct{ *sandbox.Process }

// Wait tells how the runtime ended.
func (p process) Wait() lambda.Exit {
	s := p.Process.Wait()
	return lambda.Exit{Code: s.ExitCode, Signal: s.Signal, OutOfMemory: s.OOMKilled}
}

// buildFunctions builds the functions that bailey.yaml gives as Go packages,
// unpacks those that are zip files, and makes the model that has their code.
func (w *World) buildFunctions(ctx context.Context) error {
	built := map[string]string{}
	for f := range w.config.Model.Functions() {
		load, ok := w.config.Workloads[f.Name]
		switch {
		case ok && load.Go != "":
			dir := filepath.Join(w.config.Builds, folderOf(f.Name))
			if err := buildGo(ctx, filepath.Join(w.config.Dir, load.Go), filepath.Join(dir, "bootstrap"), w.config.Progress); err != nil {
				return err
			}
			built[f.Name] = dir
		case f.Code.Dir != "":
			dir, err := w.codeOf(f)
			if err != nil {
				return err
			}
			built[f.Name] = dir
		}
	}
	return w.takeCode(built)
}

// codeOf gives the folder of a function's code, unpacked if it is a zip file.
func (w *World) codeOf(f cloud.Function) (string, error) {
	where := f.Code.Dir
	if !filepath.IsAbs(where) {
		where = filepath.Join(w.config.Dir, where)
	}
	if info, err := os.Stat(where); err != nil || !info.Mode().IsRegular() {
		return where, nil
	}
	dir, err := unpack(where, filepath.Join(w.config.Builds, folderOf(f.Name)))
	if err != nil {
		return "", fmt.Errorf("the code of %s: %w", f.Name, err)
	}
	return dir, nil
}

// folderOf is a name as a folder's: one of Terraform's may have any text in it.
func folderOf(name string) string {
	return strings.NewReplacer("/", "_", string(filepath.Separator), "_").Replace(name)
}

// takeCode makes the model in which the functions have the folders of built.
func (w *World) takeCode(built map[string]string) error {
	next, diags := w.config.Model.With(func(s *cloud.Spec) {
		for i, f := range s.Functions {
			if dir, ok := built[f.Name]; ok {
				abs, err := filepath.Abs(dir)
				if err == nil {
					s.Functions[i].Code = cloud.Code{Dir: abs, At: f.Code.At}
				}
			}
		}
	})
	if diags.HasErrors() {
		return diags
	}
	w.model.Store(next)
	for f := range next.Functions() {
		for _, d := range lambda.Check(f) {
			w.config.Progress("%s", d)
		}
		if info, err := os.Stat(f.Code.Dir); f.Code.Dir != "" && (err != nil || !info.IsDir()) {
			return fmt.Errorf("%s: the folder of its code is not there: %s; build it, or name its Go package under workloads: in bailey.yaml", f.Name, f.Code.Dir)
		}
	}
	return nil
}
