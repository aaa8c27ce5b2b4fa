package world

import (
	"context"
	"errors"
	"net"
	"time"

	"bailey/fabric"
	"bailey/lambda"
	"bailey/sandbox"
)

// A ground is where an execution environment will live, made ahead of it: a
// network namespace with its device and the listener of the Runtime API. All
// environments have the same inner address, so one ground is as good as
// another until someone is said to live there.
type ground struct {
	ns       *sandbox.Namespace
	device   *fabric.Device // nil once a tap has it
	listener net.Listener
}

func (w *World) newGround() (*ground, error) {
	ns, err := sandbox.NewNamespace()
	if err != nil {
		return nil, err
	}
	g := &ground{ns: ns}
	if g.device, err = w.fabric.NewDevice(ns, fabric.LambdaInner); err != nil {
		return nil, errors.Join(err, g.close())
	}
	if g.listener, err = ns.Listen("tcp4", lambda.RuntimeAPIAddress); err != nil {
		return nil, errors.Join(err, g.close())
	}
	return g, nil
}

// close removes a ground that nobody lives on.
func (g *ground) close() error {
	var errs []error
	if g.listener != nil {
		errs = append(errs, ignoreClosed(g.listener.Close()))
	}
	if g.device != nil {
		errs = append(errs, g.device.Close())
	}
	return errors.Join(append(errs, g.ns.Close())...)
}

// keepGround holds one ground ready, so that a cold start does not wait for
// the kernel to make it. One that cannot be made is left to whoever needs it,
// who then says why.
//
// It waits a little before it makes the next one, so as not to take a processor
// from the cold start that has just taken this one.
func (w *World) keepGround() {
	for ; w.ctx.Err() == nil; pause(w.ctx, 50*time.Millisecond) {
		g, err := w.newGround()
		if err != nil {
			return
		}
		select {
		case w.grounds <- g:
		case <-w.ctx.Done():
			if err := g.close(); err != nil {
				w.config.Progress("removing an unused network: %v", err)
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// takeGround gives the ground that is ready, or makes one.
func (w *World) takeGround() (*ground, error) {
	select {
	case g := <-w.grounds:
		return g, nil
	default:
		return w.newGround()
	}
}
