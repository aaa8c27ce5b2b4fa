package world

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"bailey/fabric"
	"bailey/netset"
	"bailey/sandbox"
	"bailey/services/wire"
)

// openServices opens the namespace in which everything is served that is not a
// workload: names, AWS's endpoints, the hosts of the simulated internet.
func (w *World) openServices(ctx context.Context) error {
	var err error
	if w.services, err = sandbox.NewNamespace(); err != nil {
		return err
	}
	w.closing(w.services.Close)
	tap, err := w.fabric.AttachServices(w.services)
	if err != nil {
		return err
	}
	w.closing(tap.Close)
	return errors.Join(w.listenNames(), w.listenWeb(443), w.listenWeb(80))
}

// listenNames opens the resolver.
func (w *World) listenNames() error {
	l, err := w.services.Listen("tcp", ":53")
	if err != nil {
		return err
	}
	pc, err := fabric.ListenPacket(w.services, 53)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	w.serve("resolver", func() error { return w.serveDNS(w.ctx, l, pc) })
	return nil
}

// listenWeb opens an HTTP or HTTPS port for every host there is.
func (w *World) listenWeb(port uint16) error {
	l, err := w.services.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	answer := w.answerPlain
	if port == 443 {
		answer = w.answerHost
		l = tls.NewListener(l, &tls.Config{GetCertificate: w.authority.certificate, NextProtos: []string{"http/1.1"}})
	}
	srv := wire.NewServer(http.HandlerFunc(answer), w.originOf)
	srv.ErrorLog = quiet
	w.closing(srv.Close)
	w.mu.Lock()
	w.ports[openPort{netset.TCP, port}] = true
	w.mu.Unlock()
	w.serve(fmt.Sprintf("port %d", port), func() error { return closedIsFine(srv.Serve(l)) })
	return nil
}

func closedIsFine(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// originOf tells AWS's side who has really connected.
func (w *World) originOf(c net.Conn) wire.Origin {
	o, ok := w.fabric.OriginOf(netset.TCP, addrPort(c.RemoteAddr()), addrPort(c.LocalAddr()))
	if !ok {
		return wire.Origin{}
	}
	who := w.callerOf(o.Tap)
	out := wire.Origin{FunctionARN: who.function}
	if o.Delivery.Endpoint == "" {
		out.SourceIP = o.Delivery.Src
		return out
	}
	e, _ := w.Model().Endpoint(o.Delivery.Endpoint)
	out.VPCSourceIP, out.VPCEndpointID, out.VPCID = o.Delivery.Src, string(e.ID), string(e.VPC)
	return out
}

// answerHost answers for every name: AWS's by the services, others by what
// bailey.yaml puts in their place.
func (w *World) answerHost(out http.ResponseWriter, r *http.Request) {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	if w.gateway.Serves(r) {
		w.gateway.ServeHTTP(out, r)
		return
	}
	if _, aws := wire.ParseHost(name); aws {
		w.aws.ServeHTTP(out, r)
		return
	}
	at, ok := w.config.internet(name)
	if !ok {
		http.Error(out, fmt.Sprintf("bailey: %s is not on the simulated internet; give it a URL under internet: in bailey.yaml", name), http.StatusBadGateway)
		return
	}
	target, err := url.Parse(at)
	if err != nil {
		http.Error(out, "bailey: internet: "+err.Error(), http.StatusBadGateway)
		return
	}
	(&httputil.ReverseProxy{ErrorLog: quiet, Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(target)
		p.Out.Host = target.Host
		for name, values := range p.In.Header { // the proxy drops them: who it stands for wrote them
			if name == "Forwarded" || strings.HasPrefix(name, "X-Forwarded-") {
				p.Out.Header[name] = values
			}
		}
	}}).ServeHTTP(out, r)
}

// answerPlain answers without TLS, which no API is served by: whoever asks for
// one gets nothing.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/data-protection-encryption.html
func (w *World) answerPlain(out http.ResponseWriter, r *http.Request) {
	if w.gateway.Serves(r) {
		if w.refusals.again("plain "+r.Host, time.Now()) {
			w.config.Progress("%s was asked over HTTP: API Gateway answers over HTTPS only", r.Host)
		}
		panic(http.ErrAbortHandler)
	}
	w.answerHost(out, r)
}

// openPort is a port of the services namespace.
type openPort struct {
	proto netset.Protocol
	port  uint16
}

// arrive opens the port that a flow to the services namespace asks for, where
// bailey.yaml puts something behind it. Otherwise nothing answers there: the
// kernel refuses, as a host without such a service would.
func (w *World) arrive(o fabric.Origin) {
	at := openPort{o.Flow.Proto, o.Flow.Dst.Port()}
	url, named := w.config.internet(o.Host)
	target, isTCP := strings.CutPrefix(url, "tcp://")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ports[at] || !named || !isTCP || at.proto != netset.TCP {
		return
	}
	l, err := w.services.Listen("tcp", fmt.Sprintf(":%d", at.port))
	if err != nil {
		w.config.Progress("%s: opening port %d of the simulated internet: %v", o.Host, at.port, err)
		return
	}
	w.ports[at] = true
	w.serve(o.Host, func() error {
		return acceptAll(w.ctx, l, func() (net.Conn, error) { return net.Dial("tcp", target) })
	})
}

// serveHost answers on the host's own port, for the AWS CLI and SDKs.
func (w *World) serveHost(context.Context) error {
	srv := wire.NewServer(http.HandlerFunc(w.hostPort), func(net.Conn) wire.Origin {
		return wire.Origin{Host: true, SourceIP: netip.AddrFrom4([4]byte{127, 0, 0, 1})}
	})
	srv.ErrorLog = quiet
	w.closing(srv.Close)
	w.serve("host port", func() error { return closedIsFine(srv.Serve(w.hostListener)) })
	return nil
}

// openHostPort claims the host's port before anything else is begun.
func (w *World) openHostPort(context.Context) error {
	l, err := net.Listen("tcp", w.config.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is in use: another bailey or emulator is up; stop it, or choose a port with --listen", w.config.Listen)
	}
	if err != nil {
		return fmt.Errorf("listening on %s: %w", w.config.Listen, err)
	}
	w.hostListener, w.address = l, l.Addr().String()
	w.closing(func() error { return ignoreClosed(l.Close()) })
	return nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// hostPort answers the AWS CLI and clients of the APIs, and tells where the
// control socket is.
func (w *World) hostPort(out http.ResponseWriter, r *http.Request) {
	if r.URL.Path == LocatePath && r.Method == http.MethodGet {
		fmt.Fprintln(out, w.SocketPath())
		return
	}
	if w.gateway.Serves(r) {
		w.gateway.ServeHTTP(out, r)
		return
	}
	w.aws.ServeHTTP(out, r)
}

// LocatePath is where the host's port tells the path of the control socket.
const LocatePath = "/_bailey/socket"
