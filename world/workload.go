package world

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"bailey/cloud"
	"bailey/fabric"
	"bailey/path"
	"bailey/postgres"
	"bailey/sandbox"
)

// A workload is what runs in an instance's place: its program, a PostgreSQL,
// both, or something that is only connected.
type workload struct {
	name    string
	eni     cloud.ENI
	ns      *sandbox.Namespace
	tap     *fabric.Tap
	proc    *sandbox.Process // nil without a program
	server  *postgres.Server // nil without a PostgreSQL
	port    int              // the PostgreSQL's
	missing string           // why a PostgreSQL that should run does not
	connect bool
	// config is the machine that its program has, for commands beside it.
	config sandbox.Config
}

// startInstances starts what runs on instances and as databases.
func (w *World) startInstances(ctx context.Context) error {
	var names []cloud.Meta
	for in := range w.Model().LightsailInstances() {
		names = append(names, in.Meta)
	}
	for in := range w.Model().Instances() {
		names = append(names, in.Meta)
	}
	for db := range w.Model().Stores() {
		names = append(names, db.Meta)
	}
	for _, meta := range names {
		load, ok := w.config.Workloads[meta.Name]
		if !ok {
			continue
		}
		if err := w.startInstance(ctx, meta.Name, load); err != nil {
			return fmt.Errorf("%s: %w", meta.Name, err)
		}
	}
	return nil
}

func (w *World) startInstance(ctx context.Context, name string, load Workload) error {
	enis := w.Model().ENIsOf(name)
	if len(enis) == 0 || len(enis[0].Open) > 0 {
		return fmt.Errorf("its address is not known: %v", enis)
	}
	config, err := w.instanceSandbox(ctx, name, enis[0], load)
	if err != nil {
		return err
	}
	in := &workload{name: name, eni: enis[0]}
	if in.ns, err = sandbox.NewNamespace(); err != nil {
		return err
	}
	w.closing(in.ns.Close)
	if in.tap, err = w.fabric.Attach(in.ns, fabric.TapConfig{Label: name, From: path.FromENI{ID: in.eni.ID}, Addr: in.eni.PrivateIP, IPv6: in.eni.IPv6}); err != nil {
		return err
	}
	w.closing(in.tap.Close)
	w.introduce(in.tap, caller{name: name, subnet: in.eni.Subnet})
	w.fabric.Bind(in.eni.ID, in.tap)
	if load.Connect != "" {
		err = w.connectInstance(in, load)
	} else {
		err = w.runInstance(ctx, in, config, load)
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.workloads[in.name] = in
	return nil
}

// connectInstance puts something that runs already behind the instance's
// address: whatever connects to the port there is joined with it.
func (w *World) connectInstance(in *workload, load Workload) error {
	_, own, err := net.SplitHostPort(load.Connect)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	if load.Port != 0 {
		own = strconv.Itoa(load.Port)
	}
	l, err := in.ns.Listen("tcp", net.JoinHostPort("", own))
	if err != nil {
		return err
	}
	w.closing(func() error { return ignoreClosed(l.Close()) })
	in.connect = true
	w.serve(in.name, func() error {
		return acceptAll(w.ctx, l, func() (net.Conn, error) { return net.Dial("tcp", load.Connect) })
	})
	return nil
}

// runInstance starts what runs on the instance, the database before the program
// that may need it.
func (w *World) runInstance(ctx context.Context, in *workload, config sandbox.Config, load Workload) error {
	in.config = config
	if load.Postgres != nil {
		if err := w.startPostgres(ctx, in, config, *load.Postgres); err != nil {
			return err
		}
	}
	if len(config.Argv) == 0 {
		return nil
	}
	return w.runProgram(in, config)
}

// runProgram starts the program and keeps its output as a log.
func (w *World) runProgram(in *workload, config sandbox.Config) error {
	r, out, err := os.Pipe()
	if err != nil {
		return err
	}
	config.Stdout, config.Stderr = out, out
	in.proc, err = w.host.Start(in.ns, config)
	err = errors.Join(err, out.Close())
	if err != nil {
		return errors.Join(err, r.Close())
	}
	w.tasks.Go(func() { w.keepOutput(in.name, in.name, r) })
	w.closing(func() error {
		err := in.proc.Kill()
		in.proc.Wait()
		return err
	})
	w.tasks.Go(func() { w.watch(in.name, "the program", in.proc.Wait) })
	return nil
}

// watch tells of something that ends before the world does.
func (w *World) watch(name, what string, wait func() sandbox.State) {
	if state := wait(); w.ctx.Err() == nil {
		w.logs.Put(workloadLog(name), name, time.Now(), "bailey: "+what+" ended: "+state.String())
		w.config.Progress("%s: %s ended: %s", name, what, state)
	}
}

// workloadLog is the log group of an instance's output.
func workloadLog(name string) string { return "/bailey/" + name }

// keepOutput keeps what is written to r as a stream of the instance's log.
func (w *World) keepOutput(name, stream string, r *os.File) {
	defer r.Close()
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if len(line) > 0 {
			w.logs.Put(workloadLog(name), stream, time.Now(), strings.TrimRight(string(line), "\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if !errors.Is(err, io.EOF) {
				w.config.Progress("%s: reading its output: %v", name, err)
			}
			return
		}
	}
}

// instanceSandbox is the machine of an instance: the program's folder, a /tmp,
// and a name server.
func (w *World) instanceSandbox(ctx context.Context, name string, e cloud.ENI, load Workload) (sandbox.Config, error) {
	c := sandbox.Config{
		Hostname: hostname(e), User: "ec2-user",
		Dir:      "/srv",
		Env:      []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8"},
		Files:    w.resolverFiles(resolverAt(w.Model(), e)),
		CABundle: w.authority.pem,
		Mounts:   []sandbox.Mount{sandbox.Tmpfs("/tmp", 0)},
	}
	for k, v := range load.Env {
		c.Env = append(c.Env, k+"="+v)
	}
	dir := filepath.Join(w.config.Dir, load.Dir)
	switch {
	case load.Go != "":
		out := filepath.Join(w.config.Builds, name, "program")
		if err := buildGo(ctx, filepath.Join(w.config.Dir, load.Go), out, w.config.Progress); err != nil {
			return c, err
		}
		dir, c.Argv = filepath.Dir(out), []string{"/srv/program"}
	case len(load.Command) > 0:
		c.Argv = load.Command
	case load.Connect != "", load.Postgres != nil:
		c.Dir = "/"
		return c, nil
	default:
		return c, errors.New("its workload names no program: give it go, command, postgres or connect")
	}
	abs, err := filepath.Abs(dir)
	c.Mounts = append(c.Mounts, sandbox.ReadOnly(abs, "/srv"))
	return c, err
}

// hostname is named after the address, as instances are unless asked for by ID.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-naming.html
func hostname(e cloud.ENI) string {
	if !e.PrivateIP.IsValid() {
		return strings.ReplaceAll("ip-"+e.IPv6.String(), ":", "-")
	}
	return "ip-" + dashed(e.PrivateIP.String())
}

func dashed(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c == '.' {
			b[i] = '-'
		}
	}
	return string(b)
}
